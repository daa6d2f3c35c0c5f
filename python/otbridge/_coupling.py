"""Minibatch couplings, as flow matching and bridge matching train on."""

from __future__ import annotations

import sys

import numpy as np

from . import _arrays, _core
from ._core import InvalidInput
from ._laws import cloud

_FEW_PAIRS = 512 * 512  # up to which a solve of a millisecond or two has nothing to share out


def _rows(x, name: str) -> np.ndarray:
    """A batch as n x d: images and the like are flattened, gradients and devices left behind."""
    if _arrays.is_tensor(x):
        x = x.detach().cpu()
    array = _arrays.numbers(x, name, "an (n, ...) array")
    if array.ndim > 2:
        array = array.reshape(len(array), np.prod(array.shape[1:]))
    return _arrays.points(array, name)


def minibatch_coupling(x0, x1, epsilon: float = 0.0, *, seed: int = 0, tolerance: float = 1e-3,
                       threads: int | None = None, time_limit=None) -> np.ndarray:
    """Partners by optimal transport for the rows of a batch.

    Parameters
    ----------
    x0, x1 : array_like or tensor of shape (n, ...) and (m, ...)
        The two batches; all axes but the first are flattened.
    epsilon : float
        Of the cost ``|x0 - x1|^2 / 2``, squared length: each partner is drawn from the entropic plan,
        the Schroedinger bridge that flow matching with noise sigma = sqrt(epsilon) learns. 0: the
        exact plan, of batches of one size a permutation. torchcfm's ``reg`` is twice it.
    seed : int
        Of the draws: another one in each step.
    tolerance : float
        L1 error of the marginals at which the entropic plan is near enough.
    threads : int, optional
        As of `solve`; batches of a few hundred take one where it is not given, since to wake others
        takes longer.
    time_limit : float, optional
        As of `solve`.

    Returns
    -------
    ndarray of shape (n,), int64
        Entry i: the row of x1 that row i of x0 is paired with.
    """
    epsilon = _arrays.number(epsilon, "epsilon")
    if not epsilon >= 0:
        raise InvalidInput(f"epsilon = {epsilon}: must be >= 0")
    x0, x1 = _rows(x0, "x0"), _rows(_arrays.in_order_of(_arrays.columns_of(x0), x1), "x1")
    source, target = cloud(x0, None, "x0"), cloud(x1, None, "x1")
    if threads is None and len(x0) * len(x1) <= _FEW_PAIRS:
        threads = 1
    solver, settings = "sinkhorn", {"tolerance": _arrays.number(tolerance, "tolerance")}
    if epsilon == 0:
        solver, settings = "exact", {}
    limit, seed = _arrays.time_limit(time_limit), _arrays.seed(seed)
    answer = _core.solve(solver, _core.problem(source, target, epsilon or 1.0, 0.0), settings, [],
                         _arrays.threads(threads), seed, limit, None)
    return answer.partners(seed)


def torch_coupling(x0, x1, epsilon: float = 0.0, *, seed: int = 0, tolerance: float = 1e-3,
                   threads: int | None = None, time_limit=None, return_index: bool = False):
    """Two batches, the second in the order of the partners of the first.

    In the place of ``OTPlanSampler.sample_plan(x0, x1)`` of torchcfm. Tensors stay where they are
    and what they are; arrays are taken too.

    Parameters
    ----------
    x0, x1, epsilon, seed, tolerance, threads, time_limit
        As of `minibatch_coupling`.
    return_index : bool
        Whether to return the rows as well, for labels: ``y1[j]``.

    Returns
    -------
    x0, x1[j] : as they were given; a table as an array, its columns in the order of x0's
    j : ndarray of shape (n,), int64
        With return_index.
    """
    x1 = _arrays.in_order_of(_arrays.columns_of(x0), x1)
    j = minibatch_coupling(x0, x1, epsilon, seed=seed, tolerance=tolerance, threads=threads,
                           time_limit=time_limit)
    index = j
    if _arrays.is_tensor(x1):
        index = sys.modules["torch"].from_numpy(j).to(x1.device)
    elif not isinstance(x1, np.ndarray):
        x1 = np.asarray(x1)  # whose rows are taken by their places
    return (x0, x1[index], j) if return_index else (x0, x1[index])
