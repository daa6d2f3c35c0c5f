"""The same seed, the same bytes as the command line."""

import json
import subprocess

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
    # The command line notes that epsilon is nothing to the exact solver.
    epsilon = None if solver == "exact" else 0.5
    common = ["x.npy", "y.npy", "--solver", solver, "--seed", 11, "--quiet", *set_options]
    if epsilon is not None:
        common += ["--epsilon", epsilon]
    r = otb.solve(x, y, solver=solver, epsilon=epsilon, seed=11, threads=2, **options)
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
                          "--epsilon", 0.5, "--solvers", "sinkhorn,exact", "--json", "--quiet",
                          "--set", "sinkhorn.samples=60", "--set", "exact.samples=60"))
    rows = otb.compare("moons@torchcfm", "8gaussians@torchcfm",
                       {"sinkhorn": {"samples": 60}, "exact": {"samples": 60}}, epsilon=0.5, seed=3, samples=60)
    for row, wanted in zip(rows, said["rows"], strict=True):
        for key in ("solver", "w2", "w1", "sliced_w2", "energy_distance", "bw2_uvp", "transport_cost", "map_rmse"):
            assert row[key] == wanted[key], key


def test_distances(run):
    said = json.loads(run("distance", "moons@torchcfm", "8gaussians@torchcfm", "--samples", 80, "--seed", 2,
                          "--epsilon", 0.5, "--json", "--quiet"))
    found = otb.distance("moons@torchcfm", "8gaussians@torchcfm", samples=80, seed=2, epsilon=0.5)
    for key in ("w2", "w1", "sliced_w2", "energy_distance", "sinkhorn_divergence"):
        assert found[key] == said[key], key
