"""What ranks bring: a model made of one run of bench_ranks on two ranks, and its error against others.

  python3 tools/bench/ranks.py measure BUILD -o ranks.json    runs bench_ranks on 1, 2, 3 and 4 ranks
  python3 tools/bench/ranks.py check ranks.json               the model's error against those runs
  python3 tools/bench/ranks.py model ranks.json               what it says of 1 to 1024 ranks; the network by
                                                              --latency and --bandwidth

The model. Rank r of R does the chunks r, r + R, r + 2 R ... of a shared loop, as the library deals them
out; all wait for the one whose chunks took longest, by the seconds of each chunk in
the run measured. A loop of fewer than 16 chunks, and fewer than two for each rank, is done whole by all.
What else a rank computes, all compute. Then come the exchanges: gather_seconds().

In n: loops over all points take as long as there are pairs, n^2 at the same epsilon, and gather bytes
as n; the rest of those steps and the start take n log n, as a sort does; loops over coarser clouds take
what they took, since their points are as many as the temperature can tell.
"""
import argparse
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import typing

import numpy as np

import table

TILE = 32            # rows of a chunk, where there are many columns (src/sweep/pair_sweep.cpp)
COLUMN_GROUPS = 16   # chunks of a loop that sums columns too, whatever n (src/sweep/tiled_cloud.hpp)
FEWEST_OF_RANK, ENOUGH_CHUNKS = 2, 16  # for a loop to be shared (src/core/exchange.cpp)
LONGEST = 1 << 30    # bytes of a message (include/otbridge/ranks/mpi_exchange.hpp)
SHORT_GATHER, SHORT_BROADCAST = 1 << 19, 12288  # bytes, where MPICH changes algorithms
MOST_OTHERS = 0.03   # processors that other programs may take during a run that counts
ENOUGH = math.inf    # processors: one for each rank


class Network(typing.NamedTuple):
    latency: float          # seconds from rank to rank
    bandwidth: float        # bytes per second into each rank
    by_messages: bool = False  # all to all in R - 1 messages, whatever the size, as Open MPI 4.1


def broadcast_seconds(size, ranks, network):
    """Thakur, Rabenseifner, Gropp 2005: a binomial tree; long ones scattered and gathered."""
    rounds = math.ceil(math.log2(ranks))
    if size < SHORT_BROADCAST or ranks < 8:
        return rounds * (network.latency + size / network.bandwidth)
    return ((rounds + ranks - 1) * network.latency
            + 2 * (ranks - 1) / ranks * size / network.bandwidth)


def gather_seconds(size, ranks, network):
    """Of `size` bytes in all. Thakur, Rabenseifner, Gropp 2005: recursive doubling, or a ring for
    long ones. Longer than a message may be, the library broadcasts rank after rank."""
    if ranks == 1 or size == 0:
        return 0.0
    if size > LONGEST:
        pieces = math.ceil(size / ranks / LONGEST)
        return ranks * pieces * broadcast_seconds(size / ranks / pieces, ranks, network)
    doubling = size < SHORT_GATHER and not network.by_messages
    rounds = math.ceil(math.log2(ranks)) if doubling else ranks - 1
    return rounds * network.latency + (ranks - 1) / ranks * size / network.bandwidth


def is_shared(chunks, ranks):
    return 1 < ranks and chunks >= min(FEWEST_OF_RANK * ranks, ENOUGH_CHUNKS)


def largest_share(profile, chunks, ranks):
    """Of a loop's seconds, the rank that has most. profile: seconds along the loop, in even parts."""
    if not is_shared(chunks, ranks):
        return 1.0
    cumulative = np.concatenate([[0.0], np.cumsum(profile)])
    edges = np.linspace(0.0, 1.0, chunks + 1)
    of_chunks = np.diff(np.interp(edges, np.linspace(0.0, 1.0, len(cumulative)), cumulative))
    in_turn = np.pad(of_chunks, (0, -chunks % ranks)).reshape(-1, ranks)  # a column for each rank
    return float(in_turn.sum(axis=0).max() / cumulative[-1])


