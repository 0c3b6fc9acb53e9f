"""Makes reference.json: losses of the unrolled network and their gradients by the automatic differentiation of PyTorch.

    pip install torch==2.15.0 numpy
    python make.py

The model is R (6x4 bits, made by a formula), and a second W for untied layers. Everything is f64.
"""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)


def grid(f, rows, columns):
    i, j = torch.meshgrid(torch.arange(rows, dtype=torch.float64), torch.arange(columns, dtype=torch.float64), indexing="ij")
    return f(i, j)


W = grid(lambda i, j: torch.cos(1 + 2 * i + 3 * j + 0.5 * i * j), 6, 4)
W1 = W + grid(lambda i, j: 0.3 * torch.sin(2 + i + 2 * j), 6, 4)
A = 0.3 * torch.sin(torch.arange(6.0) + 1)
B = -0.2 * torch.cos(torch.arange(4.0) + 1)
C = grid(lambda i, j: torch.sin(1 + 3 * i + j), 3, 4)
D = 0.1 * torch.cos(torch.arange(3.0))
# Two states and a batch of means in between; one row a sample.
X = torch.tensor([[1, 0, 1, 1, 0, 0], [0, 1, 1, 0, 0, 1], [0.2, 0.9, 0.5, 0.7, 0.4, 0.1]], dtype=torch.float64)
LABELS = torch.tensor([2, 0, 1])


def functions(units):
    if units == "bit":
        return (torch.sigmoid, lambda m: m * (1 - m), lambda m: 1 - 2 * m,
                torch.nn.functional.softplus, 0.5,
                lambda m: torch.special.entr(m) + torch.special.entr(1 - m))
    return (torch.tanh, lambda m: 1 - m * m, lambda m: -2 * m,
            lambda x: torch.logaddexp(x, -x), 0.0,
            lambda m: torch.special.entr((1 + m) / 2) + torch.special.entr((1 - m) / 2))


def loss(kind, units, order, steps, w1, w2, a, b, c, d):
    f, variance, slope, log_partition, free, entropy = functions(units)
    x = X if units == "bit" else 2 * X - 1
    v, h = x, torch.full((len(X), 4), free)
    for _ in range(steps):
        field = b + v @ w1
        if order == 2:
            field = field + 0.5 * slope(h) * (variance(v) @ (w1 * w1))
        h = f(field)
        field = a + h @ w2.T
        if order == 2:
            field = field + 0.5 * slope(v) * (variance(h) @ (w2 * w2).T)
        v = f(field)
    if kind == "free_energy":
        phi = entropy(v).sum(1) + entropy(h).sum(1) + v @ a + h @ b + ((v @ w2) * h).sum(1)
        if order == 2:
            phi = phi + 0.5 * ((variance(v) @ (w2 * w2)) * variance(h)).sum(1)
        clamped = -(x @ a) - log_partition(b + x @ w2).sum(1)
        return (clamped + phi).mean()
    if kind == "cross_entropy":
        return (log_partition(field) - x * field).sum(1).mean()
    if kind == "squared_error":
        return 0.5 * ((v - x) ** 2).sum(1).mean()
    return torch.nn.functional.cross_entropy(h @ c.T + d, LABELS)


cases = []
for kind in ("free_energy", "cross_entropy", "squared_error", "classifier"):
    for units in ("bit", "spin"):
        for order in (1, 2):
            for steps in (1, 3):
                for untied in (False, True):
                    leaves = [t.clone().requires_grad_() for t in (W1 if untied else W, W, A, B, C, D)]
                    value = loss(kind, units, order, steps, *leaves)
                    value.backward()
                    names = ("recognition", "generation", "visible_bias", "hidden_bias", "class_weights", "class_bias")
                    gradient = {n: (torch.zeros_like(t) if t.grad is None else t.grad).tolist() for n, t in zip(names, leaves)}
                    cases.append(dict(loss=kind, units=units, order=order, steps=steps, untied=untied, value=value.item(), **gradient))
Path(__file__).with_name("reference.json").write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
