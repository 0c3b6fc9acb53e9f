"""Models from arrays of every kind, of other programs, and back."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest
from conftest import SOURCE, log_z_of


def test_arrays_of_any_type_order_and_strides(parameters: tuple[Any, Any, Any]) -> None:
    W, a, b = (np.round(8 * array) / 8 for array in parameters)  # the same number in 16 bits
    truth = pk.RBM(W, a, b)
    wide = np.zeros((12, 12))
    wide[::2, ::3] = W
    for same in (
        W.astype(np.float16),
        W.astype(np.float32),
        W.astype(np.longdouble),
        W.astype(">f8"),
        np.asfortranarray(W),
        W.T.copy().T,
        W[::-1, ::-1].copy()[::-1, ::-1],
        wide[::2, ::3],
        W.tolist(),
    ):
        model = pk.RBM(same, a, b)
        assert np.array_equal(model.W, W)
        assert model.sha256 == truth.sha256
    integers = pk.RBM(np.round(W).astype(np.int8), hbias=np.ones(4, dtype=bool))
    assert np.array_equal(integers.W, np.round(W))
    assert integers.vbias.tolist() == [0.0] * 6 and integers.hbias.tolist() == [1.0] * 4


@pytest.mark.parametrize("units, values", [("bit", (0, 1)), ("spin", (-1, 1))])
def test_exact_is_a_sum_over_all_states(
    parameters: tuple[Any, Any, Any], units: str, values: tuple[int, int]
) -> None:
    model = pk.RBM(*parameters, units=units)
    curve = pk.estimate(model, "exact", [0.5, 1.5])
    truth = [log_z_of(*parameters, beta=beta, values=values) for beta in (0.5, 1.5)]
    assert np.allclose(curve.log_z, truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: pk.RBM([1.0, 2.0]), "`W` has shape (2,), but it must have two dimensions"),
        (lambda: pk.RBM([[1.0], [2.0]], vbias=[1.0]), "vbias n_visible = 2 entries"),
        (lambda: pk.RBM([[np.nan]]), "W"),
        (lambda: pk.RBM([[1j]]), "complex128; give an array of real numbers"),
        (lambda: pk.RBM(np.zeros((0, 3))), "at least one unit"),
        (lambda: pk.RBM([[1.0]], units="qubit"), "`bit` (0/1) or `spin` (±1)"),
        (lambda: pk.Ising([[0.0, 1.0], [2.0, 0.0]]), "symmetric"),
        (lambda: pk.Levels([1.0, 2.0, 3.0]), "2^N"),
        (lambda: pk.load("nowhere.npz"), "cannot read `nowhere.npz`"),
        (lambda: pk.load("builtin:nothing"), "builtin:mnist20"),
    ],
)
def test_what_makes_no_model_is_refused(make: Any, says: str) -> None:
    with pytest.raises(ValueError) as refusal:
        make()
    assert says in str(refusal.value), refusal.value


def test_models_go_to_files_and_through_pickle(tmp_path: Path, model: pk.RBM) -> None:
    for name in ("m.npz", "m.h5", "m.safetensors"):
        model.save(tmp_path / name)
        again = pk.load(tmp_path / name)
        assert isinstance(again, pk.RBM)
        assert np.array_equal(again.W, model.W) and np.array_equal(again.hbias, model.hbias)
    assert pk.load(tmp_path / "m.npz").sha256 == model.sha256
    np.savez(tmp_path / "ours.npz", **model.to_numpy())
    ours = pk.load(tmp_path / "ours.npz")
    assert isinstance(ours, pk.RBM) and np.array_equal(ours.vbias, model.vbias)
    thawed = pickle.loads(pickle.dumps(model))
    assert thawed.sha256 == model.sha256 and type(thawed) is pk.RBM
    mixed = pk.RBM(model.W, units=("bit", "spin"))
    assert mixed.units == "bit/spin" and pickle.loads(pickle.dumps(mixed)).units == "bit/spin"
    chain = pk.Ising([[0.0, 1.0], [1.0, 0.0]], [0.5, 0.0])
    assert pickle.loads(pickle.dumps(chain)).J.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    with pytest.raises(ValueError, match="must have|\\.npz, \\.h5"):
        model.save(tmp_path / "m.xyz")


def test_ising_and_levels() -> None:
    pair = pk.estimate(pk.Ising([[0.0, 0.7], [0.7, 0.0]], constant=0.25), "exact")
    assert abs(pair.log_z[0] - (np.log(4 * np.cosh(0.7)) - 0.25)) < 1e-14
    levels = pk.estimate(pk.Levels([0.0, 1.0]), "exact", 2.0)
    assert abs(levels.log_z[0] - np.log1p(np.exp(-2.0))) < 1e-15


def test_scikit_learns_own_rbm_scores_digits_as_enumeration_does() -> None:
    """ln Z and the mean ln p(v) of a BernoulliRBM of 64×10 units on scikit-learn's digits."""
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.neural_network import BernoulliRBM

    X = (datasets.load_digits().data > 7).astype(np.uint8)
    rbm = BernoulliRBM(n_components=10, n_iter=5, learning_rate=0.05, random_state=0).fit(X)
    hidden = (np.arange(2**10)[:, None] >> np.arange(10)) & 1
    # Z = Σ_h e^{b·h} Π_i (1 + e^{a_i + (Wh)_i})
    fields = rbm.intercept_visible_ + hidden @ rbm.components_
    log_z = np.logaddexp.reduce(
        hidden @ rbm.intercept_hidden_ + np.logaddexp(0, fields).sum(axis=1)
    )
    truth = X @ rbm.intercept_visible_
    truth = truth + np.logaddexp(0, X @ rbm.components_.T + rbm.intercept_hidden_).sum(axis=1)
    found = pk.likelihood(pk.from_sklearn(rbm), X)
    assert found.verdict == "exact"
    assert np.allclose(found.rows, truth - log_z, rtol=0, atol=1e-10)
    with pytest.raises(ValueError, match="not fitted"):
        pk.from_sklearn(BernoulliRBM())


