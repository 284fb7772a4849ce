"""Delayed recall, learnt with one's own truncated gradient: see :mod:`contract`."""

import contract
import numpy as np
import pytest

from backpass.checks.bptt import remember
from experiments import delayed_recall


def learner(
    lag_of=lambda lag: lag,
    early=False,
    scale=1.0,
    moves="UWbVc",
    sign=-1,
    late=False,
    back=lambda E, p: E @ p["V"].T,
    hand=lambda H: H,
    ask=lambda credit, K: (credit, K, 1),
    twice=False,
    met=lambda H: H[1:],
):
    """The training loop with one thing changed."""

    def answer(credit, batches, p, lag, K, rate):
        p, losses = dict(p), []

        def forward(X):
            H = [np.zeros((X.shape[1], len(p["W"])))]
            for x in X:
                H.append(np.tanh(x @ p["U"] + H[-1] @ p["W"] + p["b"]))
            H = np.array(H)
            E = H[1:] @ p["V"] + p["c"] - np.roll(X, lag_of(lag), axis=0)
            E[: 0 if early else lag] = 0
            count = X.shape[1] * (len(X) if early else len(X) - lag)
            return H, E, scale * np.sum(E**2) / 2 / count, count

        for X in batches:
            H, E, loss, count = forward(X)
            E = scale * E / count
            asked, *reach = ask(credit, K)
            for _ in range(1 + twice):
                g = dict(zip("UWb", asked(X, hand(H), back(E, p), p["W"], *reach), strict=True))
            g["V"], g["c"] = np.einsum("tni,tnj->ij", met(H), E), E.sum((0, 1))
            for name in moves:
                p[name] = p[name] + sign * rate * g[name]
            losses.append(forward(X)[2] if late else loss)
        return np.array(losses)

    return answer


def updates_in_place(credit, batches, p, lag, K, rate):
    p["V"] -= 0.1
    return learner()(credit, batches, p, lag, K, rate)


def own_credit(credit, K):
    return lambda X, H, G, W, K, S: (0 * W[:1], 0 * W, 0 * W[0]), K, 1


WRONG = {
    "reach": learner(ask=lambda credit, K: (credit, K, K)),
    "calls": learner(ask=own_credit),
    "no-contrast": lambda credit, batches, *rest: (
        learner()(credit, batches, *rest) if len(batches) < 10 else np.ones(len(batches))
    ),
    "other-lag": learner(lag_of=lambda lag: lag - 1),
    "early-counted": learner(early=True),
    "other-scale": learner(scale=2.0),
    "readout-fixed": learner(moves="UWbV"),
    "state-before": learner(met=lambda H: H[:-1]),
    "ascent": learner(sign=1),
    "late": learner(late=True),
    "weights-fixed": learner(moves="UWVc"),
    "other-g": learner(back=lambda E, p: E * np.ones(len(p["V"]))),
    "other-h": learner(hand=lambda H: np.roll(H, -1, axis=0)),
}

RIGHT = [learner(), lambda *args: learner()(*args).tolist()]

#: Answers that are right on most inputs.
NEARLY = [
    learner(ask=lambda credit, K: (credit, 4, 1)),
    learner(twice=True),
    updates_in_place,
]


class TestRemember(contract.Exercise):
    check = remember
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert remember(learner(ask=lambda credit, K: (credit, 1, 1))) == 3
    assert remember(learner(moves="UWVc")) == 4


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (learner(lag_of=lambda lag: 0), "other-lag"),
        (learner(scale=3.0), "other-scale"),
        (learner(moves="UWb"), "readout-fixed"),
        (learner(moves="Vc"), "weights-fixed"),
        (updates_in_place, "mutated"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert remember(answer).mistakes[0] == mistake


def test_predictions_are_compared_with_the_run():
    told = " ".join(remember(learner(), prediction=(0.5, 0.0)).feedback)
    assert "with K = 1: you predicted 0.5" in told
    assert "with K = 5: you predicted 0" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("K", "reading", "low"), [(1, 0.3, 0), (4, 0.3, 1), (5, 0.3, 20), (4, 1.0, 15)]
)
def test_what_the_sheet_says_of_twenty_starts_is_so(K, reading, low):
    """All of them at once, with the functions of the recorded experiment."""
    names, seeds = contract.sheet("bptt").names(), range(20)
    starts = [names["net"](reading=reading, seed=seed) for seed in seeds]
    p = {name: np.stack([np.atleast_2d(one[name]) for one in starts]) for name in starts[0]}
    batches = np.stack([names["bits"](600, seed=seed) for seed in seeds], axis=2)
    ends = []
    for X in batches:
        H, O = delayed_recall.forward(X, **p)
        E = np.zeros_like(O)
        E[4:] = (O[4:] - X[:-4]) / (X.shape[2] * (len(X) - 4))
        ends.append(np.mean((O[4:] - X[:-4]) ** 2, axis=(0, 2, 3)) / 2)
        for name, g in delayed_recall.truncated(X, H, E, p["W"], p["V"], K).items():
            p[name] = p[name] - 0.3 * g
    ends = np.mean(ends[-50:], axis=0)
    assert np.sum(ends < 0.01) == low
    if K == 1:
        assert 0.25 <= ends.min().round(2) <= ends.max().round(2) <= 0.49
