// What the parts of the extension share: arrays in and out, and waiting for the library without
// holding the interpreter.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "otbridge/otbridge.hpp"

namespace otbridge::python {

namespace nb = nanobind;

// C-order doubles, as python/otbridge/_arrays.py hands them over; nothing is converted here.
using PointsIn = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using VectorIn = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using PointsOut = nb::ndarray<nb::numpy, double, nb::ndim<2>>;
using VectorOut = nb::ndarray<nb::numpy, double, nb::ndim<1>>;
using IndicesOut = nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>;
using PathsOut = nb::ndarray<nb::numpy, double, nb::ndim<3>>;

inline auto view(const PointsIn& array) {
  return Eigen::Map<const Points>(array.data(), static_cast<Index>(array.shape(0)),
                                  static_cast<Index>(array.shape(1)));
}
inline auto view(const VectorIn& array) {
  return Eigen::Map<const Vector>(array.data(), static_cast<Index>(array.shape(0)));
}

// An array that owns what is moved into it: no number is copied.
template <class Array, class Storage>
Array owning(Storage&& storage, std::initializer_list<std::size_t> shape) {
  using Held = std::decay_t<Storage>;
  auto held = std::make_unique<Held>(std::forward<Storage>(storage));
  auto* data = held->data();
  nb::capsule owner(held.get(), [](void* pointer) noexcept { delete static_cast<Held*>(pointer); });
  held.release();  // the capsule has it
  return Array(data, shape, owner);
}
inline PointsOut array_of(Points points) {
  const std::size_t n = to_size(points.rows()), d = to_size(points.cols());
  return owning<PointsOut>(std::move(points), {n, d});
}
inline VectorOut array_of(Vector vector) {
  const std::size_t n = to_size(vector.size());
  return owning<VectorOut>(std::move(vector), {n});
}
inline IndicesOut array_of(std::vector<std::int64_t> indices) {
  const std::size_t n = indices.size();
  return owning<IndicesOut>(std::move(indices), {n});
}

inline Direction direction_of(bool forward) {
  return forward ? Direction::forward : Direction::backward;
}

// Looks for signals of the interpreter (Ctrl-C) 20 times a second at most, and throws what their
// handlers raise. The main thread of the interpreter alone has any.
class SignalPoll {
 public:
  void operator()();

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};
bool is_main_thread();

// The answer of work() with the interpreter free for other threads and Ctrl-C heard by poll();
// `threads` as in ThreadScope.
template <class Work>
auto without_gil(int threads, Work&& work, std::function<void()> poll = SignalPoll()) {
  const nb::gil_scoped_release released;
  std::optional<PollScope> signals;
  if (is_main_thread()) signals.emplace(std::move(poll));
  const ThreadScope scope(threads);
  // Else the runtime of OpenMP would end the process.
  if (current_threads() > omp_get_num_procs())
    check_threads("threads = " + std::to_string(current_threads()));
  return work();
}

void bind_errors(nb::module_& m);
void bind_laws(nb::module_& m);
void bind_plans(nb::module_& m);
void bind_moving(nb::module_& m);
void bind_solving(nb::module_& m);
void bind_scores(nb::module_& m);
void bind_pages(nb::module_& m);

}  // namespace otbridge::python
