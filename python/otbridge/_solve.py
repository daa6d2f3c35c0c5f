"""Solving: one problem, many small ones, distances, comparisons."""

from __future__ import annotations

import json

from . import _arrays, _core
from ._core import InvalidInput
from ._laws import SAMPLES, Problem, question, text_of
from ._progress import watching
from ._result import Result, page_names, page_path


def solvers() -> list[dict]:
    """The solvers, with what each one is for and its settings: kind, range, default, meaning."""
    return _core.solvers()


def _settings_of_file(facts: dict, solver: str) -> dict:
    """As the command line takes them: its samples, if the solver draws, then those of its solver."""
    draws = any(row["name"] == solver and "samples" in row["settings"] for row in _core.solvers())
    samples = {"samples": facts["samples"]} if draws and facts.get("samples") else {}
    return samples | (facts["settings"] if facts.get("solver") == solver else {})


def _checkpoint(name, seconds) -> tuple:
    """The file, empty for none, and the seconds, as _core.solve takes them."""
    if name is None:
        if seconds is not None:
            raise InvalidInput("checkpoint_seconds: there is no checkpoint")
        return ()
    name = text_of(name, "checkpoint")
    if not name:
        raise InvalidInput("checkpoint: must be the name of a file, is empty")
    if seconds is None:
        return (name,)
    seconds = _arrays.number(seconds, "checkpoint_seconds")
    if not seconds > 0:
        raise InvalidInput(f"checkpoint_seconds = {seconds}: must be > 0, in seconds")
    return name, seconds


def _check_callback(callback) -> None:
    if callback is not None and not callable(callback):
        raise InvalidInput(f"callback: {type(callback).__name__} cannot be called")


def solve(x, y=None, *, epsilon=None, epsilon_relative=None, a=None, b=None, theta=None,
          solver: str | None = None, seed: int | None = None, threads: int | None = None,
          time_limit=None, callback=None, progress: bool = False, checkpoint=None, checkpoint_seconds=None,
          **settings) -> Result:
    """Optimal transport from x to y, or the Schroedinger bridge between them.

    Minimises ``E|Y - X|^2 / 2 + epsilon KL(plan | mu x nu)`` over the couplings of the two laws
    (theta = 0; docs/conventions.md has the general form).

    Parameters
    ----------
    x, y : array_like of shape (n, d) and (m, d), or anything that `law` takes
        Source and target. Or x alone: a `Problem`, or a problem file or dict.
    epsilon : float, optional
        The variance rate of the reference process, squared length per unit time. POT's ``reg`` with
        ``ot.dist`` is twice it, as is OTT's.
    epsilon_relative : float, optional
        In its place, a multiple of the mean cost ``E|x - y|^2 / 2``; 0.05 if neither is given.
    a, b : array_like of shape (n,) and (m,), optional
        Weights of the points, >= 0; divided by their sum.
    theta : float, optional
        Mean reversion of the reference per unit time.
    solver : str, optional
        One of `solvers`: ``"sinkhorn"``, ``"exact"``, ``"gaussian"``, ``"mixture"``, ``"dsb"``,
        ``"dsbm"``, ``"truth"``. That of a problem file, with its settings, else ``"sinkhorn"``.
    seed : int, optional
        Of every draw; that of a problem file, else 0. The same seed gives the same bytes, with any
        number of threads, and those of the command line.
    threads : int, optional
        What OpenMP says if not given: ``OMP_NUM_THREADS`` and threadpoolctl are followed.
    time_limit : float, optional
        Seconds after which the solver stops with what it has.
    callback : callable, optional
        Called with a `Progress` at each record; False from it stops the solver, whose plan is
        returned. What it raises ends the run.
    progress : bool
        Draws a bar on stderr, by tqdm where it is installed.
    checkpoint : path, optional
        Where ``"dsb"`` and ``"dsbm"`` keep what they have learnt, as ``--checkpoint`` of the command
        line: after a kill, an exception or a time limit the same call goes on from there, to the
        bytes of a run that nothing ended. Taken away when the run is done. The other solvers
        leave it alone and say so in a note.
    checkpoint_seconds : float, optional
        Between two writes of it; 30 if not given.
    **settings
        Of the solver: ``tolerance=1e-8``, ``iterations=50``, ...

    Returns
    -------
    Result

    Raises
    ------
    InvalidInput
        Also a ValueError: the data or a setting breaks a rule, which the message names; the
        checkpoint is damaged, or of another run, by what differs.
    KeyboardInterrupt
        Ctrl-C, heard within half a second.
    """
    _check_callback(callback)
    kept = _checkpoint(checkpoint, checkpoint_seconds)
    settings = _arrays.settings(settings)
    asked = question(x, y, epsilon, epsilon_relative, theta, a, b, seed, solver, settings.get("samples"))
    settings = _settings_of_file(asked.facts, asked.solver) | settings
    with watching(callback, progress, asked.solver) as watch:
        answer = _core.solve(
            asked.solver, asked.problem, settings, asked.notes, _arrays.threads(threads),
            _arrays.seed(asked.seed), _arrays.time_limit(time_limit), watch, *kept)
    return Result(answer, asked.columns)


