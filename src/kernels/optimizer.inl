// Passes over all parameters of a network: sums of gradients, norms, steps of the optimiser.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// Runs body(i, bytes) for runs of one vector each from i; the last one may be short.
// The body must be inlined: then the bytes of whole vectors are known, and their copies no calls.
template <class T, class Body>
[[gnu::always_inline]] inline void for_vectors(Size count, Body body) {
  Size i = 0;
  for (; i + kLanes<T> <= count; i += kLanes<T>) body(i, sizeof(Lanes<T>));
  if (i < count) body(i, (count - i) * sizeof(T));
}

template <class T>
void add_parts(const T* const* parts, Size part_count, Size group, Size begin, Size count, T* sum) {
  for_vectors<T>(
      count, [&](Size i, Size bytes) __attribute__((always_inline)) {
        Lanes<T> total = {};
        for (Size first = 0; first < part_count; first += group) {
          const Size end = part_count - first < group ? part_count : first + group;
          Lanes<T> of_group = load_part(parts[first] + begin + i, bytes);
          for (Size p = first + 1; p < end; ++p) of_group += load_part(parts[p] + begin + i, bytes);
          total += of_group;
        }
        __builtin_memcpy(sum + i, &total, bytes);
      });
}

// In double for either precision: the sum of many squares.
template <class T>
double squared_norm(const T* values, Size count) {
  constexpr Size kChains = 4;  // additions take four cycles each
  double sum[kChains * kLanes<double>] = {};
  Size i = 0;
  for (; i + kChains * kLanes<double> <= count; i += kChains * kLanes<double>) {
    for (Size k = 0; k < kChains * kLanes<double>; ++k) {
      const double value = static_cast<double>(values[i + k]);
      sum[k] += value * value;
    }
  }
  double total = 0.0;
  for (const double part : sum) total += part;
  for (; i < count; ++i) {
    const double value = static_cast<double>(values[i]);
    total += value * value;
  }
  return total;
}

template <class T>
void adam(const AdamStep<T>& step, Size count, const T* gradient, T* parameters, T* first,
          T* second, T* average) {
  for_vectors<T>(
      count, [&](Size i, Size bytes) __attribute__((always_inline)) {
        const Lanes<T> g = step.scale * load_part(gradient + i, bytes);
        const Lanes<T> m = step.beta1 * load_part(first + i, bytes) + (T(1) - step.beta1) * g;
        const Lanes<T> v =
            step.beta2 * load_part(second + i, bytes) + (T(1) - step.beta2) * (g * g);
        const Lanes<T> x = load_part(parameters + i, bytes) -
                           step.rate * m / (square_root(step.correction * v) + step.epsilon);
        __builtin_memcpy(first + i, &m, bytes);
        __builtin_memcpy(second + i, &v, bytes);
        __builtin_memcpy(parameters + i, &x, bytes);
        if (average == nullptr) return;
        const Lanes<T> kept = load_part(average + i, bytes);
        const Lanes<T> moved = kept + step.forgotten * (x - kept);
        __builtin_memcpy(average + i, &moved, bytes);
      });
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
