"""Delayed recall, learnt with one's own truncated gradient: see :mod:`contract`."""

from functools import cache

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
    back=lambda E, p, H: E @ p["V"].T,
    hand=lambda H: H,
    ask=lambda credit, K: (credit, K, 1),
    twice=False,
    met=lambda H: H[1:],
    pull=lambda n, T, lag: 1.0,
    last=False,
    net=lambda p: p,
    out=lambda o: o,
    carried=False,
    readout=lambda V, c: (V, c),
    up="",
):
    """The training loop with one thing changed."""

    def answer(credit, batches, p, lag, K, rate):
        p, losses, h = dict(p), [], None

        def forward(X):
            used = net(p)
            H = [h if carried and h is not None else np.zeros((X.shape[1], len(p["W"])))]
            for x in X:
                H.append(np.tanh(x @ used["U"] + H[-1] @ used["W"] + used["b"]))
            H = np.array(H)
            E = out(H[1:] @ used["V"] + used["c"]) - np.roll(X, lag_of(lag), axis=0)
            E[: 0 if early else len(X) - 1 if last else lag] = 0
            count = X.shape[1] * (len(X) if early else len(X) - lag)
            return H, E, scale * np.sum(E**2) / 2 / count, count

        for X in batches:
            H, E, loss, count = forward(X)
            h, E = H[-1], pull(X.shape[1], len(X), lag) * scale * E / count
            asked, *reach = ask(credit, K)
            for _ in range(1 + twice):
                given = back(E, p, H)
                g = dict(zip("UWb", asked(X, hand(H), given, p["W"], *reach), strict=True))
            dV, dc = np.einsum("tni,tnj->tij", met(H), E), E.sum(axis=1)
            g["V"], g["c"] = (one.sum(axis=0) for one in readout(dV, dc))
            for name in moves:
                p[name] = p[name] + (-sign if name in up else sign) * rate * g[name]
            losses.append(forward(X)[2] if late else loss)
        return np.array(losses)

    return answer


def updates_in_place(credit, batches, p, lag, K, rate):
    p["V"] -= 0.1
    return learner()(credit, batches, p, lag, K, rate)


def own_credit(credit, K):
    return lambda X, H, G, W, K, S: (0 * W[:1], 0 * W, 0 * W[0]), K, 1


def divided(credit, K):
    """What credit says, divided by the number of sequences once more."""
    return lambda X, *rest: tuple(g / X.shape[1] for g in credit(X, *rest)), K, 1


WRONG = {
    "reach": learner(ask=lambda credit, K: (credit, K, K)),
    "calls": learner(ask=own_credit),
    "no-contrast": lambda credit, batches, *rest: (
        learner()(credit, batches, *rest) * (1 if len(batches) < 10 else 0)
    ),
    "other-lag": learner(lag_of=lambda lag: lag - 1),
    "early-counted": learner(early=True),
    "other-scale": learner(scale=2.0),
    "readout-fixed": learner(moves="UWbV"),
    "state-before": learner(met=lambda H: H[:-1]),
    "ascent": learner(sign=1),
    "late": learner(late=True),
    "weights-fixed": learner(moves="UWVc"),
    "other-step": learner(ask=divided),
    "last-loss": learner(last=True),
    "other-net": learner(net=lambda p: p | {"c": 0 * p["c"]}),
    "state-carried": learner(carried=True),
    "other-pull": learner(pull=lambda n, T, lag: n * (T - lag)),
    "readout-part": learner(readout=lambda V, c: (V[-1:], c)),
    "other-g": learner(back=lambda E, p, H: E * np.ones(len(p["V"]))),
    "other-g-scale": learner(back=lambda E, p, H: 2 * E @ p["V"].T),
    "slope-in-g": learner(back=lambda E, p, H: E @ p["V"].T * (1 - H[1:] ** 2)),
    "other-h": learner(hand=lambda H: np.roll(H, -1, axis=0)),
}

RIGHT = [learner(), lambda *args: learner()(*args).tolist()]

#: Answers that are right on most inputs.
NEARLY = [
    learner(ask=lambda credit, K: (credit, 4, 1)),
    learner(ask=lambda credit, K: (credit, K if K in (1, 5) else 4, 1)),
    learner(twice=True),
    learner(lag_of=lambda lag: 2),
    lambda *args: learner()(*args[:-1], 0.25 if args[-1] != 0.3 else 0.3),
    updates_in_place,
]


class TestRemember(contract.Exercise):
    check = remember
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_credit_of_ones_own_is_told_at_the_first_losses_that_show_it():
    def own(credit, K):
        return lambda X, H, G, W, K, S: (W[:1], 0 * W, 0 * W[0]), K, 1

    score = remember(learner(ask=own))
    assert (score, score.mistakes) == (1, ("calls",))
    assert "asked once" in score.feedback[1]


