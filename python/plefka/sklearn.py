"""An estimator for scikit-learn: trained, and scored by its true likelihood."""

# scikit-learn has no types of its own.
# pyright: basic, reportIncompatibleMethodOverride=false

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, DensityMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from . import RBM as Model
from . import Curve, _plefka, estimate, sample
from ._arrays import Bits, Floats, plain, rows
from ._progress import how

_LARGEST_SEED = 2**31 - 1


class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, DensityMixin, BaseEstimator):
    """A restricted Boltzmann machine on 0 and 1, with normalised likelihoods.

    Parameters
    ----------
    n_components
        Hidden units.
    learning_rate, n_epochs, batch_size
        Of the updates; the rate falls linearly to zero.
    negative
        The negative phase: ``pcd``, ``cd``, ``emf`` or ``exact``.
    method
        How ln Z is computed where likelihoods are asked for.
    binarize
        Values above it are 1, all others 0; if None, the data must be two-valued, 0/1 or ±1.
    settings
        Further settings of docs/train.md by name, such as ``{"decay": 1e-4}``.
    random_state
        The seed of training, of ln Z and of samples.
    threads
        Worker threads; one for each core if None. No number depends on it.

    Attributes
    ----------
    model_ : plefka.RBM
        The model; W of shape (n_features, n_components).
    components_ : ndarray of shape (n_components, n_features)
    intercept_visible_ : ndarray of shape (n_features,)
    intercept_hidden_ : ndarray of shape (n_components,)

    Examples
    --------
    >>> import numpy as np
    >>> from plefka.sklearn import RBM
    >>> X = np.repeat([[0, 0, 1], [1, 1, 0]], 50, axis=0)
    >>> rbm = RBM(n_components=2, n_epochs=100, batch_size=20, learning_rate=0.5, random_state=0)
    >>> rbm.fit(X).transform(X).shape
    (100, 2)
    >>> bool(-2.0 < rbm.score(X) < -np.log(2)), rbm.log_z().verdict  # −ln 2 is the best there is
    (True, ['exact'])
    """

    model_: Model
    _log_z: Curve | None

    def __init__(
        self,
        n_components: int = 64,
        *,
        learning_rate: float = 0.05,
        n_epochs: int = 30,
        batch_size: int = 100,
        negative: str = "pcd",
        method: str = "auto",
        binarize: float | None = None,
        settings: dict[str, Any] | None = None,
        random_state: Any = None,
        threads: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.negative = negative
        self.method = method
        self.binarize = binarize
        self.settings = settings
        self.random_state = random_state
        self.threads = threads

    def fit(self, X: Any, y: Any = None) -> RBM:
        """Trains on rows X of shape (n_samples, n_features)."""
        table = self._rows(X, reset=True)
        self._random = check_random_state(self.random_state)
        return self._train(None, table, {"epochs": self.n_epochs})

    def partial_fit(self, X: Any, y: Any = None) -> RBM:
        """Trains further, by one pass over X at a constant rate; chains start anew."""
        first = not hasattr(self, "model_")
        table = self._rows(X, reset=first)
        if first:
            self._random = check_random_state(self.random_state)
        start = None if first else self.model_
        return self._train(start, table, {"epochs": 1, "rate_schedule": "constant"})

    def transform(self, X: Any) -> Floats:
        """⟨h | v⟩ of each row, (n_samples, n_components)."""
        check_is_fitted(self)
        fields = self._rows(X) @ self.components_.T + self.intercept_hidden_
        return np.asarray(0.5 * (1 + np.tanh(0.5 * fields)))

    def score_samples(self, X: Any) -> Floats:
        """ln p(v) of each row, nats, normalised: (n_samples,).

        ln Z is computed once for a model; a warning says so if it cannot be trusted.
        """
        check_is_fitted(self)
        table = self._rows(X)
        hidden = np.logaddexp(0, table @ self.components_.T + self.intercept_hidden_).sum(axis=1)
        return np.asarray(table @ self.intercept_visible_ + hidden - self.log_z().log_z[0])

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of ln p(v) over the rows, nats: larger is better, on rows held out as well."""
        return float(self.score_samples(X).mean())

    def log_z(self) -> Curve:
        """ln Z at β = 1 by ``method``, with its error and its verdict."""
        check_is_fitted(self)
        if self._log_z is None:
            found = estimate(self.model_, self.method, seed=self._seed, threads=self.threads)
            if found.verdict[0] in ("untrustworthy", "not_converged"):
                why = "; ".join([found.verdict[0], *found.objections[0]])
                warnings.warn(f"ln Z, and with it every likelihood: {why}", UserWarning, stacklevel=3)
            self._log_z = found
        return self._log_z

    def sample(self, n_samples: int = 1, random_state: Any = None) -> Bits:
        """Rows of 0 and 1 drawn from the model, (n_samples, n_features)."""
        check_is_fitted(self)
        seed = check_random_state(random_state).randint(_LARGEST_SEED)
        return sample(self.model_, n_samples, seed=seed, threads=self.threads)

    @property
    def components_(self) -> Floats:
        """Wᵀ, (n_components, n_features)."""
        return self.model_.W.T

    @property
    def intercept_visible_(self) -> Floats:
        """The visible biases, (n_features,)."""
        return self.model_.vbias

    @property
    def intercept_hidden_(self) -> Floats:
        """The hidden biases, (n_components,)."""
        return self.model_.hbias

    @property
    def _n_features_out(self) -> int:
        return self.model_.n_hidden

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _train(self, start: Model | None, table: Bits, length: dict[str, Any]) -> RBM:
        self._seed = int(self._random.randint(_LARGEST_SEED))
        plan = {
            "hidden": self.n_components,
            "rate": self.learning_rate,
            "batch": min(self.batch_size, len(table)),
            "negative": self.negative,
            "seed": self._seed,
            **length,
            **(self.settings or {}),
        }
        text = json.dumps({name: plain(value) for name, value in plan.items()})
        with how("sklearn.RBM", self._seed, self.threads, None) as running:
            self.model_ = _plefka.train_model(start, table, text, running)
        self._log_z = None
        return self

    def _rows(self, X: Any, reset: bool = False) -> Bits:
        values: Any = validate_data(self, X, reset=reset, dtype="numeric")
        table = rows(values if self.binarize is None else values > self.binarize, "X")
        assert not isinstance(table, str)
        return table
