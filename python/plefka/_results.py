"""Results: views of the JSON that the program prints, with its numbers as arrays."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from . import _plefka, _show
from ._arrays import Floats

Quantity: TypeAlias = Literal["log_z", "energy", "entropy", "heat_capacity"]
QUANTITIES: tuple[Quantity, ...] = ("log_z", "energy", "entropy", "heat_capacity")


class Document:
    """A JSON document of the program."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the program for the same request, as a dictionary of its own."""
        return copy.deepcopy(self._document)

    @property
    def model(self) -> dict[str, Any]:
        """Kind, units, shape, source and hash of the model."""
        return dict(self._document["model"])

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, seed, threads and settings: what it takes to make the numbers again."""
        return copy.deepcopy(self._document["provenance"])


class Curve(Document):
    """ln Z, U, S and C against β by one method, with what may be claimed about them.

    Arrays are over ``betas``, in nats (``log_z``, ``entropy``) and in the model's energy units
    (``energy``); ``heat_capacity`` is β² Var E. A number that does not exist is NaN in an array and
    None in ``to_dict()``.
    """

    @property
    def _curve(self) -> dict[str, Any]:
        curve: dict[str, Any] = self._document["curves"][0]
        return curve

    @property
    def _points(self) -> list[dict[str, Any]]:
        points: list[dict[str, Any]] = self._curve["points"]
        return points

    def _values(self, quantity: Quantity, field: str = "value") -> Floats:
        numbers = [point[quantity] for point in self._points]
        values = [None if number is None else number[field] for number in numbers]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    @property
    def method(self) -> str:
        """The method."""
        return str(self._curve["method"])

    @property
    def betas(self) -> Floats:
        """The inverse temperatures asked for."""
        return np.array([point["beta"] for point in self._points], dtype=np.float64)

    @property
    def log_z(self) -> Floats:
        """ln Z, nats."""
        return self._values("log_z")

    @property
    def log_z_std_error(self) -> Floats:
        """One standard error of ln Z; NaN where it is exact or has no error control."""
        return self._values("log_z", "std_error")

    @property
    def energy(self) -> Floats:
        """U = ⟨E⟩."""
        return self._values("energy")

    @property
    def energy_std_error(self) -> Floats:
        """One standard error of U."""
        return self._values("energy", "std_error")

    @property
    def entropy(self) -> Floats:
        """S = ln Z + βU, nats."""
        return self._values("entropy")

    @property
    def entropy_std_error(self) -> Floats:
        """One standard error of S."""
        return self._values("entropy", "std_error")

    @property
    def heat_capacity(self) -> Floats:
        """C = β² Var E."""
        return self._values("heat_capacity")

    @property
    def heat_capacity_std_error(self) -> Floats:
        """One standard error of C."""
        return self._values("heat_capacity", "std_error")

    @property
    def claim(self) -> list[str | None]:
        """What ln Z claims at each β.

        ``exact``, ``estimate``, ``lower_bound``, ``upper_bound`` or ``approximation``; None where
        there is no number.
        """
        return [point["log_z"] and point["log_z"]["claim"] for point in self._points]

    @property
    def verdict(self) -> list[str]:
        """Whether ln Z may be used at each β; see docs/results.md for what each word means."""
        return [point["verdict"] for point in self._points]

    @property
    def objections(self) -> list[list[str]]:
        """What speaks against ln Z at each β."""
        return [list(point["objections"]) for point in self._points]

    @property
    def status(self) -> str:
        """``converged`` or ``not_converged``: the worst of all β."""
        return str(self._curve["status"])

    @property
    def warnings(self) -> list[str]:
        """What a reader should know, each with a remedy in terms of keywords."""
        return [_plefka.in_keywords(warning) for warning in self._curve["warnings"]]

    @property
    def diagnostics(self) -> dict[str, Any]:
        """The evidence by name: a number, an array over ``betas``, or words."""
        return {name: _array(value) for name, value in self._curve["diagnostics"].items()}

    @property
    def seconds(self) -> float:
        """Wall-clock time of the estimation."""
        return float(self._curve["seconds"])

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the method, after defaults were filled in."""
        return dict(self._document["provenance"]["settings"][self.method])

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over the dimension ``beta``, with the evidence for each β."""
        return _show.dataset([self]).isel(estimator=0)

    def plot(self, quantity: Quantity = "entropy", ax: Any = None, **style: Any) -> Any:
        """Draws a quantity against β on axes of matplotlib, with a band of one standard error.

        Parameters
        ----------
        quantity
            ``log_z``, ``energy``, ``entropy`` or ``heat_capacity``.
        ax
            The axes; the current ones if not said.
        **style
            For ``ax.plot``.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return _show.plot([self], quantity, ax, **style)

    def __repr__(self) -> str:
        return _show.text([self])

    def _repr_html_(self) -> str:
        return _show.html(self._document, [self])


