// Known problems: families of problems whose Schroedinger bridge is known exactly in any dimension.
//
// A family fixes the laws once the reference process is given: one of them depends on it.
// known_answer (known_answer.hpp) recognises the problems that are made here.
#pragma once

#include <cstdint>

#include "otbridge/measure/mixture.hpp"
#include "otbridge/problem/problem.hpp"

namespace otbridge {

// The source is the law with noise, the target scale * law + shift: X_0 = (Y + sqrt(s^2 / scale)
// Z) / a and X_1 = scale Y + shift have the optimal coupling for the kernel N(a x, s^2 I), from
// any law that samples. scale > 0; shift: d, or empty for 0. Throws InvalidInput.
TransportProblem blurred_problem(const Measure& law, const ReferenceProcess& reference,
                                 double scale = 1.0, const Vector& shift = {});

// The target is where the potential phi takes the source: X_1 given X_0 = x has the density
// proportional to phi(y) N(y; a x, s^2 I). potential: of Gaussian laws of full rank (a mixture, or
// one). Source: Gushchin, Kolesov, Mokrov et al. 2023. Throws InvalidInput.
TransportProblem mixture_potential_problem(const Measure& source, const Measure& potential,
                                           const ReferenceProcess& reference);

// Such a problem from a seed, after the published construction (whose instances are not public):
// source N(0, I), components of phi about points of the sphere of radius 5, covariances with
// eigenvalues from 1/2 to 2, uniform in the logarithm, in random directions; their weights are such
// that at the origin each has the same share. dimension from 1 to 256, components from 1 to 50.
// O(components d^3).
void check_eot_mixture(Index dimension, Index components);  // throws InvalidInput; O(1)
TransportProblem eot_mixture_problem(Index dimension, Index components, std::uint64_t seed,
                                     const ReferenceProcess& reference);

}  // namespace otbridge
