"""ln Z, energy, entropy and heat capacity of restricted Boltzmann machines, with their error bars.

>>> import plefka as pk
>>> model = pk.load("builtin:mnist20")  # or pk.RBM(W, vbias, hbias), pk.from_sklearn(rbm), …
>>> curve = pk.estimate(model, betas=[0.5, 1.0])
>>> curve.log_z.round(3).tolist(), curve.verdict
([...], ['exact', 'exact'])

E(v, h) = −vbias·v − hbias·h − vᵀWh, with W of shape (n_visible, n_hidden); ln Z and entropies are
totals in nats, k_B = 1.
"""

from ._ask import compare, estimate, likelihood, methods, options, temperature
from ._evidence import LogWeights, MbarInputs, Works, log_weights, mbar_inputs, works
from ._history import History, history
from ._models import RBM, Ising, Levels, Model, from_dimod, from_sklearn, from_torch, load
from ._plefka import __version__
from ._results import Comparison, Curve, Likelihood, Temperature
from ._samples import Samples, sample
from ._sweep import Sweep, merge, sweep
from ._training import Training, train

__all__ = [
    "RBM",
    "Comparison",
    "Curve",
    "History",
    "Ising",
    "Levels",
    "Likelihood",
    "LogWeights",
    "MbarInputs",
    "Model",
    "Samples",
    "Sweep",
    "Temperature",
    "Training",
    "Works",
    "__version__",
    "compare",
    "estimate",
    "from_dimod",
    "from_sklearn",
    "from_torch",
    "history",
    "likelihood",
    "load",
    "log_weights",
    "mbar_inputs",
    "merge",
    "methods",
    "options",
    "sample",
    "sweep",
    "temperature",
    "train",
    "works",
]
