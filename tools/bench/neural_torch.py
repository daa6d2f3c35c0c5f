#!/usr/bin/env python3
"""The training step of bench_neural in PyTorch: the same network, batch and optimiser, on the CPU.

Usage: neural_torch.py [dimension] [batch] [rounds]
Prints the seconds of a step, median and best of the rounds, with the number of threads whose median is least, the
least median by autocast to bfloat16; and of the network's chain the paths x steps per second, with the number of
threads and the batch that are best at it, in single precision and by autocast. Written as PyTorch is best at it: the
fused Adam where the version has one, gradients set to None, lists of tensors for the average, the chain in inference
mode; eager, or the loss compiled by TORCH_COMPILE=1.
"""

import copy
import os
import statistics
import sys
import time

import torch

TIME_FEATURES = 16
CHAINS, CHAIN_STEPS = 20000, 100
BATCHES = (250, 500, 1000, 2000, 5000, 10000, 20000)  # of chains


def network(dimension, width):
    silu = torch.nn.SiLU
    return torch.nn.Sequential(
        torch.nn.Linear(dimension + TIME_FEATURES, width), silu(),
        torch.nn.Linear(width, width), silu(),
        torch.nn.Linear(width, dimension))


def adam(parameters):
    for options in ({"fused": True}, {"foreach": True}, {}):
        try:
            return torch.optim.Adam(parameters, lr=1e-3, **options)
        except (RuntimeError, TypeError, ValueError):
            continue
    raise RuntimeError("no Adam")


class TrainingStep:
    """Loss, gradient, clipping, Adam and the average of the weights."""

    def __init__(self, dimension, batch, width):
        torch.manual_seed(1)
        self.inputs = torch.randn(batch, dimension + TIME_FEATURES)
        self.targets = torch.randn(batch, dimension)
        self.network = network(dimension, width)
        self.average = [p.detach().clone() for p in self.network.parameters()]
        self.adam = adam(list(self.network.parameters()))
        self.mixed = False
        self.loss = lambda: torch.nn.functional.mse_loss(self.network(self.inputs), self.targets)
        if os.environ.get("TORCH_COMPILE") == "1":
            self.loss = torch.compile(self.loss)

    def run(self):
        self.adam.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.mixed):
            loss = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        with torch.no_grad():
            if hasattr(torch, "_foreach_lerp_"):
                torch._foreach_lerp_(self.average, list(self.network.parameters()), 1e-3)
            else:
                for average, weights in zip(self.average, self.network.parameters()):
                    average.lerp_(weights, 1e-3)


def chains(drift, dimension, batch, mixed=False):
    """Euler's steps. As in otbridge the time, which all rows of a step share, goes into the bias of the first layer."""
    step = 1 / CHAIN_STEPS
    angles = torch.linspace(0, 1 - step, CHAIN_STEPS)[:, None] * torch.exp(torch.linspace(0, 6, TIME_FEATURES // 2))
    features = torch.cat([torch.sin(angles), torch.cos(angles)], 1)
    first, rest = drift[0], drift[2:]
    weight = first.weight[:, :dimension].contiguous()
    biases = torch.nn.functional.linear(features, first.weight[:, dimension:], first.bias)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
        for _ in range(CHAINS // batch):
            x = torch.randn(batch, dimension)
            for bias in biases:
                hidden = torch.nn.functional.silu(torch.nn.functional.linear(x, weight, bias), inplace=True)
                for layer in rest:
                    silu = isinstance(layer, torch.nn.SiLU)
                    hidden = torch.nn.functional.silu(hidden, inplace=True) if silu else layer(hidden)
                x = x + step * hidden.float() + step ** 0.5 * torch.randn(batch, dimension)


def chain_rate(drift, dimension, processors, mixed):
    """1e6 paths x steps per second, median of five at the best threads and batch, and those."""
    def seconds(threads, batch):
        torch.set_num_threads(threads)
        return seconds_of(1, lambda: chains(drift, dimension, batch, mixed))

    choices = [(threads, batch) for threads in range(1, processors + 1) for batch in BATCHES]
    best = min(choices, key=lambda choice: min(seconds(*choice) for _ in range(2)))
    rate = CHAINS * CHAIN_STEPS / statistics.median(seconds(*best) for _ in range(5))
    return f"{1e-6 * rate:.2f} ({best[0]}, {best[1]})"


def seconds_of(repeats, work):
    before = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - before) / repeats


def main():
    dimension, batch, rounds = (int(a) for a in (sys.argv[1:] + ["2", "512", "15"][len(sys.argv) - 1:]))
    processors = len(os.sched_getaffinity(0))
    print(f"torch {torch.__version__}, dimension {dimension}, batch {batch}, {processors} processors, "
          f"median of {rounds} rounds")
    print(f"{'hidden':<8} {'threads':>7} {'step, ms':>9} {'best':>7} {'bf16, ms':>9} {'1e6 paths x steps/s (threads, batch)':>37}  {'bf16':>17}")
    for width in (64, 128, 256):
        best, mixed = None, float("inf")
        for threads in range(1, processors + 1):
            torch.set_num_threads(threads)
            step = TrainingStep(dimension, batch, width)
            drift = copy.deepcopy(step.network)
            for step.mixed in (False, True):
                seconds_of(20, step.run)  # allocations, and compiling where asked for
            steps, mixed_steps = [], []
            for _ in range(rounds):
                step.mixed = False
                steps.append(seconds_of(20, step.run))
                step.mixed = True
                mixed_steps.append(seconds_of(20, step.run))
            found = (statistics.median(steps), threads, min(steps))
            mixed = min(mixed, statistics.median(mixed_steps))
            best = min(best, found) if best else found
        rate, mixed_rate = (chain_rate(drift, dimension, processors, bf16) for bf16 in (False, True))
        print(f"{width}x{width:<4} {best[1]:>7} {1e3 * best[0]:>9.3f} {1e3 * best[2]:>7.3f} {1e3 * mixed:>9.3f} "
              f"{rate:>37}  {mixed_rate:>17}")


if __name__ == "__main__":
    main()
