"""Makes reference.json: inputs and outputs of pymbar, an independent implementation of BAR and MBAR.

    pip install pymbar==4.0.3
    python make.py

Harmonic oscillators u_k(x) = k (x - x0)^2 / 2, sampled exactly with a fixed seed, and Gaussian work. `json` writes the shortest
decimal that parses back to the same double, so inputs and outputs round-trip.
"""

import json
from pathlib import Path

import numpy as np
import pymbar

rng = np.random.default_rng(20)


def harmonic(stiffness, centres, counts):
    """u[k][n] of all samples in all states, the samples of state 0 first."""
    x = np.concatenate(
        [c + rng.standard_normal(n) / np.sqrt(k) for k, c, n in zip(stiffness, centres, counts)]
    )
    return x, np.array([0.5 * k * (x - c) ** 2 for k, c in zip(stiffness, centres)])


def bar_case(name, w_f, w_r):
    out = {"name": name, "forward": w_f.tolist(), "reverse": w_r.tolist()}
    for key, method in (("bennett", "BAR"), ("shirts", "MBAR")):
        result = pymbar.bar(
            w_f, w_r, relative_tolerance=1e-15, maximum_iterations=5000, uncertainty_method=method
        )
        out["delta_f"] = float(result["Delta_f"])
        out["std_error_" + key] = float(result["dDelta_f"])
    return out


def bar_harmonic():
    x, u = harmonic([1.0, 4.0], [0.0, 1.0], [90, 60])
    du = u[1] - u[0]
    return bar_case("harmonic oscillators", du[:90], -du[90:])


def bar_gaussian(name, delta_f, sigma, n_f, n_r):
    w_f = delta_f + sigma**2 / 2 + sigma * rng.standard_normal(n_f)
    w_r = -delta_f + sigma**2 / 2 + sigma * rng.standard_normal(n_r)
    return bar_case(name, w_f, w_r)


def mbar_case(name, stiffness, centres, counts, offset):
    x, u = harmonic(stiffness, centres, counts)
    u += np.array(offset)[:, None]
    options = [{"method": "adaptive", "tol": 1e-14, "options": {"maxiter": 10000, "min_sc_iter": 5}}]
    mbar = pymbar.MBAR(u, np.array(counts), solver_protocol=tuple(options), relative_tolerance=1e-14)
    f = mbar.compute_free_energy_differences(uncertainty_method="svd-ew", compute_uncertainty=True)
    mean = mbar.compute_expectations(x, uncertainty_method="svd-ew")
    return {
        "name": name,
        "n_k": counts,
        "u": [row.tolist() for row in u],
        "x": x.tolist(),
        "f": f["Delta_f"][0].tolist(),
        "std_error": f["dDelta_f"].tolist(),
        "overlap": float(mbar.compute_overlap()["scalar"]),
        "mean_x": mean["mu"].tolist(),
        "mean_x_std_error": mean["sigma"].tolist(),
        "x_weights_of_last_state": mbar.W_nk[:, -1].tolist(),
    }


reference = {
    "pymbar": pymbar.__version__,
    "bar": [
        bar_harmonic(),
        bar_gaussian("Gaussian work, unequal counts", -1.5, 1.5, 120, 35),
        bar_gaussian("Gaussian work far from zero", 450.0, 2.0, 60, 80),
    ],
    "mbar": [
        mbar_case("four oscillators", [1.0, 2.0, 4.0, 8.0], [0.0, 0.4, 0.8, 1.2], [40, 30, 50, 20], [0, 0, 0, 0]),
        mbar_case("one state unsampled", [1.0, 1.5, 2.5, 4.0, 6.0], [0.0, 0.3, 0.6, 0.9, 1.2], [40, 30, 0, 35, 25], [0, 0, 0, 0, 0]),
        mbar_case("offsets of hundreds", [1.0, 1.5, 2.5], [0.0, 0.5, 1.0], [50, 40, 30], [0, -300.0, 700.0]),
    ],
}
here = Path(__file__).parent
(here / "reference.json").write_text(json.dumps(reference, indent=None, separators=(",", ":")) + "\n")
