"""Many small problems, by ours and by POT. As a program, POT alone: python3 batch.py NAME JOB.json

All programs solve the same problems one after the other until the time is up, each in a process of
its own. The cost matrices that POT takes are built in its time; imports and reading files are not.
"""
import json
import pathlib
import statistics
import sys
import time

import numpy as np

import checker
import clouds
import programs
import table

COUNT, SIZE, DIMENSION, EPSILON_RELATIVE, TOLERANCE = 1000, 256, 2, 0.05, 1e-6
FIRST = "otbridge batch"  # to which the others are compared
OURS = {FIRST: "batch", "otbridge one by one": "single"}  # and the mode of the driver


class Pot:
    """POT. It stops at an L2 error of one marginal; an L1 error is at most sqrt(n) times that."""

    group, most = 1, COUNT  # problems in a call, and in all

    def __init__(self, tolerance, n):
        sys.modules.setdefault("geomloss", None)  # POT would load it, and torch, where they are
        import ot
        import ot.batch

        self.ot, self.uniform = ot, np.full(n, 1 / n)
        self.rule = {"stopThr": tolerance / n**0.5, "numItermax": 1000000}

    def solve(self, x, y, epsilons):
        """Scalings u and v of each problem of a group: P = u exp(-cost / epsilon) v."""
        cost = self.ot.dist(x[0], y[0]) / 2
        _, log = self.ot.sinkhorn(self.uniform, self.uniform, cost, epsilons[0], log=True,
                                  method=self.method, **self.rule)
        return log["u"][None], log["v"][None]


class PotKernel(Pot):
    method = "sinkhorn"


class PotLog(Pot):
    method, most = "sinkhorn_log", 20


class PotBatch(Pot):
    group, most = 10, 100

    def solve(self, x, y, epsilons):
        cost = self.ot.batch.dist_batch(x, y) / (2 * epsilons[:, None, None])
        return self.ot.batch.solve_batch(cost, 1.0, method="sinkhorn", tol=self.rule["stopThr"],
                                         max_iter=self.rule["numItermax"], grad="detach").potentials


class PotExact(Pot):
    def solve(self, x, y, epsilons):
        self.ot.emd(self.uniform, self.uniform, self.ot.dist(x[0], y[0]) / 2)


PEERS = {"POT sinkhorn": PotKernel, "POT sinkhorn_log": PotLog, "POT solve_batch": PotBatch,
         "POT emd": PotExact}


def make_problems(count, n, seed):
    """Sources and targets, count x n x d each, and epsilons."""
    pairs = [clouds.make_clouds(n, DIMENSION, seed * COUNT + k) for k in range(count)]
    epsilons = [EPSILON_RELATIVE * clouds.mean_cost(x, y) for x, y in pairs]
    return *(np.stack(side) for side in zip(*pairs)), np.array(epsilons)


def drive(peer, x, y, epsilons, time_limit):
    """The seconds, the number of problems solved in them, and the potentials found, if any."""
    count, seconds, done, answers = min(len(x), peer.most), 0.0, 0, []
    while done < count and seconds < time_limit:
        some = slice(done, min(done + peer.group, count))
        started = time.perf_counter()
        answer = peer.solve(x[some], y[some], epsilons[some])
        seconds += time.perf_counter() - started
        done += len(x[some])
        if answer is not None:
            answers.append(answer)
    with np.errstate(all="ignore"):
        potentials = [epsilons[:done, None] * np.log(x.shape[1] * np.concatenate(part))
                      for part in zip(*answers)]
    return seconds, done, potentials


def largest_error(x, y, epsilons, f, g):
    """The larger marginal error of the worst answer; not a number if one is not."""
    return float(np.max([checker.worst(checker.marginal_errors(*problem, threads=1))
                         for problem in zip(x, y, f, g, epsilons)]))


def given(name, count):
    """How many of the problems a program is to solve."""
    return min(count, PEERS[name].most) if name in PEERS else count


