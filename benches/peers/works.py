"""The works, at the sizes of the table."""

from __future__ import annotations

from collections.abc import Iterator

import ais
import exact
import gibbs
import pcd
import tap
from interleave import Work
from model import Workshop


def chosen(wanted: list[str], workshop: Workshop, quick: bool, threads: int) -> Iterator[Work]:
    program, hidden = workshop.program, 70 if quick else 500
    if "exact" in wanted:
        yield exact.work(workshop.trained(14 if quick else 20), threads, program)
    if "ais" in wanted:
        for chains, rungs in [(50, 100)] if quick else [(100, 1000), (1000, 300)]:
            yield ais.work(workshop.random(hidden), chains, rungs, program)
    if "gibbs" in wanted:
        yield gibbs.work(workshop.trained(hidden), *((50, 50) if quick else (1000, 100)), program)
    if "pcd" in wanted:
        yield pcd.work(workshop, hidden, 1000 if quick else 10_000)
    if "tap" in wanted:
        yield tap.work(workshop.trained(hidden), program)
