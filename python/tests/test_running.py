"""Progress, Ctrl-C, and the lock of the interpreter."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest

LONG = {"chains": 2000, "rungs": 1_000_000}
"""An annealing that would take hours."""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Signals as a user has them: a job in the background is begun with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def rows(count: int, units: int) -> Any:
    return np.random.default_rng(1).integers(0, 2, (count, units), dtype=np.uint8)


SWEEP = {
    "model": {"source": "builtin:mnist20"},
    "axes": {"seed": list(range(1000))},
    "methods": {"ais": {"chains": 1000, "rungs": 100_000}},
}


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "ask",
    [
        lambda model: pk.estimate(model, "ais", **LONG),
        lambda model: pk.estimate(model, "exact", exact_limit=40),
        lambda model: pk.estimate(model, "tempering", sweeps=100_000_000),
        lambda model: pk.log_weights(model, **LONG),
        lambda model: pk.likelihood(model, np.zeros((2, 40)), "ais", **LONG),
        lambda model: pk.temperature(model, np.eye(40), "ais", **LONG),
        lambda model: pk.sample(model, 5, burn_in=10**9),
        lambda model: pk.train(np.eye(40), 40, batch=10, epochs=10**7, checkpoints="linear:1"),
        lambda model: pk.works(model, **LONG),
        lambda model: pk.mbar_inputs(model, sweeps=100_000_000),
        lambda model: pk.history({0: model, 1: model}, methods="ais", **LONG),
        lambda model: pk.compare(model, "tap2,ais", **LONG),
        lambda model: pk.estimate(model, "auto", time=10_000, error=1e-9, exact_factors=1),
    ],
    ids=[
        "ais", "exact", "tempering", "log_weights", "likelihood", "temperature", "sample", "train",
        "works", "mbar_inputs", "history", "compare", "auto",
    ],
)  # fmt: skip
def test_ctrl_c_is_keyboard_interrupt(ask: Any) -> None:
    interrupted(lambda: ask(pk.RBM(np.random.default_rng(0).normal(size=(40, 40)))))


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "ask",
    [
        lambda model: pk.estimate(model, "tap2", starts=100_000),
        lambda model: pk.estimate(model, "reverse-ais", "0:2:401", rungs=100_000),
        lambda model: pk.estimate(model, "data-bound", "0:2:401", data=rows(5000, 784)),
        lambda model: pk.likelihood(model, rows(5000, 784), "mf"),
        lambda model: pk.temperature(model, rows(5000, 784), "mf"),
        lambda model: pk.train(rows(500, 784), 500, epochs=10**6, checkpoints="linear:1"),
    ],
    ids=["tap2", "reverse-ais", "data-bound", "likelihood", "temperature", "train"],
)
def test_ctrl_c_reaches_what_a_large_model_makes_long(ask: Any) -> None:
    """Starts, ladders, rows and pseudo-likelihoods of 784×500 units: seconds to minutes each."""
    interrupted(lambda: ask(pk.RBM(0.05 * np.random.default_rng(0).normal(size=(784, 500)))))


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_in_a_sweep_keeps_the_store(tmp_path: Path) -> None:
    interrupted(lambda: pk.sweep(SWEEP, tmp_path / "out"))
    with pytest.raises(ValueError, match="resume=True"):
        pk.sweep(SWEEP, tmp_path / "out")


def interrupted(ask: Any) -> None:
    """Ctrl-C after 0.3 s."""
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ask()
    timer.join()


def test_progress_is_told_and_may_stop_the_run(model: pk.RBM) -> None:
    seen: list[tuple[str, int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        seen.append((what, done, total))
        if len(seen) == 3:
            raise RuntimeError("seen enough")

    with pytest.raises(RuntimeError, match="seen enough"):
        pk.estimate(model, "ais", progress=tell, **LONG)
    assert all(what == "ais" and 0 <= done <= total for what, done, total in seen)


def test_a_bar_of_tqdm(model: pk.RBM, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    pk.estimate(model, "ais", progress=True, chains=300, rungs=10_000, threads=1)
    assert "ais" in capsys.readouterr().err


def test_other_threads_of_python_go_on(model: pk.RBM) -> None:
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(pk.estimate, model, "ais", chains=500, rungs=10_000)
        counted = 0
        while not work.done():
            counted += 1
            time.sleep(0.001)
    assert counted > 10, "the interpreter was locked"
    assert work.result().status == "converged"