def predict(run, points, ranks, network, processors=ENOUGH):
    """Seconds of a solve, in parts, from a run of bench_ranks on two or more ranks."""
    scale = points / run["points"]
    as_sorting = scale * math.log(points) / math.log(run["points"])
    parts = {"shared": 0.0, "whole": 0.0, "repeated": 0.0, "exchanging": 0.0}
    work = 0.0  # of all ranks
    for loop in run["loops"]:
        of_all = loop["rows"] == run["points"]
        grows = scale if of_all else 1.0
        chunks = int(loop["chunks"]) if loop["chunks"] <= COLUMN_GROUPS else math.ceil(loop["chunks"] * grows)
        seconds = loop["shared"] * grows**2
        repeated = loop["repeated"] * as_sorting
        share = largest_share(run["profile"], chunks, ranks)
        shared = is_shared(chunks, ranks)
        parts["shared" if shared or ranks == 1 else "whole"] += share * seconds
        parts["repeated"] += repeated
        work += (1 if shared else ranks) * seconds + ranks * repeated
        if ranks > 1 and (shared or loop["chunks"] == 0):
            parts["exchanging"] += loop["words"] * gather_seconds(24 * ranks, ranks, network)
            if loop["arrays"]:
                size = loop["bytes"] / loop["arrays"] * grows
                parts["exchanging"] += loop["arrays"] * gather_seconds(size, ranks, network)
    computing = parts["shared"] + parts["whole"] + parts["repeated"]
    # More ranks than processors take turns: no sooner than all of their work is done.
    parts["turns"] = max(0.0, work / processors - computing)
    parts["seconds"] = sum(parts.values())
    return parts


def network_of(runs):
    """Here: the latency is that of the shortest exchange of two ranks, the bandwidth that of the longest;
    each the quickest of all runs, since what else runs on the machine only slows them."""
    measured = [run["exchanges"] for run in runs if run["ranks"] == 2]
    latency = min(exchanges[0]["seconds"] for exchanges in measured)
    size = measured[0][-1]["bytes"]
    return Network(latency, size / 2 / (min(exchanges[-1]["seconds"] for exchanges in measured) - latency))


def is_quiet(run):
    return run.get("others", 0.0) <= MOST_OTHERS * run["seconds"]


def run_of(runs, points, ranks):
    """Of those runs the middle one, of those that were not disturbed where there are any."""
    these = sorted((r for r in runs if (r["points"], r["ranks"]) == (points, ranks)), key=lambda r: r["seconds"])
    these = [run for run in these if is_quiet(run)] or these
    return these[(len(these) - 1) // 2] if these else None


def comparison(runs, processors):
    """(points, points of the two-rank run that the model is of, {ranks: (seconds, predicted)}), the
    seconds None where other programs were in the way of every run."""
    quiet = [run for run in runs if is_quiet(run)]
    sizes = sorted({run["points"] for run in runs})
    for points in sizes:
        for known in (n for n in sizes if n <= points):
            base = run_of(runs, known, 2)
            seconds = {}
            for ranks in sorted({run["ranks"] for run in runs}):
                real = run_of(quiet, points, ranks)
                seconds[ranks] = (real and real["seconds"],
                                  predict(base, points, ranks, network_of(runs), processors)["seconds"])
            yield points, known, seconds


def bytes_per_point(runs):
    """Of the memory of one process, by its growth from the smallest to the largest cloud."""
    alone = [run_of(runs, points, 1) for points in sorted({run["points"] for run in runs})]
    grown = alone[-1]["peak_mib"] - alone[0]["peak_mib"]
    return grown * 2**20 / (alone[-1]["points"] - alone[0]["points"])


def busy_seconds():
    """Of all processors, in all programs, and of them in those that this one has run."""
    fields = pathlib.Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]
    ticks = [int(field) for field in fields]
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (sum(ticks[:8]) - sum(ticks[3:5])) / os.sysconf("SC_CLK_TCK"), own.ru_utime + own.ru_stime


