from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import Betas, Bits, Floats

__version__: str

class Model:
    """What every model has: made by `RBM`, `Ising`, `Levels`, or from a file by `load`."""

    @property
    def kind(self) -> str: ...
    @property
    def units(self) -> str: ...
    @property
    def n_visible(self) -> int: ...
    @property
    def n_units(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def reading(self) -> list[str]: ...
    def save(self, path: str | Any) -> None: ...
    def to_numpy(self) -> dict[str, Any]: ...

class RBM(Model):
    def __new__(
        cls,
        W: ArrayLike,
        vbias: ArrayLike | None = None,
        hbias: ArrayLike | None = None,
        units: str | tuple[str, str] | list[str] | None = None,
        constant: float = 0.0,
    ) -> RBM: ...
    @property
    def W(self) -> Floats: ...
    @property
    def vbias(self) -> Floats: ...
    @property
    def hbias(self) -> Floats: ...
    @property
    def constant(self) -> float: ...
    @property
    def n_hidden(self) -> int: ...

class Ising(Model):
    def __new__(
        cls, J: ArrayLike, field: ArrayLike | None = None, constant: float = 0.0
    ) -> Ising: ...
    @property
    def J(self) -> Floats: ...
    @property
    def field(self) -> Floats: ...
    @property
    def constant(self) -> float: ...

class Levels(Model):
    def __new__(cls, energies: ArrayLike) -> Levels: ...
    @property
    def energies(self) -> Floats: ...

def load(
    path: str, update: int | None = None, name: str | None = None, transposed: bool | None = None
) -> Model: ...
def read(
    source: str, content: bytes, name: str | None = None, transposed: bool | None = None
) -> Model: ...
def methods() -> list[str]: ...
def settings(method: str) -> list[tuple[str, str, str, str]]: ...
def in_keywords(text: str) -> str: ...
def in_words(measured: str) -> str: ...
def figure(results: str, quantity: str) -> str | None: ...
def save_results(results: str, folder: str) -> list[Path]: ...
def curves(
    model: Model,
    methods: list[str],
    betas: Betas,
    data: Bits | str | None,
    options: str,
    how: dict[str, object],
) -> tuple[str, list[str], list[str]]: ...
def compare_methods(model: Model, options: str) -> tuple[list[str], str | None]: ...
def likelihood(
    model: Model,
    data: Bits | str,
    method: str,
    beta: float,
    options: str,
    how: dict[str, object],
) -> tuple[str, Floats, list[str]]: ...
def temperature(
    model: Model,
    data: Bits | str,
    method: str | None,
    betas: Betas,
    options: str,
    beside: dict[str, object],
    how: dict[str, object],
) -> tuple[str, list[str]]: ...
def sample(
    model: Model,
    count: int,
    beta: float,
    exact_limit: int | None,
    burn_in: int | None,
    how: dict[str, object],
) -> tuple[Bits, tuple[int, int, int, float] | None, str | None, str | None]: ...
def log_weights(
    model: Model, betas: Betas, data: Bits | str | None, options: str, how: dict[str, object]
) -> tuple[Floats, Floats, Floats]: ...
def works(
    model: Model, beta: float, data: Bits | str | None, options: str, how: dict[str, object]
) -> tuple[Floats, Floats, float, bool]: ...
def multistate(
    model: Model, betas: Betas, data: Bits | str | None, options: str, how: dict[str, object]
) -> tuple[Floats, NDArray[np.int64], float, Floats, Bits]: ...
def train(
    data: Bits | str,
    test: Bits | str | None,
    settings: str,
    out: str,
    resume: bool,
    how: dict[str, object],
) -> str: ...
def train_model(
    start: Model | None, data: Bits | str, settings: str, how: dict[str, object]
) -> RBM: ...
def sweep(
    path: str | None,
    plan: str | None,
    out: str,
    resume: bool,
    shard: str | None,
    shards: int | None,
    how: dict[str, object],
) -> tuple[Path, int, int, int, Path | None]: ...
def merge(folders: list[str], out: str | None) -> tuple[Path, int, int, int, Path | None]: ...
def history(
    run: str | list[tuple[int, Model]],
    methods: list[str],
    given: dict[str, object],
    options: str,
    how: dict[str, object],
) -> tuple[str, list[str]]: ...
def history_figures(history: str) -> list[tuple[str, str]]: ...
def save_history(history: str, folder: str) -> list[Path]: ...
