"""Minibatch couplings, and their place in a loop of flow matching."""

import numpy as np
import pytest

import otbridge as otb


@pytest.fixture
def batch():
    rng = np.random.default_rng(5)
    return rng.normal(size=(64, 3)), rng.normal(size=(64, 3)) + 2


def test_the_exact_one_is_the_best_permutation(batch):
    from scipy.optimize import linear_sum_assignment
    x0, x1 = batch
    j = otb.minibatch_coupling(x0, x1)
    assert j.dtype == np.int64 and sorted(j) == list(range(64))
    i, best = linear_sum_assignment(((x0[:, None] - x1[None]) ** 2).sum(axis=-1))
    assert (j == best).all()
    y0, y1 = otb.torch_coupling(x0, x1)
    assert y0 is x0 and (y1 == x1[best]).all()


def test_the_entropic_one_is_a_draw_of_the_plan(batch):
    x0, x1 = batch
    r = otb.solve(x0, x1, epsilon=0.5, seed=3, tolerance=1e-3)
    assert (otb.minibatch_coupling(x0, x1, 0.5, seed=3) == r.partners(3)).all()
    draws = {otb.minibatch_coupling(x0, x1, 0.5, seed=s).tobytes() for s in range(5)}
    assert len(draws) == 5


def test_an_empty_batch_is_refused_and_tables_go_by_their_names(batch):
    for empty in (np.zeros((0, 3)), np.zeros((0, 3, 4, 4))):
        with pytest.raises(otb.InvalidInput, match="x0: .*point|x0: .*empty"):
            otb.minibatch_coupling(empty, empty)
    for bad, message in ((np.ma.masked_less(batch[0], 0.0), "x0: has masked"), ([[1.0, 2.0], [3.0]], "x0: is no array")):
        with pytest.raises(otb.InvalidInput, match=message):
            otb.minibatch_coupling(bad, batch[1])
    pd = pytest.importorskip("pandas")
    x0, x1 = (pd.DataFrame(x, columns=["u", "v", "w"]) for x in batch)
    assert (otb.minibatch_coupling(x0, x1[["w", "u", "v"]]) == otb.minibatch_coupling(*batch)).all()
    assert (otb.torch_coupling(x0, x1[["w", "u", "v"]])[1] == otb.torch_coupling(*batch)[1]).all()


def test_images_labels_sizes_and_types(batch):
    x0, x1 = batch
    images = np.random.default_rng(0).normal(size=(10, 3, 4, 4)).astype(np.float32)
    others = images[::-1] + np.float32(0.01)
    _, y1, j = otb.torch_coupling(images, others, return_index=True)
    assert y1.shape == images.shape and y1.dtype == np.float32 and (j == np.arange(10)[::-1]).all()
    few = otb.minibatch_coupling(x0, x1[:16], 0.1)
    assert few.shape == (64,) and set(few) <= set(range(16))
    assert otb.torch_coupling([[0.0], [5.0]], [[5.1], [0.1]])[1].tolist() == [[0.1], [5.1]]
    for bad in (-1.0, np.nan, "a"):
        with pytest.raises(otb.InvalidInput, match="epsilon"):
            otb.minibatch_coupling(x0, x1, bad)
    with pytest.raises(otb.InvalidInput, match="x1"):
        otb.minibatch_coupling(x0, [[np.nan] * 3])


def test_tensors_stay_tensors(batch):
    torch = pytest.importorskip("torch")
    x0, x1 = (torch.tensor(part, requires_grad=True) for part in batch)
    y0, y1 = otb.torch_coupling(x0, x1)
    assert y0 is x0 and isinstance(y1, torch.Tensor) and y1.requires_grad
    assert (y1.detach().numpy() == otb.torch_coupling(*batch)[1]).all()


def test_weights_of_a_training_loop_are_reproduced(batch):
    # A linear velocity fitted to pairs, twice with the same seeds.
    x0, x1 = batch

    def train():
        matrix = np.zeros((4, 3))
        for step in range(20):
            start, end = otb.torch_coupling(x0, x1, 0.2, seed=step)
            t = np.full((64, 1), (step % 10) / 10)
            inputs = np.hstack([start + t * (end - start), np.ones((64, 1))])
            matrix -= 0.05 * inputs.T @ (inputs @ matrix - (end - start)) / 64
        return matrix

    assert train().tobytes() == train().tobytes()


def test_the_rows_of_a_series_are_taken_by_their_places():
    pd = pytest.importorskip("pandas")
    x0, x1 = pd.Series([0.0, 1.0, 2.0]), pd.Series([10.0, 11.0, 12.0], index=[2, 1, 0])
    assert list(otb.torch_coupling(x0, x1)[1]) == [10.0, 11.0, 12.0]
