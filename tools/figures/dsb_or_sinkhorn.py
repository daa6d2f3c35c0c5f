#!/usr/bin/env python3
"""DSB or Sinkhorn: four solvers, dsb from two starts, on the three pairs of a public comparison and on four of ours. Writes
docs/dsb-or-sinkhorn.md and docs/images/dsb_or_sinkhorn.svg. Cells are kept in FOLDER: an interrupted run goes on, and more seeds or
budgets add to it.

  usage: dsb_or_sinkhorn.py OTBRIDGE [--seeds 1] [--budgets 0.25] [--samples 8000] [--folder dsb_or_sinkhorn]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess

import dsb_or_sinkhorn_page as page
import public_pairs as public

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = {  # name: what `compare` is asked; of the last two the bridge is known
    "normal to moons": ["data/laws/standard_normal_2d.json", "moons@torchcfm", "--epsilon", "1"],
    "moons to 8 gaussians": ["moons@torchcfm", "8gaussians@torchcfm", "--epsilon", "1"],
    "blurred moons": ["data/problems/blurred_moons.json"],
    "gaussians, d = 5": ["data/problems/gaussian_5d.json"],
}


def settings_of(otbridge, contender, budget):
    """A neural solver's optimiser steps as a multiple of its default number, and its start where that is not its own choice."""
    if budget is None:
        return []
    solver = page.SOLVER[contender]
    listed = json.loads(subprocess.run([otbridge, "list", "solvers", "--json"], capture_output=True, check=True).stdout)
    default = next(setting["default"] for entry in listed if entry["name"] == solver
                   for setting in entry["settings"] if setting["name"] == "training_steps")
    start = ["--set", "start=reference"] if contender == "dsb as published" else []
    return ["--set", f"training_steps={max(1, round(float(budget) * float(default)))}", *start]


def answer(command):
    """The JSON of a command; exit code 4 is a solver that did not reach its tolerance, which is a result."""
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


def write_points(path, points):
    path.write_text("".join(f"{x!r},{y!r}\n" for x, y in points), encoding="utf-8")


def read_points(path):
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("x")]  # heading
    return [(float(x), float(y)) for x, y in rows]


def public_clouds(name, seed, arguments):
    """Source, target that is learnt, and fresh points of the target, as files."""
    source, target = public.PAIRS[name]
    clouds = []
    for part, law, stream in (("source", source, 0), ("target", target, 1), ("fresh", target, 2)):
        path = arguments.folder / f"{name.replace(' ', '_')}-{seed}-{part}.csv"
        if not path.exists():
            write_points(path, public.draw(law, arguments.samples, 3 * seed + stream))
        clouds.append(path)
    return clouds


def measure_public(name, contender, budget, seed, arguments):
    source, target, fresh = public_clouds(name, seed, arguments)
    moved = arguments.folder / "moved.csv"
    command = [arguments.otbridge, "transport", str(source), str(target), "--epsilon", "1",
               "--solver", page.SOLVER[contender], "--mode", "sample",
               "--seed", str(seed), "--json", "--quiet", "-o", str(moved), *settings_of(arguments.otbridge, contender, budget)]
    report = answer(command)
    ends = public.quantiles(read_points(moved))
    return {"seconds": report["seconds"], "sliced_w2": public.sliced_w2(ends, public.quantiles(read_points(target))),
            "fresh": public.sliced_w2(ends, public.quantiles(read_points(fresh))),
            "rounds": [entry["marginal_error_target"] for entry in report.get("rounds") or []]}


def measure_ours(name, contender, budget, seed, arguments):
    solver = page.SOLVER[contender]
    settings = [f"{solver}.{part}" if part != "--set" else part for part in settings_of(arguments.otbridge, contender, budget)]
    command = [arguments.otbridge, "compare", *OURS[name], "--solvers", solver, "--samples", str(arguments.samples),
               "--seed", str(seed), "--json", "--quiet", *settings]
    row = answer(command)["rows"][0]
    keys = ["seconds", "sliced_w2", "sliced_w2_floor"]
    if row["reference_kind"] == "truth":
        keys += ["path_kl", "map_rmse", "conditional_bw2_uvp", "conditional_bw2_uvp_floor"]
    return {key: row[key] for key in keys}


def floors(name, seed, arguments):
    """Of the public pairs: the source as it is, draws of the points that are learnt, and of the law, against those points."""
    stored = public_clouds(name, seed, arguments)
    source, target, fresh = (public.quantiles(read_points(path)) for path in stored)
    points = read_points(stored[1])
    again = public.quantiles(public.redraw(points, seed))
    return {"nothing": public.sliced_w2(source, target), "again": public.sliced_w2(again, target),
            "fresh": public.sliced_w2(fresh, target)}


def cell(key, compute, arguments):
    path = arguments.folder / (key.replace(" ", "_") + f"-{arguments.samples}.json")
    if not path.exists():
        result = compute()
        result["load"] = os.getloadavg()[0]
        path.write_text(json.dumps(result), encoding="utf-8")
        print(key, {k: float(f"{v:.3g}") for k, v in result.items() if isinstance(v, float)}, flush=True)
    return json.loads(path.read_text(encoding="utf-8"))


def mean(cells):
    """Key by key over the seeds; of lists, entry by entry."""
    over = lambda values: [over(list(v)) for v in zip(*values)] if isinstance(values[0], list) else statistics.mean(values)
    return {key: over([one[key] for one in cells]) for key in cells[0] if cells[0][key] is not None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("otbridge", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--budgets", default="0.25", help="multiples of the default optimiser steps, for dsb and dsbm")
    parser.add_argument("--samples", type=int, default=8000)
    parser.add_argument("--folder", type=lambda text: pathlib.Path(text).resolve(), default=pathlib.Path("dsb_or_sinkhorn").resolve())
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    budgets = sorted(arguments.budgets.split(","), key=float)
    networks = [(one, b) for b in budgets for one in ("dsb as published", "dsb", "dsbm")]
    found, ground = {}, {}
    for contender, budget in [("sinkhorn", None), *networks, ("mixture", None)]:
        label = contender if budget is None else f"{contender}, budget {budget}"
        for name in (*public.PAIRS, *OURS):
            ask = measure_public if name in public.PAIRS else measure_ours
            found[label, name] = mean([cell(f"{name}-{label}-{seed}", lambda: ask(name, contender, budget, seed, arguments), arguments)
                                       for seed in range(arguments.seeds)])
    for name in public.PAIRS:
        ground[name] = mean([cell(f"{name}-floors-{seed}", lambda: floors(name, seed, arguments), arguments)
                             for seed in range(arguments.seeds)])
    labels = list(dict.fromkeys(label for label, _ in found))
    page.write(ROOT / "docs", arguments, labels, list(public.PAIRS), list(OURS), found, ground)


if __name__ == "__main__":
    main()
