// Records of delimited text, as spreadsheets, pandas, R and scanners write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

struct Record {
  std::vector<std::string> fields;
  Index line = 0;  // at which it starts, from 1
};

// RFC 4180: quoted fields may hold separators, quotes and line ends; lines end in LF, CR LF or CR.
// Blanks around a field are dropped, and so are blank lines, lines that start with #, and a byte
// order mark.
class DelimitedText {
 public:
  // The separator is that of the first two records, which must agree in how often it stands in
  // them: of semicolons, commas, tabs and runs of blanks the first that does; a first line "sep=;"
  // names it. Throws InvalidInput for UTF-16 and other bytes that are no text. bytes and name
  // outlive the reader. first_line is the number of the first line in the messages.
  DelimitedText(std::string_view bytes, const std::string& name, Index first_line = 1);

  // Throws InvalidInput, naming the line, if a quoted field is not closed.
  std::optional<Record> next();

  char separator() const { return separator_; }  // ' ': runs of spaces and tabs
  // From now on a line that starts with # is a record: its first field is a name like any other.
  void keep_hash_lines() { comments_ = false; }
  // Of the last line with # that was passed over, as if it were a record.
  std::vector<std::string> comment_fields() const;
  // Bytes and lines that were read.
  std::size_t position() const { return at_; }
  Index line() const { return line_; }
  Index comment_lines() const { return comment_lines_; }  // passed over so far

 private:
  void skip_comments();
  void skip_blanks();
  bool accept_separator();
  void end_line();
  void read(Record& record);
  std::string field();
  std::string quoted();

  std::string_view bytes_, comment_ = {};
  const std::string& name_;
  std::string_view ends_of_field_;
  char separator_ = ',';
  bool comments_ = true;
  std::size_t at_ = 0;
  Index line_, comment_lines_ = 0;
};

}  // namespace otbridge
