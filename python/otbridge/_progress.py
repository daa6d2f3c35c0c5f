"""A bar that follows a solver."""

from __future__ import annotations

import contextlib
import sys


class _Line:
    """Where tqdm is not installed: a line of stderr, written over ten times a second."""

    def __init__(self, name: str):
        self._name, self._last = name, -1.0

    def __call__(self, p) -> None:
        if p.seconds - self._last >= 0.1:
            self._last = p.seconds
            sys.stderr.write(f"\r{self._name}: {100 * p.fraction:3.0f}%, {p.phase}, {p.seconds:.1f} s\033[K")
            sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\n")


class _Bar:
    def __init__(self, tqdm, name: str):
        self._bar = tqdm(total=100.0, desc=name, unit="%", file=sys.stderr,
                         bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}")

    def __call__(self, p) -> None:
        self._bar.set_postfix_str(p.phase, refresh=False)
        # Of several solvers in turn each begins again.
        self._bar.update(100.0 * p.fraction - self._bar.n)

    def close(self) -> None:
        self._bar.close()


@contextlib.contextmanager
def watching(callback, progress: bool, name: str):
    """What the solver is to call at each record; None where nobody listens."""
    if not progress:
        yield callback
        return
    try:
        from tqdm.auto import tqdm
        bar = _Bar(tqdm, name)
    except ImportError:
        bar = _Line(name)

    def tell(p):
        bar(p)
        return None if callback is None else callback(p)

    try:
        yield tell
    finally:
        bar.close()
