"""What solvers say, against definitions in NumPy and closed forms."""

import pickle

import numpy as np
import pytest

import otbridge as otb


def cost(x, y):
    return 0.5 * ((x[:, None] - y[None]) ** 2).sum(axis=-1)


def dense_sinkhorn(a, b, c, epsilon, iterations=20000):
    """The scalings of Sinkhorn 1967 in plain NumPy, in the logarithm."""
    f, g = np.zeros(len(a)), np.zeros(len(b))
    for _ in range(iterations):
        f = -epsilon * np.logaddexp.reduce((g - c) / epsilon + np.log(b), axis=1)
        step = -epsilon * np.logaddexp.reduce((f[:, None] - c) / epsilon + np.log(a)[:, None], axis=0)
        if np.abs(step - g).max() < 1e-13:
            break
        g = step
    return a[:, None] * b * np.exp((f[:, None] + g - c) / epsilon)


def test_a_plan_is_that_of_sinkhorn_in_numpy(weighted):
    x, y, a, b = weighted
    keep, hold = a > 0, b > 0
    r = otb.solve(x, y, epsilon=0.7, a=a, b=b, tolerance=1e-11)
    wanted = np.zeros((60, 80))
    wanted[np.ix_(keep, hold)] = dense_sinkhorn(a[keep], b[hold], cost(x[keep], y[hold]), 0.7)
    assert np.abs(r.plan - wanted).max() < 1e-10
    assert r.value_linear == pytest.approx((wanted * cost(x, y)).sum(), rel=1e-9)
    mass = wanted[wanted > 0]
    kl = (mass * np.log(mass / np.outer(a, b)[wanted > 0])).sum()
    assert r.value == pytest.approx(r.value_linear + 0.7 * kl, rel=1e-9)
    assert r.converged and r.status == "converged" and r.gap >= 0 and r.n_iter > 0


def test_potentials_make_the_plan_and_extend_it(weighted):
    x, y, a, b = weighted
    r = otb.solve(x, y, epsilon=0.7, a=a, b=b, tolerance=1e-11)
    f, g = r.potentials
    assert np.allclose(np.outer(a, b) * np.exp((f[:, None] + g - cost(x, y)) / 0.7), r.plan, atol=1e-15)
    assert abs(f @ a) < 1e-12
    assert np.allclose(r.f(x), f, atol=1e-8) and np.allclose(r.g(y), g, atol=1e-8)
    new = np.array([[0.3, -0.2]])
    soft = -0.7 * np.logaddexp.reduce((g - cost(new, y)[0])[b > 0] / 0.7 + np.log(b[b > 0]))
    assert r.f(new)[0] == pytest.approx(soft, rel=1e-9)


def test_marginals_rows_and_sparse_form_are_those_of_the_dense_plan(weighted):
    x, y, a, b = weighted
    r = otb.solve(x, y, epsilon=0.7, a=a, b=b)
    plan = r.plan
    assert plan.shape == (60, 80) and plan.flags["C_CONTIGUOUS"]
    for found, wanted in zip(r.marginals, (plan.sum(axis=1), plan.sum(axis=0))):
        assert np.allclose(found, wanted, atol=1e-15)
    assert np.abs(r.marginals[0] - a).sum() < 1e-5
    assert (r.plan_rows(7, 12) == plan[7:12]).all()
    assert (r.sparse_plan.toarray() == plan).all()
    assert np.allclose(r.source, x) and np.allclose(r.target_weights, b)


def test_the_exact_plan_is_that_of_linear_programming(weighted):
    from scipy.optimize import linprog
    x, y, a, b = weighted
    x, y, a, b = x[:12], y[:15], a[:12] / a[:12].sum(), b[:15] / b[:15].sum()
    rows = np.kron(np.eye(12), np.ones(15))
    columns = np.kron(np.ones(12), np.eye(15))
    program = linprog(cost(x, y).ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([a, b]))
    r = otb.solve(x, y, a=a, b=b, solver="exact")
    assert r.value == pytest.approx(program.fun, rel=1e-9)
    i, j, mass = r.flows()
    assert len(i) <= 12 + 15 - 1 and mass.sum() == pytest.approx(1)
    assert (mass * cost(x, y)[i, j]).sum() == pytest.approx(program.fun, rel=1e-9)