def solve_batch(pairs, *, epsilon=None, epsilon_relative=None, theta=None, seed: int = 0,
                threads: int | None = None, time_limit=None, **settings) -> list[Result]:
    """Many small problems at once by ``"sinkhorn"``, one thread to each.

    Parameters
    ----------
    pairs : iterable of (x, y) or Problem
        As of `solve`; the answers are those it would give one by one.
    epsilon, epsilon_relative, theta, seed, threads, **settings
        As of `solve`, for all of them.
    time_limit : float, optional
        Seconds; problems still unsolved then stop where they are.

    Returns
    -------
    list of Result
    """
    settings, questions = _arrays.settings(settings), []
    for k, pair in enumerate(pairs):
        try:
            x, y = (pair, None) if isinstance(pair, Problem) else pair
        except (TypeError, ValueError) as failure:
            raise InvalidInput(f"pairs[{k}]: must be a pair of clouds or a Problem") from failure
        try:
            questions.append(question(x, y, epsilon, epsilon_relative, theta, None, None, seed, None,
                                      settings.get("samples")))
        except InvalidInput as refusal:
            raise InvalidInput(f"pairs[{k}]: {refusal}") from None
    answers = _core.solve_batch([asked.problem for asked in questions], settings,
                                [asked.notes for asked in questions], _arrays.threads(threads),
                                _arrays.seed(seed), _arrays.time_limit(time_limit))
    return [Result(answer, asked.columns) for answer, asked in zip(answers, questions, strict=True)]


def distance(x, y, *, epsilon=None, epsilon_relative=None, samples: int = SAMPLES, seed: int = 0,
             exact: bool = False, threads: int | None = None) -> dict:
    """How far two laws are apart, by every distance there is (docs/metrics.md).

    Parameters
    ----------
    x, y : array_like of shape (n, d) and (m, d), or anything that `law` takes
    epsilon, epsilon_relative : float, optional
        Of the Sinkhorn divergence, as of `solve`.
    samples : int
        Draws that stand for a law that is not a cloud, and pixels that stand for a picture.
    exact : bool
        W2 and W1 exactly however long it takes; else bounds where the clouds are large.

    Returns
    -------
    dict
        ``w2``, ``w1``, ``sliced_w2`` (lengths), ``energy_distance`` (a length, ``2 E|x-y| - E|x-x'| -
        E|y-y'|``) and ``sinkhorn_divergence`` (cost units); None where only the bounds are known that
        stand beside as ``w2_lower``, ``w2_upper``, ...; and ``epsilon``.
    """
    samples, seed = _arrays.whole(samples, "samples", 1), _arrays.seed(seed)
    if y is None:
        raise InvalidInput("y: is missing")
    asked = question(x, y, epsilon, epsilon_relative, None, None, None, seed, None, samples).problem
    found = _core.distance(asked.source, asked.target, asked.epsilon, samples, seed, bool(exact),
                           _arrays.threads(threads))
    facts = {}
    for name in ("w2", "w1", "sliced_w2", "energy_distance", "sinkhorn_divergence"):
        facts[name] = found[name]["value"]
        if name in ("w2", "w1", "sinkhorn_divergence"):
            facts[f"{name}_lower"], facts[f"{name}_upper"] = found[name]["lower"], found[name]["upper"]
    return facts | {"epsilon": asked.epsilon, "converged": found["converged"]}


