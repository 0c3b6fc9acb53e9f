"""What is asked of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import _plefka
from ._arrays import Betas, Option, Rows, optional_rows, rows
from ._plefka import Model
from ._progress import Progress, how, options_json, tell
from ._results import Comparison, Curve, Likelihood, Temperature


def estimate(
    model: Model,
    method: str = "auto",
    betas: Betas = 1.0,
    data: Rows | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> Curve:
    """ln Z, energy, entropy and heat capacity of a model against β, by one method.

    Parameters
    ----------
    model
        An :class:`RBM`, :class:`Ising` or :class:`Levels`, of arrays or from a file.
    method
        One of ``plefka.methods()``; ``auto`` finds its own way to a checked number.
    betas
        Inverse temperatures: a number, an increasing list, or a text such as ``"0:2:21"``.
    data
        Rows of the visible units, (n_samples, n_visible) of 0/1 or ±1, or the name of a file; for
        what starts from data (``base="data"``) or is bounded by them (``data-bound``).
    seed
        Of all randomness. The same seed gives the same numbers, to the last bit, for any number of
        threads, here and on the command line.
    threads
        Worker threads; one for each core if not said.
    progress
        True for a bar of tqdm, or a function of (stage, steps done, all steps).
    **options
        The settings of the method; ``plefka.options(method)`` lists them with their defaults.

    Returns
    -------
    Curve
        ``log_z``, ``entropy`` (nats), ``energy`` (the model's units) and ``heat_capacity`` (k_B = 1)
        with their standard errors, arrays of shape (n_betas,); all are totals over the units.
        ``verdict`` says of each β whether ln Z may be used, and ``objections`` why not.

    Raises
    ------
    ValueError
        For an input that cannot be used, with the remedy. A run that did not converge is no error:
        the verdict says so.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> model = pk.RBM(W=[[1.0]], vbias=[0.0], hbias=[0.0])  # Z(1) = 3 + e
    >>> curve = pk.estimate(model, betas=[0.0, 1.0])
    >>> bool(np.isclose(curve.log_z[1], np.log(3 + np.e), rtol=0, atol=1e-14))
    True
    >>> curve.verdict
    ['exact', 'exact']
    >>> sampled = pk.estimate(model, "ais", chains=500, rungs=20)
    >>> sampled.claim, bool(abs(sampled.log_z[0] - np.log(3 + np.e)) < 4 * sampled.log_z_std_error[0])
    (['estimate'], True)
    """
    document, _ = _curves("estimate", model, [method], betas, data, seed, threads, progress, options)
    return Curve(document)


def compare(
    model: Model,
    methods: Sequence[str] | str | None = None,
    betas: Betas = "0:2:41",
    data: Rows | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> Comparison:
    """Several methods on one model, each judged by the exact value, or else by the others.

    Parameters
    ----------
    methods
        Names, as a list or with commas; if not said, those that take seconds and that the model
        allows.
    model, betas, data, seed, threads, progress, **options
        As in :func:`estimate`; an option goes to every method that has it.

    Returns
    -------
    Comparison
        A mapping from the name of a method to its :class:`Curve`.

    Raises
    ------
    ValueError
        As :func:`estimate`. A method that fails among others is listed in ``failed``.

    Examples
    --------
    >>> import plefka as pk
    >>> model = pk.RBM(W=[[1.0, -2.0], [0.5, 1.5]])
    >>> both = pk.compare(model, "exact,tap2", betas=1.0)
    >>> both["tap2"].claim, both["tap2"].verdict
    (['approximation'], ['approximation'])
    >>> bool(abs(both["tap2"].log_z - both["exact"].log_z) < 0.1)
    True
    """
    if methods is None:
        chosen, note = _plefka.compare_methods(model, options_json(options))
        tell([] if note is None else [note])
    else:
        chosen = methods.split(",") if isinstance(methods, str) else list(methods)
    document, failed = _curves(
        "compare", model, chosen, betas, data, seed, threads, progress, options
    )
    return Comparison(document, failed)


def likelihood(
    model: Model,
    X: Rows,
    method: str = "auto",
    beta: float = 1.0,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> Likelihood:
    """The mean of ln p(v) over rows of data, nats: ln p(v) = ln Σ_h e^{−βE(v, h)} − ln Z.

    Parameters
    ----------
    X
        Rows of the visible units, (n_samples, n_visible) of 0/1 or ±1, or the name of a file.
    method
        How ln Z is computed.
    beta
        The inverse temperature.
    model, seed, threads, progress, **options
        As in :func:`estimate`.

    Returns
    -------
    Likelihood
        ``value`` with the error of the mean over rows and that of ln Z apart, ``rows`` of shape
        (n_samples,), and the verdict on ln Z.

    Raises
    ------
    ValueError
        If the data do not fit the model, and as :func:`estimate`.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> model = pk.RBM(W=np.zeros((3, 2)))  # all 8 visible states are equally probable
    >>> found = pk.likelihood(model, [[0, 1, 1], [1, 1, 1]])
    >>> np.allclose(found.rows, -3 * np.log(2), rtol=0, atol=1e-14), found.verdict
    (True, 'exact')
    """
    said = {"method": method, "beta": beta, **options}
    with how("likelihood", seed, threads, progress, said) as running:
        text, each, notes = _plefka.likelihood(
            model, rows(X, "X"), method, beta, options_json(options), running
        )
    tell(notes)
    return Likelihood(json.loads(text), each)


def temperature(
    model: Model,
    X: Rows,
    method: str | None = None,
    betas: Betas = "0:2:21",
    sample: Rows | None = None,
    sample_beta: float | None = None,
    field_data: Rows | None = None,
    field: float | None = None,
    reference: Model | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> Temperature:
    """The inverse temperature of data under a model, by every estimator that they allow.

    If the data come from the model at some β, all estimates agree within their errors. If local
    and global ones differ, no single β describes the data.

    Parameters
    ----------
    X
        Rows of the visible units, (n_samples, n_visible), or the name of a file; of a model without
        hidden units, such as the Ising model of an annealer, rows of all units.
    method
        How U(β) of the model is computed; exact where the model can be enumerated, else ais.
    betas
        The grid of U(β); a finer one is taken near the result.
    sample, sample_beta
        A sample of the model at a known β, for two_beta_ratio and microcanonical.
    field_data, field
        A sample of what the data came from in a field H on every visible unit, E → E − H Σ v, for
        fluctuation_dissipation.
    reference
        A model whose weights are the unit of strength, for weight_norm.
    model, seed, threads, progress, **options
        As in :func:`estimate`.

    Returns
    -------
    Temperature
        ``found["max_likelihood"]`` is (β, standard error); ``estimates`` has all of them.

    Raises
    ------
    ValueError
        If the data do not fit the model or show no spread, and as :func:`estimate`.

    Examples
    --------
    >>> import plefka as pk
    >>> model = pk.RBM(W=[[1.0, -2.0], [0.5, 1.5], [-1.0, 2.0]])
    >>> found = pk.temperature(model, pk.sample(model, 4000, beta=1.5))
    >>> beta, std_error = found["max_likelihood"]
    >>> abs(beta - 1.5) < 4 * std_error
    True
    """
    beside: dict[str, object] = {
        "sample": optional_rows(sample, "sample"),
        "sample_beta": sample_beta,
        "field_data": optional_rows(field_data, "field_data"),
        "field": field,
        "reference": reference,
    }
    for one, other in (("sample", "sample_beta"), ("field_data", "field")):
        if (beside[one] is None) != (beside[other] is None):
            raise ValueError(f"{one} and {other} belong together: give both or neither")
    with how("temperature", seed, threads, progress, {"method": method, **options}) as running:
        text, notes = _plefka.temperature(
            model, rows(X, "X"), method, betas, options_json(options), beside, running
        )
    tell(notes)
    return Temperature(json.loads(text))


def methods() -> list[str]:
    """The names of all methods.

    Examples
    --------
    >>> import plefka as pk
    >>> "ais" in pk.methods()
    True
    """
    return _plefka.methods()


def options(method: str) -> dict[str, dict[str, Any]]:
    """The options of a method by name, each with its type, its default and what it means.

    Examples
    --------
    >>> import plefka as pk
    >>> pk.options("ais")["chains"]
    {'type': 'int', 'default': 1000, 'help': 'independent chains'}
    """
    return {
        name: {"type": kind, "default": json.loads(default), "help": text}
        for name, kind, default, text in _plefka.settings(method)
    }


def _curves(
    name: str,
    model: Model,
    chosen: list[str],
    betas: Betas,
    data: Rows | None,
    seed: int,
    threads: int | None,
    progress: Progress,
    options: Mapping[str, Option],
) -> tuple[dict[str, Any], list[str]]:
    said = {"method": ",".join(chosen), **options}
    with how(name, seed, threads, progress, said) as running:
        text, notes, failed = _plefka.curves(
            model, chosen, betas, optional_rows(data), options_json(options), running
        )
    tell(notes, depth=4)
    document: dict[str, Any] = json.loads(text)
    return document, failed
