"""The same seed, the same bytes as the command line."""

import json
import subprocess
import zlib

import numpy as np
import pytest

import otbridge as otb


@pytest.fixture
def run(program, tmp_path):
    def call(*arguments, code=0):
        done = subprocess.run([program, *map(str, arguments)], cwd=tmp_path, capture_output=True, timeout=120)
        assert done.returncode == code, done.stderr.decode()
        return done.stdout
    return call


def test_draws_of_a_toy(run, tmp_path):
    run("sample", "moons@torchcfm", "--samples", 50, "--seed", 7, "-o", "moons.npy")
    assert np.load(tmp_path / "moons.npy").tobytes() == otb.toy("moons@torchcfm", 50, seed=7).tobytes()


@pytest.mark.parametrize("solver, options", [
    ("sinkhorn", {}), ("exact", {}), ("mixture", {"components": 3}),
    ("dsb", {"iterations": 1}), ("dsbm", {"iterations": 1}),
])
def test_plans_maps_draws_and_paths(run, tmp_path, clouds, solver, options):
    if solver in ("dsb", "dsbm"):
        kinds = {row["name"]: row["settings"] for row in otb.solvers()}[solver]
        options |= {name: 30 for name in kinds if name.endswith("steps") and "chain" not in name}
    x, y = clouds
    for name, cloud in (("x", x), ("y", y)):
        np.save(tmp_path / f"{name}.npy", cloud)
    set_options = [word for key, value in options.items() for word in ("--set", f"{key}={value}")]
    common = ["x.npy", "y.npy", "--solver", solver, "--seed", 11, "--quiet", *set_options, "--epsilon", 0.5]
    r = otb.solve(x, y, solver=solver, epsilon=0.5, seed=11, threads=2, **options)
    code = 0 if r.converged else 4  # of a few steps of training
    run("transport", *common, "--mode", "sample", "--plan", "plan.safetensors", "-o", "moved.npy", code=code)
    assert (tmp_path / "plan.safetensors").read_bytes() == r.to_bytes()
    assert np.load(tmp_path / "moved.npy").tobytes() == r.sample(x, seed=11).tobytes()
    run("apply", "plan.safetensors", "--input", "x.npy", "--quiet", "-o", "mapped.npy")
    assert np.load(tmp_path / "mapped.npy").tobytes() == r.map(x).tobytes()
    run("interpolate", *common, "--times", "0,0.25,1", "-o", "paths.npy", code=code)
    assert np.load(tmp_path / "paths.npy").tobytes() == r.paths(x, [0, 0.25, 1], seed=11)[1].tobytes()


def test_laws_epsilon_and_comparison(run):
    said = json.loads(run("transport", "spiral@sb-fbsde", "8gaussians@torchcfm", "--samples", 100, "--seed", 3,
                          "--epsilon-relative", 0.1, "--json", "--quiet"))
    # The mean cost of the spiral, which has no closed form, is drawn under the seed.
    r = otb.solve("spiral@sb-fbsde", "8gaussians@torchcfm", epsilon_relative=0.1, seed=3, samples=100)
    report = r.report()
    for key in ("epsilon", "value", "duality_gap", "iterations", "kl", "mean_cost", "notes"):
        assert report[key] == said[key], key
    said = json.loads(run("compare", "moons@torchcfm", "8gaussians@torchcfm", "--samples", 60, "--seed", 3,
                          "--epsilon", 0.5, "--solvers", "sinkhorn,exact", "--json", "--quiet"))
    rows = otb.compare("moons@torchcfm", "8gaussians@torchcfm", ["sinkhorn", "exact"], epsilon=0.5, seed=3, samples=60)
    for row, wanted in zip(rows, said["rows"], strict=True):
        assert row["report"]["notes"] == wanted["report"]["notes"]
    for row, wanted in zip(rows, said["rows"], strict=True):
        for key in ("solver", "w2", "w1", "sliced_w2", "energy_distance", "bw2_uvp", "transport_cost", "map_rmse"):
            assert row[key] == wanted[key], key


def test_distances(run):
    said = json.loads(run("distance", "moons@torchcfm", "8gaussians@torchcfm", "--samples", 80, "--seed", 2,
                          "--epsilon", 0.5, "--json", "--quiet"))
    found = otb.distance("moons@torchcfm", "8gaussians@torchcfm", samples=80, seed=2, epsilon=0.5)
    for key in ("w2", "w1", "sliced_w2", "energy_distance", "sinkhorn_divergence"):
        assert found[key] == said[key], key


