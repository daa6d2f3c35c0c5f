"""Pictures: what is on the axes."""

import subprocess
import sys

import numpy as np
import pytest

import otbridge as otb

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def test_matplotlib_and_sklearn_wait_until_they_are_asked_for():
    code = ("import sys, otbridge; assert not {'matplotlib', 'sklearn', 'scipy', 'pandas', 'torch'} "
            "& set(sys.modules); otbridge.plot; assert 'matplotlib' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_axes_in_axes_out(result, clouds):
    ax = plt.subplots()[1]
    assert otb.plot.plan(result, ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["target", "source", "conditional mean"]
    moved = ax.collections[2].get_offsets()
    assert np.allclose(np.sort(moved, axis=0), np.sort(result.map(clouds[0]), axis=0))
    ax = otb.plot.paths(result, times=7, n=5)
    assert len(ax.lines) == 5 and len(ax.lines[0].get_xdata()) == 7
    ax = otb.plot.convergence(result)
    assert ax.get_yscale() == "log" and len(ax.lines) >= 2
    figure, axes = plt.subplots(1, 2, sharex=True, sharey=True)
    for ax in axes:
        otb.plot.paths(result, ax)
    figure.canvas.draw()
    plt.close("all")


def test_more_dimensions_laws_and_refusals(result, tmp_path):
    rng = np.random.default_rng(0)
    r = otb.solve(rng.normal(size=(30, 5)), rng.normal(size=(40, 5)), epsilon=1.0)
    assert otb.plot.plan(r).collections
    law = otb.solve(otb.gaussian([0, 0]), otb.gaussian([3, 0]), epsilon=0.5, solver="gaussian")
    assert len(otb.plot.paths(law, n=3).lines) == 3
    with pytest.raises(otb.InvalidInput, match="no Result"):
        otb.plot.plan(3)
    with pytest.raises(otb.InvalidInput, match="no trace"):
        otb.plot.convergence(otb.plan_of_bytes(result.to_bytes()))
    plt.close("all")
