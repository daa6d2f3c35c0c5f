"""The clouds and cases of the benchmark, from a seed.

x ~ N(0, I_d). y ~ eight modes of standard deviation 0.3 on a circle of radius 3 in the first two
coordinates, shifted by (1, 0), and N(0, 0.3^2) in the others. Weights are uniform.
"""
import collections
import math

import numpy as np

# epsilon_relative is a multiple of the mean of |x - y|^2 / 2 over all pairs of the two clouds.
Case = collections.namedtuple("Case", "name n d epsilon_relative tolerance")

CASES = [
    Case("small", 1000, 2, 0.05, 1e-6),
    Case("plain", 10000, 2, 0.05, 1e-6),
    Case("sharp", 10000, 2, 0.002, 1e-6),
    Case("exact", 10000, 2, 0.002, 1e-9),
    Case("loose", 10000, 2, 0.01, 1e-3),
    Case("high", 10000, 100, 0.05, 1e-4),
    Case("large", 100000, 2, 0.01, 1e-3),
    Case("large3", 100000, 3, 0.01, 1e-3),
    Case("huge", 1000000, 2, 0.002, 1e-3),
    Case("huge-warm", 1000000, 2, 0.01, 1e-3),
    Case("huge3", 1000000, 3, 0.002, 1e-3),
    Case("huge3-warm", 1000000, 3, 0.01, 1e-3),
]


def make_clouds(n, d, seed):
    """Source and target, n x d each."""
    source_draws, target_draws = (np.random.default_rng([seed, which]) for which in (0, 1))
    x = source_draws.standard_normal((n, d))
    y = 0.3 * target_draws.standard_normal((n, d))
    angle = 2 * math.pi * target_draws.integers(8, size=n) / 8
    y[:, 0] += 1 + 3 * np.cos(angle)
    y[:, 1] += 3 * np.sin(angle)
    return x, y


def mean_cost(x, y):
    """Mean of |x_i - y_j|^2 / 2 over all pairs, in O(n d): means apart plus both variances."""
    apart = ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum()
    return float(0.5 * (apart + x.var(axis=0).sum() + y.var(axis=0).sum()))


def make_cells(n, d, seed):
    """Two clouds like consecutive days of single-cell data: twelve kinds on the way to others, in ten latent
    directions, with heavy-tailed noise that falls along the coordinates, each scaled to unit variance."""
    draws = np.random.default_rng([seed, 2])
    kinds, latent = 12, min(d, 10)
    begin = 2 * draws.standard_normal((kinds, latent))
    end = begin[draws.integers(kinds, size=kinds)] + draws.standard_normal((kinds, latent))
    loadings = draws.standard_normal((latent, d)) * np.exp(-3 * np.arange(d) / d)

    def day(progress):
        kind = draws.choice(kinds, n, p=draws.dirichlet(np.full(kinds, 3.0)))
        way = np.clip(progress + 0.25 * draws.standard_normal(n), 0, 1)[:, None]
        state = begin[kind] * (1 - way) + end[kind] * way + 0.4 * draws.standard_normal((n, latent))
        return state @ loadings + draws.standard_t(6, size=(n, d)) * np.exp(-2 * np.arange(d) / d)

    x, y = day(0.3), day(0.6)
    both = np.vstack([x, y])
    return (x - both.mean(axis=0)) / both.std(axis=0), (y - both.mean(axis=0)) / both.std(axis=0)
