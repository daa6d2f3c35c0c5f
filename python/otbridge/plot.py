"""Pictures on Matplotlib axes: axes in, axes out; colours as in docs/hacking.md.

Every function takes ``ax``, new ones where it is not given, and returns it. Matplotlib is imported
when the first is drawn. ``otbridge transport --plot`` draws the same without it, as SVG.
"""

from __future__ import annotations

import numpy as np

from . import _arrays
from ._core import InvalidInput
from ._result import Result

SOURCE, TARGET, MOVED, LOSS, LINES = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7F7F7F"
# As in the pictures of the command line: enough to see, few enough to draw.
_MOST_POINTS, _MOST_LINES, _MOST_PATHS = 2500, 300, 40


def _axes(ax):
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt
    ax = plt.subplots()[1]
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _checked(result) -> Result:
    if not isinstance(result, Result):
        raise InvalidInput(f"result: {type(result).__name__} is no Result")
    return result


def _clouds(result: Result, samples: int = 1000):
    """Source and target in the plane that is drawn, and the projection onto it."""
    try:
        source, target = result.source, result.target
    except InvalidInput:
        problem = result.problem
        source, target = problem.source.sample(samples), problem.target.sample(samples, seed=1)
    d = source.shape[1]
    if d == 2:
        return source, target, lambda x: x
    if d == 1:
        raise InvalidInput("plot: points on a line; draw a histogram of result.map(x)")
    # The first two principal axes of both clouds.
    both = np.concatenate([source, target])
    mean = both.mean(axis=0)
    axes = np.linalg.svd(both - mean, full_matrices=False)[2][:2]
    def project(x):
        return (x - mean) @ axes.T
    return project(source), project(target), project


def _some(n: int, most: int, seed: int) -> np.ndarray:
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _scatter(ax, x, colour, label, seed, size=8):
    x = x[_some(len(x), _MOST_POINTS, seed)]
    ax.scatter(x[:, 0], x[:, 1], s=size, c=colour, alpha=0.6, linewidths=0, label=label)


def _finish(ax):
    ax.set_aspect("equal")
    ax.legend(frameon=False, fontsize="small")
    return ax


def plan(result: Result, ax=None, *, seed: int = 0):
    """Source, target and where the source goes on average, with lines to it."""
    ax = _axes(ax)
    source, target, project = _clouds(_checked(result))
    starts = _starts(result)
    moved = project(result.map(starts))
    source = project(starts)
    _scatter(ax, target, TARGET, "target", seed, size=14)
    _scatter(ax, source, SOURCE, "source", seed)
    _scatter(ax, moved, MOVED, "conditional mean", seed)
    rows = _some(len(source), _MOST_LINES, seed)
    from matplotlib.collections import LineCollection
    ax.add_collection(LineCollection(np.stack([source[rows], moved[rows]], axis=1), colors=LINES,
                                     linewidths=0.5, alpha=0.5, zorder=0))
    return _finish(ax)


def _starts(result: Result) -> np.ndarray:
    try:
        return result.source
    except InvalidInput:
        return result.problem.source.sample(1000)


def paths(result: Result, ax=None, *, times: int = 21, n: int = _MOST_PATHS, seed: int = 0):
    """Some paths of the bridge, between the two clouds."""
    ax = _axes(ax)
    source, target, project = _clouds(_checked(result))
    starts = _starts(result)
    starts = starts[_some(len(starts), _arrays.whole(n, "n", 1), seed)]
    moved = result.paths(starts, times, seed)[1]
    for cloud, colour, label in ((source, SOURCE, "source"), (target, TARGET, "target")):
        _scatter(ax, cloud, colour, label, seed)
    for k in range(moved.shape[1]):
        line = project(moved[:, k])
        ax.plot(line[:, 0], line[:, 1], color=LINES, linewidth=0.8, alpha=0.8)
    return _finish(ax)


def convergence(result: Result, ax=None):
    """Marginal errors, gap and loss of the run against its iterations, on a logarithmic axis."""
    ax = _axes(ax)
    trace = _checked(result).trace
    if not trace:
        raise InvalidInput("convergence: this plan has no trace, which no file keeps")
    for field, colour, label in (
            ("marginal_error_source", SOURCE, "marginal error, source"),
            ("marginal_floor_source", SOURCE, "floor, source"),
            ("marginal_error_target", TARGET, "marginal error, target"),
            ("marginal_floor_target", TARGET, "floor, target"),
            ("duality_gap", MOVED, "gap"), ("loss", LOSS, "loss"),
            ("path_divergence", LINES, "path divergence"), ("path_kl", MOVED, "path KL")):
        rows = [(p.iteration, getattr(p, field)) for p in trace if getattr(p, field) is not None]
        if rows:
            style = {"linestyle": "--"} if "floor" in field else {"marker": "."}
            ax.plot(*zip(*rows), color=colour, label=label, linewidth=1, **style)
    ax.set_yscale("log" if any(p.loss is None for p in trace) else "symlog")
    ax.set_xlabel("iteration")
    ax.legend(frameon=False, fontsize="small")
    return ax
