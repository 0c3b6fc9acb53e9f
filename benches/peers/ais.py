"""Annealed importance sampling."""

from __future__ import annotations

import numpy as np

import rbms_peer
from interleave import Contestant, Timed, Work, agreement
from machine import peer
from model import Model
from program import Program


# Both go in equal steps from free units (in PyTorch, visible ones in the fields `base`) to the model, with two products
# with W a rung: that of the weights also serves to draw.


def log_weights_numpy(model: Model, chains: int, rungs: int, seed: int) -> np.ndarray:
    w, a, b = model.single()
    wt = np.ascontiguousarray(w.T)
    rng = np.random.Generator(np.random.SFC64(seed))
    draw = lambda p: (rng.random(p.shape, np.float32) < p).astype(np.float32)
    n, m = w.shape
    v = draw(np.full((chains, n), 0.5, np.float32))
    log_w = np.full(chains, (n + m) * np.log(2.0))
    for k in range(1, rungs + 1):
        beta, before = np.float32(k / rungs), np.float32((k - 1) / rungs)
        x = v @ w
        x += b
        log_w += (v @ a) / rungs + softplus_sum(beta * x) - softplus_sum(before * x)
        x *= beta
        y = draw(sigmoid(x)) @ wt
        y += a
        y *= beta
        v = draw(sigmoid(y))
    return log_w


def sigmoid(x: np.ndarray) -> np.ndarray:
    """In place."""
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        np.exp(x, out=x)
    x += 1.0
    return np.reciprocal(x, out=x)


def softplus_sum(x: np.ndarray) -> np.ndarray:
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.log1p(np.exp(tail, out=tail), out=tail)
    tail += np.maximum(x, 0.0)
    return tail.sum(axis=1)


def log_weights_torch(
    model: Model, chains: int, rungs: int, seed: int, base: np.ndarray | None = None
) -> np.ndarray:
    torch = peer("torch")
    softplus_sum = lambda x: torch.nn.functional.softplus(x).sum(1)
    torch.manual_seed(seed)
    w, a, b = (torch.from_numpy(x) for x in model.single())
    wt = w.T.contiguous()
    # Several times as fast as torch.bernoulli.
    draw = lambda p: (torch.rand_like(p) < p).float()
    n, m = w.shape
    base = torch.zeros(n) if base is None else torch.from_numpy(base.astype(np.float32))
    v = draw(torch.sigmoid(base).expand(chains, n))
    known = torch.nn.functional.softplus(base.double()).sum().item() + m * float(np.log(2.0))
    log_w = torch.full((chains,), known, dtype=torch.float64)
    towards = (a - base) / rungs
    for k in range(1, rungs + 1):
        beta, before = k / rungs, (k - 1) / rungs
        x = torch.addmm(b, v, w)
        log_w += v @ towards + softplus_sum(beta * x) - softplus_sum(before * x)
        h = draw(torch.sigmoid_(x.mul_(beta)))
        fields = (1.0 - beta) * base + beta * a
        v = draw(torch.sigmoid_(torch.addmm(fields, h, wt, alpha=beta)))
    return log_w.numpy()


def log_z(log_w: np.ndarray) -> tuple[float, float]:
    """With the error that the spread of the weights gives."""
    highest = log_w.max()
    w = np.exp(log_w - highest)
    return float(highest + np.log(w.mean())), float(w.std(ddof=1) / w.mean() / len(w) ** 0.5)


def work(model: Model, chains: int, rungs: int, program: Program) -> Work:
    def own(number: int) -> Timed:
        size = ("--chains", chains, "--rungs", rungs)
        found = program.estimate(model.path, "ais", *size, "--seed", number + 1)
        return Timed(found["seconds"], found["log_z"]["value"])

    contestants = [
        Contestant("plefka", own, "`seconds` of the result: weights in f64, and all that stands in it"),
        Contestant("NumPy", lambda k: log_z(log_weights_numpy(model, chains, rungs, k))[0], "f32"),
    ]
    if peer("torch"):
        contestants.append(Contestant("PyTorch", lambda k: log_z(log_weights_torch(model, chains, rungs, k))[0], "f32"))
    if rbms_peer.there():
        run = lambda k: rbms_peer.ais(model, chains, rungs)
        contestants.append(Contestant("rbms", run, "f32, from the visible biases"))
    name = f"AIS, {model.shape}, {chains:,} chains × {rungs:,} rungs"
    return Work(name, contestants, lambda found: agreement(found, tolerance=2e-3))
