"""otbridge: computational optimal transport and Schroedinger bridges.

``solve(x, y)`` couples two clouds; `Result` maps, samples and interpolates new points, is saved,
pickled and plotted. docs/python.md has examples; docs/python-migrating.md the calls of POT, OTT,
GeomLoss and torchcfm beside those of this package.
"""

from __future__ import annotations

import os as _os

# Waiting threads sleep: they share the machine with those of NumPy and PyTorch. The runtime of OpenMP
# reads this when the extension is loaded; afterwards it is as it was, for what is loaded later.
_policy = _os.environ.get("OMP_WAIT_POLICY")
_os.environ.setdefault("OMP_WAIT_POLICY", "passive")
try:
    from ._core import Error, InvalidInput, IoFailure, Law, MemoryLimit, Problem, Progress
    from ._core import version as __version__
finally:
    if _policy is None:
        del _os.environ["OMP_WAIT_POLICY"]

from ._coupling import minibatch_coupling, torch_coupling
from ._laws import gaussian, law, mixture, points, problem, toy, toys
from ._result import Result, load_plan, plan_of_bytes
from ._solve import Comparison, compare, distance, solve, solve_batch, solvers

# Imported when they are asked for: scikit-learn and Matplotlib take longer than a solve.
_LAZY = {"Bridge": "_bridge", "plot": "plot"}

__all__ = [
    "Bridge", "Comparison", "Error", "InvalidInput", "IoFailure", "Law", "MemoryLimit", "Problem",
    "Progress", "Result", "compare", "distance", "gaussian", "law", "load_plan",
    "minibatch_coupling", "mixture", "plan_of_bytes", "plot", "points", "problem", "solve",
    "solve_batch", "solvers", "torch_coupling", "toy", "toys",
]


def __getattr__(name: str):
    if name not in _LAZY:
        raise AttributeError(f"module 'otbridge' has no attribute {name!r}")
    import importlib
    module = importlib.import_module(f".{_LAZY[name]}", __name__)
    found = module if name == _LAZY[name] else getattr(module, name)
    globals()[name] = found
    return found


def __dir__():
    return sorted(set(globals()) | set(_LAZY))
