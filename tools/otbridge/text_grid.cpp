#include "text_grid.hpp"

#include <algorithm>
#include <sstream>

namespace otbridge::cli {
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

std::string folded(const Cells& cells, std::size_t keys, std::size_t width) {
  const std::vector<std::size_t> wide = widths(cells);
  std::size_t head = 0;
  for (std::size_t c = 0; c < keys; ++c) head += wide[c] + (c == 0 ? 0 : 2);
  std::string text;
  for (std::size_t begin = keys; begin < wide.size();) {
    std::size_t end = begin, used = head;
    // One column at least, however wide.
    do used += 2 + wide[end++];
    while (end < wide.size() && used + 2 + wide[end] <= width);
    Cells part;
    for (const auto& line : cells) {
      auto& entries = part.emplace_back();
      for (std::size_t c = 0; c < wide.size(); ++c) {
        if (c < keys || (c >= begin && c < end)) entries.push_back(line[c]);
      }
    }
    text += (text.empty() ? "" : "\n") + aligned(part);
    begin = end;
  }
  return text;
}

namespace {

// "1.2e-05" is 1.2 x 10^-5, "-" a dash; signs of LaTeX stand for themselves.
std::string latex_cell(const std::string& text) {
  if (text == "-") return "--";
  const std::size_t e = text.find('e');
  if (e != std::string::npos && text.find_first_not_of("0123456789.+-e") == std::string::npos) {
    return "$" + text.substr(0, e) + "\\times 10^{" +
           std::to_string(std::stoi(text.substr(e + 1))) + "}$";
  }
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\textbackslash{}";
    } else if (c == '^' || c == '~') {
      escaped += std::string("\\") + c + "{}";
    } else {
      escaped += std::string("&%$#_{}").find(c) == std::string::npos ? "" : "\\";
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string latex(const Cells& cells) {
  std::string text =
      "\\begin{tabular}{l" + std::string(cells[0].size() - 1, 'r') + "}\n\\toprule\n";
  for (std::size_t row = 0; row < cells.size(); ++row) {
    for (std::size_t c = 0; c < cells[row].size(); ++c) {
      text += (c == 0 ? "" : " & ") + latex_cell(cells[row][c]);
    }
    text += row == 0 ? " \\\\\n\\midrule\n" : " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::string csv(const Cells& cells) {
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      text += c == 0 ? "" : ",";
      if (line[c].find_first_of(",\"\r\n") == std::string::npos) {
        text += line[c];
        continue;
      }
      text += '"';
      for (const char letter : line[c]) text += letter == '"' ? "\"\"" : std::string(1, letter);
      text += '"';
    }
    text += "\n";
  }
  return text;
}

std::string wrapped(const std::string& line, std::size_t width) {
  std::string text, row;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (!row.empty() && letters(row) + 1 + letters(word) > width) {
      text += row + "\n";
      row = "  " + word;
    } else {
      row += (row.empty() ? "" : " ") + word;
    }
  }
  return text + row + "\n";
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
