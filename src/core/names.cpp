#include "otbridge/core/names.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace otbridge {

std::string joined(std::span<const std::string> words, std::string_view separator) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string nearest_word(const std::string& word, std::span<const std::string> candidates) {
  std::string best;
  // One more than what is accepted, so that the first candidate needs no special case.
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    // The table of edit distances of prefixes, one row at a time: row[j] belongs to the first i
    // letters of word and the first j of candidate, diagonal is row[j] of the row before.
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i + 1;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t substitute = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({substitute, row[j] + 1, row[j + 1] + 1});
      }
    }
    // Strictly nearer: of equals the first stays.
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

std::string unknown_name(std::string_view what, const std::string& word,
                         std::span<const std::string> known) {
  const std::string near = nearest_word(word, known);
  return std::string(what) +
         (near.empty() ? "; known are " + joined(known) : "; did you mean \"" + near + "\"?");
}

}  // namespace otbridge
