#!/usr/bin/env python3
"""The published schedule of the diffusion Schroedinger bridge in the plane, here and in PyTorch on the CPU.

Usage: published_dsb.py OTBRIDGE [steps] [rounds]
       published_dsb.py OTBRIDGE quality
De Bortoli et al. 2021, their repository's planar configuration: 20 steps of 0.01, s curve to N(0, I), batches of 512, Adam at a
rate of 1e-4, the states of 10000 fresh paths every 100 optimiser steps, 10000 of these a fit, 40 fits in all. Prints the seconds of
an optimiser step with its share of the simulation: of PyTorch as published (a DataLoader that collects rows one by one) and with whole
batches by index, with the number of threads that is fastest there; and of `otbridge transport --solver dsb` with as many rows,
paths and weights. There a path's state is evaluated once, for its own target; as published twice.

`quality` runs the whole schedule by otbridge, a quarter of an hour, and says how near its points end to either law, after 4, 10 and all
fits, beside `dsb` from the reference, by its other defaults but for a few training steps.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch

CHAIN, BATCH, PATHS, REFRESH = 20, 512, 10000, 100
GAMMA = 0.01
FIT, FITS = 10000, 40


class ScoreNetwork(torch.nn.Module):
    """Both inputs through 16 units to 32 features each, then 128, 128, 2; 16 features of the time."""

    def __init__(self):
        super().__init__()

        def layers(*widths):
            chain = [torch.nn.Linear(widths[0], widths[1])]
            for a, b in zip(widths[1:], widths[2:]):
                chain += [torch.nn.LeakyReLU(), torch.nn.Linear(a, b)]
            return torch.nn.Sequential(*chain)

        self.of_time, self.of_state, self.joint = layers(16, 16, 32), layers(2, 16, 32), layers(64, 128, 128, 2)
        self.register_buffer("rates", torch.exp(-torch.arange(8) * (9.21 / 7)))

    def forward(self, x, t):
        angles = t.float() * self.rates
        time_features = self.of_time(torch.cat([torch.sin(angles), torch.cos(angles)], -1))
        return self.joint(torch.cat([self.of_state(x), time_features], -1))


class States(torch.utils.data.Dataset):
    def __init__(self, x, targets, k):
        self.x, self.targets, self.k = x, targets, k

    def __len__(self):
        return len(self.x)

    def __getitem__(self, row):
        return self.x[row], self.targets[row], self.k[row]


def simulate(network):
    """The states of fresh paths, with mean-matching targets."""
    x = torch.randn(PATHS, 2)
    states, targets, times = [], [], []
    with torch.no_grad():
        for k in range(CHAIN):
            t = torch.full((PATHS, 1), k)
            mean = network(x, t)
            x = mean + (2 * GAMMA) ** 0.5 * torch.randn_like(x)
            states.append(x)
            targets.append(mean - network(x, t))
            times.append(t)
    return States(torch.cat(states), torch.cat(targets), torch.cat(times))


def batches(states, as_published):
    if as_published:
        while True:
            yield from torch.utils.data.DataLoader(states, batch_size=BATCH)
    while True:
        for rows in torch.arange(len(states)).split(BATCH):
            yield states.x[rows], states.targets[rows], states.k[rows]


def torch_seconds(steps, as_published):
    torch.manual_seed(1)
    network, chain = ScoreNetwork(), ScoreNetwork()
    adam = torch.optim.Adam(network.parameters(), lr=1e-4)
    before = time.perf_counter()
    for i in range(steps):
        if i % REFRESH == 0:
            source = batches(simulate(chain), as_published)
        x, target, k = next(source)
        loss = torch.nn.functional.mse_loss(network(x, CHAIN - k) - x, target)
        loss.backward()
        adam.step()
        adam.zero_grad()
    return (time.perf_counter() - before) / steps


PROBLEM = {"source": {"type": "toy", "name": "s_curve"},
           "target": {"type": "gaussian", "mean": [0, 0], "cov": [[1, 0], [0, 1]]},
           "reference": {"epsilon": 2 * GAMMA * CHAIN, "theta": GAMMA * CHAIN}}
# As many weights as published, within a percent; 2.5 pairs of rows of every path, so that 100 batches take 10240 paths.
PUBLISHED = {"start": "reference", "steps": CHAIN, "schedule": "uniform", "batch": BATCH, "hidden": "[128,128]",
             "time_features": 72, "trajectories": 10240, "thinning": 8, "optimizer": "adam", "learning_rate": 1e-4, "clip": 0}


def otbridge(program, *words):
    ran = subprocess.run([str(word) for word in (program, *words)], capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 4):  # 4: not converged
        raise SystemExit(ran.stderr)
    return ran.stdout


def solve(program, folder, settings):
    """The seconds of a solve by dsb, whose plan stays in the folder."""
    file = pathlib.Path(folder, "problem.json")
    file.write_text(json.dumps(PROBLEM))
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    report = otbridge(program, "transport", file, "--solver", "dsb", *words, "--json", "--plan",
                      f"{folder}/plan.safetensors", "-o", f"{folder}/moved.npy")
    return json.loads(report)["seconds"]


def otbridge_seconds(program, steps):
    with tempfile.TemporaryDirectory() as folder:
        return solve(program, folder, PUBLISHED | {"training_steps": steps, "iterations": 2}) / (4 * steps)


def quality(program):
    """W2 of 10000 points that a plan moves to draws of the law at either end, and of draws themselves."""
    ends = (("s curve", PROBLEM["source"], "backward"), ("normal", PROBLEM["target"], "forward"))
    with tempfile.TemporaryDirectory() as folder:
        def draws(law, seed):
            name = f"{folder}/{seed}.npy"
            otbridge(program, "sample", json.dumps(law), "--samples", 10000, "--seed", seed, "-o", name)
            return name

        def w2(a, b):
            return json.loads(otbridge(program, "distance", a, b, "--exact", "--json"))["w2"]

        pairs = {name: (draws(law, 2 * k), draws(law, 2 * k + 1)) for k, (name, law, _) in enumerate(ends)}
        print(f"{'':<41} {'seconds':>8} " + " ".join(f"{'W2, ' + name:>11}" for name, _, _ in ends), flush=True)

        def row(name, seconds, found):
            print(f"{name:<41} {seconds:>8} " + " ".join(f"{value:>11.4f}" for value in found), flush=True)

        row("draws of the law", "-", [w2(*pairs[name]) for name, _, _ in ends])
        schedules = {f"as published, {2 * n} fits of {FIT}": PUBLISHED | {"training_steps": FIT, "iterations": n}
                     for n in (2, 5, FITS // 2)}
        ours = {"dsb, start=reference, training_steps=1000": {"start": "reference", "training_steps": 1000}}
        for name, settings in (ours | schedules).items():
            seconds = solve(program, folder, settings)
            found = []
            for (end, _, direction), (other, _, _) in zip(ends, ends[::-1]):
                moved = f"{folder}/moved.npy"
                otbridge(program, "apply", f"{folder}/plan.safetensors", "--input", pairs[other][0], "--direction",
                         direction, "--mode", "sample", "-o", moved)
                found.append(w2(moved, pairs[end][1]))
            row(name, f"{seconds:.1f}", found)


def main():
    program = sys.argv[1]
    if sys.argv[2:] == ["quality"]:
        return quality(program)
    steps, rounds = (int(a) for a in (sys.argv[2:] + ["300", "3"][len(sys.argv) - 2:]))
    processors = len(os.sched_getaffinity(0))
    found = {}
    for _ in range(rounds):
        found.setdefault(("otbridge", processors), []).append(otbridge_seconds(program, 4 * steps))
        for threads in range(1, processors + 1):
            torch.set_num_threads(threads)
            for name, as_published in (("PyTorch, batches by index", False), ("PyTorch, as published", True)):
                found.setdefault((name, threads), []).append(torch_seconds(steps, as_published))
    ours = statistics.median(found["otbridge", processors])
    print(f"torch {torch.__version__}, {processors} processors, median of {rounds} rounds")
    print(f"{'':<28} threads  ms a step  times ours  minutes of {FITS} fits of {FIT} steps")
    for name in ("otbridge", "PyTorch, batches by index", "PyTorch, as published"):
        seconds, threads = min((statistics.median(runs), key[1]) for key, runs in found.items() if key[0] == name)
        print(f"{name:<28} {threads:>7} {1e3 * seconds:>10.3f} {seconds / ours:>11.1f} {seconds * FIT * FITS / 60:>9.1f}")


if __name__ == "__main__":
    main()
