"""What all tests share: a small model, and the program to be laid beside."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest

SOURCE = Path(os.environ.get("PLEFKA_SOURCE", Path(__file__).parents[2]))
PROGRAM = SOURCE / "target/release/plefka"


def log_z_of(W: Any, a: Any, b: Any, beta: float = 1.0, values: tuple[int, int] = (0, 1)) -> float:
    """ln Z by a sum over all states of both layers, in NumPy alone."""

    def states(n: int) -> Any:
        return np.array(values)[(np.arange(2**n)[:, None] >> np.arange(n)) & 1]

    v, h = states(len(a)), states(len(b))
    energies = -(v @ a)[:, None] - (h @ b)[None, :] - v @ W @ h.T
    return float(np.logaddexp.reduce(-beta * energies, axis=None))


@pytest.fixture
def parameters() -> tuple[Any, Any, Any]:
    """W (6, 4), the visible and the hidden biases."""
    rng = np.random.default_rng(7)
    return rng.normal(size=(6, 4)), rng.normal(size=6), rng.normal(size=4)


@pytest.fixture
def model(parameters: tuple[Any, Any, Any]) -> pk.RBM:
    return pk.RBM(*parameters)


@pytest.fixture(scope="session")
def program() -> Any:
    """Runs the program and returns what it prints, as JSON."""
    if not PROGRAM.exists():
        pytest.skip(f"there is no {PROGRAM.name} to compare with: cargo build --release")

    def run(*arguments: object) -> Any:
        words = [str(PROGRAM), *map(str, arguments)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        return json.loads(done.stdout) if "json" in words else None

    return run
