"""Arrays on their way in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Bits: TypeAlias = NDArray[np.uint8]
Betas: TypeAlias = float | str | Sequence[float] | ArrayLike
Rows: TypeAlias = ArrayLike | str | os.PathLike[str]
Option: TypeAlias = int | float | str | bool


def rows(data: Any, name: str = "data") -> Bits | str:
    """Rows of two-valued units as a table of 0 and 1, or the name of a file as it is.

    0 and 1, or −1 and +1, are the lower and the upper value, of any type; sparse matrices are
    filled in.
    """
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(cast("str | os.PathLike[str]", data))
    values: NDArray[Any] = np.asarray(data.toarray() if hasattr(data, "toarray") else data)
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(f"`{name}` has shape {values.shape}; give rows, (n_samples, n_visible)")
    if values.dtype.kind not in "fiub":
        raise ValueError(f"`{name}` is of type {values.dtype}; give numbers, 0 and 1 or −1 and +1")
    upper = values == 1
    if not (np.all(upper | (values == 0)) or np.all(upper | (values == -1))):
        raise ValueError(
            f"`{name}` holds values other than 0 and 1, or −1 and +1: binarise the data"
        )
    return np.ascontiguousarray(upper, dtype=np.uint8)


def optional_rows(data: Any, name: str = "data") -> Bits | str | None:
    """The same of rows that may be left out."""
    return None if data is None else rows(data, name)


def plain(value: object) -> object:
    """An option as JSON has it: scalars of NumPy as numbers, what is not finite as a word."""
    number = cast(Any, value)
    number = number.item() if isinstance(value, np.generic) else number
    return str(number) if isinstance(number, float) and not np.isfinite(number) else number


def xarray_module() -> Any:
    """xarray, or a refusal that says how to get it."""
    try:
        import xarray
    except ImportError as missing:
        raise ValueError("to_xarray needs xarray: pip install xarray") from missing
    return xarray


def column(values: list[Any]) -> NDArray[Any]:
    """Numbers where all values are numbers or missing, else words."""
    try:
        return _floats(values)
    except ValueError:
        return np.array(["" if value is None else str(value) for value in values])


def _floats(values: list[Any]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values])