def measure(options):
    program = pathlib.Path(options.build, "tools", "bench", "bench_ranks")
    # As root in a container, and with more ranks than processors, as Open MPI wants to be told.
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                       OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_hwloc_base_binding_policy="none")
    path = pathlib.Path(options.output)
    data = {"processors": len(os.sched_getaffinity(0)), "runs": []}
    if path.exists():
        data = json.loads(path.read_text(encoding="utf-8"))
    for points in options.points:
        for ranks in options.ranks * options.repeat:
            command = ["mpirun", "-n", str(ranks), str(program), str(int(points))]
            (all_before, own_before) = busy_seconds()
            output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
            (all_after, own_after) = busy_seconds()
            run = dict(json.loads(output), others=all_after - all_before - (own_after - own_before))
            print(f"{points:.0f} points, {ranks} ranks: {run['seconds']:.2f} s, others {run['others']:.2f} s",
                  file=sys.stderr)
            data["runs"].append(run)
            path.write_text(json.dumps(data), encoding="utf-8")


def check(options):
    data = json.loads(pathlib.Path(options.file).read_text(encoding="utf-8"))
    rows, header = [], ["points", "predicted from"]
    for points, known, seconds in comparison(data["runs"], data["processors"]):
        header[2:] = [f"{ranks} rank{'s' * (ranks > 1)}" for ranks in seconds]
        if not rows or rows[-1][0] != str(points):
            rows.append([str(points), "measured", *(table.number(real) for real, _ in seconds.values())])
        rows.append([str(points), str(known), *(table.number(said) + (f" ({said / real - 1:+.0%})" if real else "")
                                                for real, said in seconds.values())])
    print(table.markdown_table(header, rows))


def model(options):
    runs = json.loads(pathlib.Path(options.file).read_text(encoding="utf-8"))["runs"]
    run = run_of(runs, max(r["points"] for r in runs), 2)
    here = network_of(runs)
    assumed = Network(options.latency, options.bandwidth)
    messages = assumed._replace(by_messages=True)
    for loop in run["loops"]:
        if loop["rows"] == run["points"]:
            print(f"{loop['count']} loops over all points in {loop['chunks']:.0f} chunks: "
                  f"{1e9 * loop['shared'] / loop['count'] / run['points']**2:.3g} ns for each pair, "
                  f"{loop['words'] / loop['count']:.2g} words and {loop['bytes'] / loop['count'] / run['points']:.3g} "
                  "bytes a point exchanged")
    print(f"repeated by all: {sum(loop['repeated'] for loop in run['loops']):.3g} s; "
          f"memory: {bytes_per_point(runs):.0f} bytes a point, on every rank; "
          f"exchanges here: {1e6 * here.latency:.2g} us, {here.bandwidth / 1e9:.2g} GB/s")
    for points in options.points:
        alone = predict(run, points, 1, assumed)["seconds"]
        rows = []
        for ranks in [1 << k for k in range(11)]:
            parts = predict(run, points, ranks, assumed)
            cells = [parts["shared"], parts["whole"], parts["repeated"],
                     *(predict(run, points, ranks, n)["exchanging"] for n in (here, assumed, messages)),
                     parts["seconds"], alone / parts["seconds"]]
            rows.append([str(ranks), *map(table.number, cells)])
        print(f"\n{points:.0e} points\n")
        print(table.markdown_table(["ranks", "shared", "whole by all", "repeated", "exchanges, as here", "on the network",
                                    "by R - 1 messages", "in all, on the network", "times faster"], rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("measure")
    command.add_argument("build")
    command.add_argument("-o", "--output", required=True, help="runs that it holds are kept")
    command.add_argument("--points", type=float, nargs="+", default=[20000, 50000, 100000])
    command.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 3, 4])
    command.add_argument("--repeat", type=int, default=1, help="the middle one counts")
    command.set_defaults(run=measure)
    command = commands.add_parser("check")
    command.add_argument("file")
    command.set_defaults(run=check)
    command = commands.add_parser("model")
    command.add_argument("file")
    command.add_argument("--points", type=float, nargs="+", default=[1e6, 1e8])
    command.add_argument("--latency", type=float, default=2e-6, help="of the network assumed, seconds")
    command.add_argument("--bandwidth", type=float, default=12.5e9, help="bytes per second into each rank")
    command.set_defaults(run=model)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
