"""Laws and problems: what is transported, and from where to where."""

from __future__ import annotations

import json
import logging
import os
from typing import NamedTuple

import numpy as np

from . import _arrays, _core
from ._core import InvalidInput, Law, Problem


SAMPLES = 2000  # draws that stand for a law, and pixels for a picture, where nobody says how many


def points(x, weights=None) -> Law:
    """A weighted cloud as a law.

    Parameters
    ----------
    x : array_like of shape (n, d)
        Finite. Of a one-dimensional array n points on a line.
    weights : array_like of shape (n,), optional
        >= 0 and not all 0; divided by their sum. 1/n each if not given.
    """
    w = None if weights is None else _arrays.vector(weights, "weights")
    return _core.law_points(_arrays.points(x), w)


def gaussian(mean, covariance=None, *, std=None) -> Law:
    """The Gaussian law N(mean, covariance), of any rank.

    Parameters
    ----------
    mean : array_like of shape (d,)
        A length.
    covariance : array_like of shape (d, d), optional
        Symmetric positive semi-definite, squared length.
    std : float, optional
        In its place: the standard deviation of every coordinate. 1 if neither is given.
    """
    if covariance is not None and std is not None:
        raise InvalidInput("gaussian: covariance and std exclude each other")
    m = _arrays.vector(mean, "mean")
    if covariance is None:
        std = _arrays.number(1.0 if std is None else std, "std")
        if std < 0:
            raise InvalidInput(f"std = {std}: must be >= 0")
        covariance = std**2 * np.eye(len(m))
    return _core.law_gaussian(m, _arrays.rows(covariance, "covariance"))


def mixture(weights, laws) -> Law:
    """The mixture of laws of one dimension.

    Parameters
    ----------
    weights : array_like of shape (k,)
        >= 0 and not all 0; divided by their sum.
    laws : sequence of k laws
        Anything that `law` takes.
    """
    weights, parts, first = _arrays.vector(weights, "weights"), [], None
    try:
        laws = list(laws)
    except TypeError as failure:
        raise InvalidInput(f"laws = {laws!r}: must be a sequence of laws") from failure
    for k, part in enumerate(laws):
        # In the order of the first that names its columns.
        end = _end(part, None, f"laws[{k}]", "", first, None, 0, True)
        first = first if first and first.columns else end
        _tell(end.notes)
        parts.append(end.law)
    return _core.law_mixture(weights, parts)


def law(spec) -> Law:
    """A law of anything that is one.

    Parameters
    ----------
    spec : Law, array_like, str, path or dict
        A law as it is; an array as `points`; a text as ``LAW`` of the command line, that is a toy
        name (``"moons@torchcfm"``), a cloud file or a JSON file; a dict as such a JSON file. Of a
        picture all colours, where `solve` takes the draws that ``samples`` says.
    """
    if isinstance(spec, Law):
        return spec
    if isinstance(spec, (dict, str, os.PathLike)):
        end = _read(spec, None, None, 0, True)
        _tell(end.notes)
        return end.law
    return points(spec)


def toy(name: str, n: int, seed: int = 0) -> np.ndarray:
    """Draws of a planar law of the literature.

    Parameters
    ----------
    name : str
        One of `toys`, as ``"moons@torchcfm"``; without ``@PRESET`` the first preset of the name.
    n : int
        How many points.
    seed : int
        The same seed gives the same bytes as ``otbridge sample NAME --samples N --seed SEED``.

    Returns
    -------
    ndarray of shape (n, d)
    """
    return law({"type": "toy", "name": str(name)}).sample(n, seed=seed)


def toys() -> list[dict]:
    """The toy laws: name, definition and source of each."""
    return _core.toys()


