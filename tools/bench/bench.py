"""Measures otbridge and, where they are installed, POT, GeomLoss with KeOps and OTT-JAX on the same
clouds in the same sitting, and writes docs/benchmarks.md with a JSON beside it.

    python3 -m venv env && env/bin/pip install -r tools/bench/requirements.txt   # the peers; optional
    make bench PYTHON=env/bin/python                                             # all default cases
    env/bin/python tools/bench/bench.py --build build --cases plain,loose --repeat 3 --time-limit 60
    env/bin/python tools/bench/bench.py --cases '' --no-roofline                 # many small problems
    env/bin/python tools/bench/bench.py --update --cases high --no-batch         # one case again
    env/bin/python tools/bench/bench.py --list                                   # cases and programs
"""
import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import math
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import batch
import checker
import clouds
import peers
import programs
import table

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_CASES = [case.name for case in clouds.CASES if case.n < 1000000]
PREFACE = """This page is written by `tools/bench/bench.py`, numbers and all.

Every program gets the same two clouds, the same epsilon (in units of |x - y|^2 / 2) and the same
number of threads, and runs in a process of its own, one after the other. The source is N(0, I), the
target eight modes of standard deviation 0.3 on a circle of radius 3 about (1, 0), with standard
deviation 0.3 in further coordinates. `epsilon-relative` is a multiple of the mean cost over all pairs.

- **true error**: the L1 error of each marginal of pi_ij = a_i b_j exp((f_i + g_j - c_ij) / epsilon) for the
  potentials a program returned, computed from them by `tools/bench/checker.py` in double precision and
  by nothing of the program itself. A tolerance is reached when both errors are within it.
- **seconds**: of the solve. Starting, imports, reading files and compiling (KeOps, JAX) are left out.
  Where the tolerance was not reached, the seconds and errors of the last state that was saved;
  nothing is extrapolated.
- **iterations**: one update of both potentials, as each program counts its own. Those of otbridge include
  its sweeps on coarse clouds, which cost far less than one on the whole, and Newton steps, which cost more:
  seconds per iteration is their mean there, and that of the last step of iterations for the others.
- **peak memory**: of the process, with its interpreter and libraries.
- Peers run in single precision where the tolerance is 1e-3 or more, else in double; otbridge chooses.
  POT's rule to stop (an L2 error) is set to the L1 error asked for. GeomLoss has no such rule:
  its descents are made twice as fine until the error is reached, and the last one alone is timed.
- Of a million points there is otbridge alone: a matrix of all pairs takes 8 TB, and the two programs that
  need none do not finish 100000 points here, of which there are a hundred times fewer pairs."""
BATCH_PREFACE = """Every problem has clouds of its own, and epsilon by the mean cost of these. Every program gets the same
problems and the same number of threads, in a process of its own.

- **otbridge batch**: one call of `solve_sinkhorn_batch`, a thread to each problem. **one by one**: a loop over
  `solve_sinkhorn`, all threads within one problem.
- **POT sinkhorn**, **sinkhorn_log**: a Python loop over `ot.sinkhorn`, in the kernel and in the log domain;
  **solve_batch**: `ot.batch.solve_batch`, kernel domain, ten problems to a call. In double precision, with the
  cost matrices in the time; threads serve NumPy's products of a matrix and a vector alone. Each stops at an
  L2 error of tolerance / sqrt(n), where the L1 error is at most the tolerance.
- **POT emd**: the same loop over `ot.emd`, which solves another problem, without epsilon; its answers are not
  checked here.
- **problems solved**: the slow programs are given the first few alone.
- **ratio**: ms per problem, divided by those of the first row.
- **largest true error**: over both marginals of all answers, measured as above."""
ROOFLINE_PREFACE = """The same cores, the two alternating. `pass`: all row sums of one half step. `bare`: d multiply-adds,
the same 2^z and one addition per pair, with everything in registers but d broadcasts per row; the fastest
of six shapes, which holds as many `columns`. `ratio`: the median over rounds of pass / bare."""
NEURAL_PREFACE = """A step of a multilayer perceptron of two hidden layers, SiLU: loss, gradient, clipping, Adam, the moving
average of the weights; inputs are the state and 16 features of the time. `peak`: multiply-adds of the same
instruction set on registers alone, on as many threads, the two alternating. `part`: the multiply-adds of the
step's matrix products alone, per second, over the peak. `mixed`: the same step by `precision: mixed`, products
between hidden layers from factors rounded to bfloat16, where the processor has them; `bf16`: PyTorch by its autocast.
`paths x steps`: the chain of such a network, draws and all, 100 steps of Euler; `single` and `mixed`: by the network itself, 20000 paths
(in the block of commit 46f1675 evaluations of the drift at one time for 20000 states, which is less); `tables`: 100000 paths by
[tables of its drift](sampling.md#tables-of-a-drift), which are made in that time. Its weights are random, and those of a trained network
may need more nodes. Below, the same in PyTorch, the step with the number of threads that is fastest there, the chain with the threads and
the batch, of 250 to 20000 paths, that are. Then the published planar schedule of the diffusion Schroedinger bridge (20 steps, batches of
512, 10000 fresh paths every 100 optimiser steps, the paths of otbridge by such tables): seconds of an
optimiser step with its share of the simulation, and what all 40 fits of 10000 steps would take at that rate."""