def test_the_gaussian_bridge_is_the_closed_form():
    # On the line, of N(0, s^2) and N(m, t^2): the covariance of the ends is
    # sqrt(s^2 t^2 + eps^2 / 4) - eps / 2 (Janati, Muzellec, Peyre, Cuturi 2020).
    s, t, m, eps = 1.3, 0.6, 2.0, 0.5
    r = otb.solve(otb.gaussian([0.0], std=s), otb.gaussian([m], std=t), epsilon=eps, solver="gaussian")
    cross = np.sqrt(s**2 * t**2 + eps**2 / 4) - eps / 2
    x = np.array([[-1.0], [0.0], [2.5]])
    assert np.allclose(r.map(x), m + cross / s**2 * x, atol=1e-12)
    assert np.allclose(r.covariance([[0.4]]), t**2 - cross**2 / s**2, atol=1e-12)
    back = np.array([[m + 1.0]])
    assert np.allclose(r.map(back, direction="backward"), cross / t**2, atol=1e-12)
    with pytest.raises(otb.InvalidInput, match="no coupling"):
        r.plan


def test_paths_begin_at_their_starts_and_end_as_samples_do(result, clouds):
    x, y = clouds
    times, paths = result.paths(x, 5, seed=4)
    assert paths.shape == (5, 60, 2) and (times == np.linspace(0, 1, 5)).all()
    assert (paths[0] == x).all()
    ends = {tuple(row) for row in y}
    assert all(tuple(row) in ends for row in paths[-1])
    assert all(tuple(row) in ends for row in result.sample(x, seed=4))
    assert (result.sample(x, seed=4) == result.sample(x, seed=4)).all()
    assert not (result.sample(x, seed=4) == result.sample(x, seed=5)).all()
    _, back = result.paths(y, [0.0, 0.3, 1.0], direction="backward")
    assert (back[-1] == y).all() and {tuple(row) for row in back[0]} <= {tuple(row) for row in x}


def test_the_map_is_the_barycentre_of_the_plan(result, clouds):
    x, y = clouds
    plan = result.plan
    assert np.allclose(result.map(x), plan @ y / plan.sum(axis=1, keepdims=True), atol=1e-9)
    assert np.allclose(result.map(y, direction="backward"),
                       plan.T @ x / plan.sum(axis=0)[:, None], atol=1e-4)


def test_the_drift_at_time_0_points_to_the_map(result, clouds):
    x, _ = clouds
    assert np.allclose(result.drift(0.0, x), result.map(x) - x, atol=1e-9)


def test_partners_are_drawn_from_the_rows_of_the_plan(result, clouds):
    _, y = clouds
    j = result.partners(seed=2)
    assert (y[j] == result.sample(result.source, seed=2)).all()
    counts = np.zeros((60, 80))
    for seed in range(400):
        counts[np.arange(60), result.partners(seed)] += 1
    # Each entry is binomial; 4.9 deviations of 4800 entries are passed with probability 5e-3 at most,
    # and the seeds are fixed.
    rows = result.plan / result.plan.sum(axis=1, keepdims=True)
    deviation = np.sqrt(400 * rows * (1 - rows)) + 1
    assert (np.abs(counts - 400 * rows) < 5.5 * deviation).all()


def test_another_sampler_keeps_the_marginals(result, clouds):
    x, y = clouds
    flow = result.with_sampler(noise=0.0)
    assert (result.with_sampler().map(x) == result.map(x)).all()
    moved = flow.map(x)
    assert np.linalg.norm(moved.mean(axis=0) - y.mean(axis=0)) < 0.5
    with pytest.raises(otb.InvalidInput, match="noise"):
        result.with_sampler(noise=-1.0)


