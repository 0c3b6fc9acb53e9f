"""ln Z by enumeration of the hidden units."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import rbms_peer
from interleave import Contestant, Timed, Work, agreement
from machine import peer
from model import Model
from program import Program

# States that are held at once: what comes of them fits into the nearer caches.
BATCH = 512


def with_numpy(model: Model, threads: int) -> float:
    """Batches of states on as many threads. Σ ln(1 + e^x) = Σ max(x, 0) + ln Π (1 + e^−|x|): one logarithm a state, and
    no product beyond 2^n."""
    n, m = model.w.shape
    assert n < 1000, "the product would overflow"
    wt = np.ascontiguousarray(model.w.T)

    def part(first: int) -> float:
        numbers = np.arange(first, first + BATCH)
        h = ((numbers[:, None] >> np.arange(m)) & 1).astype(np.float64)
        x = h @ wt
        x += model.a
        log_p = h @ model.b + np.maximum(x, 0.0).sum(axis=1)
        np.abs(x, out=x)
        np.negative(x, out=x)
        np.exp(x, out=x)
        x += 1.0
        return log_sum(log_p + np.log(x.prod(axis=1)))

    with ThreadPoolExecutor(threads) as pool:
        return log_sum(np.array(list(pool.map(part, range(0, 2**m, BATCH)))))


def log_sum(x: np.ndarray) -> float:
    highest = x.max()
    return float(highest + np.log(np.exp(x - highest).sum()))


def with_torch(model: Model) -> float:
    torch = peer("torch")
    wt, a, b = (torch.from_numpy(x) for x in (model.w.T.copy(), model.a, model.b))
    m, batch = len(b), 2048
    parts = []
    for first in range(0, 2**m, batch):
        h = rbms_peer.states(torch, first, batch, m).double()
        x = torch.nn.functional.softplus(torch.addmm(a, h, wt), threshold=50.0).sum(1)
        parts.append(torch.logsumexp(x + h @ b, 0))
    return torch.logsumexp(torch.stack(parts), 0).item()


def work(model: Model, threads: int, program: Program) -> Work:
    def own(_: int) -> Timed:
        found = program.estimate(model.path, "exact", "--log-z-only")
        return Timed(found["wall"], found["log_z"]["value"])

    contestants = [
        Contestant("plefka", own, "the whole process"),
        Contestant("NumPy", lambda _: with_numpy(model, threads), "f64, a pool of threads"),
    ]
    if peer("torch"):
        contestants.append(Contestant("PyTorch", lambda _: with_torch(model), "f64"))
    if rbms_peer.there():
        contestants.append(Contestant("rbms", lambda _: rbms_peer.exact(model, 4096), "f32, by batches of 4,096 states"))
    return Work(f"exact ln Z, {model.shape}", contestants, lambda found: agreement(found, tolerance=1e-3))
