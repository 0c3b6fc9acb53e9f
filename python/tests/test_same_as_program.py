"""The same seed gives the same bits as the program, for every method and every question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import plefka as pk
import pytest

SMALL = {"chains": 60, "rungs": 20, "temperatures": 6, "sweeps": 200, "records": 50}
SMALL |= {"starts": 5, "replicates": 20}


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what no seed can fix: the time, the call in words, their checksum."""
    document.pop("checksum", None)
    for curve in document.get("curves", []):
        del curve["seconds"]
    del document["provenance"]["command"]
    return document


def options_of(method: str) -> dict[str, int]:
    return {name: value for name, value in SMALL.items() if name in pk.options(method)}


def flags(options: dict[str, Any]) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A model of 12×8 units and rows of it, as files."""
    rng = np.random.default_rng(3)
    model = pk.RBM(rng.normal(size=(12, 8)), rng.normal(size=12), rng.normal(size=8))
    model.save(tmp_path / "model.npz")
    np.savez(tmp_path / "data.npz", X=pk.sample(model, 200))
    return tmp_path / "model.npz", tmp_path / "data.npz"


@pytest.mark.parametrize("method", pk.methods())
def test_every_method(method: str, files: tuple[Path, Path], program: Any) -> None:
    """`to_dict()` is the JSON of the program. A planted bug, the seed plus one, fails all of
    them: by the numbers, or by the provenance."""
    model, data = files
    options = options_of(method)
    # Enumeration is too good for a test of auto.
    if method == "auto":
        options = {"exact_factors": 1, "time": 5, "error": 0.2}
    given = [*flags(options), "--data", data] if method == "data-bound" else flags(options)
    given = [word.replace("_", "-") if str(word).startswith("--") else word for word in given]
    printed = program(
        "estimate", model, "--method", method, "--betas", "0.3,1", "--seed", 5, "--threads", 2,
        "--format", "json", *given,
    )  # fmt: skip
    rows = np.load(data)["X"] if method == "data-bound" else None
    curve = pk.estimate(
        pk.load(model), method, [0.3, 1.0], data=rows, seed=5, threads=2, **options
    )
    assert without_time(curve.to_dict()) == without_time(printed)


def test_comparison(files: tuple[Path, Path], program: Any, tmp_path: Path) -> None:
    model, _ = files
    options = options_of("ais")
    program("compare", model, "--betas", "0:2:5", "--out", tmp_path / "out", *flags(options))
    both = pk.compare(pk.load(model), betas="0:2:5", threads=None, **options)
    both.save(tmp_path / "ours")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {path.name for path in (tmp_path / "ours").iterdir()} == names
    for name in ("results.csv", "entropy.svg", "log_z_error.svg"):
        # The checksum of a figure of the program names the numbers that it was drawn from.
        ours, theirs = (
            (tmp_path / folder / name).read_text().split("<!-- checksum")[0].rstrip()
            for folder in ("ours", "out")
        )
        assert ours == theirs


def test_likelihood_temperature_and_samples(
    files: tuple[Path, Path], program: Any, tmp_path: Path
) -> None:
    path, data = files
    model = pk.load(path)
    json = ("--threads", 1, "--format", "json")
    printed = program("likelihood", path, "--data", data, "--method", "ais", "--chains", 60, *json)
    found = pk.likelihood(model, str(data), "ais", threads=1, chains=60)
    assert without_time(found.to_dict()) == without_time(printed)
    of_array = pk.likelihood(model, np.load(data)["X"], "ais", threads=1, chains=60)
    assert of_array.value == found.value
    assert np.array_equal(of_array.rows, found.rows)

    printed = program("temperature", path, "--data", data, *json)
    read = pk.temperature(model, str(data), threads=1)
    assert without_time(read.to_dict()) == without_time(printed)

    program("sample", path, "--count", 50, "--beta", 0.7, "--seed", 4, "--out", tmp_path / "x.npz")
    drawn = pk.sample(model, 50, beta=0.7, seed=4)
    assert np.array_equal(np.load(tmp_path / "x.npz")["X"], drawn)
    program("sample", path, "--count", 50, "--exact-limit", 3, "--out", tmp_path / "y.npz")
    with pytest.warns(UserWarning, match="not exact: Gibbs sampling"):
        drawn = pk.sample(model, 50, exact_limit=3)
    assert np.array_equal(np.load(tmp_path / "y.npz")["X"], drawn)


def test_training(files: tuple[Path, Path], program: Any, tmp_path: Path) -> None:
    _, data = files
    flags = ("--hidden", 3, "--epochs", 3, "--batch", 20, "--holdout", 0.2, "--quiet")
    program("train", data, "--out", tmp_path / "run", *flags)
    ours = pk.train(np.load(data)["X"], 3, epochs=3, batch=20, holdout=0.2)
    theirs = pk.load(tmp_path / "run")
    assert isinstance(theirs, pk.RBM) and isinstance(ours.model, pk.RBM)
    assert np.array_equal(ours.model.W, theirs.W)
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert log[0].split(",") == list(ours.log)
    last = dict(zip(ours.log, log[-1].split(",")))
    assert ours.log["log_likelihood_test"][-1] == float(last["log_likelihood_test"])


@pytest.mark.parametrize("method", ["ais", "bar", "tempering", "mf-mixture"])
def test_threads_change_nothing(method: str, model: pk.RBM) -> None:
    one, two = (pk.estimate(model, method, threads=n, **options_of(method)) for n in (1, 2))
    assert np.array_equal(one.log_z, two.log_z)
    assert np.array_equal(one.log_z_std_error, two.log_z_std_error, equal_nan=True)
