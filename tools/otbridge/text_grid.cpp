#include "text_grid.hpp"

#include <algorithm>
#include <cstdio>

namespace otbridge::cli {

// More digits than the randomness of the metrics leaves would not mean anything.
std::string cell(std::optional<double> value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

namespace {

// Letters, not bytes: every byte of UTF-8 but those that continue a letter.
std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::size_t> widths(const Cells& cells) {
  std::vector<std::size_t> width(cells[0].size(), 0);
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], letters(line[c]));
  }
  return width;
}

std::string padded(const std::string& cell, std::size_t width, bool left) {
  const std::string padding(width - letters(cell), ' ');
  return left ? cell + padding : padding + cell;
}

}  // namespace

std::string aligned(const Cells& cells) {
  const std::vector<std::size_t> width = widths(cells);
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      text += (c == 0 ? "" : "  ") + padded(line[c], width[c], c == 0);
    }
    text.erase(text.find_last_not_of(' ') + 1);  // an empty last cell leaves no spaces
    text += "\n";
  }
  return text;
}

std::string markdown(const Cells& cells) {
  const std::vector<std::size_t> width = widths(cells);
  std::string text;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    for (std::size_t c = 0; c < cells[row].size(); ++c) {
      text += (c == 0 ? "| " : " | ") + padded(cells[row][c], width[c], c == 0);
    }
    text += " |\n";
    if (row > 0) continue;
    for (std::size_t c = 0; c < width.size(); ++c) {
      text += "|" + std::string(width[c] + 1, '-') + (c == 0 ? "-" : ":");
    }
    text += "|\n";
  }
  return text;
}

}  // namespace otbridge::cli
