"""An epoch of persistent contrastive divergence, PCD-1 with batches and chains of 100."""

from __future__ import annotations

import numpy as np

import rbms_peer
from ais import sigmoid
from interleave import Contestant, Timed, Work
from machine import peer
from model import Model, Workshop

RATE = 0.01
EPOCHS = 3


def start(data: np.ndarray, hidden: int) -> Model:
    """Small weights, and the biases of the data's means."""
    p = (data.sum(0) + 1.0) / (len(data) + 2.0)
    w = 0.01 * np.random.default_rng(1).standard_normal((data.shape[1], hidden))
    return Model(None, w, np.log(p / (1.0 - p)), np.zeros(hidden))


class WithNumpy:
    """The plain gradient in f32."""

    def __init__(self, model: Model, data: np.ndarray) -> None:
        self.data = data
        self.w, self.a, self.b = (x.copy() for x in model.single())
        self.rng = np.random.Generator(np.random.SFC64(1))
        self.h = self.draw(np.full((100, len(self.b)), 0.5, np.float32))

    def draw(self, p: np.ndarray) -> np.ndarray:
        return (self.rng.random(p.shape, np.float32) < p).astype(np.float32)

    def epoch(self) -> None:
        order = self.rng.permutation(len(self.data))
        scale = np.float32(RATE / 100)
        for first in range(0, len(order), 100):
            v0 = self.data[order[first : first + 100]]
            h0 = sigmoid(v0 @ self.w + self.b)
            v = self.draw(sigmoid(self.h @ self.w.T + self.a))
            h1 = sigmoid(v @ self.w + self.b)
            self.h = self.draw(h1)
            step = v0.T @ h0
            step -= v.T @ h1
            step *= scale
            self.w += step
            self.a += scale * (v0.sum(0) - v.sum(0))
            self.b += scale * (h0.sum(0) - h1.sum(0))


class WithTorch:
    """The same in PyTorch."""

    def __init__(self, model: Model, data: np.ndarray) -> None:
        self.torch = torch = peer("torch")
        self.data = torch.from_numpy(data)
        self.w, self.a, self.b = (torch.from_numpy(x.copy()) for x in model.single())
        self.h = self.draw(torch.full((100, len(self.b)), 0.5))

    def draw(self, p):
        return (self.torch.rand_like(p) < p).float()

    def epoch(self) -> None:
        torch, scale = self.torch, RATE / 100
        for rows in torch.randperm(len(self.data)).split(100):
            v0 = self.data[rows]
            h0 = torch.sigmoid_(torch.addmm(self.b, v0, self.w))
            v = self.draw(torch.sigmoid_(torch.addmm(self.a, self.h, self.w.T)))
            h1 = torch.sigmoid_(torch.addmm(self.b, v, self.w))
            self.h = self.draw(h1)
            self.w.addmm_(v0.T, h0, alpha=scale).addmm_(v.T, h1, alpha=-scale)
            self.a.add_(v0.sum(0) - v.sum(0), alpha=scale)
            self.b.add_(h0.sum(0) - h1.sum(0), alpha=scale)


class WithSklearn:
    def __init__(self, hidden: int, data: np.ndarray) -> None:
        from sklearn.neural_network import BernoulliRBM

        self.data, self.rng = data, np.random.default_rng(1)
        self.rbm = BernoulliRBM(hidden, learning_rate=RATE, batch_size=100, random_state=1)

    def epoch(self) -> None:
        order = self.rng.permutation(len(self.data))
        for first in range(0, len(order), 100):
            self.rbm.partial_fit(self.data[order[first : first + 100]])


def work(workshop: Workshop, hidden: int, rows: int) -> Work:
    path, data = workshop.digits(rows)
    model, out = start(data, hidden), workshop.out / "pcd"

    def own(number: int) -> Timed:
        return Timed(workshop.program.train(out, path, hidden, EPOCHS, RATE, number + 1) / EPOCHS, None)

    note = f"centred, f64 for W; `seconds` of {EPOCHS} epochs, by {EPOCHS}"
    contestants = [Contestant("plefka", own, note), epochs_of("NumPy", WithNumpy(model, data), "plain, f32")]
    if peer("torch"):
        contestants.append(epochs_of("PyTorch", WithTorch(model, data), "plain, f32"))
    if peer("sklearn"):
        contestants.append(epochs_of("scikit-learn", WithSklearn(hidden, data), "plain, f32"))
    if rbms_peer.there():
        contestants.append(epochs_of("rbms", rbms_peer.Training(model, data), "centred, f32"))
    return Work(f"PCD-1, {model.shape}, an epoch of {rows:,} rows", contestants, lambda found: {})


def epochs_of(name: str, training, note: str) -> Contestant:
    return Contestant(name, lambda _: training.epoch(), note)