def problem(source, target=None, *, epsilon=None, epsilon_relative=None, theta=None,
            a=None, b=None, seed=None, solver=None, samples=None) -> Problem:
    """Two laws and the reference process dX = -theta X dt + sqrt(epsilon) dW between them.

    Parameters
    ----------
    source, target : anything that `law` takes
        Or a problem alone: a file or dict as the command line reads it, such as a known problem
        (``{"known": {...}}``), whose laws depend on epsilon.
    epsilon : float, optional
        The variance rate of the reference, squared length per unit time. POT's ``reg`` is twice it.
    epsilon_relative : float, optional
        In its place, a multiple of the mean cost ``E|x - y|^2 / 2`` under the product of the laws;
        0.05 if neither is given.
    theta : float, optional
        Mean reversion per unit time; 0, Brownian motion, if not given.
    a, b : array_like, optional
        Weights of clouds given as arrays.
    seed : int, optional
        Of the draws by which a mean cost is found that has no closed form, and of pixels; that of the
        file, else 0.
    solver : str, optional
        Where it leaves epsilon out any will do; that of the file, else ``"sinkhorn"``.
    samples : int, optional
        Pixels that stand for a picture; those of the file, else 2000.

    Returns
    -------
    Problem
    """
    return question(source, target, epsilon, epsilon_relative, theta, a, b, seed, solver, samples).problem


# What pickle makes laws and problems of again.


def law_of_json(text: str) -> Law:
    return _core.law_of_json(text)


def problem_again(source: Law, target: Law, epsilon: float, theta: float) -> Problem:
    return _core.problem_again(source, target, epsilon, theta)


class Question(NamedTuple):
    problem: Problem
    columns: tuple[list, list]  # what those of its ends are called
    seed: int
    solver: str
    facts: dict  # of the file that it comes from; empty: of none
    notes: list[str]  # what was inferred


def question(source, target, epsilon, relative, theta, a, b, seed, solver, samples=None) -> Question:
    """samples: the pixels that stand for a picture."""
    if epsilon is not None and relative is not None:
        raise InvalidInput("epsilon and epsilon_relative exclude each other")
    if isinstance(source, Problem) and any(one is not None for one in (target, epsilon, relative, theta, a, b)):
        raise InvalidInput("a problem has its own target, epsilon, theta and weights")
    facts, columns, notes = {}, ([], []), []
    if target is None and not isinstance(source, Problem):
        if not isinstance(source, (dict, str, os.PathLike)):
            raise InvalidInput("y: is missing")
        if a is not None or b is not None:
            raise InvalidInput("a, b: a problem has its own weights")
        text = _json_of(source) if isinstance(source, dict) else text_of(source)
        facts = _core.problem_facts(text, None if samples is None else _pixels(samples),
                                    None if seed is None else _arrays.seed(seed), SAMPLES)
        columns, notes = facts["columns"], facts["notes"]
    seed = facts.get("seed") or 0 if seed is None else seed
    solver = str(facts.get("solver") or "sinkhorn" if solver is None else solver)
    note = ""
    if isinstance(source, Problem):
        found = source
    elif facts:
        found, note = _read_problem(facts, epsilon, relative, theta, seed, solver)
    else:
        mu, nu, columns, notes = _ends(source, target, a, b, samples, seed)
        found, note = _with_reference(mu, nu, epsilon, relative, theta, seed, solver)
    notes = notes + [note] if note else notes
    if (epsilon is not None or relative is not None) and not _core.is_regularised(solver):
        notes = [*notes, _core.EPSILON_UNUSED]
    _tell(notes)
    return Question(found, columns, seed, solver, facts, notes)


class End(NamedTuple):
    law: Law
    columns: list  # what they are called
    label: str
    notes: list[str]


def _ends(x, y, a, b, samples, seed) -> tuple:
    """The laws of x and y, what the columns of each are called, and notes; those of y in the order of
    x's."""
    pixels = _pixels(samples)
    mu = _end(x, a, "x", "a", None, pixels, seed, True)
    nu = _end(y, b, "y", "b", mu, pixels, seed, False)
    notes = mu.notes + [note for note in nu.notes if note not in mu.notes]
    return mu.law, nu.law, (mu.columns, nu.columns), notes


def _tell(notes: list[str]) -> None:
    for note in notes:
        logging.getLogger("otbridge").info("%s", note)


