"""The estimator, as scikit-learn wants it."""

import numpy as np
import pytest

import otbridge as otb

sklearn = pytest.importorskip("sklearn")
from sklearn.base import clone  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402


def test_it_is_the_solver(clouds):
    x, y = clouds
    bridge = otb.Bridge(epsilon=0.5).fit(x, target=y)
    r = otb.solve(x, y, epsilon=0.5)
    assert (bridge.transform(x) == r.map(x)).all()
    assert (bridge.inverse_transform(y) == r.map(y, direction="backward")).all()
    assert (bridge.sample(x) == r.sample(x, 0)).all() and bridge.n_features_in_ == 2
    assert (otb.Bridge(epsilon=0.5).fit_transform(x, target=y) == r.map(x)).all()
    weights = np.linspace(1, 2, 60)
    weighted = otb.Bridge(epsilon=0.5).fit(x, target=y, sample_weight=weights).result_
    assert np.allclose(weighted.source_weights, weights / weights.sum())


def test_clone_parameters_and_pipelines(clouds):
    x, y = clouds
    bridge = otb.Bridge(0.3, solver="exact", settings={"pivots": 10**6})
    other = clone(bridge)
    assert other.get_params() == bridge.get_params() and not hasattr(other, "result_")
    with pytest.raises(otb.InvalidInput, match="fit\\(X, target=Y\\)"):
        other.fit(x)
    for settings, message in (({"epsilon": 3}, "epsilon is no setting"), ("pivots", "must be a dict")):
        with pytest.raises(otb.InvalidInput, match=message):
            otb.Bridge(settings=settings).fit(x, target=y)
    pandas = pytest.importorskip("pandas")
    tables = [pandas.DataFrame(cloud, columns=["u", "v"]) for cloud in clouds]
    fitted = otb.Bridge(0.3, solver="exact").fit(tables[0], target=tables[1][["v", "u"]]).result_
    assert (fitted.map(tables[0][["v", "u"]]) == otb.solve(x, y, solver="exact").map(x)).all()
    pipeline = make_pipeline(StandardScaler(), otb.Bridge(epsilon_relative=0.1))
    moved = pipeline.fit(x, bridge__target=y).transform(x)
    assert moved.shape == (60, 2)
    assert np.linalg.norm(moved.mean(axis=0) - y.mean(axis=0)) < 1e-3


def test_what_it_refuses_is_named_as_it_is_here(clouds):
    x, y = clouds
    for arguments, message in (({"target": np.c_[y, y]}, "^target: has dimension 4"),
                               ({"target": y, "target_weight": np.ones((80, 2))}, "^target_weight: has shape"),
                               ({"target": y, "sample_weight": [1.0]}, "^X: weights")):
        with pytest.raises(otb.InvalidInput, match=message):
            otb.Bridge(0.5).fit(x, **arguments)
    masked = np.ma.masked_greater(x, 1.0)
    for fit in (lambda: otb.Bridge(0.5).fit(masked, target=y), lambda: otb.Bridge(0.5).fit(y, target=masked),
                lambda: otb.Bridge(0.5).fit(x, target=y).transform(masked)):
        with pytest.raises(otb.InvalidInput, match="masked"):
            fit()
    fitted = otb.Bridge(0.5, seed=None).fit(x, target=y)
    assert (fitted.sample(x) == otb.Bridge(0.5, seed=0).fit(x, target=y).sample(x)).all()


def test_tables_by_the_names_of_either_end(clouds):
    pandas = pytest.importorskip("pandas")
    x, y = clouds
    plain = otb.Bridge(0.5).fit(x, target=y)
    source, target = pandas.DataFrame(x, columns=["x", "y"]), pandas.DataFrame(y, columns=["u", "v"])
    named = otb.Bridge(0.5).fit(source, target=target)
    for back in (target, target[["v", "u"]]):
        assert (named.inverse_transform(back) == plain.inverse_transform(y)).all()
    with pytest.raises(ValueError, match="order"):  # scikit-learn's own rule
        named.transform(source[["y", "x"]])
    # Names that scikit-learn does not know.
    levels = [("a", "x"), ("a", "y")]
    source.columns = pandas.MultiIndex.from_tuples(levels)
    assert (otb.Bridge(0.5).fit(source, target=y).transform(source[levels[::-1]]) == plain.transform(x)).all()


class _ToItself(otb.Bridge):
    """A bridge whose target is the source, since the checks give one array and no more."""

    def fit(self, X, y=None, *, sample_weight=None):
        return super().fit(X, target=X, sample_weight=sample_weight, target_weight=sample_weight)


def test_the_checks_of_scikit_learn():
    # Weights are to be as good as rows that are repeated, to 1e-7.
    check_estimator(_ToItself(1.0, settings={"tolerance": 1e-11}))
