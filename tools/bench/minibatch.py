#!/usr/bin/env python3
"""Minibatch pairing in a loop as torchcfm's, by otbridge and by POT.

usage: minibatch.py [--sizes 256,1024,8192] [--dimension 2] [--reg 0.1] [--seconds 10]

Each step draws a source batch N(0, I) and a target batch of eight Gaussians, pairs them, and takes one
step of a linear velocity, so that the loop is more than the coupling. Timed is the pairing alone: the
least and the median over the steps; the ratio is that of the least, which a busy machine moves least.
POT is called as torchcfm 1.0.7 does (optimal_transport.py): the matrix of squared distances, ot.emd or
ot.sinkhorn with reg, then batch-size draws of pairs from the dense plan. otbridge: torch_coupling with
epsilon = reg / 2. Beside each stands its answer: the mean squared distance of the pairs, and of POT the
L1 error of the marginals that it ended with.
"""
import argparse
import statistics
import time
import warnings

import numpy as np
import ot

import otbridge as otb


def batches(n, d, step):
    rng = np.random.default_rng(step)
    angle = np.pi / 4 * rng.integers(8, size=n)
    target = 0.3 * rng.normal(size=(n, d))
    target[:, :2] += 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return rng.normal(size=(n, d)), target


def draw(plan, rng):
    """OTPlanSampler.sample_map of torchcfm."""
    flat = plan.ravel()
    picked = rng.choice(flat.size, p=flat / flat.sum(), size=len(plan))
    return np.divmod(picked, plan.shape[1])


def pot_exact(x0, x1, reg, step):
    n = len(x0)
    plan = ot.emd(np.full(n, 1 / n), np.full(n, 1 / n), ot.dist(x0, x1), numItermax=10**8)
    i, j = draw(plan, np.random.default_rng(step))
    return x0[i], x1[j], plan


def pot_sinkhorn(x0, x1, reg, step):
    n = len(x0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it stops before its tolerance: the error says how far
        plan = ot.sinkhorn(np.full(n, 1 / n), np.full(n, 1 / n), ot.dist(x0, x1), reg)
    i, j = draw(plan, np.random.default_rng(step))
    return x0[i], x1[j], plan


def our_exact(x0, x1, reg, step):
    return *otb.torch_coupling(x0, x1, seed=step), None


def our_sinkhorn(x0, x1, reg, step):
    return *otb.torch_coupling(x0, x1, reg / 2, seed=step), None


PROGRAMS = {"POT emd": pot_exact, "otbridge exact": our_exact,
            "POT sinkhorn": pot_sinkhorn, "otbridge sinkhorn": our_sinkhorn}


class Run:
    """What one program has done: milliseconds of each pairing, squared distances, marginal errors."""

    def __init__(self, pair, d):
        self.pair, self.velocity = pair, np.zeros((d + 1, d))
        self.times, self.costs, self.errors = [], [], []

    def step(self, x0, x1, reg, step):
        n = len(x0)
        started = time.perf_counter()
        start, end, plan = self.pair(x0, x1, reg, step)
        self.times.append(1e3 * (time.perf_counter() - started))
        self.costs.append(((start - end) ** 2).sum(axis=1).mean())
        if plan is not None:
            self.errors.append(np.abs(plan.sum(axis=0) - 1 / n).sum() + np.abs(plan.sum(axis=1) - 1 / n).sum())
        t = np.random.default_rng(step).random((n, 1))
        inputs = np.hstack([start + t * (end - start), np.ones((n, 1))])
        self.velocity -= 0.01 * inputs.T @ (inputs @ self.velocity - (end - start)) / n


def loop(n, d, reg, seconds, most=200):
    """All programs on the same batches, in turn, so that what else the machine does meets all alike; each
    until its seconds are used up, two steps at least."""
    runs = {name: Run(pair, d) for name, pair in PROGRAMS.items()}
    for step in range(most):
        x0, x1 = batches(n, d, step)
        for run in runs.values():
            if step < 2 or sum(run.times) < 1e3 * seconds:
                run.step(x0, x1, reg, step)
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="256,1024,8192")
    parser.add_argument("--dimension", type=int, default=2)
    parser.add_argument("--reg", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print("| batch | program | ms a batch, least | median | steps | mean abs(x0 - x1)² | marginal error | times otbridge |")
    print("|---|---|---|---|---|---|---|---|")
    for n in map(int, options.sizes.split(",")):
        runs = loop(n, options.dimension, options.reg, options.seconds)
        for name, run in runs.items():
            median = statistics.median(run.times)
            own = runs["otbridge " + name.split()[1].replace("emd", "exact")]
            ratio = min(run.times) / min(own.times)
            print(f"| {n} | {name} | {min(run.times):.3g} | {median:.3g} | {len(run.times)} | {statistics.mean(run.costs):.3f} "
                  f"| {f'{max(run.errors):.1g}' if run.errors else ''} "
                  f"| {'' if name.startswith('otbridge') else f'{ratio:.1f}'} |", flush=True)


if __name__ == "__main__":
    main()