def test_what_is_said_of_a_problem_is_in_the_plan_too(run, tmp_path, clouds):
    (tmp_path / "x.csv").write_text("x,y,time,w\n" + "\n".join(f"{u!r},{v!r},7,{k + 1}" for k, (u, v) in enumerate(clouds[0].tolist())))
    np.save(tmp_path / "y.npy", clouds[1])
    run("transport", "x.csv", "y.npy", "--quiet", "--plan", "plan.safetensors", "-o", "moved.npy")
    kept = otb.load_plan(tmp_path / "plan.safetensors")
    r = otb.solve(tmp_path / "x.csv", clouds[1])
    # By the name of the file as it was given.
    assert [note.replace(str(tmp_path) + "/", "") for note in r.notes] == kept.notes
    assert any("no epsilon given" in note for note in r.notes) and any("time" in note for note in r.notes)
    assert otb.solve_batch([(clouds[0], clouds[1])])[0].notes == otb.solve(*clouds).notes != []
    # Epsilon matters if it does to any solver.
    for solvers, said in ((["exact"], []), (["exact", "sinkhorn"], ["no epsilon given: using epsilon_relative 0.05"])):
        notes = otb.compare(*clouds, solvers, samples=60)[0]["report"]["notes"]
        assert [note.partition(", ")[0] for note in notes] == said


def test_columns_that_are_turned_are_told_by_the_name_of_the_first(run, tmp_path, clouds, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, cloud, head in (("xy.csv", clouds[0], "x,y"), ("yx.csv", clouds[1][:, ::-1], "y,x")):
        (tmp_path / name).write_text(head + "\n" + "\n".join(f"{u!r},{v!r}" for u, v in cloud.tolist()))
    run("transport", "xy.csv", "yx.csv", "--epsilon", 0.5, "--quiet", "--plan", "p.safetensors", "-o", "moved.npy")
    r = otb.solve("xy.csv", "yx.csv", epsilon=0.5)
    assert r.to_bytes() == (tmp_path / "p.safetensors").read_bytes()
    assert "yx.csv: its columns are taken in the order of xy.csv" in r.notes
    # So are the components of a mixture.
    wanted = otb.law({"type": "mixture", "weights": [1, 1], "components": ["xy.csv", "yx.csv"]}).sample(50, seed=1)
    assert (otb.mixture([1, 1], ["xy.csv", "yx.csv"]).sample(50, seed=1) == wanted).all()
    pandas = pytest.importorskip("pandas")
    tables = [pandas.read_csv(name) for name in ("xy.csv", "yx.csv")]
    assert (otb.mixture([1, 1], tables).sample(50, seed=1) == wanted).all()


def _picture(path, rows):
    """A PNG of RGB, without a library."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    height, width = rows.shape[:2]
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def test_pixels_that_stand_for_a_picture(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, seed in (("a.png", 1), ("b.png", 2)):
        _picture(tmp_path / name, np.random.default_rng(seed).integers(0, 256, (40, 30, 3)).astype(np.uint8))
    run("transport", "a.png", "b.png", "--samples", 50, "--seed", 3, "--epsilon", 0.01, "--quiet", "--plan", "p.safetensors",
        "-o", "moved.csv")
    r = otb.solve("a.png", "b.png", samples=50, seed=3, epsilon=0.01)
    assert r.to_bytes() == (tmp_path / "p.safetensors").read_bytes() and r.source.shape == (50, 3)
    asked = {"source": {"type": "image", "file": "a.png"}, "target": {"type": "image", "file": "b.png"}, "samples": 50, "seed": 3}
    same = otb.solve(asked, epsilon=0.01)
    assert (same.source == r.source).all() and (same.target == r.target).all()
    said = json.loads(run("distance", "a.png", "b.png", "--samples", 50, "--epsilon", 0.01, "--json", "--quiet"))
    assert otb.distance("a.png", "b.png", samples=50, epsilon=0.01)["w2"] == said["w2"]
    assert otb.solve(otb.law("a.png"), otb.law("b.png"), epsilon=0.01).source.shape[0] > 1000  # whole
    assert (otb.solve(otb.problem("a.png", "b.png", samples=50.0, seed=3, epsilon=0.01)).source == r.source).all()
