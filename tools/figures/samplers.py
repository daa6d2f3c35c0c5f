#!/usr/bin/env python3
"""What steppers, schedules, the last step without noise and the corrector do to the ends of few steps: the tables of
docs/sampling.md, on a Gaussian pair whose drift is exact and on blurred moons with the drifts of dsbm.

  usage: samplers.py OTBRIDGE [--points 16384] [--steps 5,10,20,40] [--training-steps 8000]
"""
import argparse
import csv
import math
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
PROBLEMS = [("Gaussian pair, exact drift", "gaussian_2d", "gaussian"), ("blurred moons, `dsbm`", "blurred_moons", "dsbm")]
EULER, HEUN, UNIFORM = ["--stepper", "euler"], ["--stepper", "heun"], ["--schedule", "uniform"]
BRIDGE = [("`euler`, uniform", EULER + UNIFORM), ("`euler`", EULER), ("`euler`, denoised", EULER + ["--denoise-last"]),
          ("`euler`, corrector 1", EULER + ["--corrector", "1"]), ("`heun`, uniform", HEUN + UNIFORM), ("`heun`", HEUN),
          ("`heun`, denoised", HEUN + ["--denoise-last"]), ("`heun`, corrector 1", HEUN + ["--corrector", "1"])]
FLOW = [("`euler`, uniform", EULER + UNIFORM), ("`euler`", EULER), ("`heun`, uniform", HEUN + UNIFORM), ("`heun`", HEUN)]
DIRECTIONS = 64


def run(otbridge, *arguments):
    """A command, which may end below its tolerance (exit 4)."""
    done = subprocess.run([otbridge, *arguments, "--quiet", "--threads", "1"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stderr)


def points_of(path):
    with open(path, encoding="utf-8") as file:
        return [(float(row["x0"]), float(row["x1"])) for row in csv.DictReader(file)]


def sliced_distance(cloud, other):
    """Sliced W2 of two clouds of one size, over even directions."""
    total = 0.0
    for k in range(DIRECTIONS):
        u, v = math.cos(math.pi * k / DIRECTIONS), math.sin(math.pi * k / DIRECTIONS)
        along = [sorted(u * x + v * y for x, y in points) for points in (cloud, other)]
        total += sum((a - b) ** 2 for a, b in zip(*along)) / len(cloud)
    return math.sqrt(total / DIRECTIONS)


def apart(cloud, other):
    """Root mean square distance of two clouds, point by point."""
    return math.sqrt(sum((a - c) ** 2 + (b - d) ** 2 for (a, b), (c, d) in zip(cloud, other)) / len(cloud))


def table(title, rows, steps, value, number):
    print(f"\n| {title} |" + "".join(f" {n} steps |" for n in steps))
    print("|---|" + "---|" * len(steps))
    for name, options in rows:
        print(f"| {name} |" + "".join(f" {value(options + ['--steps', str(n)]):{number}} |" for n in steps), flush=True)


def measure(arguments, title, problem, solver):
    with tempfile.TemporaryDirectory() as folder:
        file, plan = f"{ROOT}/data/problems/{problem}.json", f"{folder}/plan.safetensors"
        starts, ends, others, moved = (f"{folder}/{name}.csv" for name in ("starts", "ends", "others", "moved"))
        trained = ["--set", f"training_steps={arguments.training_steps}"] if solver == "dsbm" else []
        run(arguments.otbridge, "transport", file, "--solver", solver, *trained, "--plan", plan, "-o", moved)
        # Draws of both laws: of a bridge run without steps, by the solver that knows it.
        for seed, start, end in ((1, starts, ends), (2, f"{folder}/unused.csv", others)):
            paths = f"{folder}/paths.csv"
            run(arguments.otbridge, "interpolate", file, "--solver", "truth", "--times", "0,1", "--samples",
                str(arguments.points), "--seed", str(seed), "-o", paths)
            with open(paths, encoding="utf-8") as lines:
                rows = list(csv.DictReader(lines))
            for at, name in (("0", start), ("1", end)):
                with open(name, "w", encoding="utf-8") as out:
                    out.write("x0,x1\n" + "".join(f"{r['x0']},{r['x1']}\n" for r in rows if float(r["t"]) == float(at)))
        target = points_of(others)

        def moved_by(options):
            run(arguments.otbridge, "apply", plan, "--input", starts, "--mode", "sample", *options, "-o", moved)
            return points_of(moved)

        floor = sliced_distance(points_of(ends), target)
        own = sliced_distance(moved_by([]), target)
        table(f"{title}: sliced W2 at the end of the bridge (floor {floor:.4f}, the plan itself {own:.4f})", BRIDGE,
              arguments.steps, lambda options: sliced_distance(moved_by(options), target), ".4f")
        exact = moved_by(["--noise", "0", "--stepper", "heun", "--steps", "1000"])
        table(f"{title}: `--noise 0`, distance from the ends of 1000 steps of `heun`", FLOW, arguments.steps,
              lambda options: apart(moved_by(["--noise", "0"] + options), exact), ".5f")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("otbridge")
    parser.add_argument("--points", type=int, default=16384)
    parser.add_argument("--steps", type=lambda text: [int(n) for n in text.split(",")], default=[5, 10, 20, 40])
    parser.add_argument("--training-steps", type=int, default=8000)
    arguments = parser.parse_args()
    for title, problem, solver in PROBLEMS:
        measure(arguments, title, problem, solver)


if __name__ == "__main__":
    main()
