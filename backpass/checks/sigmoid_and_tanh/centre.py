"""Centring the training set, and the test set by the same amount."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.sigmoid_and_tanh._inputs import (
    GRAND_MEAN,
    REMEDIES,
    ROW_MEANS,
    SCALED,
    WRONG_AXIS,
    uniform,
)

SIZES = [(4, 4, 4), (5, 1, 3), (2, 6, 3)]  # n training examples, k test examples, d inputs


@dataclass(frozen=True, eq=False)
class Data:
    """A training set and a test set, and which of the two is wanted centred."""

    train: np.ndarray  # (n, d)
    test: np.ndarray  # (k, d)
    wanted: str  # "train" or "test"

    @property
    def x(self) -> np.ndarray:
        """The set that is wanted, as it was, (n, d) or (k, d)."""
        return self.train if self.wanted == "train" else self.test

    @property
    def mean(self) -> np.ndarray:
        """Of each input over the training set, (d,)."""
        return self.train.mean(axis=0)


@exercise("Centre, then test", section=REMEDIES, points=3, kind="implement")
def centre(attempt):
    for wanted, weight in [("train", 1), ("test", 2)]:
        label = {"train": "the training set", "test": "the test set"}[wanted]
        with attempt.part(label, weight=weight) as part:
            for n, k, d in SIZES:
                train, test = uniform(15, (n, d), (k, d))
                train, test = train + np.linspace(1, 3, d), test + np.linspace(2, 1, d)
                sets = {name: Data(train, test, name) for name in ("train", "test")}
                right = {name: data.x - data.mean for name, data in sets.items()}

                def of(name, _, sets=sets):
                    return [sets[name]]

                part.outputs([train, test], right, wanted, of=of)


@centre.mistake(WRONG_AXIS)
def wrong_axis(data):
    return data.x - data.x.mean(axis=1, keepdims=True)


@centre.mistake(ROW_MEANS)
def row_means(data):
    n, d = data.train.shape
    return data.x - data.train.mean(axis=1) if n == d else None


@centre.mistake(GRAND_MEAN)
def grand_mean(data):
    return data.x - data.train.mean()


@centre.mistake(SCALED)
def scaled(data):
    return (data.x - data.mean) / data.train.std(axis=0)


@centre.mistake(
    "The test set is not centred. The net was trained on shifted inputs, so it must be given inputs"
    " shifted by the same amount."
)
def test_forgotten(data):
    return data.test if data.wanted == "test" else None


@centre.mistake("The training set is not centred.")
def train_forgotten(data):
    return data.train if data.wanted == "train" else None


@centre.mistake(
    "The test set is centred with its own mean. A single example would then always be 0, and every"
    " answer would depend on its neighbours: use the training set's mean."
)
def own_mean(data):
    return data.test - data.test.mean(axis=0) if data.wanted == "test" else None


@centre.mistake(
    "The mean is taken over training and test set together. The test set must have no part in"
    " training, and new examples will come one at a time."
)
def pooled_mean(data):
    return data.x - np.vstack([data.train, data.test]).mean(axis=0)


@centre.mistake("The mean is added: take it away.")
def added(data):
    return data.x + data.mean


@centre.mistake("This takes the median away; the mean is asked for.")
def median(data):
    return data.x - np.median(data.train, axis=0)
