// Runs every file of the corpus through its target, and after it changed copies, the same ones each
// time: what the fuzzer found stays found, with any compiler.
// usage: replay FOLDER [CHANGES]    the folder tests/fuzz; changed copies of each file
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "changes.hpp"
#include "targets.hpp"

namespace fs = std::filesystem;
using namespace otbridge::fuzz;

namespace {

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

// For a message: what stands between the quotes of printf '...'.
std::string shown(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7f && c != '\\' && c != '\'' && c != '%') {
      text += c;
    } else {
      text += {'\\', static_cast<char>('0' + byte / 64), static_cast<char>('0' + byte / 8 % 8),
               static_cast<char>('0' + byte % 8)};
    }
  }
  return text;
}

struct Count {
  int taken = 0, failures = 0;
};

void run(const Target& target, const std::string& bytes, Count& count) {
  try {
    count.taken += target.run(bytes);
    return;
  } catch (const std::exception& failure) {
    std::cerr << target.name << ": " << failure.what() << "\n  printf '" << shown(bytes) << "'\n";
  } catch (...) {
    std::cerr << target.name << ": threw what is no exception\n  printf '" << shown(bytes) << "'\n";
  }
  ++count.failures;
}

int failures_of(const Target& target, const fs::path& folder, int changes) {
  static const Words words(bytes_of(folder / "words.dict"));
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / "corpus" / target.name)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Count whole, altered;
  for (const fs::path& file : files) {
    const std::string bytes = bytes_of(file);
    run(target, bytes, whole);
    Dice dice(bytes.size());
    for (int k = 0; k < changes; ++k) {
      std::string changed = bytes;
      for (std::size_t left = 1 + dice.below(4); left > 0; --left) change(changed, words, dice);
      run(target, changed, altered);
    }
  }
  const int failures = whole.failures + altered.failures;
  std::cout << target.name << ": of " << files.size() << " files " << whole.taken << " taken, of "
            << changes << " changed copies of each " << altered.taken << "; " << failures
            << " failures\n";
  // A corpus of which nothing is taken shows refusals only.
  return failures + (whole.taken == 0 ? 1 : 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: replay FOLDER [CHANGES]\n";
    return 2;
  }
  const fs::path folder = fs::absolute(argv[1]);
  const int changes = argc == 3 ? std::atoi(argv[2]) : 200;
  shut_off_files();
  int failures = 0;
  for (const Target& target : targets()) {
    failures += failures_of(target, folder, changes);
  }
  return failures == 0 ? 0 : 1;
}
