// Kernel of functions that are known on a lattice: between its nodes, the polynomial through those
// nearest to a place.
//
// Nodes are evenly spaced in w(u) = u / sqrt(1 + u^2 / 9) of each coordinate u, denser in the
// middle than beyond u = 3. With eight of them along each coordinate the error is of the eighth
// power of the spacing, where the function has as many derivatives by w (Lagrange's formula).
#pragma once

#include "kernels/tile.hpp"

namespace otbridge::kernels {

constexpr Size kStencil = 8;

// Two components of a function of one coordinate or of two. Node k of line l is at (w, w') = (first
// + k spacing, first + l spacing), its components at 2 (l nodes + k) and the place behind.
struct Lattice {
  const float* values;
  Size nodes;  // of a line, kStencil at least
  Size lines;  // as many, or 1: then the second coordinate does not count
  float first, spacing;
};

// Two components at each of `count` places, which are pairs of coordinates u within the lattice; a
// NaN gives NaN. O(count), without allocation; a result does not depend on the places around it.
using Interpolate = void (*)(const Lattice&, Size count, const float* places, float* values);

}  // namespace otbridge::kernels
