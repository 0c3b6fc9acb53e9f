"""Models of other programs, and of files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _plefka
from ._plefka import RBM, Ising, Levels, Model

if TYPE_CHECKING:
    from typing import Protocol

    class SklearnRBM(Protocol):
        """A fitted ``sklearn.neural_network.BernoulliRBM``."""

        components_: Any
        intercept_visible_: Any
        intercept_hidden_: Any

    class BinaryQuadraticModel(Protocol):
        """A ``dimod.BinaryQuadraticModel``."""

        def to_serializable(self) -> Any: ...
        def relabel_variables_as_integers(self, inplace: bool) -> Any: ...


def load(
    path: str | os.PathLike[str],
    update: int | None = None,
    name: str | None = None,
    transposed: bool | None = None,
) -> Model:
    """A model from a file, a training run, or what is built in.

    The file is recognised by its content: NumPy, scikit-learn, PyTorch, safetensors, rbms,
    RestrictedBoltzmannMachines.jl, MATLAB, dimod and more. No pickle is ever run.

    Parameters
    ----------
    path
        The file, ``RUN`` or ``RUN@N`` of a training run, or ``builtin:mnist20``.
    update
        Of an archive of a training run: the update to read; the last one if not said.
    name
        Of a file that holds several models: the name of one, or the prefix of its arrays.
    transposed
        Whether W is stored as (n_hidden, n_visible), where neither names nor biases tell.

    Returns
    -------
    RBM, Ising or Levels

    Raises
    ------
    ValueError
        If the file cannot be read, or holds what is not understood; with the remedy.

    Examples
    --------
    >>> import plefka as pk
    >>> model = pk.load("builtin:mnist20")
    >>> model.W.shape, model.units
    ((784, 20), 'bit')
    """
    return _plefka.load(os.fspath(path), update, name, transposed)


def from_sklearn(estimator: SklearnRBM) -> RBM:
    """The RBM of a fitted ``sklearn.neural_network.BernoulliRBM``.

    ``components_`` is Wᵀ, (n_components, n_features); the units are 0 and 1.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> from sklearn.neural_network import BernoulliRBM
    >>> X = np.random.default_rng(0).integers(0, 2, (100, 6))
    >>> pk.from_sklearn(BernoulliRBM(n_components=3, random_state=0).fit(X))
    RBM(6 × 3, units="bit", source="arrays")
    """
    if not hasattr(estimator, "components_"):
        raise ValueError("the estimator is not fitted; call its fit first")
    weights = np.asarray(estimator.components_).T
    return RBM(weights, estimator.intercept_visible_, estimator.intercept_hidden_)


def from_torch(
    state_dict: Mapping[str, Any], name: str | None = None, transposed: bool | None = None
) -> Model:
    """The RBM in a state_dict of PyTorch, or in any mapping of names to arrays.

    ``W`` or ``weight``, ``v_bias``/``vbias``, ``h_bias``/``hbias`` and the other names of
    docs/formats.md, on any device. A module gives its own by ``module.state_dict()``.

    Parameters
    ----------
    state_dict
        Tensors or arrays by name.
    name
        The prefix of the names, where there are several models.
    transposed
        Whether W is (n_hidden, n_visible), where neither its name nor the biases tell.

    Raises
    ------
    ValueError
        If the names are not understood; it says which are.

    Examples
    --------
    >>> import numpy as np, plefka as pk
    >>> pk.from_torch({"W": np.zeros((3, 6)), "v_bias": np.zeros(6), "h_bias": np.zeros(3)}).W.shape
    (6, 3)
    """
    return _plefka.read("state_dict", _safetensors(state_dict), name, transposed)


def from_dimod(bqm: BinaryQuadraticModel) -> Model:
    """The Ising model of a ``dimod.BinaryQuadraticModel``.

    dimod minimises offset + Σ lᵢxᵢ + Σ qᵢⱼxᵢxⱼ, so that J = −q, f = −l, and the offset is the
    constant energy: E here is dimod's energy. BINARY variables become spins by x = (1 + s)/2.
    The units are in the order of ``bqm.variables``: samples are
    ``sampleset.samples(sorted_by=None)[:, list(bqm.variables)]``.
    """
    # What dimod writes has its labels sorted; as integers they stay where they are.
    numbered, _ = bqm.relabel_variables_as_integers(inplace=False)
    return _plefka.read("bqm", json.dumps(numbered.to_serializable()).encode(), None, None)


def _safetensors(tensors: Mapping[str, Any]) -> bytes:
    """Arrays by name as a file of safetensors, which the library reads as it reads PyTorch's.

    The format: the length of a JSON header in eight bytes, the header with type, shape and place of
    each array, then the arrays.
    """
    header: dict[str, object] = {}
    content = b""
    for name, tensor in tensors.items():
        if hasattr(tensor, "detach"):
            tensor = tensor.detach().cpu().numpy()
        array = np.ascontiguousarray(tensor, dtype="<f8")
        place = [len(content), len(content) + array.nbytes]
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": place}
        content += array.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


__all__ = ["RBM", "Ising", "Levels", "Model", "from_dimod", "from_sklearn", "from_torch", "load"]
