"""Entropic transport by a dense double-precision solve, as a reference for the Sinkhorn solver.

    python3 sinkhorn_dense.py                        rewrites sinkhorn_dense.csv beside this script
    python3 sinkhorn_dense.py X.npy Y.npy EPSILON..  solves between two clouds, uniform weights

min <c, pi> + s^2 KL(pi | a b^T), c = |y - decay x|^2 / 2. Iterates on the n x m matrix with its
potentials absorbed every 20 iterations (Schmitzer 2019), to L1 marginal errors below 1e-12 (1e-9
for clouds given). Written by NumPy alone; nothing of the library takes part.
"""
import csv
import math
import pathlib
import sys

import numpy as np


def soft_min(matrix, weights, s2, axis):
    """-s^2 log sum_k weights_k exp(-matrix / s^2) along an axis, the largest term taken out."""
    low = matrix.min(axis=axis, keepdims=True)
    shape = (-1, 1) if axis == 0 else (1, -1)
    total = (weights.reshape(shape) * np.exp((low - matrix) / s2)).sum(axis=axis)
    return low.squeeze(axis) - s2 * np.log(total)


def solve(x, y, a, b, epsilon, theta=0.0, tolerance=1e-12, limit=400000):
    decay = math.exp(-theta)
    s2 = epsilon if theta == 0 else epsilon * -math.expm1(-2 * theta) / (2 * theta)
    cost = 0.5 * ((y[None, :, :] - decay * x[:, None, :]) ** 2).sum(axis=2)
    f = soft_min(cost, b, s2, axis=1)
    level = cost.max()
    while True:  # epsilon scaling, a few exact log-domain iterations at each level
        level = max(s2, level / 2)
        for _ in range(20):
            g = soft_min(cost - f[:, None], a, level, axis=0)
            f = soft_min(cost - g[None, :], b, level, axis=1)
        if level == s2:
            break
    for iteration in range(0, limit, 20):
        kernel = np.exp((f[:, None] + g[None, :] - cost) / s2)
        u, v = np.ones(len(a)), np.ones(len(b))
        for _ in range(20):
            u = 1 / (kernel @ (b * v))
            v = 1 / (kernel.T @ (a * u))
        f, g = f + s2 * np.log(u), g + s2 * np.log(v)
        pi = (a * u)[:, None] * kernel * (b * v)[None, :]
        error = np.abs(pi.sum(axis=1) - a).sum() + np.abs(pi.sum(axis=0) - b).sum()
        if error < tolerance:
            break
    linear = (pi * cost).sum()
    kl = (pi * (f[:, None] + g[None, :] - cost)).sum() / s2
    return {"value_linear": linear, "kl": kl, "value": linear + s2 * kl, "error": error}


def small_cloud(n, d, phase):
    """Points and weights by formula, so that a test in another language can make the same."""
    i, k = np.meshgrid(np.arange(1, n + 1), np.arange(1, d + 1), indexing="ij")
    points = np.sin(phase + 1.7 * i * k) + 0.5 * np.cos(phase * k + i)
    return points, (1 + np.arange(n) % 3) / (1 + np.arange(n) % 3).sum()


def main():
    if len(sys.argv) > 3:
        x, y = np.load(sys.argv[1]), np.load(sys.argv[2])
        for epsilon in map(float, sys.argv[3:]):
            print(epsilon, solve(x, y, np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y)),
                                 epsilon, tolerance=1e-9))
        return
    path = pathlib.Path(__file__).with_suffix(".csv")
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["n", "m", "d", "epsilon", "theta", "value_linear", "kl", "value"])
        for d in (1, 2, 7):
            for epsilon in (1.0, 0.1, 0.02):
                for theta in (0.0, 0.8):
                    x, a = small_cloud(20, d, 0.3)
                    y, b = small_cloud(27, d, 1.1)
                    r = solve(x, y, a, b, epsilon, theta)
                    numbers = (epsilon, theta, r["value_linear"], r["kl"], r["value"])
                    out.writerow([20, 27, d, *(repr(float(v)) for v in numbers)])
    print(f"wrote {path.name} with NumPy {np.__version__}")


if __name__ == "__main__":
    main()
