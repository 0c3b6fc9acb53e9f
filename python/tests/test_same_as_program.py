"""The same seed gives the same bits as the program, for every method and every question."""

from __future__ import annotations

import json
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


def same_folders(ours: Path, theirs: Path, numbers: str, program: Any) -> None:
    """The same files, the same numbers, the same figures but for the checksum of the numbers they
    were drawn from, in which the time is; and all of ours fit together."""
    names = {path.name for path in theirs.iterdir()}
    assert {path.name for path in ours.iterdir()} == names
    document, printed = (json.loads((folder / numbers).read_text()) for folder in (ours, theirs))
    assert without_time(document) == without_time(printed)
    for name in names - {numbers, "report.html"}:
        mine, its = (folder.joinpath(name).read_text().split("<!-- checksum") for folder in (ours, theirs))
        assert mine[0] == its[0] and len(mine) == len(its), name
    program("verify", ours)


def test_comparison(files: tuple[Path, Path], program: Any, tmp_path: Path) -> None:
    model, _ = files
    options = options_of("ais")
    program("compare", model, "--betas", "0:2:5", "--out", tmp_path / "out", *flags(options))
    both = pk.compare(pk.load(model), betas="0:2:5", threads=None, **options)
    written = both.save(tmp_path / "ours")
    assert all(isinstance(path, str) and Path(path).exists() for path in written)
    same_folders(tmp_path / "ours", tmp_path / "out", "results.json", program)
    figure = (tmp_path / "ours" / "entropy.svg").read_text()
    assert f"results.json {both.to_dict()['checksum']}" in figure


def test_likelihood_temperature_and_samples(
    files: tuple[Path, Path], program: Any, tmp_path: Path
) -> None:
    path, data = files
    model = pk.load(path)
    form = ("--threads", 1, "--format", "json")
    printed = program("likelihood", path, "--data", data, "--method", "ais", "--chains", 60, *form)
    found = pk.likelihood(model, str(data), "ais", threads=1, chains=60)
    assert without_time(found.to_dict()) == without_time(printed)
    of_array = pk.likelihood(model, np.load(data)["X"], "ais", threads=1, chains=60)
    assert of_array.value == found.value
    assert np.array_equal(of_array.rows, found.rows)

    printed = program("temperature", path, "--data", data, *form)
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
    assert log[0].split(",") == [*ours.log, "checksum"]
    last = dict(zip(ours.log, log[-1].split(",")))
    assert ours.log["log_likelihood_test"][-1] == float(last["log_likelihood_test"])


def test_history(files: tuple[Path, Path], program: Any, tmp_path: Path) -> None:
    """By the methods of its own choice and by others, with the rows that the run held out; the
    folder; and the same run as models of one's own."""
    _, data = files
    run = tmp_path / "run"
    kept = pk.train(str(data), 3, run, epochs=3, batch=20, holdout=0.2, checkpoints="linear:12")
    small = {"chains": 60, "rungs": 20, "temperatures": 6, "sweeps": 200, "records": 50}
    for methods, options in ((None, {}), ("ais", {"chains": 50, "rungs": 20}), ("tempering,ais", small)):
        chosen = [] if methods is None else ["--method", methods]
        given = (*chosen, *flags(options), "--data", data, "--threads", 1)
        printed = program("history", run, *given, "--format", "json")
        found = pk.history(kept, str(data), methods=methods, threads=1, **options)
        assert without_time(found.to_dict()) == without_time(printed)
    program("history", run, *given, "--out", tmp_path / "theirs")
    found.save(tmp_path / "ours")
    same_folders(tmp_path / "ours", tmp_path / "theirs", "history.json", program)

    own = {int(update): pk.load(f"{run}@{update}") for update in found.update}
    rows = np.load(data)["X"]
    again = pk.history(own, rows, holdout=0.2, methods=methods, threads=1, **options)
    for name in ("log_z", "log_z_std_error", "log_likelihood_train", "log_likelihood_test"):
        assert np.array_equal(getattr(again, name), getattr(found, name), equal_nan=True), name


PLAN = """
[model]
source = "builtin:mnist20"
[axes]
beta = "0:1:3"
weight_scale = [0.5, 1.0]
seed = [1, 2]
[methods.mf]
[methods.ais]
chains = 20
rungs = 10
"""


def test_sweep(program: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one piece, and as two tasks of an array whose shares the scheduler says."""
    (tmp_path / "plan.toml").write_text(PLAN)
    program("sweep", tmp_path / "plan.toml", "--out", tmp_path / "theirs")
    theirs = (tmp_path / "theirs" / "results.csv").read_text()
    pk.sweep(tmp_path / "plan.toml", tmp_path / "ours")
    assert (tmp_path / "ours" / "results.csv").read_text() == theirs

    for name, value in (("MIN", 1), ("MAX", 2), ("STEP", 1), ("COUNT", 2)):
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", str(value))
    for task in ("1", "2", "2"):  # a scheduler may run a task again
        monkeypatch.setenv("SLURM_ARRAY_TASK_ID", task)
        share = pk.sweep(tmp_path / "plan.toml", tmp_path / "shared", shard="auto")
        assert Path(share.folder).name == f"share-{task}-of-2" and share.done == share.jobs == 4
    with pytest.raises(ValueError, match="join all by plefka.merge"):
        _ = share.table
    whole = pk.merge(tmp_path / "shared")
    assert (tmp_path / "shared" / "results.csv").read_text() == theirs
    assert (whole.jobs, whole.done, whole.failed) == (8, 8, 0) and len(whole.table["beta"]) == 24


@pytest.mark.parametrize("method", ["ais", "bar", "tempering", "mf-mixture"])
def test_threads_change_nothing(method: str, model: pk.RBM) -> None:
    one, two = (pk.estimate(model, method, threads=n, **options_of(method)) for n in (1, 2))
    assert np.array_equal(one.log_z, two.log_z)
    assert np.array_equal(one.log_z_std_error, two.log_z_std_error, equal_nan=True)
