"""How a call is run: seed, threads, progress, and the call in words."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from . import _plefka
from ._arrays import plain

Progress: TypeAlias = bool | Callable[[str, int, int], object] | None


class _Bars:
    """A bar of tqdm for each stage."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError as missing:
            raise ValueError("progress=True needs tqdm: pip install tqdm") from missing
        self._make: Callable[..., Any] = tqdm
        self._bar: Any = None
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self.close()
            self._what, self._bar = what, self._make(total=total, desc=what, leave=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


@contextmanager
def how(
    name: str,
    seed: int,
    threads: int | None,
    progress: Progress,
    said: Mapping[str, object] | None = None,
) -> Generator[dict[str, object]]:
    """What the extension module is told about how to run."""
    words = [f"{key}={value!r}" for key, value in (said or {}).items()]
    for what, value, least in (("seed", seed, 0), ("threads", threads, 1)):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < least):
            raise ValueError(f"{what} = {value} cannot be used: give a whole number from {least}")
    bars = _Bars() if progress is True else None
    told = bars if progress is True else (progress or None)
    try:
        yield {
            "seed": int(seed),
            "threads": threads,
            "progress": told,
            "command": [f"plefka.{name}", *words],
        }
    finally:
        if bars is not None:
            bars.close()


def options_json(options: Mapping[str, object]) -> str:
    """The options of methods as the extension module takes them."""
    return json.dumps({name: plain(value) for name, value in options.items()}, default=str)


def tell(notes: Sequence[str], depth: int = 3) -> None:
    """Tells what the library decided by itself, at the line that called it: so many calls up."""
    for note in notes:
        warnings.warn(_plefka.in_keywords(note), UserWarning, stacklevel=depth)
