"""What the README and the page for Python show is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest
from conftest import SOURCE


def blocks(page: str) -> list[str]:
    """The examples in Python on a page that use plefka."""
    if not (SOURCE / page).exists():
        pytest.skip(f"there is no {page} beside the tests")
    found = re.findall(r"```python\n(.*?)```", (SOURCE / page).read_text(encoding="utf-8"), re.S)
    return [block for block in found if "plefka" in block and ".npz" not in block]


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_examples_run(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    names: dict[str, Any] = {
        "W": rng.normal(size=(6, 4)),
        "vbias": np.zeros(6),
        "hbias": np.zeros(4),
        "X": rng.integers(0, 2, (120, 6)),
    }
    ran = 0
    for block in blocks(page):
        if "sklearn" in block:
            pytest.importorskip("sklearn")
            block = block.replace("[8, 16, 32]", "[1, 2]")
        exec(block, names)
        ran += 1
    assert ran > 0


def test_help_says_shapes_units_errors_and_an_example() -> None:
    text = pk.estimate.__doc__ or ""
    for word in ("Parameters", "shape (n_betas,)", "nats", "Raises", "ValueError", ">>> "):
        assert word in text
