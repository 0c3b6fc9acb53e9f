"""Training."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import _plefka
from ._arrays import Option, Rows, column, optional_rows, plain, rows
from ._plefka import Model
from ._progress import Progress, how


class Training:
    """A trained RBM, and what was known about it at each checkpoint."""

    def __init__(self, model: Model, log: list[dict[str, Any]], folder: str | None) -> None:
        self._model, self._log, self._folder = model, log, folder

    @property
    def model(self) -> Model:
        """The model after the last update."""
        return self._model

    @property
    def folder(self) -> str | None:
        """The folder of the run, if there is one: a model for every command, as ``RUN@N``, too."""
        return self._folder

    @property
    def log(self) -> dict[str, NDArray[Any]]:
        """The columns of log.csv by name, a row a checkpoint; NaN where nothing was computed."""
        columns = list(self._log[0]) if self._log else []
        return {name: column([row[name] for row in self._log]) for name in columns}

    def __repr__(self) -> str:
        last = self._log[-1]
        shown = {name: last[f"log_likelihood_{name}"] for name in ("train", "test")}
        parts = [f"ln p(v) {value:.2f} ({name})" for name, value in shown.items() if value is not None]
        return f"Training({self._model!r}, {last['update']} updates, {', '.join(parts)})"


def train(
    X: Rows,
    n_hidden: int,
    out: str | os.PathLike[str] | None = None,
    test: Rows | None = None,
    resume: bool = False,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **settings: Option,
) -> Training:
    """Trains an RBM on binary data, with its likelihood in the log.

    Parameters
    ----------
    X
        Rows of 0/1 or ±1, (n_samples, n_visible), or the name of a file such as
        ``builtin:mnist10k``.
    n_hidden
        Hidden units.
    out
        The folder of the run, from which it can go on; none is kept if not said.
    test
        Rows to test on; or the share ``holdout`` of X.
    resume
        Go on with the run in ``out``; the settings must be the same.
    **settings
        Those of docs/train.md with ``_`` for ``-``: ``negative`` (``pcd``, ``cd``, ``emf``,
        ``exact``), ``epochs`` or ``updates``, ``batch``, ``rate``, ``steps``, ``chains``,
        ``momentum``, ``decay``, ``limit``, ``holdout``, ``checkpoints``, ``units``, …
    seed, threads, progress
        As in :func:`estimate`.

    Returns
    -------
    Training
        ``model``, and ``log``: arrays of shape (n_checkpoints,) by the names of the columns, among
        them ``log_z``, ``log_likelihood_train``, ``log_likelihood_test``, ``entropy`` (nats).

    Raises
    ------
    ValueError
        For a setting that is unknown, out of range or without effect, and for parameters that
        diverge.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> X = np.repeat([[0, 0], [1, 1]], 50, axis=0)  # two equal pixels: ln p(v) can reach −ln 2
    >>> run = pk.train(X, 1, epochs=200, batch=20, rate=0.5)
    >>> bool(run.log["log_likelihood_train"][-1] > run.log["log_likelihood_train"][0] + 0.3)
    True
    """
    table, test_rows = rows(X, "X"), optional_rows(test, "test")
    given = {name: plain(value) for name, value in settings.items()}
    plan = json.dumps({"hidden": plain(n_hidden), "seed": plain(seed), **given})
    with how("train", seed, threads, progress, settings) as running:
        if out is not None:
            log = _plefka.train(table, test_rows, plan, os.fspath(out), resume, running)
            return Training(_plefka.load(os.fspath(out)), json.loads(log), os.fspath(out))
        with tempfile.TemporaryDirectory(prefix="plefka-") as folder:
            log = _plefka.train(table, test_rows, plan, folder, False, running)
            content = Path(folder, "model.npz").read_bytes()
        return Training(_plefka.read("trained", content, None, None), json.loads(log), None)
