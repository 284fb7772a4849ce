"""Repair: three slips in one training. See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import repair_training
from backpass.tape import Value, operation


def sigma(a):
    return 1 / (1 + np.exp(-a))


def right_rule(g, y, a):
    return g * y * (1 - y)


def added(parts, past):
    return sum(parts)


def training(
    rule=right_rule,
    into_w=added,
    into_b=added,
    inputs=lambda hs: hs[-2::-1],
    back=lambda delta, W: delta @ W.T,
    error=lambda o, T: (o - T) / len(T),
    rate=1.0,
    within=False,
    late=False,
    times=1.0,
):
    """Training of three logistic layers that share W and b, with one thing changed."""

    def loss(X, T, W, b):
        for _ in range(3):
            X = sigma(X @ W + b)
        return np.sum((X - T) ** 2) / 2 / len(T)

    def train(X, T, W, b, step, steps):
        found, dW, db = ([], [], []), 0, 0
        for _ in range(steps):
            hs, moved = [X], W
            for _ in range(3):
                hs.append(sigma(hs[-1] @ W + b))
            before = loss(X, T, W, b)
            g, of_w, of_b = error(hs[3], T), [], []
            for into, y, seen in zip(hs[-2::-1], hs[:0:-1], inputs(hs), strict=True):
                delta = rule(g, y, into @ W + b)
                of_w.append(seen.T @ delta)
                of_b.append(delta.sum(axis=0))
                moved = moved - within * step * of_w[-1]
                g = back(delta, moved)
            dW, db = into_w(of_w, dW), into_b(of_b, db)
            W, b = W - rate * step * dW, b - rate * step * db
            for values, one in zip(found, (dW, db, before), strict=True):
                values.append(one)
            if late:
                found[2][-1] = loss(X, T, W, b)
            found[2][-1] *= times
        return tuple(map(np.array, found))

    return train


def last(parts, past):
    return parts[-1]


def carried(parts, past):
    return sum(parts) + past


def by_output_rule(g, y, a):
    return g * a * (1 - a)


def on_the_tape(X, T, W, b, rate, steps):
    found = [], [], []
    logistic = operation(sigma, lambda g, y, a: (g * y * (1 - y),))
    for _ in range(steps):
        w, c = Value(W), Value(b)
        h = X
        for _ in range(3):
            h = logistic(h @ w + c)
        error = h - T
        loss = (error * error).sum() / (2 * len(X))
        loss.backward()
        for values, one in zip(found, (w.grad, c.grad, loss.data), strict=True):
            values.append(one)
        W, b = W - rate * w.grad, b - rate * c.grad
    return tuple(map(np.array, found))


#: What may be done to the body that is given: its slips mended, or something else.
BROKEN = contract.sheet("backpropagation").cells["repair-training-given"].source
BROKEN = BROKEN[: BROKEN.index("X_shared")]
SLOPE = ("a = hs[k] @ W + b\n            delta = g * a * (1 - a)",
         "y = hs[k + 1]\n            delta = g * y * (1 - y)")  # fmt: skip
ADDED, ADDED_TO_B = ("dW = hs", "dW += hs"), ("db = db +", "db +=")
BEGUN = ("hs = [X]", "hs, dW, db = [X], np.zeros_like(W), np.zeros_like(b)")
EMPTIED = ("hs = [X]", "hs, dW[:], db[:] = [X], 0, 0")
EMPTIED_AFTER = ("values.append(one)", "values.append(one)\n        dW[:], db[:] = 0, 0")
BELOW = ("a = hs[k] @ W + b", "a = hs[k]")


def given_body(*changes):
    """The body that is given, with these texts replaced."""
    source, names = BROKEN, {"np": np}
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    exec(source, names)
    return names["train_broken"]


WRONG = {
    "other-value": training(by_output_rule),
    "overwritten": training(into_w=last),
    "not-zeroed": training(into_b=carried),
    "one-array": given_body(SLOPE, ADDED, ADDED_TO_B, EMPTIED),
    "zeros": given_body(SLOPE, ADDED, ADDED_TO_B, BEGUN, EMPTIED_AFTER),
    "value-below": given_body(BELOW, ADDED, BEGUN),
    "top-layer-only": training(into_w=lambda parts, past: parts[0]),
    "bias-averaged": training(into_b=lambda parts, past: sum(parts) / 5),
    "averaged": training(into_w=lambda parts, past: sum(parts) / 3),
    "stepped-within": training(within=True),
    "begun-elsewhere": training(into_w=lambda parts, past: sum(parts) + 1,
                                into_b=lambda parts, past: sum(parts) + 1),
    "transposed": training(into_w=lambda parts, past: sum(parts).T),
    "other-layers": training(inputs=lambda hs: hs[:0:-1]),
    "back-changed": training(back=lambda delta, W: delta @ W),
    "rule-at-output": training(lambda g, y, a: g * sigma(y) * (1 - sigma(y))),
    "g-forgotten": training(lambda g, y, a: y * (1 - y)),
    "derivative-forgotten": training(lambda g, y, a: g),
    "tanh-rule": training(lambda g, y, a: g * (1 - y**2)),
    "one-factor": training(lambda g, y, a: g * a * (1 - y)),
    "climbs": training(rate=-1),
    "other-rate": training(rate=0.5),
    "other-error": training(error=lambda o, T: o - T),
    "after-step": training(late=True),
    "other-losses": training(times=2),
}  # fmt: skip

RIGHT = [training(), on_the_tape, given_body(SLOPE, ADDED, ADDED_TO_B, BEGUN)]

#: Right on most inputs.
NEARLY = [
    lambda X, T, W, b, rate, steps: training()(X, T, W, b, 0.5, steps),
    lambda *args: (*training()(*args)[:2], training(rate=0.9)(*args)[2]),
    lambda X, T, W, b, rate, steps: training()(X, T, W, b, rate, 4),
    given_body(SLOPE, ADDED, BEGUN, ("- T) / len(X)", "- T) / 5")),
]


class TestRepairTraining(contract.Exercise):
    check = repair_training
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_training_scores_nothing_and_hears_of_the_first_slip():
    score = repair_training(contract.sheet("backpropagation").names()["train_broken"])
    assert score == 0
    assert score.mistakes == ("other-value",)
    assert "One of 3 that are left" in score.feedback[0]


@pytest.mark.parametrize(
    ("changes", "mistake", "points"),
    [
        ({"rule": by_output_rule, "into_w": last, "into_b": carried}, "other-value", 0),
        ({"into_w": last, "into_b": carried}, "overwritten", 1.67),
        ({"into_b": carried}, "not-zeroed", 3.33),
        ({"into_w": carried, "into_b": carried}, "not-zeroed", 3.33),
        ({"rule": by_output_rule, "into_w": carried, "into_b": carried}, "other-value", 1.67),
        ({"rule": by_output_rule, "into_w": last}, "other-value", 1.67),
        ({"into_w": last, "into_b": last}, "overwritten", 3.33),
    ],
)
def test_pays_for_what_is_mended_and_tells_the_first_that_is_left(changes, mistake, points):
    score = repair_training(training(**changes))
    assert score.mistakes == (mistake,)
    assert score == points


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "mistake", "points"),
    [
        ([ADDED], "other-value", 1.67),
        ([SLOPE, ADDED], "one-array", 3.33),
        ([SLOPE, ADDED, ADDED_TO_B], "one-array", 3.33),
        ([SLOPE, ADDED, ADDED_TO_B, BEGUN, EMPTIED_AFTER], "zeros", 3.33),
        ([SLOPE, ADDED, EMPTIED_AFTER], "zeros", 3.33),
        ([BELOW], "value-below", 0),
        ([BELOW, ADDED], "value-below", 1.67),
        ([BEGUN], "other-value", 1.67),
        ([SLOPE, BEGUN], "overwritten", 3.33),
        ([SLOPE, ADDED, BEGUN, ("- T) / len(X)", "- T)")], "other-error", 3.33),
        ([SLOPE, ADDED, BEGUN, ("rate *", "rate / 2 *")], "other-rate", 3.33),
        ([ADDED, BEGUN, ("rate *", "rate / 2 *")], "other-value", 1.67),
    ],
)
def test_pays_for_each_slip_whatever_else_is_wrong(changes, mistake, points):
    score = repair_training(given_body(*changes))
    assert score.mistakes == (mistake,)
    assert score == points


def test_what_only_follows_from_one_gradient_is_not_held_against_the_others():
    of_db = given_body(SLOPE, ADDED, BEGUN, ("delta.sum(axis=0)", "delta.max(axis=0)"))
    score = repair_training(of_db)
    assert score == 3, score.feedback
    assert "✓ dW of each step (right for your db" in score.feedback[0]


def test_tells_first_which_gradient_is_off_from_which_step_on(monkeypatch):
    monkeypatch.setattr("backpass.checks.stages.settings.at_once", False)
    repair_training.told = {}
    answer = training(into_b=carried)
    told = repair_training(answer).feedback
    assert "dW is off from step 3 on, in all entries there; db is off from step 2" in told[2]
    assert "earlier steps" not in told[2]
    assert "earlier steps" in repair_training(answer).feedback[2]


def test_another_training_hears_what_to_keep():
    score = repair_training(training(rate=0.77))
    assert score.mistakes == ()
    assert "Keep its net, its loss, its start, its rate" in " ".join(score.feedback)


@pytest.mark.parametrize("own", [1.0, 0.5, 0.1])
def test_a_rate_of_ones_own_is_one_slip(own):
    def answer(X, T, W, b, rate, steps):
        return training()(X, T, W, b, own, steps)

    score = repair_training(answer)
    assert (score, score.mistakes) == (3.33, ("other-rate",))
