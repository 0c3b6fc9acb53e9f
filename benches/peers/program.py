"""plefka, as a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path


class Program:
    def __init__(self, path: str, threads: int) -> None:
        self.path, self.threads = path, threads

    def run(self, *words: object) -> str:
        command = [self.path, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
        return done.stdout

    def estimate(self, model: Path, method: str, *words: object) -> dict:
        """The curve of one method at β = 1: its point, its `seconds`, and `wall`, the time of the whole process."""
        begun = time.perf_counter()
        threads = ("--threads", self.threads, "--format", "json")
        curve = json.loads(self.run("estimate", model, "--method", method, *threads, *words))["curves"][0]
        return {**curve["points"][0], "seconds": curve["seconds"], "wall": time.perf_counter() - begun}

    def train(self, out: Path, data: object, hidden: int, epochs: int, rate: float, seed: int = 1) -> float:
        """Seconds of training alone, PCD-1 with batches and chains of 100."""
        shutil.rmtree(out, ignore_errors=True)
        shape = ("--hidden", hidden, "--epochs", epochs, "--rate", rate, "--seed", seed)
        self.run("train", data, *shape, "--checkpoints", "linear:1", "--threads", self.threads, "--quiet", "--out", out)
        first, *_, last = (line.split(",") for line in (out / "log.csv").read_text().splitlines())
        return float(last[first.index("seconds")])
