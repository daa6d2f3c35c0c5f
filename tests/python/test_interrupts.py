"""Ctrl-C, exceptions in callbacks, and other threads while the library works."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

import otbridge as otb

# Work that takes many seconds, so that the end comes from the signal; a tenth of a second into it.
_SETUP = """
    import os, signal, threading, numpy as np, otbridge as otb
    rng = np.random.default_rng(0)
    def cloud(n, d=2, shift=0.0):
        return rng.normal(size=(n, d)) + shift
    def ask():
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
"""
_WORK = {
    "sinkhorn": "x, y = cloud(8000), cloud(8000, shift=1); ask(); "
                "otb.solve(x, y, epsilon_relative=1e-4, tolerance=1e-15, newton=False)",
    "sinkhorn, a sweep over 4e9 pairs": "x, y = cloud(60000), cloud(60000, shift=1); ask(); "
                                        "otb.solve(x, y, epsilon=10.0, scaling=1.0)",
    "exact": "x, y = cloud(60000), cloud(60000, shift=1); ask(); otb.solve(x, y, solver='exact')",
    "gaussian": "g = otb.gaussian(np.zeros(2)); r = otb.solve(g, g, epsilon=1.0, solver='gaussian'); "
                "x = cloud(10**7); ask(); [r.sample(x) for _ in range(100)]",
    "mixture": "x, y = cloud(20000, 10), cloud(20000, 10, 1); ask(); otb.solve(x, y, solver='mixture')",
    "dsb": "x, y = cloud(2000), cloud(2000, shift=1); ask(); otb.solve(x, y, solver='dsb', epsilon=0.5)",
    "dsbm": "x, y = cloud(2000), cloud(2000, shift=1); ask(); otb.solve(x, y, solver='dsbm', epsilon=0.5)",
    "truth": "p = otb.problem({'known': {'type': 'eot_mixture', 'dimension': 128, 'components': 50}}, epsilon=1.0); "
             "ask(); otb.solve(p, solver='truth')",
    "batch": "x = cloud(400); pairs = [(x, x + 1)] * 3000; ask(); otb.solve_batch(pairs, epsilon=0.01)",
    "compare": "x, y = cloud(8000), cloud(8000, shift=1); ask(); otb.compare(x, y, ['sinkhorn', 'dsb'], epsilon=0.5)",
    "distance": "x, y = cloud(30000), cloud(30000, shift=1); ask(); otb.distance(x, y, exact=True)",
    "sparse plan": "x, y = cloud(20000), cloud(20000, shift=1); r = otb.solve(x, y, epsilon=1.0, tolerance=0.1); "
                   "ask(); r.flows(1e-3); r.flows(); r.marginals",
}


@pytest.mark.parametrize("work", _WORK)
def test_ctrl_c_ends_every_work_with_the_exception_of_python(work):
    code = textwrap.dedent(_SETUP) + textwrap.dedent(f"""
        try:
            {_WORK[work]}
            print("done")
        except KeyboardInterrupt:
            r = otb.solve(cloud(50), cloud(50), epsilon=1.0)  # the library is as it was
            print("interrupted", r.status)
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("interrupted converged\n", 0), done.stderr


def test_what_a_callback_raises_reaches_the_caller(clouds):
    class Mine(Exception):
        pass

    def raises(progress):
        raise Mine("from here")

    for solver, settings in (("sinkhorn", {}), ("exact", {}), ("mixture", {}), ("dsb", {"iterations": 1}),
                             ("dsbm", {"iterations": 1})):
        with pytest.raises(Mine, match="from here"):
            otb.solve(*clouds, epsilon=0.1, solver=solver, callback=raises, **settings)
    with pytest.raises(Mine):
        otb.compare(*clouds, ["sinkhorn"], callback=raises)
    with pytest.raises(TypeError):
        otb.solve(*clouds, epsilon=0.1, callback=lambda: None)
    with pytest.raises(SystemExit):
        otb.solve(*clouds, epsilon=0.1, callback=lambda p: sys.exit(3))


def test_a_callback_may_solve_and_collect_garbage(clouds):
    x, y = clouds
    inner = []

    def busy(progress):
        gc.collect()
        inner.append(otb.solve(x, y, epsilon=0.5).to_bytes())

    outer = otb.solve(x, y, epsilon=0.1, callback=busy)
    assert set(inner) == {otb.solve(x, y, epsilon=0.5).to_bytes()}
    assert outer.to_bytes() == otb.solve(x, y, epsilon=0.1).to_bytes()


def test_arrays_outlive_their_result_and_nothing_is_leaked(clouds):
    r = otb.solve(*clouds, epsilon=0.5)
    plan, (f, _) = r.plan, r.potentials
    wanted, alive = plan.copy(), weakref.ref(r)
    del r
    gc.collect()
    assert alive() is None and (plan == wanted).all() and np.isfinite(f).all()
    plan[0, 0] = 7.0  # the caller's own


def test_other_threads_run_on_and_solve_the_same(clouds):
    x, y = clouds
    wanted = otb.solve(x, y, epsilon=0.1).to_bytes()
    found, pause, stop = [], [0.0], threading.Event()

    def watch():
        last = time.perf_counter()
        while not stop.is_set():
            now = time.perf_counter()
            pause[0], last = max(pause[0], now - last), now

    def solve():
        for _ in range(5):
            found.append(otb.solve(x, y, epsilon=0.1, threads=2).to_bytes())

    workers = [threading.Thread(target=solve) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert found == [wanted] * 20
    # One call of the extension is no pause of another thread, but for a turn of it.
    large = [np.random.default_rng(seed).normal(size=(6000, 2)) for seed in (0, 1)]
    watcher = threading.Thread(target=watch)
    watcher.start()
    seconds = otb.solve(*large, epsilon=0.01, threads=1).report()["seconds"]
    stop.set()
    watcher.join()
    assert seconds > 0.1 and pause[0] < 0.5 * seconds


def test_an_array_changed_by_another_thread_is_a_copy_already(clouds):
    x, y = (cloud.copy() for cloud in clouds)
    wanted = otb.solve(x, y, epsilon=0.1).to_bytes()

    def spoil(progress):
        x[:] = np.nan

    assert otb.solve(x, y, epsilon=0.1, callback=spoil).to_bytes() == wanted


def test_signals_of_the_user_are_handled_during_a_solve():
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(time.monotonic()))
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        rng = np.random.default_rng(0)
        r = otb.solve(rng.normal(size=(12000, 2)), rng.normal(size=(12000, 2)), epsilon_relative=1e-4,
                      tolerance=1e-15, newton=False, callback=lambda p: not heard, time_limit=30)
        assert heard and r.status == "interrupted"
    finally:
        signal.signal(signal.SIGUSR1, before)
