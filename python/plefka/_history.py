"""What a training run was worth at each of its checkpoints."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import _plefka, _show
from ._arrays import Floats, Option, Rows, optional_rows, xarray_module
from ._plefka import Model
from ._progress import Progress, how, options_json, tell
from ._results import Document
from ._training import Training

Along: TypeAlias = Literal["log_z", "log_likelihood_train", "log_likelihood_test"]
QUANTITIES: tuple[Along, ...] = ("log_z", "log_likelihood_train", "log_likelihood_test")
LABELS = {
    "log_z": "ln Z",
    "log_likelihood_train": "ln p(v), training rows",
    "log_likelihood_test": "ln p(v), held-out rows",
}


class History(Document):
    """ln Z and the mean of ln p(v) along training: arrays over ``update``, in nats.

    A number that does not exist is NaN in an array and None in ``to_dict()``.
    """

    @property
    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._document["rows"]
        return rows

    def _values(self, quantity: Along, field: str = "value") -> Floats:
        numbers = [row[quantity] and row[quantity].get(field) for row in self._rows]
        return np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)

    @property
    def update(self) -> NDArray[np.int64]:
        """Updates made at each checkpoint."""
        return np.array([row["update"] for row in self._rows], dtype=np.int64)

    @property
    def log_z(self) -> Floats:
        """ln Z at β = 1."""
        return self._values("log_z")

    @property
    def log_z_std_error(self) -> Floats:
        """One standard error of ln Z; NaN where it is exact or has no error control."""
        return self._values("log_z", "std_error")

    @property
    def log_likelihood_train(self) -> Floats:
        """The mean of ln p(v) over the training rows."""
        return self._values("log_likelihood_train")

    @property
    def log_likelihood_test(self) -> Floats:
        """The mean of ln p(v) over the rows held out."""
        return self._values("log_likelihood_test")

    def std_error(self, quantity: Along, of: Literal["data", "log_z"] = "log_z") -> Floats:
        """One standard error of a quantity: what ln Z leaves open, or the choice of the rows."""
        if quantity not in QUANTITIES:
            raise ValueError(f"`{quantity}` is none; choose one of {', '.join(QUANTITIES)}")
        if quantity == "log_z":
            return self.log_z_std_error
        return self._values(quantity, f"std_error_{of}")

    @property
    def verdict(self) -> list[str]:
        """Whether ln Z may be used at each checkpoint."""
        return [row["log_z"]["verdict"] for row in self._rows]

    @property
    def objections(self) -> list[list[str]]:
        """What speaks against ln Z at each checkpoint."""
        said = [row["log_z"]["objections"] for row in self._rows]
        return [[_plefka.in_keywords(text) for text in texts] for texts in said]

    @property
    def methods(self) -> list[str]:
        """How ln Z was computed; the numbers are of the first, the others stand beside it."""
        return [estimate["method"] for estimate in self._rows[0]["estimates"]]

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over the dimensions ``update`` and, for ``estimates``, ``estimator``."""
        data: dict[str, Any] = {}
        for name in QUANTITIES:
            data[name] = ("update", self._values(name))
            data[f"{name}_std_error"] = ("update", self.std_error(name))
        data["verdict"] = ("update", np.array(self.verdict))
        each = [[estimate["value"] for estimate in row["estimates"]] for row in self._rows]
        data["estimates"] = (("update", "estimator"), np.array(each, dtype=np.float64))
        coordinates = {"update": self.update, "estimator": self.methods}
        attributes = {"model": self.model["source"], "seed": self.provenance["seed"], "units": "nats"}
        return xarray_module().Dataset(data, coords=coordinates, attrs=attributes)

    def plot(self, quantity: Along = "log_z", ax: Any = None, **style: Any) -> Any:
        """Draws a quantity against the update on axes of matplotlib, with the error of ln Z."""
        errors = np.nan_to_num(self.std_error(quantity))
        ax = _show.axes() if ax is None else ax
        values = self._values(quantity)
        (line,) = ax.plot(self.update, values, **{"label": LABELS[quantity], "marker": ".", **style})
        if np.any(errors > 0):
            band = {"color": line.get_color(), "alpha": 0.25, "linewidth": 0}
            ax.fill_between(self.update, values - errors, values + errors, **band)
        ax.set_xlabel("update")
        ax.set_ylabel(f"{LABELS[quantity]} (nats)")
        return ax

    def save(self, folder: str | os.PathLike[str]) -> list[str]:
        """Writes what ``plefka history --out`` does: the numbers and their figures. The paths."""
        return [os.fspath(path) for path in _plefka.save_history(self._text(), os.fspath(folder))]

    def _text(self) -> str:
        return json.dumps(self._document)

    def _table(self) -> list[list[str]]:
        def cell(likelihood: dict[str, Any] | None) -> str:
            return "–" if likelihood is None else f"{likelihood['value']:.2f}"

        table: list[list[str]] = []
        for row in self._rows:
            verdict = ": ".join(filter(None, [row["log_z"]["verdict"], "; ".join(row["log_z"]["objections"])]))
            ends = [cell(row[f"log_likelihood_{name}"]) for name in ("train", "test")]
            number = {key: row["log_z"].get(key) for key in ("value", "claim", "std_error")}
            table.append([str(row["update"]), _show.words(number), *ends, verdict])
        return table

    _HEADER = ("update", "ln Z", "ln p train", "ln p test", "verdict")

    def __repr__(self) -> str:
        table = _show.aligned([list(self._HEADER), *self._table()])
        return "\n".join([*table, f"ln Z by {', beside '.join(self.methods)}; nats"])

    def _repr_html_(self) -> str:
        head = f"{escape(self.model['source'])}: ln Z by {escape(', beside '.join(self.methods))}; nats"
        table = _show.html_table(list(self._HEADER), self._table())
        figures = "".join(_show.framed(svg) for _, svg in _plefka.history_figures(self._text()))
        return f"<div><p><b>{head}</b></p>{table}{figures}</div>"


