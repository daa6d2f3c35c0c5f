"""Arrays of any library as C-order float64, or an InvalidInput that says what to do instead."""

from __future__ import annotations

import operator

import numpy as np

from . import _core
from ._core import InvalidInput

# What fits a double; booleans, complex numbers, dates and texts are no coordinates.
_NUMBERS = "fiu"


def is_tensor(x) -> bool:
    """Whether x is a PyTorch tensor, without importing PyTorch."""
    return type(x).__module__.partition(".")[0] == "torch"


def check_kind(x, name: str) -> None:
    """Refuses what NumPy would take for something else, or not take."""
    if hasattr(x, "obsm"):
        raise InvalidInput(f"{name}: is an AnnData; give its array: adata.X or adata.obsm['X_pca']")
    if hasattr(x, "tocsr"):
        raise InvalidInput(
            f"{name}: is sparse, and distances between all pairs make every coordinate count: give "
            "x.toarray(), or fewer dimensions (sklearn.decomposition.TruncatedSVD)")
    if is_tensor(x) and x.device.type != "cpu":
        raise InvalidInput(f"{name}: is on {x.device}; give x.cpu()")
    if is_tensor(x) and x.requires_grad:
        raise InvalidInput(f"{name}: requires gradients, which do not pass through: give x.detach()")
    if np.ma.is_masked(x):
        raise InvalidInput(f"{name}: has masked entries; leave those rows out")


def numbers(x, name: str, dimensions: str) -> np.ndarray:
    """An array of numbers, of any shape."""
    check_kind(x, name)
    try:
        array = np.asarray(x)
    except InvalidInput:
        raise
    except Exception as failure:
        raise InvalidInput(f"{name}: is no array: {failure}") from failure
    if array.dtype.kind == "O":
        # Frames with columns of several types, and lists of numbers of Python; a text of digits is none.
        for entry in array.flat:
            if isinstance(entry, (str, bytes, bool, np.bool_)):
                raise InvalidInput(f"{name}: has entries that are no numbers: {entry!r}")
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError, OverflowError) as failure:
            raise InvalidInput(f"{name}: has entries that are no numbers: {failure}") from failure
    if array.dtype.kind not in _NUMBERS:
        raise InvalidInput(f"{name}: has entries of type {array.dtype}, must be {dimensions} of numbers")
    return array


def points(x, name: str = "x") -> np.ndarray:
    """A cloud, n x d; of a one-dimensional array n points on a line."""
    array = numbers(x, name, "an (n, d) array")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise InvalidInput(f"{name}: has shape {array.shape}, must be (n, d)")
    if array.shape[1] == 0:
        raise InvalidInput(f"{name}: has shape {array.shape}, must have a coordinate at least")
    return np.ascontiguousarray(array, dtype=np.float64)


def rows(x, name: str = "x") -> np.ndarray:
    """As `points`, but of a one-dimensional array one row."""
    return points(np.atleast_2d(numbers(x, name, "an (n, d) array")), name)


def columns_of(table) -> list:
    """What the columns of a table are called; empty if it is none, or if they are no names."""
    names = list(table.columns) if len(getattr(table, "shape", ())) == 2 and hasattr(table, "columns") else []
    return names if all(isinstance(name, (str, tuple)) for name in names) else []


def texts(names: list) -> list[str]:
    """The names as a plan keeps them; none if one is a tuple, or has letters that no text has."""
    try:
        return [name.encode().decode() for name in names]
    except (AttributeError, UnicodeEncodeError):
        return []


def in_order_of(names: list, table):
    """A table with its columns in the order of these names, where it has just these."""
    theirs = columns_of(table)
    places = _core.places_of(*([repr(name) for name in some] for some in (names, theirs)))  # tuples too
    if not places:
        return table
    return table.iloc[:, places] if hasattr(table, "iloc") else table[[theirs[k] for k in places]]


def vector(x, name: str) -> np.ndarray:
    array = np.atleast_1d(numbers(x, name, "an (n,) array"))
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    if array.ndim != 1:
        raise InvalidInput(f"{name}: has shape {array.shape}, must be (n,)")
    return np.ascontiguousarray(array, dtype=np.float64)


def number(value, name: str) -> float:
    """A real number as Python's own; numbers of NumPy and arrays of one entry are taken."""
    try:
        if isinstance(value, (str, bytes, bool, np.bool_)):
            raise TypeError(f"not {type(value).__name__}")
        return float(value)
    except (TypeError, ValueError, OverflowError) as failure:
        raise InvalidInput(f"{name} = {value!r}: must be a number") from failure


def whole(value, name: str, least: int = 0, most: int = 2**63 - 1) -> int:
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        found = operator.index(value)
    except TypeError as failure:
        raise InvalidInput(f"{name} = {value!r}: must be a whole number") from failure
    if not least <= found <= most:
        raise InvalidInput(f"{name} = {found}: must be within [{least}, {most}]")
    return found


def seed(value) -> int:
    return whole(value, "seed", 0, 2**64 - 1)


def time_limit(value) -> float | None:
    return None if value is None else number(value, "time_limit")


def threads(value) -> int:
    """0, what OpenMP says (OMP_NUM_THREADS, threadpoolctl), for None."""
    return 0 if value is None else whole(value, "threads", 1, 2**15)


def settings(given, name: str = "settings") -> dict:
    """Of a solver: numbers of NumPy as Python's own; what is None is not given."""
    if not isinstance(given, (dict, type(None))):
        raise InvalidInput(f"{name} = {given!r}: must be a dict of settings")
    return {str(key): value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value
            for key, value in (given or {}).items() if value is not None}
