"""The estimator for scikit-learn: its contract, its likelihood, and what it is used in."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import plefka as pk
import pytest
from conftest import log_z_of

pytest.importorskip("sklearn")
from plefka.sklearn import RBM
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer
from sklearn.utils.estimator_checks import parametrize_with_checks

SMALL: dict[str, Any] = {"n_components": 3, "n_epochs": 3, "random_state": 0}


@parametrize_with_checks([RBM(binarize=0.0, **SMALL)])
def test_the_contract_of_scikit_learn(estimator: RBM, check: Any) -> None:
    """No failure is expected."""
    check(estimator)


@pytest.fixture(scope="module")
def digits() -> Any:
    return (load_digits().data > 7).astype(np.uint8)


def test_probabilities_sum_to_one() -> None:
    X = np.random.default_rng(0).integers(0, 2, (200, 6))
    rbm = RBM(**SMALL).fit(X)
    everything = (np.arange(64)[:, None] >> np.arange(6)) & 1
    assert abs(np.exp(rbm.score_samples(everything)).sum() - 1) < 1e-12
    truth = log_z_of(rbm.components_.T, rbm.intercept_visible_, rbm.intercept_hidden_)
    assert abs(rbm.log_z().log_z[0] - truth) < 1e-12
    assert np.allclose(rbm.score_samples(X), pk.likelihood(rbm.model_, X).rows, atol=1e-12)
    hidden = rbm.transform(X) @ np.diag([1, 2, 3])
    assert np.allclose(hidden[:, 1] / 2, 1 / (1 + np.exp(-(X @ rbm.components_[1] + rbm.intercept_hidden_[1]))))


def test_training_raises_the_likelihood_of_held_out_digits(digits: Any) -> None:
    rbm = RBM(16, n_epochs=20, batch_size=20, learning_rate=0.2, random_state=1)
    held_out = digits[1500:]
    means = digits[:1500].mean(axis=0).clip(1e-3, 1 - 1e-3)
    independent = (held_out * np.log(means) + (1 - held_out) * np.log(1 - means)).sum(axis=1).mean()
    assert rbm.fit(digits[:1500]).score(held_out) > independent + 4
    assert rbm.log_z().verdict == ["exact"]
    assert rbm.sample(7, random_state=3).shape == (7, 64)
    assert np.array_equal(rbm.sample(7, random_state=3), rbm.sample(7, random_state=3))


def test_partial_fit_goes_on(digits: Any) -> None:
    rbm = RBM(8, batch_size=20, learning_rate=0.2, random_state=0)
    scores = [rbm.partial_fit(digits).score(digits) for _ in range(6)]
    assert scores[5] > scores[0] + 1, scores
    again = RBM(8, batch_size=20, learning_rate=0.2, random_state=0)
    for _ in range(6):
        again.partial_fit(digits)
    assert again.model_.sha256 == rbm.model_.sha256


def test_a_pipeline_and_a_grid_search_by_held_out_likelihood(digits: Any) -> None:
    rbm = RBM(n_epochs=15, batch_size=20, learning_rate=0.2, random_state=0)
    search = GridSearchCV(rbm, {"n_components": [1, 12]}, cv=2).fit(digits[:600])
    assert search.best_params_ == {"n_components": 12}
    pipe = make_pipeline(Binarizer(threshold=7), RBM(**SMALL))
    codes = pipe.fit_transform(load_digits().data[:100])
    assert codes.shape == (100, 3) and list(pipe[-1:].get_feature_names_out())[0] == "rbm0"


def test_what_is_not_two_valued_is_refused_unless_binarised(digits: Any) -> None:
    with pytest.raises(ValueError, match="binarise the data"):
        RBM(**SMALL).fit(load_digits().data)
    same = RBM(binarize=7, **SMALL).fit(load_digits().data)
    assert same.model_.sha256 == RBM(**SMALL).fit(digits).model_.sha256
    with pytest.raises(ValueError, match="unknown field `weight_decay`"):
        RBM(settings={"weight_decay": 1.0}, **SMALL).fit(digits)


def test_it_goes_through_pickle_and_says_what_it_is(digits: Any) -> None:
    rbm = RBM(**SMALL).fit(digits)
    thawed = pickle.loads(pickle.dumps(rbm))
    assert np.array_equal(thawed.score_samples(digits), rbm.score_samples(digits))
    loose = RBM(method="tap2", **SMALL).fit(digits)
    assert loose.log_z().verdict == ["approximation"]
