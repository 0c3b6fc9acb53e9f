"""An example that mypy and pyright accept in their strict modes; it runs, too."""

from __future__ import annotations

import numpy as np
import plefka as pk
from numpy.typing import NDArray


def entropy_per_unit(model: pk.Model, betas: list[float]) -> NDArray[np.float64]:
    """S/n of a model, in nats."""
    return pk.estimate(model, betas=betas).entropy / model.n_units


def main() -> None:
    rng = np.random.default_rng(0)
    model = pk.RBM(rng.normal(size=(8, 4)), units=("bit", "spin"))
    curve: pk.Curve = pk.estimate(model, "ais", [0.5, 1.0], chains=200, rungs=50)
    error: float = float(curve.log_z_std_error[1])
    rows: NDArray[np.uint8] = pk.sample(model, 100, seed=2)
    likelihood: pk.Likelihood = pk.likelihood(model, rows)
    both: pk.Comparison = pk.compare(model, ["exact", "tap2"], betas=1.0)
    verdicts: list[str] = both["tap2"].verdict
    assert error > 0 and likelihood.value < 0 and verdicts == ["approximation"]
    assert entropy_per_unit(model, [0.0])[0] == np.log(2)


if __name__ == "__main__":
    main()
