"""Every block of Python in the pages runs, in the order of its page."""

import contextlib
import io
import pathlib
import re

import pytest

_DOCS = pathlib.Path(__file__).parents[2] / "docs"
_PAGES = sorted(page.name for page in _DOCS.glob("python*.md"))
# Packages that a block may be about, each of which is on no everyday machine: it is then left out,
# and the test says so.
_OPTIONAL = {"ott": "ott", "jax": "jax", "geomloss": "geomloss", "torch": "torch", "torchcfm": "torchcfm",
             "anndata": "anndata"}


def blocks(page):
    """(line, code, what is printed or None) of each block; what it prints stands in a text block behind it."""
    text = (_DOCS / page).read_text(encoding="utf-8")
    form = re.compile(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", re.DOTALL)
    return [(text[:found.start()].count("\n") + 2, *found.groups()) for found in form.finditer(text)]


@pytest.mark.parametrize("page", _PAGES)
def test_the_blocks_of_a_page_run_and_print_what_it_says(page, tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    names, left_out = {}, []
    found = blocks(page)
    assert found
    for line, code, printed in found:
        wanted = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE)) & set(_OPTIONAL)
        if any(not _is_there(name) for name in wanted):
            left_out.append(f"line {line}: no {', '.join(sorted(wanted))}")
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("\n" * (line - 1) + code, str(_DOCS / page), "exec"), names)
        if printed is not None:
            assert out.getvalue() == printed, f"{page}:{line}"
    if left_out:
        print(f"{page}: left out: {'; '.join(left_out)}")


def _is_there(name):
    import importlib.util
    return importlib.util.find_spec(name) is not None