class Comparison(Document, Mapping[str, Curve]):
    """Curves of several methods on one model, judged together: a mapping from method to Curve."""

    def __init__(self, document: dict[str, Any], failed: list[str]) -> None:
        super().__init__(document)
        # The checksum is that of the whole.
        shared = {name: value for name, value in document.items() if name != "checksum"}
        self._curves = {
            curve["method"]: Curve({**shared, "curves": [curve]}) for curve in document["curves"]
        }
        self._failed = [_plefka.in_keywords(reason) for reason in failed]

    def __getitem__(self, method: str) -> Curve:
        return self._curves[method]

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)

    @property
    def failed(self) -> list[str]:
        """The methods that have no result, each with the reason."""
        return list(self._failed)

    def save(self, folder: str | os.PathLike[str]) -> list[str]:
        """Writes what ``plefka compare`` does: numbers, figures, a report. The paths."""
        written = _plefka.save_results(json.dumps(self._document), os.fspath(folder))
        return [os.fspath(path) for path in written]

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over the dimensions ``estimator`` and ``beta``."""
        return _show.dataset(list(self.values()))

    def plot(self, quantity: Quantity = "entropy", ax: Any = None, **style: Any) -> Any:
        """Draws a quantity by all methods on axes of matplotlib; see :meth:`Curve.plot`."""
        return _show.plot(list(self.values()), quantity, ax, **style)

    def __repr__(self) -> str:
        return _show.text(list(self.values()))

    def _repr_html_(self) -> str:
        return _show.html(self._document, list(self.values()))


class Likelihood(Document):
    """ln p(v) of data under a model, nats, with the error of the data and that of ln Z apart."""

    def __init__(self, document: dict[str, Any], rows: Floats) -> None:
        super().__init__(document)
        self._rows = rows

    @property
    def value(self) -> float:
        """The mean of ln p(v) over the rows."""
        return float(self._document["log_likelihood"]["value"])

    @property
    def std_error_data(self) -> float | None:
        """The error of the mean over rows; None for one row."""
        return _number(self._document["log_likelihood"]["std_error_data"])

    @property
    def std_error_log_z(self) -> float | None:
        """The error of ln Z, which all rows share; None where it has no error control."""
        return _number(self._document["log_likelihood"]["std_error_log_z"])

    @property
    def rows(self) -> Floats:
        """ln p(v) of each row, in the order of the data."""
        return self._rows

    @property
    def per_unit(self) -> float:
        """The mean divided by the number of units that a row shows."""
        return float(self._document["per_unit"])

    @property
    def pseudo_log_likelihood(self) -> float:
        """The mean of Σᵢ ln p(vᵢ | the others), which is no likelihood."""
        return float(self._document["pseudo_log_likelihood"]["value"])

    @property
    def log_z(self) -> float:
        """ln Z."""
        return float(self._document["log_z"]["value"])

    @property
    def verdict(self) -> str:
        """Whether that ln Z may be used."""
        return str(self._document["log_z"]["verdict"])

    @property
    def objections(self) -> list[str]:
        """What speaks against that ln Z."""
        return list(self._document["log_z"]["objections"])

    @property
    def warnings(self) -> list[str]:
        """What a reader must keep in mind."""
        return [_plefka.in_keywords(warning) for warning in self._document["warnings"]]

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        errors = [("data", self.std_error_data), ("ln Z", self.std_error_log_z)]
        shown = "".join(f" ± {error:.2g} ({of})" for of, error in errors if error is not None)
        return f"Likelihood({self.value:.4f}{shown} nats a row, ln Z {self.verdict})"


class Temperature(Document):
    """The β at which data look like samples of a model, by every estimator that they allow."""

    @property
    def estimates(self) -> list[dict[str, Any]]:
        """Each with ``estimator``, ``beta`` (value, standard error, claim), ``scope``, details."""
        return copy.deepcopy(self._document["estimates"])

    def __getitem__(self, estimator: str) -> tuple[float, float | None]:
        """β by the first estimate of this name, and its standard error."""
        for estimate in self._document["estimates"]:
            if estimate["estimator"] == estimator:
                return float(estimate["beta"]["value"]), _number(estimate["beta"]["std_error"])
        known = ", ".join(dict.fromkeys(e["estimator"] for e in self._document["estimates"]))
        raise KeyError(f"no estimate by `{estimator}`; there are {known}")

    @property
    def n_samples(self) -> int:
        """The number of rows."""
        return int(self._document["n_samples"])

    @property
    def n_eff(self) -> float:
        """How many independent rows they are worth, by their energy."""
        return float(self._document["n_eff"])

    @property
    def findings(self) -> list[str]:
        """Whether local and global estimates agree, in words."""
        return list(self._document["findings"])

    @property
    def warnings(self) -> list[str]:
        """What could not be estimated and why."""
        return [_plefka.in_keywords(warning) for warning in self._document["warnings"]]

    def __repr__(self) -> str:
        lines = [
            f"  {e['estimator']:<24} {e['scope']:<8} β = {_show.words(e['beta'])}"
            for e in self._document["estimates"]
        ]
        return "\n".join([f"Temperature of {self.n_samples} rows", *lines, *self.findings])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _array(value: Any) -> Any:
    """A list of numbers as an array, and all else as it is."""
    if not isinstance(value, list):
        return value
    entries: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    if all(isinstance(entry, (int, float)) for entry in entries):
        return np.array(entries, dtype=np.float64)
    return copy.deepcopy(entries)
