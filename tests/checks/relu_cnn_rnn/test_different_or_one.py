"""Predict, then measure: different matrices, or one? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import different_or_one

NAMES = "different", "one", "in_tens", "layers", "steps"
ENDS = {"different": (1, 1), "one": (50, 200), "in_tens": (10, 10)}
POWERS = {"layers": 20 * np.log10(1.02), "steps": 1000 * np.log10(1.02)}


def by_std(short, long):
    return long.std() / short.std()


def measuring(compared=by_std, ends=ENDS, far=200, **instead):
    """A measurement with one thing changed."""

    def answer(log_sizes, Ws):
        found = {
            name: compared(log_sizes(Ws, 50, short), log_sizes(Ws, far, min(long, far)))
            for name, (short, long) in ends.items()
        }
        return tuple((found | POWERS | instead).values())

    return answer


def against_different(log_sizes, Ws):
    one = log_sizes(Ws, 200, 10).std() / log_sizes(Ws, 50, 1).std()
    return measuring(in_tens=one)(log_sizes, Ws)


WRONG = {
    "not-measured": lambda *_: (2, 4, 2, 0.17, 8.6),
    "to-one-hundred": measuring(far=100),
    "squared": measuring(lambda short, long: long.var() / short.var()),
    "inverted": measuring(lambda short, long: short.std() / long.std()),
    "subtracted": measuring(lambda short, long: long.std() - short.std()),
    "not-divided": measuring(lambda short, long: long.std()),
    "means": measuring(lambda short, long: long.mean() / short.mean()),
    "not-one": measuring(ends=ENDS | {"one": (50, 50)}),
    "against-different": against_different,
    "factor": measuring(layers=1.02**20, steps=1.02**1000),
    "natural": measuring(layers=0.396, steps=19.8),
    "one-percent": measuring(layers=0.0864, steps=4.32),
    "linear-growth": measuring(layers=0.4, steps=20),
}

RIGHT = [
    measuring(),
    measuring(lambda short, long: np.std(long, ddof=1) / np.std(short, ddof=1)),
    measuring(lambda short, long: np.ptp(long) / np.ptp(short)),
    lambda *args: dict(zip(NAMES, measuring(layers=0.17, steps=8.6)(*args), strict=True)),
]

NEARLY = [
    measuring(steps=8.7),
    measuring(layers=0.18),
    measuring(one=3.5),
    measuring(in_tens=2.0),
]


class TestDifferentOrOne(contract.Exercise):
    check = different_or_one
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    "said", [(2, 4, 2), (1.98, 4.12, 1.91), (4, 4, 4), (1, 1, 1), (2, 2, 2), (4, 2, 4)]
)
def test_what_was_not_measured_has_the_points_of_the_powers_alone(said):
    score = different_or_one(lambda *_: (*said, *POWERS.values()))
    assert (score, score.mistakes) == (1.2, ("not-measured",))


def test_the_sheets_nets_give_what_predictions_are_compared_with():
    names = contract.sheet("relu_cnn_rnn").names()
    found = names["different_or_one"](names["log_sizes"], names["Ws"])
    told = different_or_one(measuring(), prediction={"different": 4, "one": 4, "in_tens": 4})
    notes = [text for text in told.feedback if "you predicted" in text]
    for number, note, words in zip(
        found, notes, ("different matrices", "one matrix", "ten times in a row"), strict=False
    ):
        assert words in note
        assert f"you predicted 4, it is {number:.2f}" in note
    assert len(notes) == 3
    assert told == 3


def test_predictions_may_be_missing_or_odd():
    def notes(prediction):
        return len(different_or_one(measuring(), prediction=prediction).feedback) - 5

    assert notes({"one": 4}) == 1
    assert [notes(odd) for odd in (..., None, "no idea", 3, [1, 2])] == [0] * 5


@pytest.mark.parametrize("slug", ["squared", "inverted", "means", "subtracted"])
def test_a_slip_in_all_three_ratios_costs_one_of_them(slug):
    score = different_or_one(WRONG[slug])
    assert (score, score.mistakes) == (2.4, (slug,))


@pytest.mark.parametrize("slug", ["natural", "factor", "one-percent"])
def test_a_slip_in_both_powers_costs_one_of_them(slug):
    score = different_or_one(WRONG[slug])
    assert (score, score.mistakes) == (2.4, (slug,))
