"""Grids of curves, in one piece or in shares."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import _plefka
from ._arrays import column
from ._progress import Progress, how


class Sweep:
    """The table of a sweep, and where it is kept."""

    def __init__(self, folder: Path, jobs: int, done: int, failed: int, table: Path | None) -> None:
        self.folder, self.jobs, self.done, self.failed = os.fspath(folder), jobs, done, failed
        self._table = table

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """The columns of results.csv by name, a row for each point and method; NaN where empty.

        Raises
        ------
        ValueError
            If this is a share of the grid: join all shares by :func:`merge` first.
        """
        if self._table is None:
            raise ValueError("this is a share of the grid, without a table; join all by plefka.merge")
        with open(self._table, newline="", encoding="utf-8") as file:
            read = list(csv.DictReader(file))
        columns = list(read[0]) if read else []
        return {name: column([row[name] or None for row in read]) for name in columns}

    def __repr__(self) -> str:
        return f"Sweep({self.folder!r}, {self.done} of {self.jobs} curves, {self.failed} failed)"


def sweep(
    plan: Mapping[str, Any] | str | os.PathLike[str],
    out: str | os.PathLike[str],
    resume: bool = False,
    shard: str | None = None,
    shards: int | None = None,
    threads: int | None = None,
    progress: Progress = None,
) -> Sweep:
    """Works off a grid over β, weight scale, seed and the like, to a store that survives a kill.

    Parameters
    ----------
    plan
        The path of a plan in TOML, or its tables as a dictionary; see docs/sweep.md.
    out
        The folder of the store.
    resume
        Go on with the sweep in ``out``, if there is one.
    shard
        ``"i/n"``: a share of the grid. ``"auto"``: the one that the scheduler says (arrays of Slurm,
        Grid Engine and PBS; ranks of Open MPI, PMI and srun), in ``out/share-i-of-n``, where it goes
        on with what is there. :func:`merge` joins the shares.
    shards
        With ``"auto"``: how many shares there are; the index of the task is then the share.
    threads, progress
        As in :func:`estimate`.

    Returns
    -------
    Sweep
        ``table``: the columns of the results by name.

    Raises
    ------
    ValueError
        For a plan that cannot be used, which names the key; and with ``"auto"`` if no scheduler
        says which share this is.

    Examples
    --------
    >>> import tempfile, plefka as pk
    >>> plan = {"model": {"source": "builtin:mnist20"}, "methods": {"mf": {}},
    ...         "axes": {"beta": "0:1:3", "weight_scale": [0.5, 1.0]}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = pk.sweep(plan, folder).table
    >>> table["weight_scale"].tolist()
    [0.5, 0.5, 0.5, 1.0, 1.0, 1.0]
    """
    folder = os.fspath(out)
    path, text = (
        (None, json.dumps(plan)) if isinstance(plan, Mapping) else (os.fspath(plan), None)
    )
    with how("sweep", 0, threads, progress) as running:
        return Sweep(*_plefka.sweep(path, text, folder, resume, shard, shards, running))


def merge(
    folders: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str] | None = None,
) -> Sweep:
    """Joins the folders of all shares of a sweep to one, with the table of the whole.

    Nothing is computed.

    Parameters
    ----------
    folders
        The folder of each share, or one that holds ``share-1-of-n`` to ``share-n-of-n``.
    out
        The folder for the joined sweep, empty or not there yet; if not said, the one that holds the
        shares.

    Raises
    ------
    ValueError
        For shares of different plans, a missing share or curve, and a curve that is there twice.

    Examples
    --------
    >>> import tempfile, plefka as pk
    >>> plan = {"model": {"source": "builtin:mnist20"}, "methods": {"mf": {}, "tap2": {}}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for i in ("1", "2"):
    ...         share = pk.sweep(plan, f"{folder}/share-{i}-of-2", shard=f"{i}/2")
    ...     table = pk.merge(folder).table
    >>> table["method"].tolist()
    ['mf', 'tap2']
    """
    given = [folders] if isinstance(folders, (str, os.PathLike)) else folders
    names = [os.fspath(folder) for folder in given]
    return Sweep(*_plefka.merge(names, None if out is None else os.fspath(out)))
