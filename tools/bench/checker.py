"""The marginal errors of potentials, computed apart from every program measured.

pi_ij = a_i b_j exp((f_i + g_j - c_ij) / eps), c = |x - y|^2 / 2, in float64 by NumPy alone, block by
block: O(n m d) time, a few MB. The terms |x|^2 / 2 and |y|^2 / 2 of the cost are taken into the
potentials, so that a pair costs an inner product; a constant common to all pairs is split evenly.
"""
import concurrent.futures
import os

import numpy as np

BLOCK = 1 << 17  # pairs at a time: they stay in the second-level cache
LOWEST = -700.0  # exponents are raised to it: e^-700 changes no sum, and smaller ones are slow
DIRECT = 8  # up to this dimension inner products are taken one coordinate at a time


def _factors(x, potential, weights, center, eps):
    x = (x - center) / np.sqrt(eps)
    with np.errstate(divide="ignore"):
        height = potential / eps + np.log(weights) - 0.5 * (x * x).sum(axis=1)
    return x, height


def _weights(x, u, y, v):
    """exp(u_i + v_j + <x_i, y_j>) for a block."""
    exponents = np.add.outer(u, v)
    if x.shape[1] <= DIRECT:
        for k in range(x.shape[1]):
            exponents += x[:, k, None] * y[:, k]
    else:
        exponents += x @ y.T
    np.maximum(exponents, LOWEST, out=exponents)
    return np.exp(exponents, out=exponents)


def _sums(x, u, y, v, threads):
    """Sums over j for each i, and over i for each j, of the weights."""
    width = min(len(y), 2048)
    height = max(1, BLOCK // width)
    strip = height * max(1, len(x) // (64 * height))  # rows whose column sums are one partial sum

    def rows_from(begin):
        rows, columns = np.zeros(len(u[begin:begin + strip])), np.zeros(len(y))
        for i in range(begin, min(begin + strip, len(x)), height):
            some = slice(i, min(i + height, begin + strip))
            for j in range(0, len(y), width):
                others = slice(j, j + width)
                with np.errstate(invalid="ignore", over="ignore"):
                    weights = _weights(x[some], u[some], y[others], v[others])
                    rows[i - begin:i - begin + len(weights)] += weights.sum(axis=1)
                    columns[others] += weights.sum(axis=0)
        return rows, columns

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(rows_from, range(0, len(x), strip)))
    return np.concatenate([rows for rows, _ in parts]), sum(columns for _, columns in parts)


def marginals(x, y, a, b, f, g, eps, rows=None, columns=None, threads=None):
    """Row sums of pi at the given rows and column sums at the given columns (all by default)."""
    threads = threads or os.cpu_count()
    center = 0.5 * (x.mean(axis=0) + y.mean(axis=0))
    with np.errstate(invalid="ignore", over="ignore"):
        x, u = _factors(x, f, a, center, eps)
        y, v = _factors(y, g, b, center, eps)
        middle = 0.5 * (u.mean() - v.mean())  # f + c and g - c are the same answer
        u, v = u - middle, v + middle
    if rows is None and columns is None:
        return _sums(x, u, y, v, threads)
    rows = slice(None) if rows is None else rows
    columns = slice(None) if columns is None else columns
    return (_sums(x[rows], u[rows], y, v, threads)[0],
            _sums(x, u, y[columns], v[columns], threads)[1])


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
