"""Unregularised transport by POT's network simplex, as a reference for the exact solver.

    python3 exact_pot.py      rewrites exact_pot.csv beside this script

min <c, pi>, c = |y - decay x|^2 / 2, by ot.emd on the n x m matrix. Clouds by formula, those of
sinkhorn_dense.py; `weights` is "cycle" for 1, 2, 3, 1, ... over their sum, or "equal".
"""
import csv
import math
import pathlib

import numpy as np
import ot

from sinkhorn_dense import small_cloud


def main():
    path = pathlib.Path(__file__).with_suffix(".csv")
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["n", "m", "d", "theta", "weights", "cost"])
        for n, m in ((20, 27), (400, 400), (300, 470)):
            for d in (1, 2, 7):
                for theta in (0.0, 0.8):
                    for weights in ("cycle", "equal"):
                        x, a = small_cloud(n, d, 0.3)
                        y, b = small_cloud(m, d, 1.1)
                        if weights == "equal":
                            a, b = np.full(n, 1 / n), np.full(m, 1 / m)
                        steps = y[None, :, :] - math.exp(-theta) * x[:, None, :]
                        cost = 0.5 * (steps**2).sum(axis=2)
                        plan = ot.emd(a, b, cost, numItermax=10**7)
                        out.writerow([n, m, d, theta, weights, repr(float((plan * cost).sum()))])
    print(f"wrote {path.name} with POT {ot.__version__}, NumPy {np.__version__}")


if __name__ == "__main__":
    main()
