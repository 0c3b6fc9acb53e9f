"""What results look like, and what cannot be asked."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import plefka as pk
import pytest


def test_arrays_over_the_grid(model: pk.RBM) -> None:
    grid = [0.0, 0.1, 0.30000000000000004]
    curve = pk.estimate(model, "ais", grid, chains=50, rungs=10)
    assert curve.betas.tolist() == grid
    for name in ("log_z", "energy", "entropy", "heat_capacity"):
        assert getattr(curve, name).shape == getattr(curve, f"{name}_std_error").shape == (3,)
    assert np.allclose(curve.entropy, curve.log_z + curve.betas * curve.energy, atol=1e-12)
    assert curve.claim == ["exact", "estimate", "estimate"]
    assert np.isnan(curve.log_z_std_error[0]) and curve.log_z_std_error[1] > 0
    assert curve.diagnostics["ess_by_beta"].shape == (3,) and curve.diagnostics["chains"] == 50
    assert curve.settings["chains"] == 50 and curve.provenance["seed"] == 1
    assert json.loads(json.dumps(curve.to_dict())) == curve.to_dict()
    curve.to_dict()["curves"].clear()
    assert len(curve.betas) == 3, "a dictionary of its own"


def test_what_does_not_exist_is_nan_in_arrays_and_none_in_json(model: pk.RBM) -> None:
    bound = pk.estimate(model, "data-bound", data=pk.sample(model, 50))
    assert bound.claim == ["lower_bound"] and np.isnan(bound.energy[0])
    assert bound.to_dict()["curves"][0]["points"][0]["energy"] is None


@pytest.mark.parametrize("grid", [1, 1.0, np.float32(1), [1], (1.0,), np.array([1]), "1", "1:1:1"])
def test_a_grid_in_any_form(grid: Any, model: pk.RBM) -> None:
    assert pk.estimate(model, "exact", grid).betas.tolist() == [1.0]


@pytest.mark.parametrize(
    "ask, says",
    [
        (dict(method="foo"), "unknown method `foo`; the methods are exact, ais"),
        (dict(method="ais", chians=5), "no method has an option `chians`; those of `ais` are chains"),
        (dict(method="ais", chains=1), "chains = 1 cannot be used: choose a number from 2"),
        (dict(method="ais", chains=2.5), "chains = 2.5 cannot be used: give a whole number"),
        (dict(method="bar", chains=1), "chains = 1 cannot be used"),
        (dict(method="mf", damping=np.nan), "damping = nan cannot be used: give a finite number"),
        (dict(method="ais", base="data"), "base = data cannot be used: give data"),
        (dict(method="exact", exact_limit=1), "raise the limit (`exact_limit=4`)"),
        (dict(betas=[1.0, 0.5]), "strictly increasing"),
        (dict(betas=[-1.0]), "every β must be at least 0"),
        (dict(betas=[]), "has no points"),
        (dict(betas="0:2"), "three parts"),
        (dict(betas=[np.nan]), "finite"),
        (dict(seed=-1), "seed = -1"),
        (dict(threads=0), "threads = 0"),
        (dict(threads=99999), "threads = 99999 cannot be used: it must be from 1 to 4096"),
        (dict(data=[[0, 1]]), "the model has 6 visible units"),
        (dict(data=[[0, 1, 2, 0, 0, 0]]), "binarise the data"),
        (dict(data=[[0, 1, -1, 0, 0, 0]]), "binarise the data"),
        (dict(data=[0, 1]), "give rows, (n_samples, n_visible)"),
        (dict(data="nowhere.npz"), "nowhere.npz"),
        (dict(data=[["a"] * 6]), "give numbers"),
    ],
)
def test_refusals_are_in_terms_of_keywords(ask: dict[str, Any], says: str, model: pk.RBM) -> None:
    with pytest.raises(ValueError) as refusal:
        pk.estimate(model, **ask)
    assert says in str(refusal.value), refusal.value
    assert "--" not in str(refusal.value)


def test_what_has_no_effect_is_a_warning(model: pk.RBM) -> None:
    with pytest.warns(UserWarning, match="^starts has no effect without mf, tap2, tap3"):
        pk.estimate(model, "exact", starts=3)
    with pytest.warns(UserWarning, match="^data has no effect without start_from="):
        pk.estimate(model, "exact", data=np.zeros((2, 6)))


def test_data_of_any_type(model: pk.RBM) -> None:
    X = pk.sample(model, 30)
    truth = pk.likelihood(model, X).rows
    for same in (X.astype(bool), X.astype(np.float32), 2 * X.astype(int) - 1, X.tolist(), X[:, ::1]):
        assert np.array_equal(pk.likelihood(model, same).rows, truth)
    sparse = pytest.importorskip("scipy.sparse")
    assert np.array_equal(pk.likelihood(model, sparse.csr_matrix(X)).rows, truth)


def test_a_comparison_is_a_mapping(model: pk.RBM) -> None:
    both = pk.compare(model, ["exact", "tap2"], [0.5, 1.0])
    assert list(both) == ["exact", "tap2"]
    assert both["exact"].verdict == ["exact", "exact"]
    assert isinstance(both["tap2"], pk.Curve) and both["tap2"].method == "tap2"
    both = pk.compare(model, betas=1.0, chains=20, rungs=5)
    assert set(both) == {"exact", "ais", "mf", "tap2", "tap3", "bethe"} and both.failed == []


def test_a_comparison_without_enumeration_says_so() -> None:
    big = pk.RBM(np.random.default_rng(1).normal(scale=0.1, size=(30, 30)))
    with pytest.warns(UserWarning, match="`exact` is left out"):
        both = pk.compare(big, betas=1.0, chains=50, rungs=20, time=3, error=0.5)
    assert "exact" not in both and both["auto"].verdict == ["checked"]


def test_xarray(model: pk.RBM) -> None:
    pytest.importorskip("xarray")
    both = pk.compare(model, "exact,ais", "0:1:3", chains=30, rungs=5)
    found = both.to_xarray()
    assert found.sizes == {"estimator": 2, "beta": 3}
    assert np.array_equal(found.log_z.sel(estimator="ais"), both["ais"].log_z)
    assert np.array_equal(found.ess_by_beta.sel(estimator="ais"), both["ais"].diagnostics["ess_by_beta"])
    assert np.isnan(found.ess_by_beta.sel(estimator="exact")).all()
    one = both["ais"].to_xarray()
    assert one.entropy.dims == ("beta",) and one.verdict.values.tolist() == both["ais"].verdict
    assert found.attrs["sha256"] == model.sha256 and found.entropy.attrs["units"] == "nats"
    weights = pk.log_weights(model, [0.5, 1.0], chains=30, rungs=5).to_xarray()
    assert weights.log_w.sizes == {"beta": 2, "chain": 30}


def test_samples_are_an_array_that_knows_its_chains(model: pk.RBM) -> None:
    exact = pk.sample(model, 7)
    assert isinstance(exact, np.ndarray) and exact.shape == (7, 6) and exact.dtype == np.uint8
    for plain in (exact[:3], exact.mean(axis=0), exact + 1, np.asarray(exact)):
        assert type(plain) is np.ndarray
    assert type(exact.sum()) is np.uint64 or int(exact.sum()) == int(np.asarray(exact).sum())
    assert repr(exact).startswith("array(")

    pytest.importorskip("xarray")
    one = exact.to_xarray()
    assert one.visible.sizes == {"chain": 1, "draw": 7, "unit": 6} and one.attrs["exact"] == 1
    assert np.array_equal(one.visible[0], exact)
    with pytest.raises(ValueError, match="does not know its chains"):
        exact.copy().to_xarray()


def test_samples_by_chains_have_chain_and_draw() -> None:
    """Of a model whose chains cannot leave the one of two states that they fall into, so that a
    chain is recognised by what it shows. A planted bug, draws and chains exchanged, fails."""
    pytest.importorskip("xarray")
    caught = pk.RBM(40.0 * np.ones((6, 3)), vbias=-60.0 * np.ones(6), hbias=-120.0 * np.ones(3))
    with pytest.warns(UserWarning) as told:
        drawn = pk.sample(caught, 250, exact_limit=1, burn_in=100)
    assert "Gibbs sampling by 100 chains" in str(told[0].message)
    assert "raise burn_in" in str(told[1].message), "the chains never forget their start"
    assert told[0].filename == __file__, "the line that asked is shown"
    found = drawn.to_xarray()
    assert found.visible.sizes == {"chain": 100, "draw": 2, "unit": 6}
    assert found.attrs["burn_in"] == 100 and found.attrs["beta"] == 1.0
    first, second = found.visible[:, 0], found.visible[:, 1]
    assert np.array_equal(first, second) and 10 < first[:, 0].sum() < 90


def test_a_history_of_models_of_ones_own(model: pk.RBM, tmp_path: Any) -> None:
    """ln Z and ln p(v) are those of estimate and likelihood, checkpoint by checkpoint."""
    X = pk.sample(model, 40)
    own = {5: pk.RBM(0.5 * model.W), 0: pk.RBM(0.0 * model.W), 9: model}
    found = pk.history(own, X[:30], test=X[30:])
    assert found.update.tolist() == [0, 5, 9] and found.verdict == ["exact"] * 3
    for k, update in enumerate(found.update):
        at = own[int(update)]
        assert abs(found.log_z[k] - pk.estimate(at, "exact").log_z[0]) < 1e-12
        assert abs(found.log_likelihood_test[k] - pk.likelihood(at, X[30:]).value) < 1e-12
    assert np.isnan(found.log_z_std_error).all() and np.isnan(found.std_error("log_z")).all()
    assert (found.std_error("log_likelihood_train", of="data")[1:] > 0).all()
    assert found.methods == ["exact"] and "exact" in repr(found)
    page = found._repr_html_()
    assert page.count("<svg") == 2 and "held-out" in page

    with pytest.warns(UserWarning, match="all of them count as"):
        pk.history(own, X)
    with pytest.warns(UserWarning, match="holdout has no effect without data"):
        pk.history(own, holdout=0.2)
    for ask, says in (
        (dict(data=X, test=X, holdout=0.5), "leave out one of the two"),
        (dict(methods="ais", chains=1), "chains = 1 cannot be used"),
        (dict(methods="ais,ais"), "listed twice"),
        (dict(test=X[:, :5]), "5"),
    ):
        with pytest.raises(ValueError, match=says):
            pk.history(own, **ask)
    with pytest.raises(ValueError, match="no checkpoints here"):
        pk.history(tmp_path)
    with pytest.raises(ValueError, match="give plefka.train a folder"):
        pk.history(pk.train(X, 2, epochs=1, batch=20))

    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    assert np.array_equal(found.plot("log_likelihood_test").lines[0].get_xdata(), [0, 5, 9])
    pyplot.close("all")
    pytest.importorskip("xarray")
    table = found.to_xarray()
    assert table.log_z.sizes == {"update": 3} and table.estimates.sizes == {"update": 3, "estimator": 1}


def test_html_has_the_verdict_and_the_figures(model: pk.RBM) -> None:
    both = pk.compare(model, "exact,tap2", "0:1:5")
    page = both._repr_html_()
    assert page.count("<svg") == 2 and "approximation" in page and "<td" in page
    assert pk.estimate(model, "exact")._repr_html_().count("<svg") == 0, "no curve to draw"
    long = pk.estimate(model, "exact", "0:1:50")
    assert "(50 β in all)" in long._repr_html_() and repr(long).count("\n") == 13


def test_plot_draws_on_the_axes_given(model: pk.RBM) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    both = pk.compare(model, "exact,ais", "0:1:5", chains=30, rungs=5)
    _, ax = pyplot.subplots()
    assert both.plot("log_z", ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["exact", "ais"]
    assert np.array_equal(ax.lines[1].get_ydata(), both["ais"].log_z)
    assert len(ax.collections) == 1, "a band where there are errors"
    with pytest.raises(ValueError, match="no quantity"):
        both["ais"].plot("x")  # type: ignore[arg-type]
    pyplot.close("all")


def test_the_temperature_of_an_annealers_samples() -> None:
    """Rows of all spins of an Ising model, drawn at β = 0.7."""
    J = np.zeros((8, 8))
    for i in range(8):
        J[i, (i + 1) % 8] = J[(i + 1) % 8, i] = 1.0
    ring = pk.Ising(J)
    found = pk.temperature(ring, pk.sample(ring, 3000, beta=0.7, seed=4))
    beta, std_error = found["max_likelihood"]
    # One in 16,000 seeds is further away.
    assert std_error is not None and abs(beta - 0.7) < 4 * std_error < 0.4


def test_temperature(model: pk.RBM) -> None:
    found = pk.temperature(model, pk.sample(model, 3000, beta=1.4, seed=9))
    beta, std_error = found["max_likelihood"]
    # One in 16,000 seeds is further away.
    assert std_error is not None and abs(beta - 1.4) < 4 * std_error
    assert found.n_samples == 3000 and "max_likelihood" in repr(found)
    with pytest.raises(ValueError, match="sample and sample_beta belong together"):
        pk.temperature(model, [[0] * 6], sample_beta=1.0)
    with pytest.raises(KeyError, match="no estimate by `x`"):
        found["x"]


def test_a_sweep_from_a_dictionary(tmp_path: Any) -> None:
    plan = {
        "model": {"source": "builtin:mnist20"},
        "axes": {"beta": "0:1:3", "weight_scale": [0.5, 1.0]},
        "methods": {"mf": {}, "exact": {}},
    }
    done = pk.sweep(plan, tmp_path / "out")
    assert (done.jobs, done.done, done.failed) == (4, 4, 0)
    table = done.table
    assert len(table["beta"]) == 12 and set(table["method"].tolist()) == {"mf", "exact"}
    exact = table["method"] == "exact"
    assert (table["log_z"][exact] >= table["log_z"][~exact] - 1e-9).all(), "mf is a lower bound"
    with pytest.raises(ValueError, match="resume=True"):
        pk.sweep(plan, tmp_path / "out")
    again = pk.sweep(plan, tmp_path / "out", resume=True)
    assert np.array_equal(again.table["log_z"], table["log_z"])
    with pytest.raises(ValueError, match="colour"):
        pk.sweep({**plan, "colour": 3}, tmp_path / "other")


def test_shares_that_cannot_be(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("SLURM_", "SGE_", "PBS_", "OMPI_", "PMI_"))]:
        monkeypatch.delenv(name)
    plan = {"model": {"source": "builtin:mnist20"}, "methods": {"mf": {}, "tap2": {}}}
    with pytest.raises(ValueError, match="scheduler") as refusal:
        pk.sweep(plan, tmp_path / "out", shard="auto")
    assert "--" not in str(refusal.value)
    with pytest.raises(ValueError, match='shards belongs to shard="auto"'):
        pk.sweep(plan, tmp_path / "out", shard="1/2", shards=2)
    pk.sweep(plan, tmp_path / "out" / "share-1-of-2", shard="1/2")
    for ask, says in (
        ((tmp_path / "out",), "share-2-of-2"),
        (([tmp_path / "a", tmp_path / "b"],), "out is missing"),
        (([tmp_path / "out" / "share-1-of-2"], tmp_path / "whole"), "give the folders of all shares"),
        ((tmp_path / "nowhere",), "nowhere"),
    ):
        with pytest.raises(ValueError, match=says):
            pk.merge(*ask)


def test_training_goes_on_to_the_same_bits(tmp_path: Any) -> None:
    X = np.random.default_rng(0).integers(0, 2, (60, 5))
    whole = pk.train(X, 2, tmp_path / "run", epochs=4, batch=20)
    again = pk.train(X, 2, tmp_path / "run", resume=True, epochs=4, batch=20)
    assert again.model.sha256 == whole.model.sha256 and whole.folder is not None
    assert len(whole.log["update"]) == len(whole.log["log_z"]) > 1
    with pytest.raises(ValueError, match="resume=True"):
        pk.train(X, 2, tmp_path / "run", epochs=4, batch=20)
    with pytest.raises(ValueError, match="unknown field `epoch`"):
        pk.train(X, 2, epoch=4)
    with pytest.raises(ValueError, match="the negative phase `pcd` has no such setting"):
        pk.train(X, 2, order=2, batch=20)
