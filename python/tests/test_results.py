"""What results look like, and what cannot be asked."""

from __future__ import annotations

import json
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
