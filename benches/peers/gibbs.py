"""Block Gibbs sampling at β = 1."""

from __future__ import annotations

import numpy as np

import rbms_peer
from ais import sigmoid
from interleave import Contestant, Timed, Work
from machine import peer
from model import Model
from program import Program

# The sweeps of plefka are those between two runs, of which one has so many times more.
TIMES = 3


def with_numpy(model: Model, chains: int, sweeps: int, seed: int) -> np.ndarray:
    w, a, b = model.single()
    wt = np.ascontiguousarray(w.T)
    rng = np.random.Generator(np.random.SFC64(seed))
    draw = lambda p: (rng.random(p.shape, np.float32) < p).astype(np.float32)
    v = draw(np.full((chains, len(a)), 0.5, np.float32))
    for _ in range(sweeps):
        x = v @ w
        x += b
        y = draw(sigmoid(x)) @ wt
        y += a
        v = draw(sigmoid(y))
    return v


def with_torch(model: Model, chains: int, sweeps: int, seed: int) -> np.ndarray:
    torch = peer("torch")
    torch.manual_seed(seed)
    w, a, b = (torch.from_numpy(x) for x in model.single())
    wt = w.T.contiguous()
    draw = lambda p: (torch.rand_like(p) < p).float()
    v = draw(torch.full((chains, len(a)), 0.5))
    for _ in range(sweeps):
        h = draw(torch.sigmoid_(torch.addmm(b, v, w)))
        v = draw(torch.sigmoid_(torch.addmm(a, h, wt)))
    return v.numpy()


def with_sklearn(model: Model, chains: int, sweeps: int, seed: int) -> np.ndarray:
    from sklearn.neural_network import BernoulliRBM

    w, a, b = model.single()
    rbm = BernoulliRBM(len(b), random_state=seed)
    rbm.components_, rbm.intercept_visible_, rbm.intercept_hidden_ = np.ascontiguousarray(w.T), a, b
    v = (np.random.default_rng(seed).random((chains, len(a))) < 0.5).astype(np.float32)
    for _ in range(sweeps):
        v = rbm.gibbs(v).astype(np.float32)
    return v


def work(model: Model, chains: int, sweeps: int, program: Program) -> Work:
    def own(number: int) -> Timed:
        # The descent of reverse AIS has one rung, and what comes before it are sweeps of all chains at β = 1.
        size = ("--chains", chains, "--rungs", 1, "--start", "gibbs", "--replicates", 2, "--seed", number + 1)
        run = lambda burn_in: program.estimate(model.path, "reverse-ais", *size, "--burn-in", burn_in)["seconds"]
        return Timed((run((1 + TIMES) * sweeps) - run(sweeps)) / TIMES, None)

    contestants = [
        Contestant("plefka", own, f"`seconds` of {(1 + TIMES) * sweeps} sweeps less those of {sweeps}, by {TIMES}"),
        Contestant("NumPy", lambda k: with_numpy(model, chains, sweeps, k), "f32"),
    ]
    if peer("torch"):
        contestants.append(Contestant("PyTorch", lambda k: with_torch(model, chains, sweeps, k), "f32"))
    if peer("sklearn"):
        contestants.append(Contestant("scikit-learn", lambda k: with_sklearn(model, chains, sweeps, k), "`.gibbs`, f32"))
    if rbms_peer.there():
        contestants.append(Contestant("rbms", lambda k: rbms_peer.gibbs(model, chains, sweeps), "f32"))
    return Work(f"Gibbs, {model.shape}, {chains:,} chains × {sweeps:,} sweeps", contestants, lambda v: same(model, v))


def same(model: Model, states: dict[str, list]) -> dict[str, str]:
    """The mean of the free energy of the chains, beside NumPy's. plefka's chains are not seen from outside."""

    def mean(runs: list[np.ndarray]) -> tuple[float, float]:
        v = np.concatenate(runs).astype(np.float64)
        energy = v @ model.a + np.logaddexp(0.0, v @ model.w + model.b).sum(axis=1)
        return energy.mean(), energy.std() / len(energy) ** 0.5

    means = {name: mean(runs) for name, runs in states.items() if name != "plefka"}
    value, error = means["NumPy"]
    said = {}
    for name, (its, its_error) in means.items():
        agrees = abs(its - value) <= 4 * (error**2 + its_error**2) ** 0.5
        said[name] = f"⟨ln p̃⟩ {its:.2f} ± {its_error:.2f}"
        if name != "NumPy":
            said[name] += ", agrees" if agrees else ", DISAGREES"
    return said