def run_program(name, driver, job):
    """One run: its status, its seconds and the numbers of the problems solved."""
    if name in OURS:
        command = [driver, job["source"], job["target"], job["epsilons"], repr(TOLERANCE),
                   job["output"], repr(job["time_limit"]), OURS[name]]
    else:
        path = pathlib.Path(job["output"] + ".job")
        path.write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, __file__, name, str(path)]
    code, output, errors, _ = programs.run(command, programs.GRACE + 2 * job["time_limit"],
                                           programs.thread_environment(job["threads"]))
    if code is None:
        return {"status": "not finished", "solved": []}
    if code != 0:
        lines = errors.strip().splitlines() or [f"ended with code {code}"]
        return {"status": "failed", "reason": lines[-1], "solved": []}
    result = json.loads(output)
    whole = len(result["solved"]) == given(name, job["count"])
    return dict(result, status="reached" if whole else "not finished")


def measure_once(name, driver, problems, job):
    """One run with its answers checked."""
    x, y, epsilons = problems
    row = run_program(name, driver, job)
    solved = row.pop("solved")
    row.update(program=name, solved=len(solved), given=given(name, job["count"]),
               time_limit=job["time_limit"])
    if solved:
        row["milliseconds"] = 1e3 * row["seconds"] / len(solved)
    if solved and pathlib.Path(job["output"] + "_f.npy").exists():
        error = largest_error(x[solved], y[solved], epsilons[solved],
                              *(np.load(f"{job['output']}_{which}.npy") for which in "fg"))
        row["error"] = error if np.isfinite(error) else None
        if not error <= (1 + 1e-6) * TOLERANCE:
            row.update(status="wrong", reason="it said it had reached the tolerance")
    return row


def measure(arguments, names, folder, count=COUNT, n=SIZE):
    """Ours and POT, if names hold any of theirs: medians of the repeats that ended alike."""
    problems = make_problems(count, n, arguments.seed)
    job = {"n": n, "count": count, "time_limit": arguments.time_limit, "threads": arguments.threads}
    for key, array in zip(("source", "target", "epsilons"), problems):
        job[key] = str(folder / f"{key}.npy")
        np.save(job[key], array.reshape(-1, array.shape[-1] if array.ndim > 1 else 1))
    wanted = {name.split()[0] for name in names}
    rows = []
    for name in (name for name in [*OURS, *PEERS] if name.split()[0] in wanted):
        runs = []
        for repeat in range(arguments.repeat):
            job["output"] = str(folder / f"{name.replace(' ', '_')}_{repeat}")
            runs.append(measure_once(name, str(arguments.build / "tools/bench/bench_batch"),
                                     problems, job))
            print(f"batch: {name}: {table.solved(runs[-1])}, "
                  f"{table.number(runs[-1].get('milliseconds'))} ms each, "
                  f"error {table.number(runs[-1].get('error'))}", file=sys.stderr, flush=True)
            if runs[-1]["status"] != "reached":
                break
        row = dict(runs[-1], repeats=len(runs))
        if row["status"] == "reached":
            for key in ("seconds", "milliseconds"):
                row[key] = statistics.median(run[key] for run in runs)
        rows.append(row)
    if rows and rows[0]["program"] == FIRST and "milliseconds" in rows[0]:
        for row in (row for row in rows if "milliseconds" in row):
            row["ratio"] = row["milliseconds"] / rows[0]["milliseconds"]
    return {"count": count, "n": n, "d": DIMENSION, "epsilon_relative": EPSILON_RELATIVE,
            "tolerance": TOLERANCE, "rows": rows,
            "command": f"tools/bench/bench.py --cases '' --no-roofline {table.options(arguments)}"}


def main():
    name, job = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
    x, y = (np.load(job[side]).reshape(job["count"], job["n"], -1) for side in ("source", "target"))
    peer = PEERS[name](TOLERANCE, job["n"])
    seconds, done, potentials = drive(peer, x, y, np.load(job["epsilons"]).ravel(),
                                      job["time_limit"])
    for which, potential in zip("fg", potentials):
        np.save(f"{job['output']}_{which}.npy", potential)
    print(json.dumps({"seconds": seconds, "solved": list(range(done))}))


if __name__ == "__main__":
    main()
