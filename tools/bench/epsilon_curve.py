#!/usr/bin/env python3
"""Seconds of `sinkhorn` against epsilon, from 1 to 1e-5 of the mean cost, in 2, 10 and 50 dimensions; draws
docs/images/seconds_against_epsilon.svg and prints a table.

  usage: epsilon_curve.py OTBRIDGE [--points 5000] [--values 20] [--tolerance 1e-6] [--repeats 1]
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

import numpy as np

import clouds

PICTURE = pathlib.Path(__file__).parents[2] / "docs/images/seconds_against_epsilon.svg"
COLOURS = {2: "#0072b2", 10: "#d55e00", 50: "#009e73"}  # Okabe, Ito 2008
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 64, 72, 40, 52


def seconds_of(otbridge, folder, epsilon, arguments):
    """The median over the repeats, whether all converged, and whether the ascent began at exact transport."""
    command = [otbridge, "transport", "a.npy", "b.npy", "--epsilon-relative", repr(epsilon), "--json", "-o", "moved.npy",
               "--set", f"tolerance={arguments.tolerance}"]
    reports = [json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)
               for _ in range(arguments.repeats)]
    return (statistics.median(report["seconds"] for report in reports),
            all(report["stop_reason"] == "converged" for report in reports),
            any("exact transport" in note for note in reports[0]["notes"]))


def measure(arguments):
    epsilons = [10 ** (-5 * k / (arguments.values - 1)) for k in range(arguments.values)]
    curves = {}
    with tempfile.TemporaryDirectory() as folder:
        for d in COLOURS:
            make = clouds.make_clouds if d == 2 else clouds.make_cells
            for name, cloud in zip("ab", make(arguments.points, d, 0)):
                np.save(f"{folder}/{name}.npy", cloud)
            curves[d] = []
            for epsilon in epsilons:
                curves[d].append((epsilon, *seconds_of(arguments.otbridge, folder, epsilon, arguments)))
                print(d, *("%.3g" % value for value in curves[d][-1]), flush=True)
            times = [point[1] for point in curves[d]]
            print(f"d = {d}: median {statistics.median(times):.2f} s, maximum {max(times):.2f} s, "
                  f"{max(times) / statistics.median(times):.1f} times the median")
    return curves


def draw(curves, points, tolerance):
    times = [t for curve in curves.values() for _, t, _, _ in curve]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    across = lambda epsilon: LEFT + (WIDTH - LEFT - RIGHT) * -math.log10(epsilon) / 5
    up = lambda t: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(t) - low) / (high - low)
    text = lambda x, y, words, anchor="middle", more="": (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>')
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             'font-size="12" fill="#333">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             text(LEFT, 22, f"sinkhorn: seconds against epsilon, {points} points a side, tolerance {tolerance:g}", "start",
                  'font-size="14"')]
    for power in range(low, high + 1):
        y = up(10**power)
        parts += [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>', text(LEFT - 8, y + 4, f"{10.0**power:g} s", "end")]
    for power in range(0, -6, -1):
        parts.append(text(across(10**power), HEIGHT - BOTTOM + 18, f"{10.0**power:g}"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "epsilon over the mean cost"))
    for d, curve in curves.items():
        line = " ".join(f"{across(e):.1f},{up(t):.1f}" for e, t, _, _ in curve)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[d]}" stroke-width="2"/>')
        for epsilon, t, _, exact in curve:  # filled: from exact transport
            parts.append(f'<circle cx="{across(epsilon):.1f}" cy="{up(t):.1f}" r="3.5" stroke="{COLOURS[d]}" '
                         f'stroke-width="1.5" fill="{COLOURS[d] if exact else "#fff"}"/>')
        parts.append(text(WIDTH - RIGHT + 10, up(curve[-1][1]) + 4, f"d = {d}", "start", f'fill="{COLOURS[d]}"'))
    parts.append(text(WIDTH - RIGHT, 36, "filled: started from exact transport", "end", 'font-size="11"'))
    PICTURE.write_text("\n".join(parts) + "\n</svg>\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("otbridge")
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--values", type=int, default=20)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    arguments.otbridge = pathlib.Path(arguments.otbridge).resolve()
    draw(measure(arguments), arguments.points, arguments.tolerance)


if __name__ == "__main__":
    main()
