"""Runs one other program on one problem, in a process of its own: python3 peers.py NAME JOB.json

Each peer advances in steps of its own iterations, resumed from its own potentials. Between steps,
untimed, the potentials are saved and the independent checker measures them; the run ends when both
true L1 errors are within the tolerance, or when the timed seconds reach the limit; a step under
way a quarter beyond the limit ends the process. Compilation and the first import are set-up and not
timed; the cost matrix, where a program takes one, is timed.
"""
import importlib.metadata
import json
import os
import signal
import sys
import time
import warnings

import numpy as np

import checker


def precision_for(tolerance):
    """Every peer runs in single precision where that can reach the tolerance."""
    return "float32" if tolerance >= 1e-3 else "float64"


class Pot:
    """POT. Its rule to stop is the L2 error of the column marginal, looked at every 10 iterations;
    it is given the L2 error that had, when last measured, the L1 error asked for. Resuming costs it
    one plan (n m exponentials) per step. Its potentials count P = exp(.. - M / reg), without a and b.
    """

    distribution, options = ("POT",), {}

    def __init__(self, job, x, y):
        sys.modules.setdefault("geomloss", None)  # POT would load it, and torch, where they are
        import ot

        dtype = precision_for(job["tolerance"])
        self.eps, self.n, self.m = job["epsilon"], len(x), len(y)
        self.a = np.full(self.n, 1 / self.n, dtype=dtype)
        self.b = np.full(self.m, 1 / self.m, dtype=dtype)
        self.start = time.perf_counter()
        self.cost = ot.dist(x.astype(dtype), y.astype(dtype))
        self.cost *= 0.5
        self.timed_setup = time.perf_counter() - self.start
        self.warmstart, self.precision = None, dtype
        self.function = getattr(ot.bregman, self.name)
        self.tolerance, self.stop = job["tolerance"], 0.0

    def advance(self, iterations):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            _, log = self.function(self.a, self.b, self.cost, self.eps, numItermax=iterations,
                                   stopThr=self.stop, log=True, warn=False,
                                   warmstart=self.warmstart, **self.options)
        self.keep(log)
        return 1 + log["n_iter" if "n_iter" in log else "niter"]

    def measured(self, errors):
        self.stop = 0.95 * self.tolerance * errors["target_l2"] / max(errors["target"], 1e-300)

    def potentials(self):
        u, v = (np.asarray(part, dtype=np.float64) for part in self.logarithms)
        return self.eps * (u + np.log(self.n)), self.eps * (v + np.log(self.m))


class PotLog(Pot):
    name = "sinkhorn_log"

    def keep(self, log):
        self.warmstart = self.logarithms = (log["log_u"], log["log_v"])


class PotKernel(Pot):
    name = "sinkhorn_knopp"

    def keep(self, log):
        with np.errstate(all="ignore"):
            self.warmstart = self.logarithms = (np.log(log["u"]), np.log(log["v"]))


class PotStabilized(Pot):
    # Beyond tau it resets its scalings to 1/n, which leaves the plan n m times too small until the
    # next iteration; at the default of 1e3 that is every iteration once n is in the thousands.
    # Every step starts with scalings taken into the potentials, so a larger tau costs nothing.
    name, options = "sinkhorn_stabilized", {"tau": 1e30}

    def keep(self, log):
        self.warmstart = log["warmstart"]
        self.logarithms = tuple(part / self.eps for part in self.warmstart)


class OttJax:
    """OTT-JAX, costs computed on the fly, default settings. Its cost is |x - y|^2, so its epsilon is
    twice ours; its rule to stop is the L1 error of the column marginal, every 10 iterations."""

    distribution = ("ott-jax", "jax")
    timed_setup = 0.0
    CHUNKS = (1, 10, 100)  # a compiled function each

    def __init__(self, job, x, y):
        import jax

        self.precision = precision_for(job["tolerance"])
        jax.config.update("jax_enable_x64", self.precision == "float64")
        import jax.numpy as jnp
        from ott.geometry import pointcloud
        from ott.problems.linear import linear_problem
        from ott.solvers.linear import sinkhorn

        self.jax, self.eps, self.threshold = jax, job["epsilon"], job["tolerance"]
        self.n, self.m = len(x), len(y)
        self.clouds = jnp.asarray(x, self.precision), jnp.asarray(y, self.precision)
        self.state = jnp.zeros(self.n, self.precision), jnp.zeros(self.m, self.precision)
        self.compiled = {}

        def solve(clouds, state, threshold, iterations):
            geometry = pointcloud.PointCloud(*clouds, epsilon=2 * self.eps, batch_size=1024)
            solver = sinkhorn.Sinkhorn(threshold=threshold, max_iterations=iterations,
                                       inner_iterations=min(10, iterations))
            out = solver(linear_problem.LinearProblem(geometry), init=state)
            return out.f, out.g, out.n_iters

        for chunk in self.CHUNKS:
            function = jax.jit(lambda *given, chunk=chunk: solve(*given, chunk))
            self.compiled[chunk] = function.lower(self.clouds, self.state, self.threshold).compile()

    def advance(self, iterations):
        chunk = max(size for size in self.CHUNKS if size <= iterations)
        f, g, done = self.jax.block_until_ready(
            self.compiled[chunk](self.clouds, self.state, self.threshold))
        self.state, self.stopped = (f, g), int(done) < chunk
        return int(done)

    def measured(self, errors):
        if self.stopped:  # its own measure was too hopeful
            self.threshold *= 0.5

    def potentials(self):
        f, g = (np.asarray(part, dtype=np.float64) / 2 for part in self.state)
        return f + self.eps * np.log(self.n), g + self.eps * np.log(self.m)


