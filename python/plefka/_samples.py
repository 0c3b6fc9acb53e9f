"""States of a model, and which chain each is from."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _plefka
from ._arrays import Bits, xarray_module
from ._plefka import Model
from ._progress import Progress, how, tell

ByChains = tuple[int, int, int, float]
"""Chains, sweeps of burn-in, sweeps between two draws, autocorrelation time of the energy."""


class Samples(np.ndarray[tuple[int, int], np.dtype[np.uint8]]):
    """States of the visible units, (n, n_visible), as an array that knows which chain drew each.

    Whatever is computed from it, or taken out of it, is a plain array.
    """

    _origin: tuple[float, ByChains | None] | None = None

    def __new__(cls, states: Bits, beta: float, chains: ByChains | None = None) -> Samples:
        made = states.view(cls)
        made._origin = (beta, chains)
        return made

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` of ``visible`` over the dimensions ``chain``, ``draw``, ``unit``.

        As arviz and others take it. Exact states are the draws of one chain, without correlation.
        Draws that only some of the chains have are left out.

        Raises
        ------
        ValueError
            For a part or a copy, which does not know its chains.

        Examples
        --------
        >>> import plefka as pk
        >>> pk.sample(pk.RBM(W=[[1.0], [2.0]]), 5).to_xarray().visible.sizes
        Frozen({'chain': 1, 'draw': 5, 'unit': 2})
        """
        if self._origin is None:
            raise ValueError(
                "a part or a copy of samples does not know its chains; take those of plefka.sample"
            )
        xarray = xarray_module()
        beta, by_chains = self._origin
        chains = 1 if by_chains is None else by_chains[0]
        draws = len(self) // chains
        # Draw by draw, in each of them all chains.
        states = np.asarray(self)[: draws * chains].reshape(draws, chains, -1).swapaxes(0, 1)
        attributes: dict[str, Any] = {"beta": beta, "exact": int(by_chains is None)}
        if by_chains is not None:
            names = ("burn_in", "sweeps_between_draws", "autocorrelation_time_of_energy")
            attributes.update(zip(names, by_chains[1:]))
        return xarray.Dataset({"visible": (("chain", "draw", "unit"), states)}, attrs=attributes)

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def __repr__(self) -> str:
        return repr(np.asarray(self))


def sample(
    model: Model,
    n: int,
    beta: float = 1.0,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    exact_limit: int | None = None,
    burn_in: int | None = None,
) -> Samples:
    """States of the visible units of a model at one β.

    Exact and independent where the model can be enumerated; else from Gibbs sampling, and a warning
    says how, with the autocorrelation time.

    Parameters
    ----------
    n
        How many.
    beta
        The inverse temperature.
    exact_limit
        The largest model to enumerate, as the number of its units (of an RBM: of its smaller
        layer).
    burn_in
        Beyond that: sweeps of each chain before its first sample.
    model, seed, threads, progress
        As in :func:`estimate`.

    Returns
    -------
    Samples
        An array of uint8, (n, n_visible): 0 and 1 for the lower and the upper value, also of spins:
        s = 2x − 1. A model without layers has a column for each unit. Its ``to_xarray()`` tells the
        chains apart.

    Raises
    ------
    ValueError
        For a count or a β that cannot be used.

    Examples
    --------
    >>> import plefka as pk
    >>> model = pk.RBM(W=[[0.0], [0.0]], vbias=[50.0, -50.0])
    >>> pk.sample(model, 3)
    array([[1, 0],
           [1, 0],
           [1, 0]], dtype=uint8)
    >>> pk.sample(model, 3).mean(axis=0)
    array([1., 0.])
    """
    with how("sample", seed, threads, progress) as running:
        states, chains, note, doubt = _plefka.sample(model, n, beta, exact_limit, burn_in, running)
    tell([text for text in (note, doubt) if text is not None])
    return Samples(states, beta, chains)
