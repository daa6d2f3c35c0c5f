// Lagrange's polynomials on a lattice. Two components of the kStencil nodes of a line are as many
// numbers as the widest vector has lanes.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

constexpr Size kStencilNumbers = 2 * kStencil;
constexpr Size kStencilVectors = kStencilNumbers / kLanes<float>;

// The weight of node j at z, the distance from the middle of the stencil in units of the spacing,
// is the polynomial of z that is 1 at the node, z_j = j - 3.5, and 0 at the others. By powers of z;
// each weight stands there twice, for both components.
struct StencilPolynomials {
  alignas(64) float of_power[kStencil][kStencilNumbers];

  constexpr StencilPolynomials() : of_power{} {
    for (Size j = 0; j < kStencil; ++j) {
      double power[kStencil] = {1.0};
      for (Size k = 0; k < kStencil; ++k) {
        if (k == j) continue;
        // Times (z - z_k) / (z_j - z_k).
        const double node = static_cast<double>(k) - 0.5 * (kStencil - 1);
        const double gap = static_cast<double>(j) - static_cast<double>(k);
        for (Size p = kStencil; p-- > 0;) {
          power[p] = ((p > 0 ? power[p - 1] : 0.0) - node * power[p]) / gap;
        }
      }
      for (Size p = 0; p < kStencil; ++p) {
        of_power[p][2 * j] = of_power[p][2 * j + 1] = static_cast<float>(power[p]);
      }
    }
  }
};
constexpr StencilPolynomials kStencilPolynomials;

// Where the stencil of a coordinate begins, and z.
struct StencilPlace {
  Size begin;
  float z;
};
[[gnu::always_inline]] inline StencilPlace stencil_place(float steps, Size nodes) {
  // The node below the place is the fourth; at the rim the place is nearer to one side. Of NaN the
  // last comparison is false too.
  const float below = steps - static_cast<float>(kStencil / 2 - 1);
  const Size last = nodes - kStencil;
  const Size begin = below < static_cast<float>(last)
                         ? static_cast<Size>(below > 0.0F ? static_cast<int>(below) : 0)
                         : last;
  return {begin, steps - static_cast<float>(begin) - 0.5F * static_cast<float>(kStencil - 1)};
}

[[gnu::always_inline]] inline void stencil_weights(float z, FloatLanes* weights) {
  OTBRIDGE_UNROLL
  for (Size v = 0; v < kStencilVectors; ++v) {
    const Size lane = v * kLanes<float>;
    FloatLanes sum = load(kStencilPolynomials.of_power[kStencil - 1] + lane);
    OTBRIDGE_UNROLL
    for (Size p = kStencil - 1; p-- > 0;) {
      sum = sum * z + load(kStencilPolynomials.of_power[p] + lane);
    }
    weights[v] = sum;
  }
}

// The sums of the even and of the odd lanes.
[[gnu::always_inline]] inline void component_sums(FloatLanes lanes, float* sums) {
#if OTBRIDGE_VECTOR_BYTES == 64
  const auto eight = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                     __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
#elif OTBRIDGE_VECTOR_BYTES == 32
  const auto eight = lanes;
#endif
#if OTBRIDGE_VECTOR_BYTES == 16
  const auto four = lanes;
#else
  const auto four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                    __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
#endif
  sums[0] = four[0] + four[2];
  sums[1] = four[1] + four[3];
}

// How many spacings each coordinate of some places, a vector of them, is from the first node.
[[gnu::always_inline]] inline FloatLanes lattice_steps(const Lattice& lattice, FloatLanes places) {
  const FloatLanes w = places / square_root(places * places * (1.0F / 9.0F) + 1.0F);
  return (w - lattice.first) * (1.0F / lattice.spacing);
}

// At a place that is so many spacings from the first node of its line, and of the lines.
template <Size lines>
[[gnu::always_inline]] inline void interpolate_at(const Lattice& lattice, const float* steps,
                                                  float* values) {
  const StencilPlace along = stencil_place(steps[0], lattice.nodes);
  const float* line = lattice.values + 2 * along.begin;
  FloatLanes sum[kStencilVectors];
  OTBRIDGE_UNROLL
  for (Size v = 0; v < kStencilVectors; ++v) sum[v] = FloatLanes{};
  const auto add_line = [&](float weight) __attribute__((always_inline)) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < kStencilVectors; ++v) {
      sum[v] += weight * load_part(line + v * kLanes<float>, sizeof(FloatLanes));
    }
    line += 2 * lattice.nodes;
  };
  FloatLanes weights[kStencilVectors];
  if constexpr (lines == 1) {
    add_line(1.0F);
  } else {
    const StencilPlace across = stencil_place(steps[1], lattice.lines);
    line += across.begin * 2 * lattice.nodes;
    stencil_weights(across.z, weights);
    alignas(64) float weight[kStencilNumbers];
    OTBRIDGE_UNROLL
    for (Size v = 0; v < kStencilVectors; ++v) store(weight + v * kLanes<float>, weights[v]);
    OTBRIDGE_UNROLL
    for (Size l = 0; l < lines; ++l) add_line(weight[2 * l]);
  }
  stencil_weights(along.z, weights);
  FloatLanes total = sum[0] * weights[0];
  OTBRIDGE_UNROLL
  for (Size v = 1; v < kStencilVectors; ++v) total += sum[v] * weights[v];
  component_sums(total, values);
}

template <Size lines>
void interpolate_all(const Lattice& lattice, Size count, const float* places, float* values) {
  for_vectors<float>(
      2 * count, [&](Size i, Size bytes) __attribute__((always_inline)) {
        alignas(64) float steps[kLanes<float>];
        store(steps, lattice_steps(lattice, load_part(places + i, bytes)));
        for (Size k = 0; k < bytes / sizeof(float); k += 2) {
          interpolate_at<lines>(lattice, steps + k, values + i + k);
        }
      });
}

void interpolate(const Lattice& lattice, Size count, const float* places, float* values) {
  if (lattice.lines == 1) {
    interpolate_all<1>(lattice, count, places, values);
  } else {
    interpolate_all<kStencil>(lattice, count, places, values);
  }
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