def test_a_batch_is_its_problems_one_by_one(clouds):
    x, y = clouds
    pairs = [(x[:20], y[:30]), (x[20:45], y[30:]), (x[45:], y)]
    for one, pair in zip(otb.solve_batch(pairs, epsilon=0.4, threads=2), pairs):
        assert one.to_bytes() == otb.solve(*pair, epsilon=0.4).to_bytes()
    assert otb.solve_batch([], epsilon=1.0) == []


def test_the_callback_sees_every_record_and_may_stop(clouds):
    seen = []
    r = otb.solve(*clouds, epsilon=0.05, callback=seen.append)
    assert [p.iteration for p in seen] == [p.iteration for p in r.trace] and len(seen) > 3
    assert seen[-1].marginal_error_source <= 1e-6 or seen[-1].fraction > 0.5
    assert "iteration" in repr(seen[0])
    stopped = otb.solve(*clouds, epsilon=0.05, callback=lambda p: p.iteration < 3)
    assert stopped.status == "interrupted" and not stopped.converged
    assert np.isfinite(stopped.map(clouds[0])).all()


def test_a_time_limit_leaves_a_usable_plan():
    r = otb.solve(otb.gaussian([0, 0]), otb.gaussian([1, 1]), epsilon=0.5, solver="dsbm", time_limit=0.2)
    assert r.status == "time_limit" and np.isfinite(r.map([[0.0, 0.0]])).all()


def test_settings_of_numpy_are_taken_and_wrong_ones_named(clouds):
    r = otb.solve(*clouds, epsilon=np.float32(0.5), iterations=np.int64(2), tolerance=np.float64(1e-12))
    assert r.status == "iteration_limit" and r.n_iter == 2
    with pytest.raises(otb.InvalidInput, match='unknown setting; did you mean "tolerance"'):
        otb.solve(*clouds, toleranc=1.0)
    with pytest.raises(otb.InvalidInput, match="/solver/tolerance"):
        otb.solve(*clouds, tolerance=-1.0)
    with pytest.raises(otb.InvalidInput, match="/solver/tolerance"):
        otb.solve(*clouds, tolerance=object())
    with pytest.raises(otb.InvalidInput, match="/solver/iterations"):
        otb.solve(*clouds, iterations=10**40)
    with pytest.raises(otb.InvalidInput, match='did you mean "sinkhorn"'):
        otb.solve(*clouds, solver="sinkhron")


def test_every_solver_is_listed_with_its_settings_and_solves():
    named = {row["name"]: row for row in otb.solvers()}
    assert set(named) == {"sinkhorn", "exact", "gaussian", "mixture", "dsb", "dsbm", "truth"}
    assert named["sinkhorn"]["settings"]["tolerance"]["default"] == "1e-06"
    a, b = otb.gaussian([0.0, 0.0]), otb.gaussian([1.0, 0.0], std=0.5)
    quick = {"dsb": {"iterations": 1, "training_steps": 20}, "dsbm": {"iterations": 1, "training_steps": 20}}
    for name in named:
        budget = {key: value for key, value in quick.get(name, {}).items() if key in named[name]["settings"]}
        r = otb.solve(a, b, epsilon=0.5, solver=name, seed=1, **budget)
        assert r.solver == name and np.isfinite(r.map([[0.0, 0.0]])).all()
        assert otb.plan_of_bytes(r.to_bytes()).map([[0.1, 0.2]]) == pytest.approx(
            r.map([[0.1, 0.2]]), abs=0.0)


def test_a_known_problem_has_its_truth():
    known = {"known": {"type": "blurred", "law": {"type": "gaussian", "mean": [0, 0], "std": 1}}}
    p = otb.problem(known, epsilon=0.5)
    assert p.dimension == 2 and p.epsilon == 0.5 and "Problem" in repr(p)
    truth = otb.solve(p, solver="truth")
    # X_0 = Y + sqrt(eps) Z and X_1 = Y: E[X_1 | X_0 = x] = x / (1 + eps).
    assert np.allclose(truth.map([[1.5, -3.0]]), [[1.0, -2.0]], atol=0.05)
    with pytest.raises(otb.InvalidInput, match="known problem"):
        otb.problem(known)
    with pytest.raises(otb.InvalidInput, match="own target"):
        otb.solve(p, [[0.0, 0.0]])


