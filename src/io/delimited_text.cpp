#include "io/delimited_text.hpp"

#include <algorithm>

#include "io/text_fields.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// In the order in which they are tried. A comma inside the fields of a file with semicolons is a
// decimal comma; a semicolon inside those of a file with commas hardly stands in every line.
constexpr std::string_view kSeparators = ";,\t ";

bool blank(char c) { return c == ' ' || c == '\t'; }
bool line_end(char c) { return c == '\n' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// A line that starts with #, but for a field that Excel could not compute or show.
bool is_comment(std::string_view rest) { return rest.starts_with('#') && !begins_with_error(rest); }

// The first two lines that hold a record, line ends within quotes being part of one.
std::vector<std::string_view> first_records(std::string_view bytes) {
  std::vector<std::string_view> records;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= bytes.size() && records.size() < 2; ++at) {
    // A quote within a comment opens nothing.
    if (at < bytes.size() && bytes[at] == '"' && !is_comment(bytes.substr(begin))) quoted = !quoted;
    if (at < bytes.size() && (quoted || !line_end(bytes[at]))) continue;
    const std::string_view line = bytes.substr(begin, at - begin);
    if (!trimmed(line).empty() && !is_comment(line)) records.push_back(line);
    begin = at + 1;
  }
  return records;
}

// How often a separator stands outside of quotes; runs of blanks count once.
Index count_of(char separator, std::string_view record) {
  if (separator == ' ') record = trimmed(record);
  Index count = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < record.size(); ++at) {
    if (record[at] == '"') quoted = !quoted;
    if (quoted) continue;
    // Trimmed, a record does not start with a blank.
    const bool here =
        separator == ' ' ? blank(record[at]) && !blank(record[at - 1]) : record[at] == separator;
    if (here) ++count;
  }
  return count;
}

// The one that both of the first lines have as often; then the one that the second has once more,
// as R writes names of rows below a header that has none for them.
char separator_of(std::string_view bytes) {
  const auto records = first_records(bytes);
  if (records.empty()) return ',';
  for (const Index more : {0, 1}) {
    for (const char separator : kSeparators) {
      const Index count = count_of(separator, records[0]);
      if (count == 0 && !(more == 1 && records[0].starts_with('"'))) continue;
      if (records.size() < 2 ? more == 0 : count + more == count_of(separator, records[1]))
        return separator;
    }
  }
  // The lines are ragged, which is told of one that both have, or the first between its numbers.
  for (const char separator : kSeparators) {
    if (count_of(separator, records[0]) > 0 &&
        (holds_numbers(records[0], separator) ||
         (records.size() > 1 && count_of(separator, records[1]) > 0)))
      return separator;
  }
  return ',';
}

}  // namespace

DelimitedText::DelimitedText(std::string_view bytes, const std::string& name, Index first_line)
    : bytes_(bytes), name_(name), line_(first_line) {
  if (bytes_.starts_with("\xFF\xFE") || bytes_.starts_with("\xFE\xFF")) {
    throw InvalidInput(name, "is UTF-16 text; save it as UTF-8");
  }
  if (const std::size_t zero = bytes_.find('\0'); zero != std::string_view::npos) {
    throw InvalidInput(name, "is no text: byte " + std::to_string(zero) + " is 0");
  }
  if (bytes_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  constexpr std::string_view kNamed = "sep=";  // the first line that Excel writes or obeys
  const std::string_view rest = bytes_.substr(at_);
  if (rest.starts_with(kNamed) && rest.size() > kNamed.size() + 1 &&
      kSeparators.find(rest[kNamed.size()]) != std::string_view::npos &&
      line_end(rest[kNamed.size() + 1])) {
    separator_ = rest[kNamed.size()];
    at_ += kNamed.size() + 1;  // what is left of the line is blank
  } else {
    separator_ = separator_of(rest);
  }
  ends_of_field_ = separator_ == ';'    ? ";\r\n"
                   : separator_ == '\t' ? "\t\r\n"
                   : separator_ == ' '  ? " \t\r\n"
                                        : ",\r\n";
}

std::optional<Record> DelimitedText::next() {
  while (at_ < bytes_.size()) {
    if (comments_) skip_comments();
    Record record;
    record.line = line_;
    read(record);
    if (record.fields.size() > 1 || !record.fields[0].empty()) return record;
  }
  return std::nullopt;
}

void DelimitedText::skip_comments() {
  while (at_ < bytes_.size() && is_comment(bytes_.substr(at_))) {
    const std::size_t end = std::min(bytes_.find_first_of("\r\n", at_), bytes_.size());
    comment_ = bytes_.substr(at_ + 1, end - at_ - 1);
    at_ = end;
    end_line();
    ++comment_lines_;
  }
}

std::vector<std::string> DelimitedText::comment_fields() const {
  // Quotes belong to a sentence, in which they may stand alone.
  if (trimmed(comment_).empty() || comment_.find('"') != std::string_view::npos) return {};
  DelimitedText line = *this;
  line.bytes_ = trimmed(comment_);
  line.at_ = 0;
  Record record;
  line.read(record);
  return record.fields;
}

// Around a field; a tab that separates is no blank.
void DelimitedText::skip_blanks() {
  while (at_ < bytes_.size() && blank(bytes_[at_]) && bytes_[at_] != separator_) ++at_;
}

// The separator behind a field, if there is one. Blanks at the end of a line separate nothing.
bool DelimitedText::accept_separator() {
  if (separator_ != ' ') {
    if (at_ == bytes_.size() || bytes_[at_] != separator_) return false;
    ++at_;
    return true;
  }
  const std::size_t field_end = at_;
  while (at_ < bytes_.size() && blank(bytes_[at_])) ++at_;
  return at_ > field_end && at_ < bytes_.size() && !line_end(bytes_[at_]);
}

void DelimitedText::read(Record& record) {
  while (separator_ == ' ' && at_ < bytes_.size() && blank(bytes_[at_])) ++at_;
  // A separator at the very end closes an empty field.
  do {
    record.fields.push_back(field());
  } while (accept_separator());
  end_line();
}

void DelimitedText::end_line() {
  if (at_ == bytes_.size()) return;
  at_ += bytes_.substr(at_).starts_with("\r\n") ? 2 : 1;
  ++line_;
}

std::string DelimitedText::field() {
  skip_blanks();
  if (at_ < bytes_.size() && bytes_[at_] == '"') return quoted();
  const std::size_t end = std::min(bytes_.find_first_of(ends_of_field_, at_), bytes_.size());
  const std::string_view text = trimmed(bytes_.substr(at_, end - at_));
  at_ = end;
  return std::string(text);
}

std::string DelimitedText::quoted() {
  const Index opened = line_;
  std::string text;
  for (++at_; at_ < bytes_.size(); ++at_) {
    if (bytes_[at_] == '\n') ++line_;
    if (bytes_[at_] != '"') {
      text += bytes_[at_];
    } else if (at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '"') {
      text += '"', ++at_;  // a doubled quote stands for one
    } else {
      const std::size_t end = std::min(bytes_.find_first_of(ends_of_field_, at_), bytes_.size());
      if (!trimmed(bytes_.substr(at_ + 1, end - at_ - 1)).empty()) {
        throw InvalidInput(
            name_ + ":" + std::to_string(line_),
            "text stands behind the closing quote of \"" + text.substr(0, 30) + "\"");
      }
      at_ = end;
      return text;
    }
  }
  throw InvalidInput(name_ + ":" + std::to_string(opened), "a quoted field is not closed");
}

}  // namespace otbridge
