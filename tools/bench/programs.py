"""The programs measured: ours and its peers, each run in a process of its own.

A run ends by itself a little beyond its time limit, and is killed if it does not. Peak memory is the
kernel's high-water mark of the process (VmHWM), read while it runs.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import peers

HERE = pathlib.Path(__file__).parent
OURS = "otbridge"
NAMES = [OURS, *peers.PEERS]
GRACE = 600.0  # seconds of set-up and untimed checks allowed beside the limit
DENSE = {"POT log": 6, "POT kernel": 5, "POT stabilized": 6}  # n x m matrices held at once, at least


def thread_environment(threads):
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"]
    environment = dict(os.environ, **{name: str(threads) for name in names}, JAX_PLATFORMS="cpu",
                       JAX_TRACEBACK_FILTERING="off", CUDA_VISIBLE_DEVICES="")
    for backend in ("PYTORCH", "JAX", "CUPY", "TENSORFLOW"):  # else POT loads them all
        environment[f"POT_BACKEND_DISABLE_{backend}"] = "1"
    return environment


def run(command, wall_limit, environment):
    """Runs a command: its exit code (None if killed), its standard output, its peak MiB."""
    peak, started = None, time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment) as process:
        while True:
            peak = peers.high_water_mib(process.pid) or peak
            try:
                output, errors = process.communicate(timeout=0.05)
                return process.returncode, output, errors, peak
            except subprocess.TimeoutExpired:
                if time.monotonic() - started > wall_limit:
                    process.kill()
                    output, errors = process.communicate()
                    return None, output, errors, peak


def available_mib():
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024
    return float("inf")


def run_ours(driver, job, wall_limit):
    command = [driver, job["source"], job["target"], repr(job["epsilon"]), repr(job["tolerance"]),
               job["output"], repr(job["time_limit"])]
    code, output, errors, peak = run(command, wall_limit, thread_environment(job["threads"]))
    if code is None:
        return {"status": "not finished", "peak_mib": peak}
    if code != 0:
        return {"status": "failed", "reason": (errors.strip().splitlines() or [""])[-1],
                "peak_mib": peak}
    report = json.loads(output)
    status = {"converged": "reached", "time_limit": "not finished"}.get(report["stop_reason"], "failed")
    return {"status": status, "seconds": report["solve_seconds"],
            "iterations": report["iterations"], "peak_mib": report["peak_mib"], "precision": "auto",
            "seconds_per_iteration": report["solve_seconds"] / max(1, report["iterations"]),
            "report": report}


def run_peer(name, job, wall_limit):
    itemsize = 4 if peers.precision_for(job["tolerance"]) == "float32" else 8
    needed = DENSE.get(name, 0) * job["n"] ** 2 * itemsize / 2**20
    if needed > available_mib():
        return {"status": "not run", "reason": f"needs {needed / 1024:.0f} GiB of memory"}
    job_path = pathlib.Path(job["output"] + ".job")
    job_path.write_text(json.dumps(job), encoding="utf-8")
    command = [sys.executable, str(HERE / "peers.py"), name, str(job_path)]
    code, _, errors, peak = run(command, wall_limit, thread_environment(job["threads"]))
    saved = pathlib.Path(job["output"] + ".json")
    result = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
    result.setdefault("peak_mib", peak)
    if code is None or code == -signal.SIGALRM:
        result["status"] = "not finished"
    elif code != 0:
        lines = errors.strip().splitlines() or [f"ended with code {code}"]
        result.update(status="failed", reason=lines[-1])
    return result


def run_program(name, driver, job):
    """One run. A result has status: reached, not finished, failed or not run."""
    wall_limit = GRACE + 2 * job["time_limit"]
    result = run_ours(driver, job, wall_limit) if name == OURS else run_peer(name, job, wall_limit)
    return dict(result, program=name, time_limit=job["time_limit"])
