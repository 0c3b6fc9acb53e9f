"""The README's line for the users of each program, run as it stands there.

The files are what the real programs write; the truth is NumPy's or the program's own enumeration.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest
from conftest import SOURCE, log_z_of


def line(user: str) -> str:
    """The first code in the line of the README for them."""
    if not (SOURCE / "README.md").exists():
        pytest.skip("there is no README.md beside the tests")
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(user)} \|(.*)\|$", text, re.M)
    assert found, f"the README has no line for {user}"
    return found.group(1).split("`")[1]


@pytest.fixture(autouse=True)
def in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def exact(model: pk.Model) -> float:
    return float(pk.estimate(model, "exact").log_z[0])


def test_numpy(parameters: tuple[Any, Any, Any]) -> None:
    W, a, b = parameters
    exec(line("NumPy"), {"np": np, "W": W, "a": a, "b": b})
    assert abs(exact(pk.load("model.npz")) - log_z_of(W, a, b)) < 1e-12


def test_pytorch(parameters: tuple[Any, Any, Any]) -> None:
    torch = pytest.importorskip("torch")
    rbm = torch.nn.Module()
    for name, array in zip(("W", "v_bias", "h_bias"), parameters, strict=True):
        rbm.register_parameter(name, torch.nn.Parameter(torch.tensor(array)))
    exec(line("PyTorch"), {"torch": torch, "rbm": rbm})
    assert abs(exact(pk.load("rbm.pt")) - log_z_of(*parameters)) < 1e-12


def test_scikit_learn() -> None:
    network = pytest.importorskip("sklearn.neural_network")
    X = np.random.default_rng(0).integers(0, 2, size=(200, 6))
    rbm = network.BernoulliRBM(n_components=4, learning_rate=1.0, random_state=0).fit(X)
    exec(line("scikit-learn"), {"np": np, "rbm": rbm})
    truth = log_z_of(rbm.components_.T, rbm.intercept_visible_, rbm.intercept_hidden_)
    assert abs(exact(pk.load("model.npz")) - truth) < 1e-12


@pytest.mark.parametrize("kept", ["bqm.json", "from_dimod"])
def test_dimod_and_samples_of_an_annealer(kept: str) -> None:
    """ln p of every row is −E(row) − ln Z with dimod's own energies.

    dimod's JSON has its labels sorted. The planted bug, columns in the order of ``bqm.variables``,
    gives other energies, since "b" is before "a" here; the model in memory keeps that order.
    """
    dimod = pytest.importorskip("dimod")
    rng = np.random.default_rng(2)
    labels = ["b", "a", "q10", "q2", "c"]
    linear = {label: rng.normal() for label in labels}
    quadratic = {pair: rng.normal() for pair in itertools.combinations(labels, 2)}
    bqm = dimod.BinaryQuadraticModel(linear, quadratic, 0.3, "SPIN")
    assert list(bqm.variables) != sorted(labels)
    sampleset = dimod.ExactSolver().sample(bqm)
    if kept == "bqm.json":
        import json

        exec(line("D-Wave (dimod)"), {"json": json, "bqm": bqm})
        exec(line("samples of an annealer"), {"np": np, "sampleset": sampleset, "bqm": bqm})
        model, rows = pk.load("bqm.json"), np.load("x.npy")
    else:
        model = pk.from_dimod(bqm)
        rows = sampleset.samples(sorted_by=None)[:, list(bqm.variables)]
    energies = sampleset.record.energy
    log_z = np.logaddexp.reduce(-energies)
    assert abs(exact(model) - log_z) < 1e-12
    assert np.allclose(pk.likelihood(model, rows, "exact").rows, -energies - log_z, rtol=0, atol=1e-12)


def test_scipy() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    import scipy

    half = np.triu(np.random.default_rng(3).normal(size=(5, 5)), 1)
    exec(line("SciPy"), {"scipy": scipy, "J": sparse.csr_matrix(half + half.T)})
    spins = np.array(list(itertools.product((-1, 1), repeat=5)))
    energies = -np.einsum("ni,ij,nj->n", spins, half, spins)
    assert abs(exact(pk.load("J.npz")) - np.logaddexp.reduce(-energies)) < 1e-12
