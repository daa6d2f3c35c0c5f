#!/usr/bin/env python3
"""The synthetic problem of RegOT and cuRegOT, by otbridge and by RegOT's own solvers.

usage: grids.py [--size 6400,4800] [--eta 0.001] [--tolerance 1e-8] [--repeat 3] [--programs otbridge,splr,ssns,bcd]

An exponential density on a grid of n points of [0, 5] to 0.2 N(1, 0.2) + 0.8 N(3, 0.5) on one of m points
(the README of https://github.com/yixuan/regot-python; Tang and Qiu 2024; cuRegOT 2026, arXiv 2605.08793, has
6400 x 4800), squared distances, eta a multiple of the largest of them. Seconds are the least of the repeats, with
what a program does with its input, but without the matrix of costs that RegOT is given. Beside them stands the L1
error of either marginal, of the plan as each gives it. `pip install regot`, beside the package otbridge.
"""
import argparse
import time

import numpy as np

import otbridge as otb

# How often the package that is compared may iterate: far beyond what its solvers but Sinkhorn's need.
MOST = 20000


def problem(n, m):
    x, y = np.linspace(0, 5, n), np.linspace(0, 5, m)

    def normal(mean, std):
        return np.exp(-0.5 * ((y - mean) / std) ** 2) / std

    a, b = np.exp(-x), 0.2 * normal(1, 0.2) + 0.8 * normal(3, 0.5)
    return x[:, None], y[:, None], a / a.sum(), b / b.sum()


def run_otbridge(x, y, a, b, costs, eta, tolerance):
    # Half squared distances: epsilon is half of eta.
    result = otb.solve(x, y, a=a, b=b, epsilon=eta / 2, tolerance=tolerance)
    return lambda: result.plan


def run_regot(solver):
    def run(x, y, a, b, costs, eta, tolerance):
        import regot

        result = getattr(regot, "sinkhorn_" + solver)(costs, a, b, eta, tol=tolerance, max_iter=MOST)
        return lambda: result.plan

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", default="6400,4800")
    parser.add_argument("--eta", type=float, default=0.001)
    parser.add_argument("--tolerance", type=float, default=1e-8)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--programs", default="otbridge,splr,ssns")
    options = parser.parse_args()
    n, m = map(int, options.size.split(","))
    x, y, a, b = problem(n, m)
    costs = np.asfortranarray((x - y.T) ** 2)
    eta = options.eta * costs.max()
    print("| program | seconds | L1 error, source | target | times otbridge |")
    print("|---|---|---|---|---|")
    own = None
    for name in options.programs.split(","):
        run = run_otbridge if name == "otbridge" else run_regot(name)
        seconds = []
        for _ in range(options.repeat):
            started = time.perf_counter()
            plan = run(x, y, a, b, costs, eta, options.tolerance)
            seconds.append(time.perf_counter() - started)
        dense = plan()
        source, target = np.abs(dense.sum(axis=1) - a).sum(), np.abs(dense.sum(axis=0) - b).sum()
        own = own or min(seconds)
        label = name if name == "otbridge" else f"RegOT {name}"
        print(f"| {label} | {min(seconds):.3g} | {source:.1e} | {target:.1e} | {min(seconds) / own:.3g} |", flush=True)


if __name__ == "__main__":
    main()