def first_line(command):
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return (ran.stdout.splitlines() or [None])[0]


def processor():
    """Its name, and the vector instructions that say most about its speed; of one system may be both kinds."""
    info = pathlib.Path("/proc/cpuinfo")
    fields = dict(line.split(":", 1) for line in
                  (info.read_text(encoding="utf-8").splitlines() if info.exists() else []) if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    sets = [name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in fields.get("flags", "").split()]
    return ", ".join([fields.get("model name") or platform.processor() or platform.machine(), *sets[:1]])


def machine(build, threads):
    """What the numbers depend on, as far as the system tells."""
    memory = pathlib.Path("/proc/meminfo")
    total = int(memory.read_text(encoding="utf-8").split()[1]) / 2**20 if memory.exists() else 0
    compiler = "c++"
    cache = build / "CMakeCache.txt"
    for line in cache.read_text(encoding="utf-8").splitlines() if cache.exists() else []:
        if line.startswith("CMAKE_CXX_COMPILER:"):
            compiler = line.split("=", 1)[1]
    return {"processor": processor(), "processors": len(os.sched_getaffinity(0)),
            "threads used": threads,
            "memory": f"{total:.1f} GiB", "system": system(),
            "compiler": first_line([compiler, "--version"]),
            "date": datetime.date.today().isoformat(),
            "load average before": " ".join(f"{load:.2f}" for load in os.getloadavg())}


def system():
    """Without what names a machine's own build of the kernel."""
    release = ".".join(platform.release().split(".")[:2])
    return f"{platform.system()} {release}, {' '.join(platform.libc_ver())}"


def versions(names):
    found = {name: "of this checkout; the commit stands beside each command" if name == programs.OURS
             else peers.version(name) for name in names}
    return dict(found, Python=platform.python_version(), NumPy=importlib.metadata.version("numpy"))


def measure(case, names, arguments, folder):
    """All programs on one case: medians of the repeats that ended alike."""
    x, y = clouds.make_clouds(case.n, case.d, arguments.seed)
    epsilon = case.epsilon_relative * clouds.mean_cost(x, y)
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    sample = None if case.n * case.n <= arguments.check_pairs else arguments.check_pairs // case.n
    rows = []
    for name in names:
        runs = []
        for repeat in range(arguments.repeat):
            output = folder / f"{case.name}_{name.replace(' ', '_')}_{repeat}"
            job = dict(case._asdict(), program=name, source=str(folder / "x.npy"),
                       target=str(folder / "y.npy"), epsilon=epsilon, output=str(output),
                       time_limit=arguments.time_limit, threads=arguments.threads, sample=sample)
            row = programs.run_program(name, str(arguments.build / "tools/bench/bench_solve"), job)
            if pathlib.Path(f"{output}_f.npy").exists():
                f, g = np.load(f"{output}_f.npy"), np.load(f"{output}_g.npy")
                row["errors"] = checker.marginal_errors(x, y, f, g, epsilon, sample)
                worst = checker.worst(row["errors"])
                slack = 1.1 if sample else 1.0 + 1e-6  # an estimate scatters
                if row["status"] == "reached" and not worst <= slack * case.tolerance:
                    row.update(status="wrong", reason="it said it had reached the tolerance")
                row["errors"] = {key: value if value is None or math.isfinite(value) else None
                                 for key, value in row["errors"].items()}
            runs.append(row)
            print(f"{case.name}: {name}: {table.outcome(row)}, {table.number(row.get('seconds'))} s,"
                  f" errors {row.get('errors')}", file=sys.stderr, flush=True)
            if row["status"] != "reached":
                break
        row = runs[-1]
        if row["status"] == "reached":
            for key in ("seconds", "seconds_per_iteration", "peak_mib"):
                row[key] = statistics.median(run[key] for run in runs)
        rows.append(dict(row, repeats=len(runs)))
    command = (f"tools/bench/bench.py --cases {case.name} --no-batch --no-roofline "
               f"{table.options(arguments)}")
    return dict(case._asdict(), epsilon=epsilon, command=command, rows=rows)


def roofline(arguments):
    command = [str(arguments.build / "tools/bench/bench_roofline"), "20000", "2", "15",
               str(arguments.threads)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"command": shlex.join(["bench_roofline", *command[1:]]), "text": ran.stdout}


def neural(arguments):
    """A training step of ours, and where torch is installed of PyTorch, one after the other."""
    ours = [str(arguments.build / "tools/bench/bench_neural"), "2", "512", "21", str(arguments.threads)]
    command = shlex.join(["bench_neural", *ours[1:]])
    text = subprocess.run(ours, capture_output=True, text=True, check=True).stdout
    if importlib.util.find_spec("torch"):
        program = str((arguments.build / "otbridge").resolve())
        for script, *words in (["tools/bench/neural_torch.py", "2", "512", "21"], ["tools/bench/published_dsb.py", program]):
            ran = subprocess.run([sys.executable, script, *words], cwd=ROOT, capture_output=True, text=True, check=True)
            shown = shlex.join([script, *("otbridge" if word == program else word for word in words)])
            command, text = f"{command}; {shown}", f"{text}\n{ran.stdout}"
    return {"command": command, "text": text}


def with_case(cases, found):
    """The cases with one found anew in its place, in the order of clouds.CASES."""
    order = [case.name for case in clouds.CASES]
    others = [case for case in cases if case["name"] != found["name"]]
    return sorted([*others, found], key=lambda case: order.index(case["name"]))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--build", type=pathlib.Path, default=ROOT / "build", help="where the drivers were built")
    add("--cases", default=",".join(DEFAULT_CASES),
        help="comma-separated; all but those of a million points by default, '' for none")
    add("--programs", default=",".join(programs.NAMES), help="comma-separated")
    add("--repeat", type=int, default=1, help="runs of each, of which the median is taken")
    add("--time-limit", type=float, default=120.0, help="seconds of solving for each program")
    add("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of every program")
    add("--seed", type=int, default=0)
    add("--check-pairs", type=float, default=2e10, help="largest n m of which all pairs are checked")
    add("--no-batch", action="store_true", help="leave out the many small problems")
    add("--no-roofline", action="store_true", help="leave out the bare loops")
    add("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks.md")
    add("--update", action="store_true",
        help="keep what the output holds of cases and sections that are not measured")
    add("--list", action="store_true", help="the cases and the programs, installed or not")
    arguments = parser.parse_args()
    arguments.check_pairs = int(arguments.check_pairs)
    return parser, arguments


def main():
    parser, arguments = parse_arguments()
    if arguments.list:
        for case in clouds.CASES:
            print(*case)
        for name, version in versions(programs.NAMES).items():
            print(f"{name}: {version or 'not installed'}")
        return
    known = {case.name: case for case in clouds.CASES}
    cases = [name for name in arguments.cases.split(",") if name]
    names = arguments.programs.split(",")
    for given, allowed in ((cases, known), (names, programs.NAMES)):
        for name in given:
            if name not in allowed:
                parser.error(f"{name}: one of {', '.join(allowed)}")
    commit = first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    results = {"title": "# Benchmarks", "preface": PREFACE, "batch_preface": BATCH_PREFACE,
               "roofline_preface": ROOFLINE_PREFACE, "neural_preface": NEURAL_PREFACE,
               "versions": versions(names), "cases": [],
               "machine": machine(arguments.build, arguments.threads)}
    data = arguments.output.with_suffix(".json")
    if arguments.update and data.exists():
        kept = json.loads(data.read_text(encoding="utf-8"))
        other = [name for name, version in results["versions"].items()  # what is not installed is not measured
                 if version and kept["versions"].get(name) != version]
        if other:
            parser.error(f"--update: {data} is of other versions of {', '.join(other)}: {kept['versions']}")
        results = dict(kept, **{key: results[key] for key in results if key not in ("cases", "versions")})
    names = [name for name in names if results["versions"][name]]
    where = {"commit": commit, "processor": results["machine"]["processor"]}
    if not arguments.no_roofline:
        for name, measured in (("roofline", roofline), ("neural", neural)):
            results[name] = table.measured_on(results.get(name, []), dict(measured(arguments), **where))
    if not arguments.no_batch:
        with tempfile.TemporaryDirectory() as folder:
            results["batch"] = dict(batch.measure(arguments, names, pathlib.Path(folder)), **where)
    table.write(results, arguments.output, data)
    for name in cases:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(known[name], names, arguments, pathlib.Path(folder))
        results["cases"] = with_case(results["cases"], dict(found, **where))
        table.write(results, arguments.output, data)


if __name__ == "__main__":
    main()
