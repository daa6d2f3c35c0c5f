"""Clouds that the tests share, and the command line beside which the package is tested."""

import os
import pathlib

import numpy as np
import pytest

import otbridge as otb


@pytest.fixture(scope="session")
def clouds():
    """Two planar clouds of different sizes."""
    return otb.toy("moons@torchcfm", 60), otb.toy("8gaussians@torchcfm", 80, seed=1)


@pytest.fixture(scope="session")
def weighted(clouds):
    """The same with weights, some of them 0."""
    rng = np.random.default_rng(3)
    a, b = rng.random(60), rng.random(80)
    a[5], b[7] = 0.0, 0.0
    return *clouds, a / a.sum(), b / b.sum()


@pytest.fixture(scope="session")
def result(clouds):
    return otb.solve(*clouds, epsilon=0.5)


@pytest.fixture(scope="session")
def program():
    """The command line of the same build; its path is given by the build."""
    path = os.environ.get("OTBRIDGE_PROGRAM")
    if path is None:
        pytest.skip("OTBRIDGE_PROGRAM names no program: the package is tested alone")
    return pathlib.Path(path)
