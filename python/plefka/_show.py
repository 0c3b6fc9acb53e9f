"""Results for the eye: text, HTML, figures, xarray."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _plefka
from ._arrays import xarray_module

if TYPE_CHECKING:
    from ._results import Curve

QUANTITIES = ("log_z", "energy", "entropy", "heat_capacity")
LABELS = {"log_z": "ln Z", "energy": "U", "entropy": "S", "heat_capacity": "C"}
UNITS = {"log_z": "nats", "energy": "energy units", "entropy": "nats", "heat_capacity": "k_B"}
LEGEND = "± one standard error, ≈ no error control, ≥ ≤ bounds, no sign: exact; ln Z and S in nats"
LONGEST_TABLE = 24
SHORTEST_CURVE = 3


def words(measured: dict[str, Any] | None) -> str:
    """A measured number with its claim: ``245.22 ± 0.03``, ``≥ 213.5000``, ``–``."""
    return _plefka.in_words(json.dumps(measured))


def _picks(count: int, curves: int) -> list[int]:
    """Which points of a grid a table of so many curves shows: all, or evenly spaced ones."""
    shown = np.linspace(0, count - 1, min(count, max(3, LONGEST_TABLE // (curves + 1))))
    return sorted({round(float(k)) for k in shown})


def _rows(curves: list[Curve]) -> list[list[str]]:
    rows: list[list[str]] = []
    for curve in curves:
        points = curve.to_dict()["curves"][0]["points"]
        for k in _picks(len(points), len(curves)):
            point = points[k]
            measured = [words(point[quantity]) for quantity in QUANTITIES]
            why = "; ".join(point["objections"])
            verdict = f"{point['verdict']}: {why}" if why else point["verdict"]
            rows.append([curve.method, f"{point['beta']:g}", *measured, verdict])
    return rows


def _header() -> list[str]:
    return ["method", "β", *LABELS.values(), "verdict"]


def _left_out(curves: list[Curve]) -> str:
    count = max((len(curve.betas) for curve in curves), default=0)
    return f" ({count} β in all)" if count > len(_picks(count, len(curves))) else ""


def text(curves: list[Curve]) -> str:
    """A table for the terminal."""
    return "\n".join([*aligned([_header(), *_rows(curves)]), LEGEND + _left_out(curves)])


def aligned(table: list[list[str]]) -> list[str]:
    """The lines of a table, its columns below each other."""
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in table]


def html(document: dict[str, Any], curves: list[Curve]) -> str:
    """A table with the verdicts, and figures where there is a curve to draw."""
    model = document["model"]
    sizes = [str(model[key]) for key in ("n_visible", "n_hidden", "n_units") if key in model]
    head = f"{model['source']}: {model['kind']} of {' × '.join(sizes)} {model['units']} units"
    table = html_table(_header(), _rows(curves))
    warnings = "".join(
        f"<li>{escape(curve.method)}: {escape(warning)}</li>"
        for curve in curves
        for warning in curve.warnings
    )
    figures = "".join(_figures(document, curves))
    return (
        f"<div><p><b>{escape(head)}</b></p>{table}<p><small>{escape(LEGEND + _left_out(curves))}"
        f"</small></p>{f'<ul>{warnings}</ul>' if warnings else ''}{figures}</div>"
    )


def html_table(header: list[str], rows: list[list[str]]) -> str:
    """A table in HTML."""
    body = "".join(_html_row("td", row) for row in rows)
    return f"<table><thead>{_html_row('th', header)}</thead><tbody>{body}</tbody></table>"


def _html_row(tag: str, row: list[str]) -> str:
    """A row of a table, of which only the last cell may break into lines."""
    style = ["text-align:left;white-space:nowrap"] * (len(row) - 1) + ["text-align:left"]
    cells = (f"<{tag} style='{how}'>{escape(cell)}</{tag}>" for how, cell in zip(style, row))
    return f"<tr>{''.join(cells)}</tr>"


def _figures(document: dict[str, Any], curves: list[Curve]) -> list[str]:
    if max((len(curve.betas) for curve in curves), default=0) < SHORTEST_CURVE:
        return []
    results = json.dumps(document)
    drawn = [_plefka.figure(results, quantity) for quantity in ("log_z", "entropy")]
    return [framed(svg) for svg in drawn if svg is not None]


def framed(svg: str) -> str:
    """A figure of the width of a page."""
    return f"<div style='max-width:640px'>{svg}</div>"


def dataset(curves: list[Curve]) -> Any:
    """An xarray.Dataset over estimator and beta. (`method` is a word of `sel` in xarray.)"""
    both = ("estimator", "beta")
    data: dict[str, Any] = {}
    for quantity in QUANTITIES:
        for name in (quantity, f"{quantity}_std_error"):
            data[name] = (both, np.stack([getattr(curve, name) for curve in curves]))
    data["verdict"] = (both, np.array([curve.verdict for curve in curves]))
    data["log_z_claim"] = (both, np.array([[c or "" for c in curve.claim] for curve in curves]))
    for name in sorted({name for curve in curves for name in curve.diagnostics}):
        each = [curve.diagnostics.get(name) for curve in curves]
        count = len(curves[0].betas)
        if all(value is None or np.shape(value) == (count,) for value in each):
            missing_row = np.full(count, np.nan)
            stacked = [missing_row if value is None else np.asarray(value) for value in each]
            if all(row.dtype.kind == "f" for row in stacked):
                data[name] = (both, np.stack(stacked))
    coordinates = {"estimator": [curve.method for curve in curves], "beta": curves[0].betas}
    model = curves[0].model
    attributes = {"model": model["source"], "sha256": model["sha256"], "units": model["units"]}
    attributes["seed"] = curves[0].provenance["seed"]
    found = xarray_module().Dataset(data, coords=coordinates, attrs=attributes)
    for quantity in QUANTITIES:
        found[quantity].attrs = {"long_name": LABELS[quantity], "units": UNITS[quantity]}
    return found


def axes() -> Any:
    """The current axes of matplotlib."""
    try:
        from matplotlib import pyplot
    except ImportError as missing:
        raise ValueError("plot needs matplotlib: pip install matplotlib") from missing
    return pyplot.gca()


def plot(curves: list[Curve], quantity: str, ax: Any, **style: Any) -> Any:
    """A quantity against β on axes of matplotlib."""
    if quantity not in QUANTITIES:
        raise ValueError(f"`{quantity}` is no quantity; choose one of {', '.join(QUANTITIES)}")
    if ax is None:
        ax = axes()
    for curve in curves:
        values: Any = getattr(curve, quantity)
        errors: Any = np.nan_to_num(getattr(curve, f"{quantity}_std_error"))
        marker = "o" if len(curve.betas) < SHORTEST_CURVE else None
        (line,) = ax.plot(curve.betas, values, **{"label": curve.method, "marker": marker, **style})
        if np.any(errors > 0):
            band = {"color": line.get_color(), "alpha": 0.25, "linewidth": 0}
            ax.fill_between(curve.betas, values - errors, values + errors, **band)
    ax.set_xlabel("β")
    ax.set_ylabel(f"{LABELS[quantity]} ({UNITS[quantity]})")
    ax.legend()
    return ax