def history(
    run: str | os.PathLike[str] | Training | Mapping[int, Model],
    data: Rows | None = None,
    test: Rows | None = None,
    methods: Sequence[str] | str | None = None,
    holdout: float | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress = None,
    **options: Option,
) -> History:
    """ln Z and the mean of ln p(v) at every checkpoint of a training run, with verdicts.

    Parameters
    ----------
    run
        The folder of a run (``RUN@N`` ends at update N), an archive of rbms, what
        :func:`train` returned for a folder, or RBMs of your own by their updates.
    data
        The rows that it was trained on, with those it held out if its folder knows them.
    test
        Rows that it was not trained on.
    methods
        Names, as a list or with commas; the numbers are of the first. If not said, ``exact`` where
        that is quick, else tempering through all checkpoints in one run, with annealing beside it.
    holdout
        The share of ``data``, the last rows, that was held out.
    seed, threads, progress, **options
        As in :func:`estimate`. ``path="direct"`` goes to each checkpoint by itself.

    Returns
    -------
    History
        ``log_z``, ``log_likelihood_train`` and ``log_likelihood_test``, nats, arrays of shape
        (n_checkpoints,), with errors and verdicts.

    Raises
    ------
    ValueError
        For what is no training run, data that do not fit, and as :func:`estimate`.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> own = {0: pk.RBM(np.zeros((3, 2))), 100: pk.RBM(np.eye(3, 2))}
    >>> found = pk.history(own, test=[[0, 1, 1]])
    >>> found.update.tolist(), found.verdict
    ([0, 100], ['exact', 'exact'])
    >>> np.allclose(found.log_z[0], 5 * np.log(2)), np.allclose(found.log_likelihood_test[0], -3 * np.log(2))
    (True, True)
    """
    chosen = [] if methods is None else methods.split(",") if isinstance(methods, str) else list(methods)
    given: dict[str, object] = {
        "data": optional_rows(data),
        "test": optional_rows(test, "test"),
        "holdout": None if holdout is None else float(holdout),
    }
    with how("history", seed, threads, progress, {"methods": ",".join(chosen), **options}) as running:
        text, notes = _plefka.history(_name_or_models(run), chosen, given, options_json(options), running)
    tell(notes)
    return History(json.loads(text))


def _name_or_models(
    run: str | os.PathLike[str] | Training | Mapping[int, Model],
) -> str | list[tuple[int, Model]]:
    if isinstance(run, Training):
        if run.folder is None:
            raise ValueError("the run kept no folder; give plefka.train a folder, out=…")
        return run.folder
    if isinstance(run, Mapping):
        return sorted(run.items())
    return os.fspath(run)
