// What targets share: the check of a promise, and the errors that a reader may answer with.
#pragma once

#include <stdexcept>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/io/json_fwd.hpp"
#include "otbridge/measure/measure.hpp"

namespace otbridge::fuzz {

// Laws look for the files they name here, where there are none.
inline const std::string kNowhere = "/dev/null/nowhere";

class BrokenPromise : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void expect(bool kept, const char* promise) {
  if (!kept) throw BrokenPromise(promise);
}

// Runs a reader, or work on what it read, that may refuse: whether it did not.
template <class Work>
bool or_invalid(Work&& work) {
  try {
    work();
    return true;
  } catch (const InvalidInput&) {
    return false;
  }
}

// As or_invalid, of a reader that follows names of files.
template <class Work>
bool or_missing(Work&& work) {
  try {
    return or_invalid(work);
  } catch (const IoFailure&) {
    return false;
  }
}

// Whether JSON asks for a Gaussian of so many dimensions that a sanitizer takes seconds to make it,
// lawful as it is.
bool asks_for_width(const Json& json);

// Samples, moments and density of a law that a reader made.
void check_law(const Law& law);

bool fuzz_json(const std::string& bytes);
bool fuzz_law(const std::string& bytes);
bool fuzz_problem(const std::string& bytes);
bool fuzz_settings(const std::string& bytes);
bool fuzz_report(const std::string& bytes);
bool fuzz_csv(const std::string& bytes);
bool fuzz_npy(const std::string& bytes);
bool fuzz_paths(const std::string& bytes);
bool fuzz_npz(const std::string& bytes);
bool fuzz_ply(const std::string& bytes);
bool fuzz_pcd(const std::string& bytes);
bool fuzz_image(const std::string& bytes);
bool fuzz_tensors(const std::string& bytes);
bool fuzz_plan(const std::string& bytes);
bool fuzz_checkpoint(const std::string& bytes);

}  // namespace otbridge::fuzz
