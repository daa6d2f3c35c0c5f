#!/usr/bin/env python3
"""What the iterations of `dsb` repair: generated points after 1, 2, 5, 10 and 20 of them over a horizon too short
for one score fit, and that fit over a long horizon; draws docs/images/dsb_iterations.svg and prints a table.

A fit that stands alone is trained ten times as long: what it lacks is not training.

  usage: dsb_iterations.py OTBRIDGE [--sets moons,swiss_roll] [--theta 0.1] [--iterations 1,2,5,10,20]
                           [--training-steps 1000]
"""
import argparse
import csv
import json
import math
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
PICTURE = ROOT / "docs/images/dsb_iterations.svg"
VARIANCE = 49.0  # of the prior of data/problems/generative
DATA, MADE = "#d55e00", "#009e73"  # Okabe, Ito 2008
CURVES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#333333"]
PANEL, GAP, LEFT, TOP, CHART, SHOWN, REACH = 128, 22, 112, 58, 300, 1000, 17.0


def report_of(otbridge, command, *arguments):
    """The JSON of a command, which may end below its tolerance (exit 4): that is what is shown."""
    done = subprocess.run([otbridge, command, *arguments, "--json", "--quiet"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def error_of(report):
    """Sliced W2 between what is generated and the data, over the deviation of the data per coordinate."""
    return report["marginal_error_source"]


def points_of(path):
    with open(path, encoding="utf-8") as file:
        return [(float(row["x0"]), float(row["x1"])) for row in csv.DictReader(file)]


def generate(otbridge, folder, name, theta, iterations, training_steps):
    """Points that the backward process makes of the prior, and the report."""
    made = f"{folder}/made.csv"
    report = report_of(otbridge, "transport", f"{ROOT}/data/problems/generative/{name}.json", "--direction", "backward",
                       "--mode", "sample", "--theta", repr(theta), "--epsilon", repr(2 * theta * VARIANCE), "-o", made,
                       "--set", f"iterations={iterations}", "--set", "patience=0", "--set", "start=reference",
                       "--set", f"training_steps={training_steps * (10 if iterations == 1 else 1)}",
                       # The optimiser and rate of the published method.
                       "--set", "optimizer=adam", "--set", "learning_rate=0.005")
    print(f"{name}, theta {theta:g}, iterations {iterations}: {error_of(report):.3f}, {report['seconds']:.0f} s", flush=True)
    return points_of(made), report


def measure(arguments):
    columns = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.sets:
            problem = report_of(arguments.otbridge, "describe", f"{ROOT}/data/problems/generative/{name}.json")
            # Run over `horizon`, the reference has theta times that.
            long = round(problem["theta"] * problem["forgetting"]["horizon"], 2)
            data = f"{folder}/data.csv"
            subprocess.run([arguments.otbridge, "sample", f"{name}@dsb", "--samples", "2000", "-o", data], check=True)
            run = lambda theta, n: generate(arguments.otbridge, folder, name, theta, n, arguments.training_steps)
            rows = [(str(n), *run(arguments.theta, n)) for n in arguments.iterations]
            columns[name] = {"data": points_of(data), "rows": rows, "long": (f"{long:g}", *run(long, 1))}
    return columns


def table(columns, iterations, theta):
    print("\n| set |" + "".join(f" {n} |" for n in iterations) + " one fit, long horizon |")
    print("|---|" + "---|" * (len(iterations) + 1))
    for name, column in columns.items():
        print(f"| `{name}` |" + "".join(f" {error_of(report):.3f} |" for *_, report in column["rows"]) +
              f" {error_of(column['long'][-1]):.3f} (theta {column['long'][0]}) |")
    print(f"\ntheta {theta:g}; sliced W2 over the deviation of the data")


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>'


def panel(x, y, points, colour):
    """The first SHOWN points as dots in the square of side 2 REACH about 0."""
    at = lambda value: (value + REACH) * PANEL / (2 * REACH)
    inside = [p for p in points[:SHOWN] if max(map(abs, p)) < REACH]
    dots = "".join(f"M{x + at(a):.1f} {y + PANEL - at(b):.1f}h0" for a, b in inside)
    return [f'<rect x="{x}" y="{y}" width="{PANEL}" height="{PANEL}" fill="none" stroke="#ddd"/>',
            f'<path d="{dots}" stroke="{colour}" stroke-width="1.2" stroke-linecap="round"/>']


def chart(x, y, height, columns):
    """The error after every iteration of the longest run; dashed, that of one fit over the long horizon."""
    curves = {name: [error_of(entry) for entry in column["rows"][-1][-1]["rounds"]]
              for name, column in columns.items()}
    every = [e for curve in curves.values() for e in curve] + [error_of(column["long"][-1]) for column in columns.values()]
    low, high = math.log10(min(every)) - 0.05, math.log10(max(every)) + 0.05
    last = max(len(curve) for curve in curves.values())
    across = lambda n: x + CHART * math.log(n) / math.log(max(last, 2))
    up = lambda e: y + height * (high - math.log10(e)) / (high - low)
    parts = [text(x, y - 26, "sliced W2 over the deviation of the data,", "start"),
             text(x, y - 11, "against iterations; dashed: one fit, long horizon", "start")]
    for value in (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0):
        if low <= math.log10(value) <= high:
            parts += [f'<path d="M{x} {up(value):.1f}H{x + CHART}" stroke="#ddd"/>',
                      text(x - 6, up(value) + 4, f"{value:g}", "end")]
    for n in (1, 2, 5, 10, 20, 50, 100):
        if n <= last:
            parts.append(text(across(n), y + height + 16, str(n)))
    for i, (colour, (name, curve)) in enumerate(zip(CURVES, curves.items())):
        line = " ".join(f"{across(n):.1f},{up(e):.1f}" for n, e in enumerate(curve, 1))
        long = up(error_of(columns[name]["long"][-1]))
        parts += [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>',
                  f'<path d="M{x} {long:.1f}H{x + CHART}" stroke="{colour}" stroke-dasharray="5 4"/>',
                  text(x + CHART + 8, y + 16 + 18 * i, name, "start", f'fill="{colour}"')]
    return parts


def draw(columns, theta):
    first = next(iter(columns.values()))
    labels = ["data"] + [f"{n} iteration{'s' * (n != '1')}" for n, *_ in first["rows"]] + ["one fit, long"]
    step = PANEL + GAP
    chart_left = LEFT + len(columns) * step + 50
    width, height = chart_left + CHART + 100, TOP + len(labels) * step
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             'font-size="12" fill="#333">', f'<rect width="{width}" height="{height}" fill="#fff"/>',
             text(12, 22, f"dsb from noise: a horizon too short for one score fit (theta {theta:g}), repaired by iterations",
                  "start", 'font-size="14"')]
    for i, label in enumerate(labels):
        parts.append(text(LEFT - 12, TOP + i * step + PANEL / 2, label, "end"))
    for j, (name, column) in enumerate(columns.items()):
        x = LEFT + j * step
        parts += [text(x + PANEL / 2, TOP - 8, name)] + panel(x, TOP, column["data"], DATA)
        for i, (label, points, report) in enumerate(column["rows"] + [column["long"]], 1):
            long = i == len(labels) - 1
            parts += panel(x, TOP + i * step, points, MADE)
            parts.append(text(x + PANEL / 2, TOP + i * step + PANEL + 14, f"{error_of(report):.3f}" + f" (theta {label})" * long))
    parts += chart(chart_left, TOP + step, 2.6 * step, columns)
    PICTURE.write_text("\n".join(parts) + "\n</svg>\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("otbridge")
    parser.add_argument("--sets", type=lambda words: words.split(","), default=["moons", "swiss_roll"])
    parser.add_argument("--theta", type=float, default=0.1)
    parser.add_argument("--iterations", type=lambda words: [int(n) for n in words.split(",")], default=[1, 2, 5, 10, 20])
    parser.add_argument("--training-steps", type=int, default=1000)
    arguments = parser.parse_args()
    columns = measure(arguments)
    draw(columns, arguments.theta)
    table(columns, arguments.iterations, arguments.theta)


if __name__ == "__main__":
    main()
