"""Seconds to a standard error of ln Z of 0.05, by every method that samples."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import ais
from machine import peer
from model import Model, Workshop, built_in_digits
from program import Program

TARGET = 0.05
# A number further from the reference than so many of its errors has no time to σ.
WRONG = 4.0
# Of a reference that was given without an error.
REFERENCE_ERROR = 0.03


@dataclass
class Way:
    """A method of plefka with its options, of which one, the size, takes several values."""

    method: str
    options: tuple[object, ...]
    size: str
    sizes: tuple[object, ...]
    data: bool = False

    @property
    def name(self) -> str:
        return " ".join(map(str, (self.method, *self.options, *(["--data"] if self.data else []))))


AUTO = [
    Way("auto", (), "--error", (TARGET,)),
    Way("auto", (), "--error", (TARGET,), data=True),
]
WAYS = [
    Way("ais", ("--rungs", 1000), "--chains", (300, 900)),
    Way("ais", ("--rungs", 1000, "--base", "data"), "--chains", (300, 900), data=True),
    Way("ais", ("--rungs", 1000, "--base", "mixture"), "--chains", (300, 900)),
    Way("reverse-ais", ("--rungs", 1000, "--base", "data", "--start", "tempering"), "--chains", (300, 900), data=True),
    Way("bar", ("--rungs", 1000, "--base", "data", "--burn-in", 1000), "--chains", (150, 450), data=True),
    Way("bar", ("--rungs", 1000, "--base", "mixture", "--start", "tempering"), "--chains", (200, 600)),
    Way("tempering", ("--base", "mixture"), "--sweeps", (2000, 6000)),
    Way("ti", (), "--sweeps", (2000, 4000)),
]
TORCH = ((1000, 150), (1000, 450))
TORCH_QUICK = ((100, 50), (100, 150))


def models(given: list[str], workshop: Workshop) -> Iterator[tuple[Model, float | None]]:
    for word in given:
        path, _, value = word.partition("=")
        yield Model.load(Path(path)), float(value) if value else None
    if not given:
        yield workshop.trained(70 if workshop.quick else 500), None


def measure(program: Program, model: Model, known: float | None, data: str, quick: bool) -> dict:
    run = lambda ways: [(way, runs) for way in ways if (runs := runs_of(program, model, way, data))]
    auto, ways = ([quickened(way) if quick else way for way in some] for some in (AUTO, WAYS))
    own = run(auto)
    reference = {"value": known, "error": REFERENCE_ERROR, "from": "given"} if known is not None else by_auto(own)
    own += run(ways)
    found = [(way.name, runs) for way, runs in own]
    if peer("torch"):
        several = TORCH_QUICK if quick else TORCH
        found.append(("PyTorch, AIS", [by_torch(model, *size, None) for size in several]))
        if (base := means_of(data)) is not None:
            found.append(("PyTorch, AIS from the means of the data", [by_torch(model, *size, base) for size in several]))
    ways = [judged(name, runs, reference) for name, runs in found]
    name = f"{model.path.parent.name if model.path.stem == 'model' else model.path.stem}, {model.shape}"
    return {"model": name, "target": TARGET, "reference": reference, "ways": ways}


def quickened(way: Way) -> Way:
    """The same with hardly any work."""
    if way.method == "auto":
        return replace(way, options=("--time", 1), sizes=(0.5,))
    options = tuple(100 if option == 1000 else option for option in way.options)
    if "tempering" in options:
        options += ("--sweeps", 200)
    return replace(way, options=options, sizes=tuple(size // 10 for size in way.sizes))


def runs_of(program: Program, model: Model, way: Way, data: str) -> list[dict]:
    """None where the program refuses: data of another width, say."""
    try:
        return [estimate(program, model, way, size, data) for size in way.sizes]
    except RuntimeError as refused:
        print(f"  {way.name}: left out: {refused}", file=sys.stderr, flush=True)
        return []


def estimate(program: Program, model: Model, way: Way, size: object, data: str) -> dict:
    words = (*way.options, way.size, size, *(("--data", data) if way.data else ()))
    point = program.estimate(model.path, way.method, *words)
    value, error = point["log_z"]["value"], point["log_z"]["std_error"]
    said = {"verdict": point["verdict"], "objections": point["objections"]}
    return shown(way.name, {"size": size, "seconds": point["seconds"], "value": value, "error": error, **said})


def by_torch(model: Model, rungs: int, chains: int, base: np.ndarray | None) -> dict:
    begun = time.perf_counter()
    value, error = ais.log_z(ais.log_weights_torch(model, chains, rungs, 1, base))
    run = {"size": chains, "seconds": time.perf_counter() - begun, "value": value, "error": error, "verdict": ""}
    return shown("PyTorch", run)


def shown(name: str, run: dict) -> dict:
    """Says on stderr that it is done."""
    print(f"  {name}, {run['size']}: {run['seconds']:.1f} s", file=sys.stderr, flush=True)
    return run


def means_of(data: str) -> np.ndarray | None:
    """The fields in which free visible units have the means of the data."""
    if data == "builtin:mnist10k":
        x = built_in_digits()
    else:
        with np.load(data) as arrays:
            if "X" not in arrays:
                return None
            x = arrays["X"]
    p = (x.sum(0, dtype=np.float64) + 1.0) / (len(x) + 2.0)
    return np.log(p / (1.0 - p))


def by_auto(found: list[tuple[Way, list[dict]]]) -> dict | None:
    """Where nobody knows better: auto, if its number is checked."""
    checked = [run for _, (*_, run) in found if run["verdict"] in ("exact", "checked")]
    if not checked:
        return None
    best = min(checked, key=lambda run: run["error"] or 0.0)
    return {"value": best["value"], "error": best["error"] or 0.0, "from": "auto, checked"}


def judged(name: str, runs: list[dict], reference: dict | None) -> dict:
    """Seconds to σ by c σ⁻², c the (geometric) mean over the runs; the slope of ln seconds over ln σ⁻² is to be near 1."""
    for run in runs:
        run["apart"] = None
        if reference is not None and run["error"]:
            run["apart"] = (run["value"] - reference["value"]) / math.hypot(run["error"], reference["error"])
    with_error = [run for run in runs if run["error"]]
    slope, answer = None, None
    if len(with_error) > 1:
        (first, *_, last) = with_error
        gained = 2.0 * math.log(first["error"] / last["error"])
        slope = math.log(last["seconds"] / first["seconds"]) / gained if abs(gained) > 0.1 else None
    if not with_error:
        says = runs[-1]["verdict"]
        text = f"{runs[-1]['seconds']:.2g} ({says})" if says == "exact" else "none: it knows no error"
    elif any(run["apart"] is not None and abs(run["apart"]) > WRONG for run in with_error):
        text = f"none: wrong by {max(abs(run['apart']) for run in with_error):.1f} σ"
    elif all(run["error"] <= TARGET for run in with_error):
        answer = with_error[0]["seconds"]
        text = f"{answer:.3g}" + (" or less" if len(runs) > 1 else "")
    else:
        answer = math.exp(statistics.fmean(math.log(r["seconds"] * (r["error"] / TARGET) ** 2) for r in with_error))
        text = f"{answer:.3g}"
    if answer is not None and (says := with_error[-1]["verdict"]) not in ("checked", ""):
        text += f" ({says})"
    return {"name": name, "runs": runs, "slope": slope, "seconds_to_target": answer, "answer": text}
