// Shapes that stand for one are made one.
//
// A fit of many shapes misses less than one of few, which more often ends in a poorer minimum; but
// every shape costs: the loss on draws that are not learnt from rises by about half a draw's part
// for each of its parameters, and each batch takes longer. So, many having been fitted, pairs are
// united one after another while the law is explained no worse (the backward elimination of
// mixtures: Figueiredo, Jain 2002, here judged by the loss itself).
#pragma once

#include <vector>

#include "mixture/fit.hpp"

namespace otbridge {

// The union of two shapes is the Gaussian bridge between the unions of their shares of `seen`, to
// which they were fitted, at the weight of both. Of each shape the union with the one that it
// shares most with is tried; the best is taken while the loss rises by no more than chance and the
// tolerance. The loss is that expected of a fit to `points` draws: it lies between that of what is
// seen, which flatters, and that of draws kept aside, which holds what few points leave wrong. None
// is taken where the parameters of all shapes outnumber what is seen.
// O(K (n + m) d^2) in all and O(K^2 (n + m)) for each union. The result does not depend on the
// number of threads.
std::vector<PotentialShape> merge_alike(const MixtureData& seen, const MixtureData& aside,
                                        double points, const MixtureControl& control,
                                        std::vector<PotentialShape> shapes);

}  // namespace otbridge