def test_state_dicts_of_pytorch(parameters: tuple[Any, Any, Any]) -> None:
    """Both orders of the layers, told apart by the biases, and tensors by their own methods."""
    W, a, b = parameters

    class Tensor:
        """What a tensor of PyTorch that wants gradients lets one do."""

        def __init__(self, array: Any) -> None:
            self.array = array

        def detach(self) -> Tensor:
            return Tensor(self.array)

        def cpu(self) -> Tensor:
            return self

        def numpy(self) -> Any:
            return self.array.astype(np.float32)

    for weights in (W, W.T):
        names = {"rbm.weight": weights, "rbm.v_bias": a, "rbm.h_bias": b}
        model = pk.from_torch({name: Tensor(array) for name, array in names.items()})
        assert isinstance(model, pk.RBM)
        assert np.array_equal(model.W, W.astype(np.float32).astype(float))
    with pytest.raises(ValueError, match="plefka.load\\(path, transposed=True\\)"):
        pk.from_torch({"weight": np.zeros((3, 3))})
    square = pk.from_torch({"weight": np.arange(4.0).reshape(2, 2)}, transposed=True)
    assert isinstance(square, pk.RBM) and square.W[0, 1] == 2.0


FORMATS = SOURCE / "tests/data/formats"


def reference_of(name: str) -> dict[str, Any]:
    """ln Z and U of a file that tests/data/formats/make.py wrote, as NumPy enumerated them."""
    if not FORMATS.exists():
        pytest.skip("there is no tests/data/formats beside the tests")
    found: dict[str, Any] = json.loads((FORMATS / "reference.json").read_text())[name]
    return found


def test_a_state_dict_that_pytorch_saved() -> None:
    """By the file: PyTorch is not needed, and no pickle is run."""
    truth = reference_of("state_dict.pt")
    model = pk.load(FORMATS / "state_dict.pt")
    assert abs(pk.estimate(model, "exact").log_z[0] - truth["log_z"]) < 1e-9


def test_a_state_dict_of_pytorch_itself(parameters: tuple[Any, Any, Any]) -> None:
    """Of a module, as a user has it, with gradients; and of a file that PyTorch reads itself."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: its tensors are not tried")

    class Machine(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            layer = {"weight": parameters[0].T, "v_bias": parameters[1], "h_bias": parameters[2]}
            for name, array in layer.items():
                self.register_parameter(name, torch.nn.Parameter(torch.tensor(array)))

    model = pk.from_torch(Machine().state_dict())
    assert isinstance(model, pk.RBM) and np.array_equal(model.W, parameters[0])
    assert abs(pk.estimate(model, "exact").log_z[0] - log_z_of(*parameters)) < 1e-12
    half = pk.from_torch(Machine().half().state_dict())
    assert isinstance(half, pk.RBM) and np.array_equal(half.W, parameters[0].astype(np.float16))

    truth = reference_of("state_dict.pt")
    saved = pk.from_torch(torch.load(FORMATS / "state_dict.pt", weights_only=True))
    read = pk.load(FORMATS / "state_dict.pt").to_numpy()
    for name, array in saved.to_numpy().items():
        assert np.array_equal(array, read[name]), name
    assert abs(pk.estimate(saved, "exact").log_z[0] - truth["log_z"]) < 1e-9


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_models_of_dimod(vartype: str) -> None:
    """E is dimod's own energy: ln Z by dimod's energies of all states."""
    dimod = pytest.importorskip("dimod")
    rng = np.random.default_rng(2)
    linear = dict(enumerate(rng.normal(size=4)))
    quadratic = {(i, j): rng.normal() for i in range(4) for j in range(i)}
    bqm = dimod.BinaryQuadraticModel(linear, quadratic, 0.3, vartype)
    energies = dimod.ExactSolver().sample(bqm).record.energy
    curve = pk.estimate(pk.from_dimod(bqm), "exact", 0.8)
    assert abs(curve.log_z[0] - np.logaddexp.reduce(-0.8 * energies)) < 1e-12
