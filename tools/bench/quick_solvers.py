#!/usr/bin/env python3
"""Seconds of the solvers that `compare` takes by default, against points and dimension, as a table of Markdown.

tools/bench/quick_solvers.py build/otbridge

N(0, I) to a mixture of five Gaussians of standard deviation 0.5 whose means are drawn from N(0, 4 I), at the default epsilon, one thread;
"-" is a solve that did not converge within 20 s.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 20  # seconds
SIZES = [(2000, 2), (5000, 2), (10000, 2), (20000, 2), (10000, 10), (20000, 10), (5000, 100), (10000, 100)]


def laws(folder, d):
    draw = random.Random(1)
    source = {"type": "gaussian", "mean": [0.0] * d, "std": 1.0}
    components = [{"type": "gaussian", "mean": [draw.gauss(0.0, 2.0) for _ in range(d)], "std": 0.5} for _ in range(5)]
    target = {"type": "mixture", "weights": [1.0] * 5, "components": components}
    paths = []
    for name, law in (("source", source), ("target", target)):
        paths.append(str(folder / f"{name}{d}.json"))
        Path(paths[-1]).write_text(json.dumps(law))
    return paths


def seconds(program, solver, n, d, folder):
    command = [program, "transport", *laws(folder, d), "--solver", solver, "--samples", str(n), "--time-limit", str(LIMIT),
               "--json", "--quiet", "--threads", "1"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    return f"{report['seconds']:.2g}" if report["stop_reason"] == "converged" else "-"


def main():
    with tempfile.TemporaryDirectory() as name:
        print("| n, d | " + " | ".join(f"{n}, {d}" for n, d in SIZES) + " |")
        print("|---" * (len(SIZES) + 1) + "|")
        for solver in ("sinkhorn", "exact", "mixture"):
            row = [seconds(sys.argv[1], solver, n, d, Path(name)) for n, d in SIZES]
            print(f"| {solver} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
