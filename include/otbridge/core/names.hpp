// Names that users type: lists of them, and what to say to one that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace otbridge {

std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

// The candidate nearest to word by edit distance (Levenshtein 1966), the first of equally near
// ones; empty if all are further than a third of the word's letters, and than two.
// O(letters of word x letters of all candidates).
std::string nearest_word(const std::string& word, std::span<const std::string> candidates);

// The rule that an unknown name breaks: `WHAT; did you mean "NEAREST"?` where one is near, else
// `WHAT; known are A, B, C`.
std::string unknown_name(std::string_view what, const std::string& word,
                         std::span<const std::string> known);

}  // namespace otbridge