class Comparison(list):
    """The rows of `compare`, a dict for each solver, with the keys of ``otbridge compare --json``.

    ``pandas.DataFrame(rows)`` makes a table of them.

    Attributes
    ----------
    results : list of Result or None
        The plan of each row; None where the solver refused the problem.
    truth : dict or None
        The row of exact draws of the true bridge, where it is known.
    problem : dict
        What was compared on.
    """

    def __init__(self, facts: dict, answers: list, compared=None, columns=None):
        super().__init__(facts["rows"])
        self.results = [None if answer is None else Result(answer, columns) for answer in answers]
        self.truth, self.problem = facts["truth"], facts["problem"]
        self._compared = compared

    def __getstate__(self):
        return self.__dict__ | {"_compared": None}

    def save_html(self, path, *, names=("source", "target")) -> None:
        """Writes the page of ``otbridge compare --report``: the solvers side by side, their scores and
        their paths in motion, in one file that opens in any browser, offline.

        Parameters
        ----------
        path : path
            With the extension .html.
        names : pair of str
            What the page calls the two laws.

        Raises
        ------
        InvalidInput
            Another extension; every solver refused; or a comparison that was pickled, which keeps no
            points.
        IoFailure
            The file cannot be written.
        """
        path, names = page_path(path), page_names(names)
        if self._compared is None:
            raise InvalidInput("save_html: a comparison that was pickled or copied has no points to show")
        if all(result is None for result in self.results):
            raise InvalidInput(f"save_html: {self[0]['refusal']}")
        _core.write_comparison_page(self._compared, path, *names)


def compare(x, y=None, solvers=("sinkhorn", "exact"), *, epsilon=None, epsilon_relative=None,
            a=None, b=None, theta=None, samples: int | None = None, w2_samples: int = 2000,
            seed: int | None = None, threads: int | None = None, time_limit=None, callback=None,
            progress: bool = False) -> Comparison:
    """Several solvers on one problem, measured alike, and against the truth where it is known.

    Parameters
    ----------
    x, y, epsilon, epsilon_relative, a, b, theta, seed, threads, progress
        As of `solve`.
    solvers : sequence of str, or dict of str to dict
        Names, or names with the settings of each: ``{"dsb": {"iterations": 5}, "sinkhorn": {}}``.
    samples : int, optional
        Draws of each law that is not a cloud, and pixels that stand for a picture; those of a
        problem file, else 2000.
    w2_samples : int
        Points on each side of the exact W2 and W1.
    time_limit : float, optional
        Seconds after which each solver stops.
    callback : callable, optional
        As of `solve`, for each solver anew: False stops the one that is running.

    Returns
    -------
    Comparison
        A list of dicts.
    """
    _check_callback(callback)
    if isinstance(solvers, str):
        solvers = [solvers]
    try:
        named = solvers if isinstance(solvers, dict) else {name: {} for name in solvers}
    except TypeError as failure:
        raise InvalidInput(f"solvers = {solvers!r}: must be names, or a dict of settings by them") from failure
    named = {str(name): _arrays.settings(own, f"solvers[{name!r}]") for name, own in named.items()}
    if not named:
        raise InvalidInput("solvers: must name one at least")
    # Epsilon matters if it does to any.
    leads = next(filter(_core.is_regularised, named), next(iter(named)))
    asked = question(x, y, epsilon, epsilon_relative, theta, a, b, seed, leads, samples)
    samples = asked.facts.get("samples") if samples is None else _arrays.whole(samples, "samples", 1)
    # The settings of the file are of its solver alone, and not of a comparison.
    chosen = [(name, _settings_of_file({"samples": samples}, name) | own) for name, own in named.items()]
    with watching(callback, progress, "compare") as watch:
        text, answers, compared = _core.compare(
            asked.problem, chosen, asked.notes, samples or SAMPLES,
            _arrays.whole(w2_samples, "w2_samples", 1), _arrays.threads(threads), _arrays.seed(asked.seed),
            _arrays.time_limit(time_limit), watch)
    return Comparison(json.loads(text), answers, compared, asked.columns)
