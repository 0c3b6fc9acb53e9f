"""What stands behind the numbers, beside other programs."""

from __future__ import annotations

import numpy as np
import plefka as pk
import pytest

OPTIONS = {"temperatures": 6, "sweeps": 400, "records": 100, "ladders": 2}


def test_log_weights_are_those_of_the_curve(model: pk.RBM) -> None:
    found = pk.log_weights(model, [0.5, 1.0], seed=3, chains=80, rungs=20)
    curve = pk.estimate(model, "ais", [0.5, 1.0], seed=3, chains=80, rungs=20)
    log_z = found.log_z_base + np.logaddexp.reduce(found.log_w, axis=1) - np.log(80)
    assert np.allclose(log_z, curve.log_z, rtol=0, atol=1e-12)
    weights = np.exp(found.log_w - found.log_w.max(axis=1, keepdims=True))
    ess = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)
    assert np.allclose(ess, curve.diagnostics["ess_by_beta"], rtol=1e-12)


def test_bennetts_ratio_of_pymbar_on_the_work(model: pk.RBM) -> None:
    pymbar = pytest.importorskip("pymbar")
    found = pk.works(model, seed=3, chains=200, rungs=10)
    curve = pk.estimate(model, "bar", seed=3, chains=200, rungs=10)
    theirs = pymbar.bar(
        found.forward, found.reverse, relative_tolerance=1e-14, maximum_iterations=2000
    )
    assert abs(found.log_z_base - theirs["Delta_f"] - curve.log_z[0]) < 1e-8


def test_mbar_of_pymbar_on_the_samples_of_tempering(model: pk.RBM) -> None:
    """To 10⁻⁸ in ln Z at every β. A planted bug, the potentials of the first two states exchanged,
    is off by 0.66."""
    pymbar = pytest.importorskip("pymbar")
    found = pk.mbar_inputs(model, [0.5, 1.0], seed=3, **OPTIONS)
    curve = pk.estimate(model, "tempering", [0.5, 1.0], seed=3, **OPTIONS)
    assert found.u_kn.shape == (8, 6 * 2 * 100) and found.N_k.sum() == found.u_kn.shape[1]
    mbar = pymbar.MBAR(
        found.u_kn, found.N_k, solver_protocol=[{"method": "adaptive", "options": {"tol": 1e-14}}]
    )
    log_z = found.log_z_base - (mbar.f_k[-2:] - mbar.f_k[0])
    assert np.allclose(log_z, curve.log_z, rtol=0, atol=1e-8)

    # An average of one's own: ⟨h⟩ at β = 1, from the hidden units, which are the smaller layer.
    assert found.kept.shape == (found.u_kn.shape[1], 4)
    hidden = (np.arange(16)[:, None] >> np.arange(4)) & 1
    fields = model.vbias + hidden @ model.W.T
    log_p = hidden @ model.hbias + np.logaddexp(0, fields).sum(axis=1)
    truth = np.exp(log_p - np.logaddexp.reduce(log_p)) @ hidden
    for j in range(4):
        mean = mbar.compute_expectations(1.0 + found.kept[:, j])  # it takes the logarithm
        # The error of independent samples; those here are 4 sweeps apart. One in 4,000 seeds.
        assert abs(mean["mu"][-1] - 1 - truth[j]) < 4 * mean["sigma"][-1] + 1e-3


def test_a_base_for_each_beta_has_no_single_ladder(model: pk.RBM) -> None:
    with pytest.raises(ValueError, match="ask for one β"):
        pk.mbar_inputs(model, [0.5, 1.0], base="mean-field", **OPTIONS)
    assert pk.mbar_inputs(model, 1.0, base="mean-field", **OPTIONS).betas.tolist() == [1.0]
