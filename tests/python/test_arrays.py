"""Arrays of every kind come in as the same numbers, or are refused with what to do."""

import numpy as np
import pytest

import otbridge as otb


@pytest.fixture(scope="module")
def reference(clouds):
    x, y = (np.round(4 * cloud) + 0.0 for cloud in clouds)  # integers have no -0
    return x, y, otb.solve(x, y, epsilon=2.0).to_bytes()


def _reversed_bytes(x):
    return x.astype(x.dtype.newbyteorder())


@pytest.mark.parametrize("form", [
    lambda x: x.astype(np.float32), lambda x: x.astype(np.int64), lambda x: x.astype(np.int8),
    lambda x: x.astype(np.float16), np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2],
    lambda x: x[::-1][::-1], _reversed_bytes, lambda x: x.tolist(), lambda x: tuple(map(tuple, x)),
    lambda x: x.astype(object), lambda x: np.ma.masked_array(x), lambda x: x.view(np.matrix),
], ids=["float32", "int64", "int8", "float16", "Fortran", "strided", "reversed twice", "big-endian",
        "lists", "tuples", "objects", "unmasked", "matrix"])
def test_every_form_of_the_same_numbers_gives_the_same_bytes(reference, form):
    x, y, wanted = reference
    assert otb.solve(form(x), form(y), epsilon=2.0).to_bytes() == wanted


def test_read_only_arrays_are_taken_and_left_alone(reference):
    x, y, wanted = reference
    x, before = x.copy(), x.copy()
    x.flags.writeable = False
    assert otb.solve(x, y, epsilon=2.0).to_bytes() == wanted and (x == before).all()


def test_frames_of_pandas(reference):
    pandas = pytest.importorskip("pandas")
    x, y, wanted = reference
    frame = pandas.DataFrame(x, columns=["u", "v"])

    def without_names(result):
        result._answer.columns = [], []
        return result.to_bytes()

    assert without_names(otb.solve(frame, y, epsilon=2.0)) == wanted
    assert otb.solve(pandas.DataFrame(x), y, epsilon=2.0).to_bytes() == wanted
    frame["v"] = frame["v"].astype(int)
    assert without_names(otb.solve(frame, y, epsilon=2.0)) == wanted
    weights = pandas.Series(np.full(len(x), 1 / len(x)))
    assert np.allclose(otb.solve(frame, y, a=weights, epsilon=2.0).source_weights, 1 / len(x))
    frame["name"] = "a"
    with pytest.raises(otb.InvalidInput, match="no numbers"):
        otb.solve(frame, y)


class Tensor:
    """What otbridge knows of a tensor of PyTorch, which needs no installation here."""

    def __init__(self, array, device="cpu", requires_grad=False):
        self._array, self.requires_grad = array, requires_grad
        self.device = type("Device", (), {"type": device, "__str__": lambda d: device})()

    def detach(self):
        return Tensor(self._array, self.device.type)

    def cpu(self):
        return Tensor(self._array, "cpu", self.requires_grad)

    def __array__(self, dtype=None, copy=None):
        assert self.device.type == "cpu" and not self.requires_grad
        return self._array


Tensor.__module__ = "torch"


def test_tensors_on_the_cpu_are_taken_others_told_what_to_do(reference):
    x, y, wanted = reference
    assert otb.solve(Tensor(x.astype(np.float32)), Tensor(y), epsilon=2.0).to_bytes() == wanted
    with pytest.raises(otb.InvalidInput, match=r"give x.cpu\(\)"):
        otb.solve(Tensor(x, "cuda"), y)
    with pytest.raises(otb.InvalidInput, match=r"give x.detach\(\)"):
        otb.solve(Tensor(x, requires_grad=True), y)


def test_tensors_of_torch_itself(reference):
    torch = pytest.importorskip("torch")
    x, y, wanted = reference
    assert otb.solve(torch.tensor(x, dtype=torch.float32), torch.tensor(y), epsilon=2.0).to_bytes() == wanted


class AnnData:
    """The parts of an annotated matrix that matter here."""

    def __init__(self, x):
        self.X, self.obsm = x, {"X_pca": x[:, :1]}


def test_annotated_matrices_by_their_arrays(reference):
    x, y, wanted = reference
    data = AnnData(x)
    assert otb.solve(data.X, y, epsilon=2.0).to_bytes() == wanted
    assert otb.solve(data.obsm["X_pca"], y[:, :1]).problem.dimension == 1
    with pytest.raises(otb.InvalidInput, match=r"adata.X or adata.obsm"):
        otb.solve(data, y)


