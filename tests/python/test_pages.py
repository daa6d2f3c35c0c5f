"""Report pages: those of the command line, written from here."""

import base64
import html
import json
import pickle
import re
import subprocess

import numpy as np
import pytest

import otbridge as otb


def data_of(page):
    """What the script of the page reads, points, paths and errors, but for seconds."""
    text = page.read_text(encoding="utf-8")
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(re.sub(r'"[0-9.e-]+ m?s"', '"TIME"', found))


def body_of(page):
    """All of it that does not tell the call, the files and the seconds."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", lambda found: base64.b64decode(found[1]).decode(), text)
    text = re.sub(r"<metadata>command: .*?; seed", "<metadata>seed", text)             # of the drawings
    text = re.sub(r'<pre id="command">.*?</pre>', "", text, flags=re.DOTALL)
    text = re.sub(r"<div>\s*<dt>[^<]*</dt>\s*<dd>SHA-256 [^<]*</dd>\s*</div>\s*", "", text)
    text = re.sub(r"<dt>(seconds|threads)</dt><dd>[^<]*</dd>", "", text)
    text = re.sub(r"[0-9.e-]+ m?s\b", "TIME", text)
    return text


@pytest.fixture
def run(program, tmp_path, clouds):
    for name, cloud in zip(("x.npy", "y.npy"), clouds, strict=True):
        np.save(tmp_path / name, cloud)

    def call(*words):
        done = subprocess.run([program, *map(str, words), "--quiet"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return tmp_path / "theirs.html"
    return call


_NAMES = {"names": ("x.npy", "y.npy")}


@pytest.mark.parametrize("options, moved", [
    ({}, {}), ({}, {"mode": "sample"}), ({}, {"direction": "backward"}), ({"tolerance": 1e-6}, {})])
def test_the_page_of_an_answer_is_that_of_the_command_line(run, clouds, tmp_path, options, moved):
    theirs = run("transport", "x.npy", "y.npy", "--epsilon", 0.5, "--seed", 11, "-o", "moved.npy", "--report", "theirs.html",
                 *(word for key, value in options.items() for word in ("--set", f"{key}={value}")),
                 *(word for key, value in moved.items() for word in (f"--{key}", value)))
    r = otb.solve(*clouds, epsilon=0.5, seed=11, **options)
    r.save_html(tmp_path / "ours.html", **moved, **_NAMES)
    assert data_of(tmp_path / "ours.html") == data_of(theirs)
    ours = body_of(tmp_path / "ours.html").replace("; sample() draws", "; --mode sample draws")
    assert ours == body_of(theirs)
    text = (tmp_path / "ours.html").read_text(encoding="utf-8")
    given = "".join(f", {key}={value:g}" for key, value in options.items())
    assert f"otbridge.solve(x, y, solver='sinkhorn', epsilon=0.5, seed=11{given})" in html.unescape(text)


def test_laws_that_are_no_clouds_stand_as_the_points_of_the_plan(run, tmp_path):
    theirs = run("transport", "moons@torchcfm", "8gaussians@torchcfm", "--samples", 100, "--epsilon", 0.5, "--seed", 3, "-o", "moved.npy",
                 "--report", "theirs.html")
    r = otb.solve("moons@torchcfm", "8gaussians@torchcfm", epsilon=0.5, seed=3, samples=100)
    r.save_html(tmp_path / "ours.html", names=("moons@torchcfm", "8gaussians@torchcfm"))
    assert data_of(tmp_path / "ours.html") == data_of(theirs)


def test_the_page_of_a_comparison_is_that_of_the_command_line(run, clouds, tmp_path):
    theirs = run("compare", "x.npy", "y.npy", "--epsilon", 0.5, "--seed", 11, "--solvers", "sinkhorn,exact,mixture",
                 "--set", "mixture.components=2", "--report", "theirs.html")
    rows = otb.compare(*clouds, {"sinkhorn": {}, "exact": {}, "mixture": {"components": 2}}, epsilon=0.5, seed=11)
    rows.save_html(tmp_path / "ours.html", **_NAMES)
    assert data_of(tmp_path / "ours.html") == data_of(theirs)
    text = (tmp_path / "ours.html").read_text(encoding="utf-8")
    assert "comes nearest to the target" in text and "Settings of mixture" in text and "off the map of sinkhorn" in text
    with pytest.raises(otb.InvalidInput, match="pickled"):
        pickle.loads(pickle.dumps(rows)).save_html(tmp_path / "again.html")


def test_the_truth_has_a_panel_of_its_own(tmp_path):
    rows = otb.compare(otb.gaussian([0.0, 0.0]), otb.gaussian([2.0, 1.0], std=0.5), ["gaussian", "sinkhorn"],
                       epsilon=0.5, samples=50)
    rows.save_html(tmp_path / "page.html")
    panels = data_of(tmp_path / "page.html")["view"]["panels"]
    assert [panel["name"] for panel in panels] == ["truth", "gaussian", "sinkhorn"]


def test_plans_that_were_read_tell_what_they_know(result, tmp_path):
    result.save_html(tmp_path / "solved.html")
    otb.plan_of_bytes(result.to_bytes()).save_html(tmp_path / "read.html")
    solved, read = (data_of(tmp_path / name)["view"] for name in ("solved.html", "read.html"))
    assert solved == read and data_of(tmp_path / "read.html")["runs"] == []
    text = (tmp_path / "read.html").read_text(encoding="utf-8")
    assert "converged" in text and "Settings of" not in text
    result.with_sampler(noise=0.0).save_html(tmp_path / "still.html", seed=5)
    assert "another sampler" in (tmp_path / "still.html").read_text(encoding="utf-8")


def test_other_files_and_words_are_refused(result, tmp_path):
    for words, options in (("extension must be .html", {"path": tmp_path / "x.htm"}), ("zero byte", {"path": "a\0.html"}),
                           ("mode = 'mean'", {"mode": "mean"}), ("direction = 1", {"direction": 1}),
                           ("names = 'ab'", {"names": "ab"}), ("names = 3", {"names": 3}), ("samples = 0", {"samples": 0}), ("seed = -1", {"seed": -1})):
        with pytest.raises(otb.InvalidInput, match=words):
            result.save_html(**({"path": tmp_path / "x.html"} | options))
    with pytest.raises(otb.IoFailure, match="nowhere"):
        result.save_html(tmp_path / "nowhere" / "x.html")
    x = np.zeros((3, 2))
    refused = otb.compare(x, x + 1, ["gaussian"], epsilon=0.5)
    with pytest.raises(otb.InvalidInput, match="save_html: "):
        refused.save_html(tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []
