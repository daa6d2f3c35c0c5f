"""Bridge: a scikit-learn estimator that moves points from one cloud to another."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from . import _arrays
from ._core import InvalidInput
from ._result import Result
from ._solve import solve


_NAMES = {"x": "X", "y": "target", "a": "sample_weight", "b": "target_weight"}  # those of `solve`


class Bridge(TransformerMixin, BaseEstimator):
    """The bridge from X to a target cloud, as a transformer.

    Parameters
    ----------
    epsilon : float, optional
        As of `solve`, squared length.
    epsilon_relative : float, optional
        In its place, a multiple of the mean cost; 0.05 if neither is given.
    solver : str
    theta : float
    seed : int
    threads : int, optional
    time_limit : float, optional
        Seconds.
    checkpoint : path, optional
        As of `solve`: a fit that was ended goes on from there.
    checkpoint_seconds : float, optional
    settings : dict, optional
        Of the solver.

    Attributes
    ----------
    result_ : Result
        What `solve` returned.
    n_features_in_ : int

    Examples
    --------
    >>> import otbridge as otb
    >>> x, y = otb.toy("moons", 200), otb.toy("8gaussians", 200, seed=1)
    >>> otb.Bridge(epsilon_relative=0.02).fit(x, target=y).transform(x).shape
    (200, 2)
    """

    def __init__(self, epsilon=None, *, epsilon_relative=None, solver="sinkhorn", theta=0.0, seed=0,
                 threads=None, time_limit=None, checkpoint=None, checkpoint_seconds=None, settings=None):
        self.epsilon = epsilon
        self.epsilon_relative = epsilon_relative
        self.solver = solver
        self.theta = theta
        self.seed = seed
        self.threads = threads
        self.time_limit = time_limit
        self.checkpoint = checkpoint
        self.checkpoint_seconds = checkpoint_seconds
        self.settings = settings

    def fit(self, X, y=None, *, target=None, sample_weight=None, target_weight=None):
        """Solves for the bridge.

        Parameters
        ----------
        X : array_like of shape (n, d)
            The source.
        y : ignored
            Labels, as pipelines pass them on.
        target : array_like of shape (m, d)
            Must be given; in a pipeline as ``fit(X, bridge__target=Y)``, where no earlier step
            changes it.
        sample_weight, target_weight : array_like, optional
            Of the points.
        """
        if target is None:
            raise InvalidInput("target: must be given: fit(X, target=Y)")
        _arrays.check_kind(X, "X")  # what scikit-learn would take for something else
        _arrays.check_kind(target, "target")
        columns = _arrays.columns_of(X)
        target = _arrays.in_order_of(columns, target)
        columns = columns, _arrays.columns_of(target)
        X = validate_data(self, X, dtype=np.float64)
        target = check_array(target, dtype=np.float64, input_name="target")
        settings = _arrays.settings(self.settings, "settings")
        for name in settings.keys() & {"x", "y", "a", "b", *self.get_params()}:
            raise InvalidInput(f"settings: {name} is no setting of a solver but an argument by itself")
        try:
            result = solve(
                X, target, epsilon=self.epsilon, epsilon_relative=self.epsilon_relative, a=sample_weight,
                b=target_weight, theta=self.theta, solver=self.solver, seed=self.seed, threads=self.threads,
                time_limit=self.time_limit, checkpoint=self.checkpoint,
                checkpoint_seconds=self.checkpoint_seconds, **settings)
        except InvalidInput as refusal:
            # By the names that they have here.
            name, colon, rule = str(refusal).partition(":")
            raise InvalidInput(_NAMES.get(name, name) + colon + rule.replace("but x has", "but X has")) from None
        self.result_ = Result(result._answer, columns)
        return self

    def _checked(self, X):
        check_is_fitted(self)
        _arrays.check_kind(X, "X")
        if not hasattr(self, "feature_names_in_"):  # which are texts alone
            X = _arrays.in_order_of(self.result_._columns[0], X)
        return validate_data(self, X, dtype=np.float64, reset=False)

    def transform(self, X):
        """The conditional means of the target given the rows of X, shape (n, d)."""
        X = self._checked(X)
        return self.result_.map(X)

    def inverse_transform(self, X):
        """The conditional means of the source given points of the target, shape (n, d); of a table by
        the names of the target's columns."""
        check_is_fitted(self)
        return self.result_.map(X, direction="backward")

    def sample(self, X, seed=None):
        """One draw of the target for each row of X, shape (n, d); under the estimator's seed where
        none is given."""
        X = self._checked(X)
        seed = self.seed if seed is None else seed
        return self.result_.sample(X, 0 if seed is None else seed)

    def get_feature_names_out(self, input_features=None):
        """The names of the columns, which stay what they are."""
        from sklearn.utils.validation import _check_feature_names_in
        return _check_feature_names_in(self, input_features)
