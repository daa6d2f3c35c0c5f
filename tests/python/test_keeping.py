"""Plans in files, in bytes, in pickles; errors by their kinds."""

import copy
import pickle

import numpy as np
import pytest

import otbridge as otb


def same(one, other, x):
    assert (one.map(x) == other.map(x)).all() and (one.sample(x, 3) == other.sample(x, 3)).all()
    assert one.to_bytes() == other.to_bytes()


def test_a_plan_is_kept_by_file_bytes_pickle_and_copy(result, clouds, tmp_path):
    path = tmp_path / "plan.safetensors"
    result.save(path)
    assert path.read_bytes() == result.to_bytes()
    for other in (otb.load_plan(path), otb.load_plan(str(path)), otb.plan_of_bytes(result.to_bytes()),
                  pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        same(result, other, clouds[0])
        assert (other.plan == result.plan).all() and other.value == result.value
        assert other.report()["seconds"] is None and other.trace == []
        assert other.status == "converged" and repr(other) == repr(result)


def test_other_readers_open_the_file(result, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    result.save(tmp_path / "plan.safetensors")
    tensors = safetensors.load_file(tmp_path / "plan.safetensors")
    assert (tensors["plan.f"].ravel() == result.potentials[0]).all()


def test_plans_of_laws_are_pickled_too():
    r = otb.solve(otb.points([[0.0, 0.0], [1.0, 0.0]]), otb.mixture([1, 2], [otb.gaussian([1, 1]), otb.gaussian([2, 0], std=.3)]),
                  epsilon=0.5, solver="mixture", samples=200)
    same(r, pickle.loads(pickle.dumps(r)), np.zeros((3, 2)))
    assert r.log_density([[1.0, 1.0]]).shape == (1,)


def test_laws_and_problems_are_pickled_as_they_are():
    weights = np.random.default_rng(1).random(7)
    cloud = otb.points(np.random.default_rng(2).normal(size=(7, 2)), weights)
    mixed = otb.mixture([1, 2], [otb.gaussian([1, 1]), cloud])
    for law in (cloud, mixed, otb.gaussian([0, 1], [[2.0, 0.3], [0.3, 1.0]]), otb.law("moons")):
        assert (copy.deepcopy(law).sample(50, seed=3) == law.sample(50, seed=3)).all()
    known = otb.problem({"known": {"type": "blurred", "law": "moons"}}, epsilon=0.5, theta=0.1)
    again = pickle.loads(pickle.dumps(known))
    assert (again.epsilon, again.theta) == (0.5, 0.1)
    x = np.zeros((3, 2))
    assert (otb.solve(again, solver="truth").map(x) == otb.solve(known, solver="truth").map(x)).all()


def test_what_moves_under_another_sampler_is_pickled_with_it(result, clouds):
    moving = result.with_sampler(noise=0.5, steps=7)
    again = pickle.loads(pickle.dumps(moving))
    assert (again.sample(clouds[0], 3) == moving.sample(clouds[0], 3)).all()
    with pytest.raises(otb.InvalidInput, match="no file form"):
        moving.to_bytes()


def test_names_that_no_file_holds_are_pickled(clouds):
    pandas = pytest.importorskip("pandas")
    x = pandas.DataFrame(clouds[0], columns=[("a", "x"), ("a", "y")])
    r = otb.solve(x, clouds[1], epsilon=0.5)
    turned = x.iloc[:, ::-1]
    assert (r.map(turned) == r.map(x)).all()
    assert (copy.deepcopy(r).map(turned) == r.map(x)).all()


def test_times_of_paths_are_the_results_own(result, clouds):
    times = np.linspace(0, 1, 3)
    returned, _ = result.paths(clouds[0], times)
    returned *= 365
    assert times.tolist() == [0.0, 0.5, 1.0]


def test_damaged_and_missing_files_are_named(result, tmp_path):
    with pytest.raises(otb.IoFailure, match="nowhere") as missing:
        otb.load_plan(tmp_path / "nowhere.safetensors")
    assert isinstance(missing.value, OSError) and isinstance(missing.value, otb.Error)
    for bad in (b"", b"abc", result.to_bytes()[:-5], result.to_bytes() + b"x"):
        with pytest.raises(otb.InvalidInput, match="^plan: "):
            otb.plan_of_bytes(bad)
        (tmp_path / "bad.safetensors").write_bytes(bad)
        with pytest.raises(otb.InvalidInput, match="bad.safetensors"):
            otb.load_plan(tmp_path / "bad.safetensors")
    with pytest.raises(otb.InvalidInput, match="no bytes"):
        otb.plan_of_bytes("text")
    with pytest.raises(otb.IoFailure):
        result.save(tmp_path / "no" / "folder.safetensors")
    with pytest.raises(otb.InvalidInput, match="zero byte"):
        result.save("a\0b.safetensors")


def test_errors_are_of_the_kinds_that_python_has():
    assert issubclass(otb.InvalidInput, (otb.Error, ValueError)) and issubclass(otb.InvalidInput, ValueError)
    assert issubclass(otb.IoFailure, OSError) and issubclass(otb.MemoryLimit, MemoryError)
    assert all(issubclass(kind, otb.Error) for kind in (otb.InvalidInput, otb.IoFailure, otb.MemoryLimit))
    with pytest.raises(otb.MemoryLimit, match="needs about"):
        otb.toy("moons", 10**13)


def test_a_plan_that_no_machine_holds_is_refused_and_its_flows_are_few():
    x = np.arange(400000.0)
    r = otb.solve(x, x + 1, solver="exact")
    with pytest.raises(otb.MemoryLimit, match="rows 0 to 400000 of the plan: needs about"):
        r.plan
    i, j, mass = r.flows()
    assert len(i) == 400000 and (i == j).all() and r.value == pytest.approx(0.5)
    with pytest.raises(otb.MemoryLimit, match="needs about"):
        r.paths(x, times=10**6)
    with pytest.raises(otb.InvalidInput, match="range within"):
        r.plan_rows(400000, 400001)


def test_reports_are_dicts_and_tables(result):
    report = result.report()
    assert report["solver"] == "sinkhorn" and report["stop_reason"] == "converged"
    report["notes"].append("mine")
    assert result.report()["notes"] == result.notes == report["notes"][:-1]
    assert repr(result).startswith("<otbridge.Result sinkhorn, 60 to 80 points in R^2, epsilon=0.5, converged")
    html = result._repr_html_()
    assert html.startswith("<table>") and "duality_gap" in html


def test_laws_are_drawn_and_described():
    law = otb.gaussian([1.0, 2.0], [[2.0, 0.5], [0.5, 1.0]])
    assert law.dimension == 2 and law.type == "gaussian" and "gaussian" in repr(law)
    assert (law.covariance() == [[2.0, 0.5], [0.5, 1.0]]).all() and (law.mean() == [1.0, 2.0]).all()
    draws = law.sample(4000, seed=1)
    # Five standard errors of the mean.
    assert (np.abs(draws.mean(axis=0) - [1, 2]) < 5 * np.sqrt([2 / 4000, 1 / 4000])).all()
    at = np.array([[1.0, 2.0]])
    assert law.log_density(at)[0] == pytest.approx(-np.log(2 * np.pi) - 0.5 * np.log(1.75))
    assert (otb.law({"type": "toy", "name": "moons@torchcfm"}).sample(5) == otb.toy("moons@torchcfm", 5)).all()
    assert otb.law("moons@torchcfm").sample(5).tolist() == otb.toy("moons@torchcfm", 5).tolist()
    again = otb.law(law.to_json())
    assert (again.mean() == law.mean()).all() and (again.covariance() == law.covariance()).all()
    cloud = otb.points([[0.0, 0.0], [2.0, 2.0]], [1, 3])
    assert (cloud.mean() == [1.5, 1.5]).all()
    with pytest.raises(otb.InvalidInput, match="density"):
        cloud.log_density([[0.0, 0.0]])
    assert law.log_density([[1, 2]])[0] == law.log_density(at)[0] and law.sample(np.int64(3)).shape == (3, 2)
    for ask, message in ((lambda: law.log_density([[np.nan, 0.0], ["a", 1]]), "^x: "),
                         (lambda: law.sample(1e3), "n = 1000.0: must be a whole number"),
                         (lambda: law.sample(5, seed=-1), "seed = -1"),
                         (lambda: law.log_density(np.ma.masked_less(at, 1.5)), "masked"),
                         (lambda: otb.solve(cloud, cloud, solver=3), 'solver "3"'),
                         (lambda: otb.mixture([1], None), "^laws = None: must be a sequence"),
                         (lambda: otb.compare(cloud, cloud, None, epsilon=1), "^solvers = None: must be names"),
                         (lambda: otb.points([[10**400]]), "no numbers"),
                         (lambda: otb.solve(cloud, cloud, epsilon=10**400), "^epsilon = 1000"),
                         (lambda: otb.load_plan(3), "^3: must be the name of a file"),
                         (lambda: otb.load_plan(b"\xff.safetensors"), "must be UTF-8"),
                         (lambda: otb.solve(cloud, cloud, epsilon=1).paths([[0.0, 0.0]], [[0.0], [0.1, 0.2]]), "^times: is no array")):
        with pytest.raises(otb.InvalidInput, match=message):
            ask()
    names = [row["name"] for row in otb.toys()]
    assert "moons@torchcfm" in names and len(set(names)) == len(names)
    with pytest.raises(otb.InvalidInput, match="did you mean|known are"):
        otb.toy("moon", 5)
    with pytest.raises(otb.InvalidInput, match="no JSON"):
        otb.law({"type": object()})
    with pytest.raises(otb.InvalidInput, match="has its own weights"):
        otb.solve(cloud, [[0.0, 0.0]], a=[1])
    with pytest.raises(otb.InvalidInput, match="n = -1"):
        otb.toy("moons", -1)
    assert cloud.sample(0).shape == (0, 2)


def test_distances_are_those_of_scipy_and_of_definitions(weighted):
    from scipy.stats import wasserstein_distance
    x, y, a, b = weighted
    line = otb.distance(otb.points(x[:, 0], a), otb.points(y[:, 0], b))
    assert line["w1"] == pytest.approx(wasserstein_distance(x[:, 0], y[:, 0], a, b), rel=1e-9)
    both = otb.distance(x, y, epsilon=0.5)
    assert both["w2"] == pytest.approx(np.sqrt(2 * otb.solve(x, y, solver="exact").value), rel=1e-12)
    def mean(u, v):
        return np.linalg.norm(u[:, None] - v[None], axis=-1).mean()
    assert both["energy_distance"] == pytest.approx(2 * mean(x, y) - mean(x, x) - mean(y, y), rel=1e-9)
    own = [otb.solve(u, v, epsilon=0.5, tolerance=1e-9).value for u, v in ((x, y), (x, x), (y, y))]
    assert both["sinkhorn_divergence"] == pytest.approx(own[0] - (own[1] + own[2]) / 2, abs=1e-5)
    assert otb.distance(x, x)["w2"] == 0.0 and both["epsilon"] == 0.5


def test_comparisons_are_rows_with_their_plans():
    rows = otb.compare(otb.gaussian([0.0, 0.0]), otb.gaussian([2.0, 1.0], std=0.5),
                       {"sinkhorn": {"samples": 100}, "gaussian": {}, "exact": {}}, epsilon=0.5, samples=100)
    assert [row["solver"] for row in rows] == ["sinkhorn", "gaussian", "exact"]
    assert rows.truth is not None and rows.problem["dimension"] == 2
    assert rows[1]["truth"]["map_rmse"] == 0.0 and rows[0]["truth"]["map_rmse"] > 0.0
    assert rows.results[1].solver == "gaussian" and rows.results[0].plan.shape == (100, 100)
    x = np.zeros((3, 2))
    refused = otb.compare(x, x + 1, ["gaussian", "exact"], epsilon=0.5)
    assert "refusal" in refused[0] and refused.results[0] is None and refused[1]["w2"] == 0.0
    with pytest.raises(otb.InvalidInput, match="one at least"):
        otb.compare(x, x, [])
    with pytest.raises(otb.InvalidInput, match="unknown setting"):
        otb.compare(x, x, {"exact": {"x": 1}})


def test_a_callback_stops_the_solver_of_a_comparison_that_is_running(clouds):
    rows = otb.compare(*clouds, {"dsb": {"iterations": 3, "training_steps": 200, "hidden": [8]}, "sinkhorn": {}},
                       epsilon=0.5, samples=60, callback=lambda p: "iteration" not in p.phase)
    assert rows[0]["report"]["stop_reason"] == "interrupted"
    assert rows[1]["report"]["stop_reason"] == "converged"