class GeomLoss:
    """GeomLoss with KeOps. It has no rule to stop: an answer is one descent of the temperature, and
    the finer its steps (`scaling`) the better. A step here is one whole descent, each with twice as
    many iterations as the last; the seconds reported are those of the last descent alone."""

    distribution = ("geomloss", "pykeops", "torch")
    timed_setup, restarts = 0.0, True

    def __init__(self, job, x, y):
        os.environ.setdefault("CXXFLAGS", "-march=native")
        import torch
        from geomloss import SamplesLoss

        torch.set_num_threads(job["threads"])
        self.precision, self.eps = precision_for(job["tolerance"]), job["epsilon"]
        self.loss = SamplesLoss
        self.x, self.y = (torch.as_tensor(z, dtype=getattr(torch, self.precision)) for z in (x, y))
        corners = np.ptp(np.concatenate([x, y]), axis=0)
        self.diameter = float(np.linalg.norm(corners))
        self.halvings = 0
        few = slice(0, max(64, len(x) // 100))
        self.solve(self.x[few].contiguous(), self.y[few].contiguous(), 0.5)  # compiles

    def solve(self, x, y, scaling):
        loss = self.loss("sinkhorn", p=2, blur=self.eps**0.5, scaling=scaling, debias=False,
                         potentials=True, diameter=self.diameter, backend=self.backend)
        return loss(x, y)

    def advance(self, _):
        scaling = 0.5 ** (0.5**self.halvings)
        self.halvings += 1
        self.state = self.solve(self.x, self.y, scaling)
        steps = np.arange(2 * np.log(self.diameter), np.log(self.eps), 2 * np.log(scaling))
        return 2 + len(steps)

    def measured(self, _):
        pass

    def potentials(self):
        return tuple(part.detach().numpy().astype(np.float64).ravel() for part in self.state)


class GeomLossOnline(GeomLoss):
    backend = "online"


class GeomLossMultiscale(GeomLoss):
    backend = "multiscale"


PEERS = {
    "POT log": PotLog,
    "POT kernel": PotKernel,
    "POT stabilized": PotStabilized,
    "GeomLoss online": GeomLossOnline,
    "GeomLoss multiscale": GeomLossMultiscale,
    "OTT-JAX": OttJax,
}


def version(name):
    """Versions of the packages of a peer, or None where one is not installed."""
    try:
        return ", ".join(f"{package} {importlib.metadata.version(package)}"
                         for package in PEERS[name].distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def high_water_mib(pid="self"):
    """A process's peak resident memory so far, or None if it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:")),
                        None)
    except OSError:
        return None


def drive(peer, job, save, check):
    """Advances until the tolerance or the time limit. save(result, potentials) after every step."""
    restarts = getattr(peer, "restarts", False)
    seconds, iterations, chunk = peer.timed_setup, 0, 1
    while True:
        # SIGALRM ends the process from outside, wherever the program is: what was saved stands.
        left = job["time_limit"] - (0 if restarts else seconds)
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.0) + 0.25 * job["time_limit"] + 0.01)
        started = time.perf_counter()
        done = peer.advance(chunk)
        last = time.perf_counter() - started
        signal.setitimer(signal.ITIMER_REAL, 0)
        seconds, iterations = (last, done) if restarts else (seconds + last, iterations + done)
        f, g = peer.potentials()
        errors = check(f, g)
        result = {"seconds": seconds, "iterations": iterations, "precision": peer.precision,
                  "seconds_per_iteration": last / done, "peak_mib": high_water_mib()}
        worst = checker.worst(errors)
        if not np.isfinite(worst):
            result.update(status="failed", reason="numbers out of range in its iteration")
        elif worst <= job["tolerance"]:
            result["status"] = "reached"
        elif seconds >= job["time_limit"] or (restarts and 2 * last > job["time_limit"]):
            result["status"] = "not finished"
        save(result, f, g)
        if "status" in result:
            return result
        peer.measured(errors)
        left = (job["time_limit"] - seconds) / (last / done)
        chunk = next((size for size in (100, 10) if size <= 10 * chunk and size <= left), 1)


def main():
    name, job = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
    x, y = np.load(job["source"]), np.load(job["target"])

    def save(result, f, g):
        for which, potential in (("f", f), ("g", g)):
            np.save(f"{job['output']}_{which}.part.npy", potential)
            os.replace(f"{job['output']}_{which}.part.npy", f"{job['output']}_{which}.npy")
        with open(job["output"] + ".part", "w", encoding="utf-8") as file:
            json.dump(result, file)
        os.replace(job["output"] + ".part", job["output"] + ".json")

    drive(PEERS[name](job, x, y), job, save,
          lambda f, g: checker.marginal_errors(x, y, f, g, job["epsilon"], job["sample"],
                                               threads=job["threads"]))


if __name__ == "__main__":
    main()
