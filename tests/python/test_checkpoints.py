"""Runs of the neural solvers that were ended, by exceptions, signals and limits, and went on."""

import logging
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import otbridge as otb

_KINDS = {row["name"]: row["settings"] for row in otb.solvers()}


def small(solver):
    """Settings of a run of a second."""
    start = {"start": "reference"} if solver == "dsb" else {}
    return {"iterations": 2} | start | {name: 30 for name in _KINDS[solver] if name.endswith("steps") and "chain" not in name}


@pytest.fixture(scope="module", params=["dsb", pytest.param("dsbm", marks=pytest.mark.full)])
def run(request, clouds):
    """The call, and the bytes of its plan where nothing ends it."""
    def call(seed=11, epsilon=0.5, x=clouds[0], **options):
        return otb.solve(x, clouds[1], epsilon=epsilon, seed=seed, solver=request.param,
                         **small(request.param) | options)
    call.solver, call.wanted = request.param, call().to_bytes()
    return call


class Ended(Exception):
    pass


def after(calls, end):
    """A callback that calls end() once, after so many records of the training: before it there is nothing to keep."""
    left = [calls]

    def callback(progress):
        left[0] -= progress.phase.startswith("iteration")
        return end() if left[0] == 0 else None
    return callback


def raises():
    raise Ended


def stopped(run, path):
    """A file of the run, a few steps into it."""
    assert run(checkpoint=path, callback=after(7, lambda: False)).status == "interrupted"
    return path


def test_exceptions_of_a_callback_come_after_the_file_and_the_same_call_goes_on(run, tmp_path):
    path, ended = tmp_path / "run.safetensors", 0
    while True:
        try:
            # No time is long enough for this interval: the exception itself has the file written.
            r = run(checkpoint=path, checkpoint_seconds=1e9, callback=after(25, raises))
            break
        except Ended:
            ended += 1
            assert path.exists()
    assert ended > 1 and r.to_bytes() == run.wanted
    assert list(tmp_path.iterdir()) == []


def test_time_limits_and_false_return_the_plan_and_leave_the_file(run, tmp_path, caplog):
    path = stopped(run, tmp_path / "run.safetensors")
    with caplog.at_level(logging.INFO, "otbridge"):
        r = run(checkpoint=str(path), time_limit=1e-3, threads=1)
    assert r.status == "time_limit" and path.exists()
    assert caplog.messages == [f"{path}: going on from the run that left it"]
    assert run(checkpoint=path, threads=2).to_bytes() == run.wanted
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_goes_on_from_here_and_back(run, tmp_path, program, clouds, caplog):
    for name, cloud in zip(("x.npy", "y.npy"), clouds, strict=True):
        np.save(tmp_path / name, cloud)
    command = [program, "transport", "x.npy", "y.npy", "--solver", run.solver, "--epsilon", "0.5", "--seed", "11",
               *(word for key, value in small(run.solver).items() for word in ("--set", f"{key}={value}")),
               "--checkpoint", "run.safetensors", "--plan", "plan.safetensors", "-o", "moved.npy"]

    def from_shell(*more):
        done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 4, done.stderr  # so few steps do not converge
        return done.stderr

    path = stopped(run, tmp_path / "run.safetensors")
    assert "run.safetensors: going on from the run that left it" in from_shell()
    assert (tmp_path / "plan.safetensors").read_bytes() == run.wanted and not path.exists()

    if run.solver == "dsbm":
        return  # so short a limit ends it before it trains
    assert "the same command goes on from here" in from_shell("--time-limit", "1e-3")
    with caplog.at_level(logging.INFO, "otbridge"):
        assert run(checkpoint=path).to_bytes() == run.wanted
    assert "going on from" in caplog.text and not path.exists()


def test_files_of_other_runs_are_refused_by_what_differs_and_left_alone(run, tmp_path, clouds):
    path = stopped(run, tmp_path / "run.safetensors")
    kept = path.read_bytes()
    for options, words in (({"seed": 12}, r"differs in seed \(11, now 12\)"),
                           ({"epsilon": 0.25}, r"epsilon \(0.5, now 0.25\)"),
                           ({"iterations": 3}, r"settings.iterations \(2, now 3\)"),
                           ({"x": clouds[0] + 1}, "differs in source ")):
        with pytest.raises(otb.InvalidInput, match=words):
            run(checkpoint=path, **options)
    with pytest.raises(otb.InvalidInput, match="unknown setting"):
        run(checkpoint=path, no_such=3)
    assert path.read_bytes() == kept
    for bad in (b"", b"abc", kept[:-5], run.wanted):
        path.write_bytes(bad)
        with pytest.raises(otb.InvalidInput, match="run.safetensors"):
            run(checkpoint=path)
        assert path.read_bytes() == bad


def test_a_damaged_file_gives_way_to_the_one_before_it(run, tmp_path, caplog):
    path = stopped(run, tmp_path / "run.safetensors")
    (tmp_path / "run.safetensors.previous").write_bytes(path.read_bytes())
    path.write_bytes(b"abc")
    with caplog.at_level(logging.INFO, "otbridge"):
        assert run(checkpoint=path).to_bytes() == run.wanted
    assert "going on from" in caplog.text and ".previous" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_comes_after_the_file(tmp_path):
    code = textwrap.dedent("""
        import os, signal, threading, otbridge as otb
        x, y = otb.toy("moons", 500), otb.toy("8gaussians", 500, seed=1)
        ask = []
        def callback(p):
            if not ask:  # once it trains
                ask.append(threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)))
                ask[0].start()
        try:
            otb.solve(x, y, epsilon=0.5, solver="dsb", start="reference", checkpoint="run.safetensors",
                      checkpoint_seconds=1e9, callback=callback)
        except KeyboardInterrupt:
            print("interrupted", os.path.exists("run.safetensors"))
    """)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "interrupted True\n", done.stderr


def test_what_is_no_checkpoint_is_named(clouds, tmp_path):
    def solve(**options):
        return otb.solve(*clouds, epsilon=0.5, **options)
    for options, words in (({"checkpoint": 3}, "checkpoint = 3: must be the name of a file"),
                           ({"checkpoint": ""}, "checkpoint: must be the name of a file, is empty"),
                           ({"checkpoint": "a\0b"}, "zero byte"),
                           ({"checkpoint": "a", "checkpoint_seconds": 0}, r"checkpoint_seconds = 0.0: must be > 0"),
                           ({"checkpoint": "a", "checkpoint_seconds": "x"}, "must be a number"),
                           ({"checkpoint_seconds": 3}, "there is no checkpoint")):
        with pytest.raises(otb.InvalidInput, match=words):
            solve(**options)
    with pytest.raises(otb.IoFailure, match="nowhere"):
        solve(solver="dsb", checkpoint=tmp_path / "nowhere" / "run.safetensors")
    r = solve(checkpoint=tmp_path / "run.safetensors")
    assert any("checkpoint" in note for note in r.notes) and list(tmp_path.iterdir()) == []


def test_a_fit_of_the_estimator_goes_on_too(run, clouds, tmp_path):
    path = stopped(run, tmp_path / "run.safetensors")
    bridge = otb.Bridge(0.5, solver=run.solver, seed=11, checkpoint=path, settings=small(run.solver))
    assert bridge.fit(clouds[0], target=clouds[1]).result_.to_bytes() == run.wanted
    assert not path.exists()
