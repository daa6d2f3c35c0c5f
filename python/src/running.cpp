#include "running.hpp"

#include <algorithm>
#include <string>

#include "otbridge/core/number_text.hpp"

namespace otbridge::python {
namespace {

SettingValue value_of(const std::string& name, nb::handle value) {
  // True is an int in Python, so bool comes first.
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::int_>(value)) return nb::cast<long long>(value);
  if (nb::isinstance<nb::float_>(value)) return nb::cast<double>(value);
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value))
    return nb::cast<std::vector<long long>>(value);
  throw InvalidInput("/solver/" + name,
                     "must be a number, a truth value, a text or a list of integers");
}

}  // namespace

SettingAssignments settings_of(const nb::dict& given) {
  SettingAssignments settings;
  for (const auto& [key, value] : given) {
    const std::string name = nb::cast<std::string>(key);
    try {
      settings.emplace_back(name, value_of(name, value));
    } catch (const nb::cast_error&) {
      throw InvalidInput("/solver/" + name, "is no number that the setting could be");
    }
  }
  return settings;
}

bool is_main_thread() {
  // Python knows it by this number from its start; a child of fork() keeps the number.
  static const auto main = [] {
    const nb::gil_scoped_acquire gil;
    return nb::cast<unsigned long>(
        nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  }();
  return PyThread_get_thread_ident() == main;
}

void SignalPoll::operator()() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(50)) return;
  last_ = now;
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

void KeptRun::tell_notes() const {
  const nb::object logger = nb::module_::import_("logging").attr("getLogger")("otbridge");
  for (const std::string& note : file_.notes()) logger.attr("info")("%s", note);
}

std::optional<SolverState> KeptRun::load() {
  resumes_ = true;
  return file_.load();
}

void KeptRun::save(const SolverState& state) {
  file_.save(state);
  throw_what_waits();
}

bool KeptRun::holds_back() {
  if (!resumes_ || waiting_) return false;
  waiting_ = std::current_exception();
  return true;
}

void KeptRun::throw_what_waits() {
  if (waiting_) std::rethrow_exception(std::exchange(waiting_, nullptr));
}

void KeptRun::close(StopReason reason) {
  throw_what_waits();
  if (!goes_on(reason)) file_.remove();
}

Watched::Watched(int threads, std::uint64_t seed, std::optional<double> time_limit,
                 nb::object callback, KeptRun* kept)
    : callback_(std::move(callback)), time_limit_(time_limit), kept_(kept) {
  if (time_limit && !(*time_limit > 0.0))
    throw InvalidInput("time_limit = " + number_text(*time_limit), "must be > 0, in seconds");
  context_.threads = threads;
  context_.seed = seed;
  context_.cancel = &cancel_;
  context_.checkpoint = kept;
  if (!callback_.is_none()) context_.observer = [this](const Progress& p) { tell(p); };
}

SolveContext& Watched::begin() {
  cancel_ = false;
  if (time_limit_) context_.stop_after(*time_limit_);
  return context_;
}

void Watched::poll() {
  try {
    signals_();
  } catch (const nb::python_error&) {
    end_or_throw();
  }
}

void Watched::tell(const Progress& progress) {
  if (kept_ != nullptr && kept_->waiting()) return;  // what it raised is on its way
  const nb::gil_scoped_acquire gil;
  try {
    const nb::object answer = callback_(nb::cast(progress));
    // NumPy's False too, which comparisons with its numbers give.
    const std::string kind = nb::cast<std::string>(answer.type().attr("__name__"));
    const bool says = kind == "bool" || kind == "bool_";
    if (says && !nb::cast<bool>(nb::bool_(answer))) cancel_ = true;
  } catch (const nb::python_error&) {
    end_or_throw();
  }
}

void Watched::end_or_throw() {
  if (kept_ == nullptr || !kept_->holds_back()) throw;
  cancel_ = true;
}

}  // namespace otbridge::python
