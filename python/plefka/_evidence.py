"""What stands behind the numbers of sampling methods, as arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _plefka
from ._arrays import Betas, Bits, Floats, Option, Rows, optional_rows, xarray_module
from ._plefka import Model
from ._progress import Progress, how, options_json


class LogWeights(NamedTuple):
    """ln w of every chain of annealed importance sampling: ln Z(β) = log_z_base + ln ⟨w⟩."""

    betas: Floats
    log_w: Floats
    """(n_betas, chains), nats."""
    log_z_base: Floats
    """(n_betas,): ln Z of the independent units that the chains start from."""

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over the dimensions ``beta`` and ``chain``."""
        data = {"log_w": (("beta", "chain"), self.log_w), "log_z_base": ("beta", self.log_z_base)}
        return xarray_module().Dataset(data, coords={"beta": self.betas})


class Works(NamedTuple):
    """The dimensionless work of chains up and down, with Δf = log_z_base − ln Z(β).

    Crooks: P_F(w)/P_R(−w) = e^{w − Δf}. ``pymbar.bar(forward, reverse)`` gives Δf.
    """

    forward: Floats
    """w_F = −ln w of each chain on the way up."""
    reverse: Floats
    """w_R of each chain on the way down."""
    log_z_base: float
    exact_start: bool
    """Whether the chains down start from exact samples."""


class MbarInputs(NamedTuple):
    """The samples of parallel tempering, as ``pymbar.MBAR(u_kn, N_k)`` takes them.

    States are the rungs of the ladder, and after them ``betas``, of which there are no samples:
    ln Z(betas) = log_z_base − f_k[-len(betas):] with f = 0 at the first state.
    """

    u_kn: Floats
    """(states, samples): the reduced potential of each sample in each state."""
    N_k: NDArray[np.int64]
    """(states,): how many samples are of each."""
    log_z_base: float
    betas: Floats
    kept: Bits
    """(samples, units): 0 and 1 of the units that the chains keep; of an RBM those of its smaller
    layer, for the other one is summed out in u_kn."""


def log_weights(
    model: Model,
    betas: Betas = 1.0,
    data: Rows | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> LogWeights:
    """The log-weights behind ``estimate(model, "ais", …)``, of the same seed and options.

    Raises
    ------
    ValueError
        As :func:`estimate`.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> model = pk.RBM(W=[[1.0]])
    >>> found = pk.log_weights(model, chains=200, rungs=20)
    >>> curve = pk.estimate(model, "ais", chains=200, rungs=20)
    >>> log_z = found.log_z_base + np.log(np.exp(found.log_w).mean(axis=1))
    >>> bool(np.allclose(log_z, curve.log_z, rtol=0, atol=1e-12))
    True
    """
    with how("log_weights", seed, threads, progress) as running:
        log_w, log_z_base, grid = _plefka.log_weights(
            model, betas, optional_rows(data), options_json(options), running
        )
    return LogWeights(grid, log_w, log_z_base)


def works(
    model: Model,
    beta: float = 1.0,
    data: Rows | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> Works:
    """The work behind ``estimate(model, "bar", beta, …)``, of the same seed and options.

    Raises
    ------
    ValueError
        As :func:`estimate`.

    Examples
    --------
    >>> import plefka as pk
    >>> found = pk.works(pk.RBM(W=[[1.0]]), chains=100, rungs=10)
    >>> found.forward.shape, found.exact_start
    ((100,), True)
    """
    with how("works", seed, threads, progress) as running:
        found = _plefka.works(model, beta, optional_rows(data), options_json(options), running)
    return Works(*found)


def mbar_inputs(
    model: Model,
    betas: Betas = 1.0,
    data: Rows | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> MbarInputs:
    """The samples behind ``estimate(model, "tempering", …)``, of the same seed and options.

    Raises
    ------
    ValueError
        As :func:`estimate`; and for several β from another base than ``uniform``, where each β has
        a run of its own.

    Examples
    --------
    >>> import plefka as pk
    >>> found = pk.mbar_inputs(pk.RBM([[1.0]]), ladders=4, temperatures=3, sweeps=100, records=50)
    >>> found.u_kn.shape, found.N_k.tolist()  # 3 rungs and β = 1; 4 ladders, 50 records of each
    ((4, 600), [200, 200, 200, 0])
    """
    with how("mbar_inputs", seed, threads, progress) as running:
        found = _plefka.multistate(
            model, betas, optional_rows(data), options_json(options), running
        )
    return MbarInputs(*found)