def _pixels(samples) -> int:
    """That stand for a picture; 0 draws, which leaves their number to a solver, is none of them."""
    if isinstance(samples, float) and samples.is_integer():  # as settings take it
        samples = int(samples)
    return SAMPLES if samples is None else _arrays.whole(samples, "samples") or SAMPLES


def _with_reference(mu, nu, epsilon, relative, theta, seed, solver) -> tuple[Problem, str]:
    """The problem, and what its epsilon is, where none is given."""
    if mu.dimension != nu.dimension:
        raise InvalidInput(
            f"y: has dimension {nu.dimension}, but x has {mu.dimension}")
    note = ""
    if epsilon is None:
        if relative is not None:
            relative = _arrays.number(relative, "epsilon_relative")
            if not relative > 0:
                raise InvalidInput(f"epsilon_relative = {relative}: must be > 0")
        epsilon, note = _core.epsilon_of(mu, nu, relative, _arrays.seed(seed), _core.is_regularised(solver))
    return _core.problem(mu, nu, _arrays.number(epsilon, "epsilon"),
                         0.0 if theta is None else _arrays.number(theta, "theta")), note


def _read(spec, first: End | None, pixels: int | None, seed, source: bool) -> End:
    """A law of a text or dict; pixels: of a picture, or all of them."""
    text = _json_of(spec) if isinstance(spec, dict) else text_of(spec)
    names, whose = (_arrays.texts(first.columns), first.label) if first else ([], "")
    return End(*_core.law_read(text, names, whose, pixels, _arrays.seed(seed), source))


def _end(given, weights, name: str, weights_name: str, first: End | None, pixels: int | None, seed,
         source: bool) -> End:
    """A law of anything that is one, its columns in the order of the first."""
    if isinstance(given, (Law, dict, str, os.PathLike)):
        if weights is not None:
            raise InvalidInput(f"{weights_name}: {name} is a law, which has its own weights")
        if isinstance(given, Law):
            return End(given, [], name, [])
        return _read(given, first, pixels, seed, source)
    w = None if weights is None else _arrays.vector(weights, weights_name)
    given = _arrays.in_order_of(first.columns if first else [], given)
    return End(cloud(_arrays.points(given, name), w, name), _arrays.columns_of(given), name, [])


def cloud(array, weights, name: str) -> Law:
    """The law of a checked array; a refusal names the argument."""
    try:
        return _core.law_points(array, weights)
    except InvalidInput as refusal:
        raise InvalidInput(f"{name}: {refusal}") from None


def _read_problem(facts, epsilon, relative, theta, seed, solver) -> tuple[Problem, str]:
    if epsilon is None and relative is None:
        epsilon, relative = facts["epsilon"], facts["epsilon_relative"]
    theta = facts["theta"] if theta is None else theta
    if facts["file"] is None:
        return _with_reference(facts["source"], facts["target"], epsilon, relative, theta, seed, solver)
    if epsilon is None:
        raise InvalidInput("epsilon: must be given and absolute for a known problem, whose laws depend on it")
    return _core.problem_known(facts["file"], _arrays.number(epsilon, "epsilon"), _arrays.number(theta, "theta")), ""


def text_of(spec, name: str = "") -> str:
    """The name of a file as the library takes it."""
    try:
        text = os.fspath(spec)
    except TypeError as failure:
        raise InvalidInput(f"{name + ' = ' if name else ''}{spec!r}: must be the name of a file") from failure
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    if "\0" in text:
        raise InvalidInput("a name holds a zero byte")
    try:
        text.encode()
    except UnicodeEncodeError as failure:
        raise InvalidInput(f"{text!a}: a name must be UTF-8") from failure
    return text


def _json_of(spec: dict) -> str:
    try:
        return json.dumps(spec, default=_plain)
    except (TypeError, ValueError, RecursionError) as failure:
        raise InvalidInput(f"a dict that is no JSON: {failure}") from failure


def _plain(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no number, text, list or dict")
