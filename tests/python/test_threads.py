"""Threads: how many, whose, in children, beside another OpenMP runtime; the bytes are always the same."""

import multiprocessing
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import otbridge as otb


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    return rng.normal(size=(700, 3)), rng.normal(size=(800, 3)) + 1


@pytest.fixture(scope="module")
def wanted(problem):
    return otb.solve(*problem, epsilon=0.3, threads=1).to_bytes()


def used(**options):
    x = np.zeros((3, 2))
    return otb.solve(x, x + 1, epsilon=1.0, **options).report()["threads"]


def run(code, **environment):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True,
                          timeout=120, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_number_of_threads_changes_no_byte(problem, wanted):
    for threads in (2, 3, 8, None):
        assert otb.solve(*problem, epsilon=0.3, threads=threads).to_bytes() == wanted


def test_nobody_who_asks_is_given_what_openmp_says():
    code = """
        import otbridge as otb
        print(otb.solve([0.0], [1.0], epsilon=1.0).report()["threads"])
    """
    assert run(code, OMP_NUM_THREADS="1") == "1" and run(code, OMP_NUM_THREADS="3") == "3"
    assert used(threads=2) == 2


def test_threadpoolctl_is_followed():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    with threadpoolctl.threadpool_limits(1):
        assert used() == 1
    with threadpoolctl.threadpool_limits(3, user_api="openmp"):
        assert used() == 3 and used(threads=2) == 2


def test_the_environment_is_left_as_it_was():
    code = "import os, otbridge; print(os.environ.get('OMP_WAIT_POLICY'))"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout.strip() == "None"
    assert run(code, OMP_WAIT_POLICY="active") == "active"


def test_too_many_threads_are_refused_and_not_the_end_of_the_process():
    code = """
        import resource, otbridge as otb
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)); resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
        try:
            otb.solve([0.0], [1.0], epsilon=1.0, threads=20000)
        except otb.MemoryLimit as refusal:
            print("refused", refusal)
    """
    assert run(code).startswith("refused threads = 20000: the system starts no more than")


def _child(queue, problem, threads):
    queue.put(otb.solve(*problem, epsilon=0.3, threads=threads).to_bytes())


@pytest.mark.parametrize("threads", [1, 2, None])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_process_solves_as_its_parent_did(problem, wanted, method, threads):
    # The parent has had threads of its own, which a forked child has not.
    assert otb.solve(*problem, epsilon=0.3, threads=2).to_bytes() == wanted
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=_child, args=(queue, problem, threads))
    child.start()
    try:
        assert queue.get(timeout=60) == wanted
        child.join(60)
        assert child.exitcode == 0
    finally:
        child.kill()
    assert otb.solve(*problem, epsilon=0.3, threads=2).to_bytes() == wanted


def test_beside_the_runtime_of_scikit_learn(problem, wanted):
    pytest.importorskip("sklearn")
    for first, second in (("sklearn.cluster", "otbridge"), ("otbridge", "sklearn.cluster")):
        code = f"""
            import hashlib, numpy as np, {first}, {second}, otbridge as otb
            from sklearn.cluster import KMeans
            rng = np.random.default_rng(0)
            x, y = rng.normal(size=(700, 3)), rng.normal(size=(800, 3)) + 1
            def one():
                return hashlib.sha256(otb.solve(x, y, epsilon=0.3, threads=2).to_bytes()).hexdigest()
            before = one()
            KMeans(3, n_init=1).fit(x)
            print(before, one())
        """
        import hashlib
        digest = hashlib.sha256(wanted).hexdigest()
        assert run(code).split() == [digest, digest]


def test_joblib_workers(problem, wanted):
    joblib = pytest.importorskip("joblib")
    for backend in ("threading", "loky"):
        found = joblib.Parallel(n_jobs=2, backend=backend)(
            joblib.delayed(_solved)(problem) for _ in range(4))
        assert found == [wanted] * 4


def _solved(problem):
    return otb.solve(*problem, epsilon=0.3).to_bytes()
