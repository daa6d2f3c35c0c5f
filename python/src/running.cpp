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

Watched::Watched(int threads, std::uint64_t seed, std::optional<double> time_limit,
                 nb::object callback)
    : callback_(std::move(callback)), time_limit_(time_limit) {
  if (time_limit && !(*time_limit > 0.0))
    throw InvalidInput("time_limit = " + number_text(*time_limit), "must be > 0, in seconds");
  context_.threads = threads;
  context_.seed = seed;
  context_.cancel = &cancel_;
  if (!callback_.is_none()) context_.observer = [this](const Progress& p) { tell(p); };
}

SolveContext& Watched::begin() {
  if (time_limit_) {
    constexpr double kForever = 1e9;  // 30 years; the clock counts nanoseconds in 64 bits
    context_.deadline = std::chrono::steady_clock::now() +
                        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                            std::chrono::duration<double>(std::min(*time_limit_, kForever)));
  }
  return context_;
}

void Watched::tell(const Progress& progress) {
  const nb::gil_scoped_acquire gil;
  const nb::object answer = callback_(nb::cast(progress));
  if (answer.is(nb::handle(Py_False))) cancel_ = true;
}

}  // namespace otbridge::python
