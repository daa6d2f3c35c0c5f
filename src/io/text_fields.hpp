// What a field of delimited text says: a number, a missing value, a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace otbridge {

// "nan" and "inf" count as numbers: they are refused by place, not taken for a name.
bool is_number(const std::string& field);
bool is_whole(const std::string& field);  // digits, perhaps behind a sign
// Two numbers or more, with digits, between separators; ' ': runs of spaces and tabs.
bool holds_numbers(std::string_view text, char separator);
// What stands for a value that is not there, in pandas, R, SQL or a spreadsheet.
bool is_missing(const std::string& field);
// Whether the text begins with what Excel shows where it could not compute: #N/A, #DIV/0!, ...
bool begins_with_error(std::string_view text);

bool names_coordinate(const std::string& field);
// The fields 0, 1, ..., as pandas heads the columns of an array; the numbers among them, if there
// are names too.
bool counts_columns(const std::vector<std::string>& fields);
// A header has no numbers, well written or not, but for those of columns beside the name of an id
// or a weight. A line with a missing value is data, and will be refused where that stands.
bool is_header(const std::vector<std::string>& fields);

// The rule that a field breaks which is no number.
const char* rule_for(const std::string& field);
// A text without digits, as stands in a column of names.
bool is_word(const std::string& field);

}  // namespace otbridge