@pytest.mark.slow
def test_credit_may_be_called_by_the_names_of_the_sheet():
    def by_name(credit, K):
        return lambda X, H, G, W, K, S: credit(X=X, H=H, G=G, W=W, K=K, S=S), K, 1

    assert remember(learner(ask=by_name)) == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "points"),
    {
        # Wrong in the loss: its own part, and the whole.
        "early-counted": 4,
        "other-scale": 4,
        "other-lag": 4,
        "last-loss": 4,
        "other-net": 4,
        # Wrong in what V and c learn.
        "other-pull": 4,
        "readout-fixed": 4,
        "readout-part": 4,
        "late": 4,
        # Wrong in what credit is asked for, and in what is done with it.
        "other-g": 3,
        "reach": 3,
        "weights-fixed": 4,
        # Wrong wherever something moves.
        "ascent": 3,
    }.items(),
)
def test_one_slip_costs_its_own_points_and_those_of_the_whole(slug, points):
    score = remember(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,))


def test_curves_that_nobody_has_trained_are_not_taken_for_those_of_the_task():
    def typed(credit, batches, p, lag, K, rate):
        if len(batches) < 10:
            return learner()(credit, batches, p, lag, K, rate)
        return np.full(len(batches), 0.4 if K == 1 else 0.001)

    score = remember(typed)
    assert (score, score.mistakes) == (5, ("calls",))


def test_says_what_is_right_for_a_wrong_loss():
    told = remember(learner(early=True)).feedback
    assert sum("(right for your loss)" in line for line in told) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (learner(lag_of=lambda lag: 0), "other-lag"),
        (learner(scale=3.0), "other-scale"),
        (learner(moves="UWb"), "readout-fixed"),
        (learner(moves="Vc"), "weights-fixed"),
        (learner(up="U"), "ascent"),
        (learner(up="c"), "ascent"),
        (learner(pull=lambda n, T, lag: T - lag), "other-pull"),
        (learner(pull=lambda n, T, lag: (T - lag) / T), "other-pull"),
        (learner(net=lambda p: p | {"b": 0 * p["b"]}), "other-net"),
        (learner(readout=lambda V, c: (V, c / len(c))), "readout-part"),
        (learner(back=lambda E, p, H: E), "other-g"),
        (updates_in_place, "mutated"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert remember(answer).mistakes[0] == mistake


@pytest.mark.slow
@pytest.mark.parametrize("nearly", NEARLY[3:5], ids=["lag", "rate"])
def test_what_is_fixed_at_one_value_has_no_points_where_it_matters(nearly):
    assert remember(nearly) <= 3


@pytest.mark.slow
def test_predictions_are_compared_with_the_run():
    told = " ".join(remember(learner(), prediction=(0.5, 0.0)).feedback)
    assert "with K = 1: you predicted 0.5" in told
    assert "with K = 5: you predicted 0" in told


@cache
def of_the_sheet():
    """What the cells of the solution define."""
    return contract.sheet("bptt").names()


def ends(seeds, K, reading=0.3, m=8, lag=4, rate=0.3):
    """The mean loss of the last 50 of 600 updates, from several starts: all of them at once, with
    the functions of the recorded experiment.
    """
    names = of_the_sheet()
    starts = [names["net"](m=m, reading=reading, seed=seed) for seed in seeds]
    p = {name: np.stack([np.atleast_2d(one[name]) for one in starts]) for name in starts[0]}
    batches = np.stack([names["bits"](600, T=lag + 6, seed=seed) for seed in seeds], axis=2)
    found = []
    for X in batches:
        H, O = delayed_recall.forward(X, **p)
        E = np.zeros_like(O)
        E[lag:] = (O[lag:] - X[:-lag]) / (X.shape[2] * (len(X) - lag))
        found.append(np.mean((O[lag:] - X[:-lag]) ** 2, axis=(0, 2, 3)) / 2)
        for name, g in delayed_recall.truncated(X, H, E, p["W"], p["V"], K).items():
            p[name] = p[name] - rate * g
    return np.mean(found[-50:], axis=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("K", "reading", "low"), [(1, 0.3, 0), (4, 0.3, 1), (5, 0.3, 20), (4, 1.0, 15)]
)
def test_what_the_sheet_says_of_twenty_starts_is_so(K, reading, low):
    found = ends(range(20), K, reading)
    assert np.sum(found < 0.01) == low
    if K == 1:
        assert 0.25 <= found.min().round(2) <= found.max().round(2) <= 0.49


@pytest.mark.slow
@pytest.mark.parametrize(
    ("varied", "low"),
    [
        ({"K": 1, "m": 4}, 0),
        ({"K": 1, "m": 32}, 0),
        ({"K": 1, "rate": 0.1}, 0),
        ({"K": 1, "rate": 0.6}, 0),
        ({"K": 5, "m": 4}, 0),
        ({"K": 5, "m": 32}, 10),
        ({"K": 5, "rate": 0.1}, 10),
        ({"K": 5, "rate": 0.6}, 10),
        ({"K": 1, "lag": 2}, 7),
        ({"K": 1, "lag": 2, "m": 32}, 10),
    ],
)
def test_what_the_sheet_says_of_other_sizes_is_so(varied, low):
    assert np.sum(ends(range(10), **varied) < 0.01) == low
