"""Result: the answer of a solver."""

from __future__ import annotations

import copy
import html
import json

import numpy as np

from . import _arrays, _core
from ._core import InvalidInput
from ._laws import text_of

_FORWARD = {"forward": True, "backward": False}


def _is_forward(direction: str) -> bool:
    if not isinstance(direction, str) or direction not in _FORWARD:
        raise InvalidInput(f"direction = {direction!r}: must be 'forward' or 'backward'")
    return _FORWARD[direction]


def page_path(path) -> str:
    text = text_of(path)
    if not text.lower().endswith(".html"):
        raise InvalidInput(f"{text}: the extension must be .html")
    return text


def page_names(names) -> tuple[str, str]:
    try:
        source, target = () if isinstance(names, str) else names
    except (TypeError, ValueError) as failure:
        raise InvalidInput(f"names = {names!r}: must be two texts, of the source and of the target") from failure
    return str(source), str(target)


class Result:
    """The coupling that a solver found, and the bridge process that realises it.

    Names are POT's where the meaning is the same. Values are in the units of the cost
    ``|y - a x|^2 / 2``, half of those of ``ot.dist``; docs/conventions.md says what each one is.
    """

    __slots__ = ("_answer", "_columns", "_report", "_made_from", "__weakref__")

    def __init__(self, answer: _core.Answer, columns: tuple[list, list] | None = None):
        self._answer, self._report = answer, None
        self._made_from = None  # of with_sampler: the other result, and its arguments
        if columns is not None:
            answer.columns = tuple(map(_arrays.texts, columns))  # what a file can hold
        self._columns = answer.columns if columns is None else columns

    def _points(self, x, name: str, forward: bool, array=_arrays.points) -> np.ndarray:
        """Points of the source, or else of the target; of a table by the names of its columns."""
        start, end = self._columns if forward else reversed(self._columns)
        return array(_arrays.in_order_of(start or end, x), name)

    # What the run said.

    def report(self) -> dict:
        """The report of the run, with the keys of ``otbridge transport --json``; None where the
        solver cannot give a number."""
        return copy.deepcopy(self._facts)

    @property
    def _facts(self) -> dict:
        if self._report is None:
            if not self._answer.reported:
                raise InvalidInput("report: this plan was saved without one")
            self._report = json.loads(self._answer.report())
        return self._report

    @property
    def solver(self) -> str:
        """The name of the solver."""
        return self._answer.solver

    @property
    def problem(self) -> _core.Problem:
        """The problem that was solved."""
        return self._answer.problem

    @property
    def epsilon(self) -> float:
        """The variance rate of the reference, squared length per unit time."""
        return self._answer.problem.epsilon

    @property
    def value(self) -> float | None:
        """``value_linear + s^2 KL(plan | mu x nu)``, the quantity that is minimised, in cost units."""
        return self._facts["value"]

    @property
    def value_linear(self) -> float | None:
        """``E|y - a x|^2 / 2`` under the plan, in cost units."""
        return self._facts["value_linear"]

    @property
    def gap(self) -> float | None:
        """A bound on how far the plan is from optimal, in cost units."""
        return self._facts["duality_gap"]

    @property
    def status(self) -> str:
        """Why the solver stopped: converged, iteration_limit, rounding_limit, time_limit,
        interrupted or diverged."""
        return self._facts["stop_reason"]

    @property
    def converged(self) -> bool:
        """Whether every tolerance that was asked for was reached and measured."""
        return self.status == "converged"

    @property
    def n_iter(self) -> int:
        """Iterations of the solver."""
        return self._facts["iterations"]

    @property
    def notes(self) -> list[str]:
        """What the solver has to say beside the numbers, a line each."""
        return list(self._facts["notes"])

    @property
    def trace(self) -> list[_core.Progress]:
        """The measurements during the run; empty of a plan that was read."""
        return self._answer.trace

    # The coupling, of solvers between two clouds.

    @property
    def source(self) -> np.ndarray:
        """The source points that the plan couples, shape (n, d): the cloud, or draws of a law."""
        return self._answer.source_points

    @property
    def target(self) -> np.ndarray:
        """The target points, shape (m, d)."""
        return self._answer.target_points

    @property
    def source_weights(self) -> np.ndarray:
        """Shape (n,), sum 1."""
        return self._answer.source_weights

    @property
    def target_weights(self) -> np.ndarray:
        """Shape (m,), sum 1."""
        return self._answer.target_weights

    @property
    def plan(self) -> np.ndarray:
        """The dense coupling, shape (n, m), sum 1. Computed anew each time: O(n m d)."""
        return self.plan_rows(0, len(self._answer.source_weights))

    def plan_rows(self, begin: int, end: int) -> np.ndarray:
        """Rows begin to end - 1 of the dense coupling, shape (end - begin, m)."""
        return self._answer.plan_rows(_arrays.whole(begin, "begin"), _arrays.whole(end, "end"))

    def flows(self, least: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The entries of the coupling above 0 and no smaller than `least`: rows of the source,
        rows of the target and masses, each of shape (k,). At most n + m - 1 of solver ``exact``."""
        return self._answer.flows(_arrays.number(least, "least"))

    @property
    def sparse_plan(self):
        """The coupling as a scipy.sparse.coo_array of shape (n, m)."""
        from scipy.sparse import coo_array
        i, j, mass = self.flows()
        shape = len(self._answer.source_weights), len(self._answer.target_weights)
        return coo_array((mass, (i, j)), shape=shape)

    @property
    def marginals(self) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the rows (n,) and of the columns (m,) of the plan."""
        return self._answer.marginals()

    def partners(self, seed: int = 0) -> np.ndarray:
        """For each source point the row of the target that it is paired with, drawn from the plan
        given that point: shape (n,), -1 for a point without mass."""
        return self._answer.partners(_arrays.seed(seed))

    @property
    def potentials(self) -> tuple[np.ndarray, np.ndarray]:
        """f at the source points (n,) and g at the target points (m,), in cost units:
        plan = a b exp((f + g - cost) / s^2), E f = 0."""
        return self._answer.own_potentials()

    def f(self, x) -> np.ndarray:
        """The potential of the source at new points, shape (n,), in cost units."""
        return self._answer.f(self._points(x, "x", True))

    def g(self, y) -> np.ndarray:
        """The potential of the target at new points, shape (n,), in cost units."""
        return self._answer.g(self._points(y, "y", False))

    # New points.

    def map(self, x, *, direction: str = "forward") -> np.ndarray:
        """Where points go on average.

        Parameters
        ----------
        x : array_like of shape (n, d)
            Starts, those that were solved for or new ones.
        direction : "forward" or "backward"
            From the source to the target, or back.

        Returns
        -------
        ndarray of shape (n, d)
            The conditional mean of the other end (Pooladian, Niles-Weed 2021).
        """
        forward = _is_forward(direction)
        return _core.move(self._answer, self._points(x, "x", forward), forward, None)

    def sample(self, x, seed: int = 0, *, direction: str = "forward") -> np.ndarray:
        """One draw of the other end for each row of x, shape (n, d); the bytes are those of
        ``otbridge apply --mode sample --seed SEED``."""
        forward = _is_forward(direction)
        return _core.move(self._answer, self._points(x, "x", forward), forward, _arrays.seed(seed))

    def paths(self, x, times=11, seed: int = 0, *, direction: str = "forward"):
        """Paths of the bridge from the rows of x.

        Parameters
        ----------
        x : array_like of shape (n, d)
            Where the paths are at time 0, backward at time 1.
        times : int or array_like of shape (T,)
            Ascending, within [0, 1]; of a number so many, evenly from 0 to 1.
        seed : int
            The bytes are those of ``otbridge interpolate --seed SEED``.

        Returns
        -------
        times : ndarray of shape (T,)
        paths : ndarray of shape (T, n, d)
        """
        if _arrays.numbers(times, "times", "a number or a (T,) array").ndim == 0:
            times = np.linspace(0.0, 1.0, _arrays.whole(times, "times", 2, 10**6))
        times, forward = _arrays.vector(times, "times").copy(), _is_forward(direction)
        found = _core.paths(self._answer, self._points(x, "x", forward), times.tolist(), forward,
                            _arrays.seed(seed))
        return times, found

    def drift(self, t: float, x, *, direction: str = "forward") -> np.ndarray:
        """The drift of the bridge at time t and the rows of x, per unit time, shape (n, d):
        dX = drift dt + sqrt(epsilon) dW."""
        forward = _is_forward(direction)
        return _core.drift(self._answer, _arrays.number(t, "t"), self._points(x, "x", forward), forward)

    def covariance(self, x, *, direction: str = "forward") -> np.ndarray | None:
        """The covariance of the other end given one point, shape (d, d); None where the plan knows
        that direction by its draws alone."""
        forward = _is_forward(direction)
        x = self._points(x, "x", forward, _arrays.rows)
        return _core.conditional_covariance(self._answer, x, forward)

    def log_density(self, y, *, direction: str = "forward") -> np.ndarray:
        """The log density at the rows of y of what the plan makes of the other end, in nats, (n,)."""
        forward = _is_forward(direction)
        return _core.log_density(self._answer, self._points(y, "y", not forward), forward)

    def with_sampler(self, *, noise: float = 1.0, stepper: str = "", steps: int = 0,
                     schedule: str = "triangular", denoise_last: bool = False, corrector: int = 0,
                     map_samples: int = 32) -> Result:
        """The same marginals under another noise: moving points by a chain of the caller's choice
        (docs/conventions.md, docs/sampling.md).

        Parameters
        ----------
        noise : float
            r = eta / epsilon in [0, 100]: 1 is the bridge, 0 the ordinary equation.
        stepper : "", "euler" or "heun"
            "" is euler for the bridge of dsb, else heun.
        steps : int
            Over [0, 1]; 0 takes those that a learned drift was trained for, 100 of another.

        Returns
        -------
        Result
            It moves points and can be pickled; the coupling, the drift and the file are those of the
            result that it was made from.
        """
        arguments = (_arrays.number(noise, "noise"), str(stepper), _arrays.whole(steps, "steps"),
                     str(schedule), bool(denoise_last), _arrays.whole(corrector, "corrector"),
                     _arrays.whole(map_samples, "map_samples"))
        return _under_sampler(self, arguments)

    # Keeping it.

    def save(self, path) -> None:
        """Writes the plan as safetensors, whole or not at all; the file of ``--plan``."""
        self._answer.write(text_of(path))

    def to_bytes(self) -> bytes:
        """The bytes of that file; `plan_of_bytes` reads them."""
        return self._answer.bytes()

    def save_html(self, path, *, mode: str = "map", direction: str = "forward", samples: int = 2000,
                  seed: int | None = None, names=("source", "target")) -> None:
        """Writes the page of ``otbridge transport --report``: what was found, the points in motion, how
        it converged and all numbers, in one file that opens in any browser, offline.

        Parameters
        ----------
        path : path
            With the extension .html.
        mode : "map" or "sample"
            Whether the points of the start go to conditional means, or to one draw each.
        direction : "forward" or "backward"
        samples : int
            Draws of a law that is not a cloud, where the plan couples none of its own.
        seed : int, optional
            Of draws, paths, and which points are shown; that of the run if not given.
        names : pair of str
            What the page calls the two laws.

        Raises
        ------
        InvalidInput
            Another extension.
        IoFailure
            The file cannot be written.
        """
        path, names = page_path(path), page_names(names)
        if mode not in ("map", "sample"):
            raise InvalidInput(f"mode = {mode!r}: must be 'map' or 'sample'")
        if seed is None:
            seed = self._facts["seed"] if self._answer.reported else 0
        _core.write_solution_page(self._answer, path, mode == "map", _is_forward(direction),
                                  _arrays.whole(samples, "samples", 1), _arrays.seed(seed), *names)

    def __reduce__(self):
        if self._made_from is not None:
            return _under_sampler, self._made_from
        # With names that a file cannot hold.
        return _again, (self.to_bytes(), self._columns)

    def __repr__(self) -> str:
        answer = self._answer
        d = answer.problem.dimension
        size = (f"{len(answer.source_weights)} to {len(answer.target_weights)} points in R^{d}"
                if answer.couples else f"laws in R^{d}")
        text = f"<otbridge.Result {answer.solver}, {size}"
        if not answer.reported or self._facts["epsilon"] is not None:  # else it leaves epsilon out
            text += f", epsilon={self.epsilon:.3g}"
        if answer.reported:
            text += f", {self.status.replace('_', ' ')} after {self.n_iter} iterations"
            if self.gap is not None:
                text += f", gap {self.gap:.2g}"
        return text + ">"

    def _repr_html_(self) -> str:
        if not self._answer.reported:
            return f"<p>{html.escape(repr(self))}</p>"
        rows = "".join(f"<tr><th>{html.escape(key)}</th><td>{html.escape(_shown(value))}</td></tr>"
                       for key, value in self._facts.items() if not isinstance(value, (list, type(None))))
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<table>{rows}</table>" + (f"<ul>{notes}</ul>" if notes else "")


def _shown(value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _again(data: bytes, columns: tuple[list, list]) -> Result:
    return Result(_core.plan_of_bytes(data), columns)


def _under_sampler(result: Result, arguments: tuple) -> Result:
    made = Result(_core.with_sampler(result._answer, *arguments), result._columns)
    made._made_from = result, arguments
    return made


def load_plan(path) -> Result:
    """Reads a plan that `Result.save` or the command line's ``--plan`` wrote.

    Raises
    ------
    IoFailure
        The file cannot be read.
    InvalidInput
        It is damaged or no plan.
    """
    return Result(_core.plan_read(text_of(path)))


def plan_of_bytes(data: bytes) -> Result:
    """The plan of `Result.to_bytes`."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InvalidInput(f"plan: {type(data).__name__} is no bytes")
    return Result(_core.plan_of_bytes(bytes(data)))