def test_settings_reach_the_solver_under_their_own_names():
    laws = otb.law({"type": "gaussian", "mean": [0], "std": 1}), otb.law({"type": "gaussian", "mean": [1], "std": 1})
    small = dict(solver="dsbm", epsilon=1.0, samples=50, training_steps=2, hidden=[4], steps=4, iterations=1)
    moved = [otb.solve(*laws, start=start, **small).map(np.zeros((1, 1)))[0, 0]
             for start in ("sinkhorn", "independent", "reference")]
    assert len(set(moved)) == 3
    with pytest.raises(otb.InvalidInput, match="/solver/start"):
        otb.solve(*laws, start="nearest", **small)
    # No argument of the function takes the place of a setting.
    arguments = set(otb.solve.__kwdefaults__) - {"epsilon", "epsilon_relative", "theta", "seed", "threads"}
    assert not arguments & {name for row in otb.solvers() for name in row["settings"]}


def test_a_problem_names_its_solver_seed_and_samples_as_on_the_command_line():
    spec = {"source": "moons", "target": "8gaussians", "reference": {"epsilon": 0.5}, "samples": 20, "seed": 5,
            "solver": {"name": "exact"}}
    r = otb.solve(spec)
    assert r.solver == "exact" and r.report()["seed"] == 5 and r.flows()[0].max() == 19
    assert otb.solve(spec, seed=6).report()["seed"] == 6 and otb.solve(spec, solver="sinkhorn").solver == "sinkhorn"
    spec["solver"] = {"name": "dsb", "iterations": 1, "training_steps": 5}
    assert otb.solve(spec).n_iter == 1
    spec["solver"] = {"name": "sinkhorn", "iterations": 3}
    assert otb.solve(spec).n_iter == 3 and otb.solve(spec, iterations=4).n_iter == 4
    # Of another solver than the file's its settings are not.
    assert otb.solve(spec, solver="exact").converged
    assert otb.solve(spec, iterations=None).n_iter == 3
    with pytest.raises(otb.InvalidInput, match="a problem has its own weights"):
        otb.solve(spec, a=np.ones(20))
    compared = otb.compare(spec, solvers=["sinkhorn"])
    assert compared.results[0].flows()[0].max() == 19 and compared.results[0].report()["seed"] == 5


def test_columns_belong_together_by_their_names(tmp_path):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [10.0, 10.0, 11.0]})
    turned = table[["y", "x"]]
    assert otb.distance(table, turned)["w2"] == 0.0
    assert otb.solve(table, turned, solver="exact").value == 0.0
    truths = pd.DataFrame([[0.0, 10.0], [5.0, 20.0]], columns=[True, False])
    assert otb.distance(truths, truths.iloc[:, ::-1])["w2"] > 1.0  # no names
    # Other names are other columns, by their places.
    assert otb.distance(table, turned.rename(columns={"y": "a", "x": "b"}))["w2"] > 1.0
    # So are those of files, and of what is moved by a plan, whether it was kept or not.
    table.to_csv(tmp_path / "table.csv", index=False)
    turned.to_csv(tmp_path / "turned.csv", index=False)
    spec = {"source": str(tmp_path / "table.csv"), "target": {"type": "points", "file": str(tmp_path / "turned.csv")}}
    for pair in ((table, tmp_path / "turned.csv"), (tmp_path / "table.csv", turned),
                 (tmp_path / "table.csv", str(tmp_path / "turned.csv")), (spec, None)):
        r = otb.solve(*pair, solver="exact")
        r.save(tmp_path / "plan.safetensors")
        for plan in (r, otb.load_plan(tmp_path / "plan.safetensors"), pickle.loads(pickle.dumps(r)),
                     otb.compare(*pair, solvers=["exact"]).results[0]):
            assert plan.value == 0.0 and (plan.map(turned) == table.to_numpy()).all()
            assert (plan.map(turned.to_numpy()) != table.to_numpy()).any()
    # The columns of either end in their own order, where they are not the same ones.
    ends = table + 1.0
    r = otb.solve(table, ends.rename(columns={"x": "u", "y": "v"}), epsilon=1.0)
    back = ends.rename(columns={"x": "u", "y": "v"})[["v", "u"]]
    assert (r.map(back, direction="backward") == r.map(ends.to_numpy(), direction="backward")).all()
    assert (r.f(turned) == r.f(table)).all() and (r.g(back) == r.g(ends.to_numpy())).all()
    assert (r.drift(0.5, turned) == r.drift(0.5, table)).all()
    assert (r.paths(turned, 3, seed=1)[1] == r.paths(table, 3, seed=1)[1]).all()
    assert (r.sample(turned, 1) == r.sample(table, 1)).all()


