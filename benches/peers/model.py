"""The models and the data that everybody is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from program import Program


@dataclass(frozen=True)
class Model:
    """An RBM on bits in f64, E = −a·v − b·h − vᵀWh, and its file if it has one."""

    path: Path | None
    w: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @staticmethod
    def load(path: Path) -> Model:
        with np.load(path) as arrays:
            w, a, b = (np.ascontiguousarray(arrays[key], dtype=np.float64) for key in ("W", "vbias", "hbias"))
        return Model(path, w, a, b)

    def single(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """W, a, b in f32."""
        return self.w.astype(np.float32), self.a.astype(np.float32), self.b.astype(np.float32)

    @property
    def shape(self) -> str:
        return f"{self.w.shape[0]}×{self.w.shape[1]}"


def built_in_digits() -> np.ndarray:
    """The digits that plefka has built in, a row each, from its sources."""
    with np.load(Path(__file__).resolve().parents[2] / "src/dataset/mnist10k.npz") as archive:
        return np.unpackbits(archive["bits"], axis=1)[:, :784]


class Workshop:
    """Makes models with plefka, each when it is first asked for."""

    def __init__(self, program: Program, out: Path, quick: bool) -> None:
        self.program, self.out, self.quick = program, out, quick

    @cache
    def trained(self, hidden: int) -> Model:
        """On the built-in digits, for a few seconds."""
        run = self.out / f"trained-{hidden}"
        self.program.train(run, "builtin:mnist10k", hidden, 3 if self.quick else 20, 0.1)
        return Model.load(run / "model.npz")

    @cache
    def random(self, hidden: int) -> Model:
        """Gaussian couplings so weak that a short run of AIS is right, on which everybody must agree."""
        path = self.out / f"random-{hidden}.npz"
        path.unlink(missing_ok=True)
        shape = ("--visible", 784, "--hidden", hidden, "--g", 1.5, "--units", "bit")
        self.program.run("model", "rbm", *shape, "--seed", 1, "--out", path)
        return Model.load(path)

    @cache
    def digits(self, rows: int) -> tuple[Path, np.ndarray]:
        """The built-in digits, as a file and as f32."""
        bits = built_in_digits()[:rows]
        path = self.out / "digits.npz"
        np.savez(path, X=bits)
        return path, bits.astype(np.float32)
