"""The marginal errors of potentials, computed apart from every program measured.

pi_ij = a_i b_j exp((f_i + g_j - c_ij) / eps), c = |x - y|^2 / 2, in float64 by NumPy alone, block by
block: O(n m d) time, a few MB. The exponent is one product of n x (d + 2) and (d + 2) x m matrices
with the terms |x|^2 / 2 and |y|^2 / 2 taken into the potentials, and an overall constant removed.
"""
import concurrent.futures
import os

import numpy as np

BLOCK = 1 << 19  # pairs at a time: they stay in the second-level cache


def _factors(x, potential, weights, center, eps):
    x = (x - center) / np.sqrt(eps)
    with np.errstate(divide="ignore"):
        height = potential / eps + np.log(weights) - 0.5 * (x * x).sum(axis=1)
    return x, height


def _sums(rows, row_heights, columns, column_heights, threads):
    """sum_j exp(row_height_i + column_height_j + <row_i, column_j>) for each i."""
    left = np.column_stack([rows, row_heights, np.ones(len(rows))])
    right = np.column_stack([columns, np.ones(len(columns)), column_heights]).T.copy()
    width = min(len(columns), 4096)
    height = max(1, BLOCK // width)

    def block(begin):
        total = np.zeros(len(left[begin:begin + height]))
        for first in range(0, right.shape[1], width):
            exponents = left[begin:begin + height] @ right[:, first:first + width]
            np.exp(exponents, out=exponents)
            total += exponents.sum(axis=1)
        return total

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(block, range(0, len(left), height))))


def marginals(x, y, a, b, f, g, eps, rows=None, columns=None, threads=None):
    """Row sums of pi at the given rows and column sums at the given columns (all by default)."""
    threads = threads or os.cpu_count()
    center = 0.5 * (x.mean(axis=0) + y.mean(axis=0))
    with np.errstate(invalid="ignore", over="ignore"):
        x, u = _factors(x, f, a, center, eps)
        y, v = _factors(y, g, b, center, eps)
        middle = 0.5 * (u.mean() - v.mean())  # f + c and g - c are the same answer
        u, v = u - middle, v + middle
        some = slice(None) if rows is None else rows
        others = slice(None) if columns is None else columns
        return (_sums(x[some], u[some], y, v, threads), _sums(y[others], v[others], x, u, threads))


def marginal_errors(x, y, f, g, eps, sample=None, seed=0, threads=None):
    """L1 errors of both marginals, uniform weights: {"source", "target", "sampled"}.

    sample: the number of rows and of columns, drawn without replacement, from which the errors are
    estimated (their mean times n); None, or one that is not smaller than n, takes them all.
    """
    n, m = len(x), len(y)
    f, g = np.asarray(f, dtype=np.float64).ravel(), np.asarray(g, dtype=np.float64).ravel()
    a, b = np.full(n, 1 / n), np.full(m, 1 / m)
    rows = columns = None
    if sample is not None and sample < max(n, m):
        draws = np.random.default_rng(seed)
        rows = np.sort(draws.choice(n, min(n, sample), replace=False))
        columns = np.sort(draws.choice(m, min(m, sample), replace=False))
    row_sums, column_sums = marginals(x, y, a, b, f, g, eps, rows, columns, threads)
    return {
        "source": float(np.abs(n * row_sums - 1).mean()),
        "target": float(np.abs(m * column_sums - 1).mean()),
        "sampled": None if rows is None else len(rows),
        "target_l2": float(np.sqrt(((m * column_sums - 1) ** 2).mean() / m)),
    }


def worst(errors):
    """The larger of both errors; not a number if one is not."""
    return float(np.max([errors["source"], errors["target"]]))
