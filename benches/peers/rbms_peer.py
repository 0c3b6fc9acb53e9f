"""rbms (0.5 and 0.6), by its own functions."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from machine import peer
from model import Model


def there() -> bool:
    return peer("torch") is not None and peer("rbms") is not None


def machine_of(model: Model):
    """Its machine, in f32 as it is by default."""
    torch = peer("torch")
    made = import_module("rbms.bernoulli_bernoulli.classes").BBRBM
    w, a, b = (torch.from_numpy(x) for x in model.single())
    return made(weight_matrix=w, vbias=a, hbias=b)


def exact(model: Model, batch: int) -> float:
    """`compute_partition_function` by batches of states: all at once takes many gigabytes, and longer."""
    torch = peer("torch")
    compute = import_module("rbms.partition_function.exact").compute_partition_function
    machine, m = machine_of(model), len(model.b)
    parts = [compute(machine, states(torch, first, batch, m)) for first in range(0, 2**m, batch)]
    return torch.logsumexp(torch.tensor(parts, dtype=torch.float64), 0).item()


def states(torch, first: int, count: int, m: int):
    numbers = torch.arange(first, first + count)
    return ((numbers[:, None] >> torch.arange(m)) & 1).float()


def ais(model: Model, chains: int, rungs: int) -> float:
    compute = import_module("rbms.partition_function.ais").compute_partition_function_ais
    return compute(chains, rungs + 1, machine_of(model))


def gibbs(model: Model, chains: int, sweeps: int):
    """The visible units after so many sweeps."""
    machine = machine_of(model)
    state = machine.init_chains(num_samples=chains)
    return gibbs_function()(gibbs_steps=sweeps, chains=state, params=machine)["visible"].numpy()


def gibbs_function() -> Callable:
    try:
        return import_module("rbms.sampling.gibbs").sample_state
    except ImportError:
        return import_module("rbms.sampler.gibbs").sample_state


class Training:
    """Its steps of PCD-1, centred, without its progress bar and its files."""

    def __init__(self, model: Model, data: np.ndarray) -> None:
        torch = peer("torch")
        self.torch, self.data, self.machine = torch, torch.from_numpy(data), machine_of(model)
        self.weights = torch.ones(len(data))
        self.chains = self.machine.init_chains(num_samples=100)
        for parameter in self.machine.parameters():
            parameter.grad = torch.zeros_like(parameter)
        self.optimizer = torch.optim.SGD(self.machine.parameters(), lr=0.01, maximize=True)

    def epoch(self) -> None:
        order = self.torch.randperm(len(self.data))
        for start in range(0, len(self.data), 100):
            rows = order[start : start + 100]
            self.optimizer.zero_grad(set_to_none=False)
            batch = self.machine.init_chains(num_samples=100, weights=self.weights[rows], start_v=self.data[rows])
            self.chains = self.machine.sample_state(chains=self.chains, n_steps=1)
            self.machine.compute_gradient(data=batch, chains=self.chains, centered=True)
            self.optimizer.step()