def test_a_callback_may_answer_by_a_truth_of_numpy(clouds):
    seen = []

    def enough(progress):
        seen.append(progress)
        return np.float64(len(seen)) < 2.0

    assert otb.solve(*clouds, epsilon=1e-3, callback=enough).status == "interrupted" and len(seen) < 5


def test_names_of_columns_may_be_tuples_and_letters_of_any_code(tmp_path, clouds):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(clouds[0], columns=[("a", "x"), ("a", "y")])
    assert otb.distance(table, table.iloc[:, ::-1])["w2"] == 0.0
    r = otb.solve(table, clouds[1], epsilon=0.5)
    for plan in (r, r.with_sampler(noise=0.5)):
        assert (plan.map(table.iloc[:, ::-1]) == plan.map(clouds[0])).all()
    upper, lower = (pd.DataFrame(clouds[0], columns=names) for names in (["X", "Y"], ["x", "y"]))
    assert (otb.solve(upper, clouds[1], epsilon=0.5).map(lower[["y", "x"]]) == r.map(clouds[0])).all()
    (tmp_path / "latin.csv").write_bytes("größe,x\n1,2\n3,5\n".encode("latin-1"))
    (tmp_path / "utf8.csv").write_text("x,größe\n2,1\n5,3\n", encoding="utf-8")
    assert otb.distance(tmp_path / "latin.csv", tmp_path / "utf8.csv")["w2"] == 0.0
    frame = pd.read_csv(tmp_path / "utf8.csv")
    r = otb.solve(tmp_path / "latin.csv", frame, solver="exact")
    assert r.value == 0.0 and r.map(frame).tolist() == [[1.0, 2.0], [3.0, 5.0]]
    strange = pd.DataFrame(clouds[0], columns=["\udce9", "x"])
    otb.solve(strange, strange, solver="exact").to_bytes()  # no text that a file could hold
    known = {"known": {"type": "blurred", "law": {"type": "points", "file": str(tmp_path / "latin.csv")}},
             "reference": {"epsilon": 1}}
    r = otb.solve(known, solver="truth")
    ends = frame[["größe", "x"]].to_numpy()
    assert (r.map(frame, direction="backward") == r.map(ends, direction="backward")).all()


def test_settings_are_a_dict_or_nothing(clouds):
    assert otb.compare(*clouds, solvers={"exact": None}, epsilon=1.0)[0]["solver"] == "exact"
    with pytest.raises(otb.InvalidInput, match=r"solvers\['sinkhorn'\] = 3: must be a dict"):
        otb.compare(*clouds, solvers={"sinkhorn": 3}, epsilon=1.0)


def test_a_batch_of_problems_takes_no_epsilon_beside_theirs(clouds):
    with pytest.raises(otb.InvalidInput, match="a problem has its own"):
        otb.solve_batch([otb.problem(*clouds, epsilon=0.5)], epsilon=30.0)