def test_a_list_of_numbers_is_a_cloud_on_the_line():
    r = otb.solve([0.0, 1.0, 2.0], [10.0, 11.0, 12.0], solver="exact")
    assert r.value == pytest.approx(50.0) and r.map([0.0, 2.0]).tolist() == [[10.0], [12.0]]


@pytest.mark.parametrize("bad, message", [
    (np.zeros((3, 2, 2)), r"has shape \(3, 2, 2\)"), (np.float64(3.0), r"has shape \(\)"),
    (np.zeros((3, 0)), "a coordinate at least"), (np.zeros((0, 2)), "empty|point"),
    ([[1.0, 2.0], [3.0]], "no array"), (np.zeros((3, 2), complex), "complex128"),
    (np.zeros((3, 2), bool), "bool"), (np.array([["a", "b"]]), "<U1"),
    (np.array([["2020-01-01", "2020-01-02"]], "datetime64[D]"), "datetime64"),
    ([[None, 1.0]], "row 1"), (np.ma.masked_array([[1.0, 2.0]], [[True, False]]), "masked"),
    ([[1.0, np.nan]], "row 1"), ([[1.0, 2.0], [np.inf, 1.0]], "row 2"),
    (np.array([["1", "2"]], object), "no numbers: '1'"), ([[1.0, True]] + [[None, 2.0]], "no numbers: True"),
    (object(), "no numbers"), ({1, 2}, "no numbers"), (lambda: 0, "no numbers"),
])
def test_what_is_no_cloud_is_refused(bad, message):
    with pytest.raises(otb.InvalidInput, match=message) as refusal:
        otb.solve(bad, np.zeros((3, 2)))
    assert isinstance(refusal.value, ValueError) and "\n" not in str(refusal.value)


def test_sparse_matrices_are_refused_with_the_reason():
    sparse = pytest.importorskip("scipy.sparse")
    for make in (sparse.csr_matrix, sparse.coo_array):
        with pytest.raises(otb.InvalidInput, match="is sparse.*toarray"):
            otb.solve(make(np.eye(3)), np.eye(3))


@pytest.mark.parametrize("name, bad, message", [
    ("a", [0.5, 0.5], "3 points|weights"), ("a", [1.0, -1.0, 1.0], "weight"), ("a", [0, 0, 0], "weight|zero"),
    ("a", [np.nan, 1, 1], "weight"), ("b", np.ones((2, 2)), r"b: has shape"), ("b", "abc", "b: "),
    ("epsilon", 0, "epsilon"), ("epsilon", -1, "epsilon"), ("epsilon", np.nan, "epsilon"),
    ("epsilon", "1", "epsilon"), ("epsilon", [1, 2], "epsilon"), ("epsilon_relative", 0, "epsilon_relative"),
    ("theta", -1, "theta"), ("theta", np.inf, "theta"), ("seed", -1, "seed"), ("seed", 1.5, "seed"),
    ("seed", 2**64, "seed"), ("threads", 0, "threads"), ("threads", -3, "threads"), ("threads", True, "threads"),
    ("threads", 10**9, "threads"), ("time_limit", 0, "time_limit"), ("time_limit", np.nan, "time_limit"),
    ("time_limit", -1, "time_limit"), ("callback", 3, "callback"), ("start", 3, "start"),
])
def test_arguments_are_checked_by_name(name, bad, message):
    x, y = np.zeros((3, 2)), np.ones((3, 2))
    with pytest.raises(otb.InvalidInput, match=message):
        otb.solve(x, y, **({"epsilon": 1.0} if "epsilon" not in name else {}) | {name: bad})


def test_dimensions_must_agree(result):
    with pytest.raises(otb.InvalidInput, match="y: has dimension 3, but x has 2"):
        otb.solve(np.zeros((3, 2)), np.zeros((3, 3)))
    for ask in (result.map, result.sample, result.paths, result.f, lambda x: result.drift(0.5, x)):
        with pytest.raises(otb.InvalidInput, match="dimension"):
            ask(np.zeros((3, 3)))
    assert result.map(np.zeros((0, 2))).shape == (0, 2)
    assert result.paths(np.zeros((0, 2)), 3)[1].shape == (3, 0, 2)


def test_both_forms_of_epsilon_exclude_each_other():
    with pytest.raises(otb.InvalidInput, match="exclude"):
        otb.solve([0.0], [1.0], epsilon=1, epsilon_relative=1)
    with pytest.raises(otb.InvalidInput, match="y: is missing"):
        otb.solve([0.0])
