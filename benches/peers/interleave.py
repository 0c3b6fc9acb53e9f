"""A work done by several contestants in turn: A B C A B C …"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# Threads of BLAS and OpenMP wait in a loop for some time after their work; the next one shall have the cores to himself.
REST = 0.3


@dataclass
class Timed:
    """What a contestant measured himself, where the wall time of the call is not it."""

    seconds: float
    value: object


@dataclass
class Contestant:
    name: str
    # Does the work of a round with this number, and returns what it found.
    run: Callable[[int], object]
    note: str = ""


@dataclass
class Work:
    name: str
    contestants: list[Contestant]
    # What to say of everybody's results, by name, after all rounds.
    verdict: Callable[[dict[str, list]], dict[str, str]]
    notes: list[str] = field(default_factory=list)

    def measure(self, rounds: int) -> dict:
        seconds: dict[str, list[float]] = {c.name: [] for c in self.contestants}
        values: dict[str, list] = {c.name: [] for c in self.contestants}
        for number in range(rounds + 1):  # the first to warm up
            for contestant in self.contestants:
                time.sleep(REST)
                begun = time.perf_counter()
                found = contestant.run(number)
                taken = time.perf_counter() - begun
                if isinstance(found, Timed):
                    found, taken = found.value, found.seconds
                values[contestant.name].append(found)
                if number > 0:
                    seconds[contestant.name].append(taken)
        verdicts = self.verdict(values)
        own = min(seconds["plefka"])
        half = statistics.median(seconds["plefka"])
        return {
            "work": self.name,
            "notes": self.notes,
            "contestants": [
                {
                    "name": c.name,
                    "note": c.note,
                    "minimum": min(seconds[c.name]),
                    "median": statistics.median(seconds[c.name]),
                    "ratio_of_minima": min(seconds[c.name]) / own,
                    "ratio_of_medians": statistics.median(seconds[c.name]) / half,
                    "seconds": seconds[c.name],
                    "check": verdicts.get(c.name, ""),
                }
                for c in self.contestants
            ],
        }


def agreement(values: dict[str, list], errors: float = 4.0, tolerance: float = 0.0) -> dict[str, str]:
    """Whether the means agree with plefka's, by the spread over the rounds."""

    spreads = [statistics.variance(found) for found in values.values() if found[0] is not None]
    pooled = statistics.fmean(spreads)

    def mean(found: list[float]) -> tuple[float, float]:
        # A few rounds say little about their own spread.
        return statistics.fmean(found), (max(pooled, statistics.variance(found)) / len(found)) ** 0.5

    own, own_error = mean(values["plefka"])
    said = {"plefka": f"{own:.4f} ± {own_error:.4f}" if own_error > 1e-9 else f"{own:.6f}"}
    for name, found in values.items():
        if name == "plefka" or found[0] is None:
            continue
        value, error = mean(found)
        distance, allowed = abs(value - own), tolerance + errors * (error**2 + own_error**2) ** 0.5
        said[name] = f"{value:.4f} ± {error:.4f}" if error > 1e-9 else f"{value:.6f}"
        said[name] += ", agrees" if distance <= allowed else f", DISAGREES by {distance:.3g}"
    return said
