// Runs a file of command-line cases in an empty folder and compares what each command did.
//
// A case file is lines of:
//   # a comment
//   ! COMMAND            set-up, run by sh, must succeed
//   $ COMMAND            the command under test, run by sh; `otbridge` is the program just built
//   exit: N              its exit code (expected after every $)
//   stdout: TEXT         the next line of its stdout, exactly
//   stdout~ TEXT         its stdout contains the text
//   stderr: TEXT         the next line of its stderr, exactly
//   stderr~ TEXT         its stderr contains the text
//   lines: N             the number of lines on stdout
//   same: A B            two files hold the same bytes
//   exists: FILE         a file is there          absent: FILE   it is not
// A line of stderr beyond those expected is a failure when any stderr: line is given.
//
// A page (.md) is run as well, beside a link to the folder data: each line of its ```sh blocks that
// begins with `otbridge` is a command that succeeds, and the files that it names are there after
// it.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The file that a word of a command names: a word with an extension of letters; of a pattern of
// numbered files, the first.
std::string file_named(std::string word) {
  const std::string extension = fs::path(word).extension().string();
  const bool letters =
      extension.size() > 1 &&
      extension.find_first_not_of("abcdefghijklmnopqrstuvwxyz", 1) == std::string::npos;
  if (!letters) return "";
  if (const auto number = word.find("%03d"); number != std::string::npos)
    word.replace(number, 4, "000");
  return word;
}

class CaseRunner {
 public:
  explicit CaseRunner(std::string name) : name_(std::move(name)) {}

  void feed(const std::string& line, int number) {
    number_ = number;
    if (line.empty() || line[0] == '#') return;
    if (line.starts_with("! ")) {
      finish();
      if (shell(line.substr(2), "setup.out", "setup.err") != 0) fail("set-up failed: " + line);
    } else if (line.starts_with("$ ")) {
      finish();
      command_ = line;
      code_ = shell(line.substr(2), ".stdout", ".stderr");
      out_ = read(".stdout");
      err_ = read(".stderr");
      out_at_ = err_at_ = 0;
      exact_err_ = exit_checked_ = false;
      ++commands_;
    } else {
      check(line);
    }
  }

  void feed_page(std::istream& page) {
    int number = 0;
    bool shell = false;
    for (std::string line; std::getline(page, line);) {
      ++number;
      if (line.starts_with("```")) shell = line == "```sh";
      if (!shell || !line.starts_with("otbridge ")) continue;
      feed("$ " + line, number);
      feed("exit: 0", number);
      std::istringstream words(line);
      for (std::string word; words >> word && word != "#";) {
        if (const std::string file = file_named(word); !file.empty())
          feed("exists: " + file, number);
      }
    }
  }

  bool finish() {
    if (!command_.empty()) {
      if (!exit_checked_) fail("no exit: line for " + command_);
      if (exact_err_ && err_at_ != lines_of(err_).size())
        fail("more lines on stderr than expected");
    }
    command_.clear();
    return failures_ == 0;
  }

  int commands() const { return commands_; }

 private:
  static int shell(const std::string& command, const std::string& out, const std::string& err) {
    const std::string line = "{ " + command + "\n} >" + out + " 2>" + err + " </dev/null";
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  void check(const std::string& line) {
    const auto mark = line.find_first_of(":~");
    if (mark == std::string::npos || command_.empty()) return fail("not a case line: " + line);
    const std::string key = line.substr(0, mark + 1);
    const std::string text = line.size() > mark + 2 ? line.substr(mark + 2) : "";
    if (key == "exit:") {
      exit_checked_ = true;
      if (std::to_string(code_) != text)
        fail("exit code " + std::to_string(code_) + ", expected " + text);
    } else if (key == "stdout:") {
      expect_line(lines_of(out_), out_at_, text);
    } else if (key == "stderr:") {
      exact_err_ = true;
      expect_line(lines_of(err_), err_at_, text);
    } else if (key == "stdout~") {
      if (out_.find(text) == std::string::npos) fail("stdout lacks: " + text);
    } else if (key == "stderr~") {
      if (err_.find(text) == std::string::npos) fail("stderr lacks: " + text);
    } else if (key == "lines:") {
      const auto count = std::to_string(lines_of(out_).size());
      if (count != text) fail(count + " lines on stdout, expected " + text);
    } else if (key == "exists:") {
      if (!fs::exists(text)) fail("missing file " + text);
    } else if (key == "absent:") {
      if (fs::exists(text)) fail("file should not be there: " + text);
    } else if (key == "same:") {
      std::istringstream names(text);
      std::string a, b;
      names >> a >> b;
      if (!fs::exists(a) || read(a) != read(b)) fail("files differ: " + text);
    } else {
      fail("unknown key " + key);
    }
  }

  void expect_line(const std::vector<std::string>& lines, std::size_t& at,
                   const std::string& text) {
    if (at >= lines.size()) return fail("no more lines, expected: " + text);
    if (lines[at] != text) fail("line is \"" + lines[at] + "\", expected \"" + text + "\"");
    ++at;
  }

  void fail(const std::string& what) {
    ++failures_;
    std::cerr << name_ << ":" << number_ << ": " << what << "\n";
    if (!command_.empty()) {
      std::cerr << "  " << command_ << "\n  stderr: " << err_.substr(0, 400) << "\n";
    }
  }

  std::string name_, command_, out_, err_;
  std::size_t out_at_ = 0, err_at_ = 0;
  int number_ = 0, code_ = 0, failures_ = 0, commands_ = 0;
  bool exact_err_ = false, exit_checked_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: run_cases OTBRIDGE SOURCE_DIR CASE_FILE\n";
    return 2;
  }
  const fs::path program = fs::absolute(argv[1]), source = fs::absolute(argv[2]),
                 file = fs::absolute(argv[3]);
  std::string folder = (fs::temp_directory_path() / "otbridge-cli-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  fs::current_path(folder);
  setenv("PATH", (program.parent_path().string() + ":" + std::getenv("PATH")).c_str(), 1);
  setenv("SOURCE", source.c_str(), 1);

  CaseRunner runner(file.filename().string());
  std::ifstream cases(file);
  if (file.extension() == ".md") {
    fs::create_directory_symlink(source / "data", "data");
    runner.feed_page(cases);
  } else {
    int number = 0;
    for (std::string line; std::getline(cases, line);) runner.feed(line, ++number);
  }
  const bool passed = runner.finish() && runner.commands() > 0;
  std::cout << runner.commands() << " commands: " << (passed ? "passed" : "FAILED") << "\n";
  fs::current_path("/");
  fs::remove_all(folder);
  return passed ? 0 : 1;
}
