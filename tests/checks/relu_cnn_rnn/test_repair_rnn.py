"""Repair: back through time: see :mod:`contract` for what is asked."""

from unittest import mock

import contract
import numpy as np
import pytest
from checks.relu_cnn_rnn.answers import TIME

from backpass.checks.relu_cnn_rnn import repair_rnn
from backpass.checks.stages import settings
from backpass.gradcheck import numerical_gradient


def recurrent(
    mask=lambda h, t: h[t + 1] > 0,
    combine=sum,
    state=lambda h, t: h[t],
    back=lambda delta, w: delta @ w.T,
    bias=lambda delta: delta.sum(axis=0),
    before_mask=None,
    masked=None,
    bias_of=lambda b: b,
    first=lambda h0: h0,
    carried=lambda dh, delta: delta,
    arrives=lambda dh, g: dh,
    order=lambda steps: list(steps)[::-1],
    act=lambda z: np.maximum(z, 0),
):
    """Back through time in a ReLU net, with one thing changed."""

    def answer(x, h0, w, u, b, dh):
        h, z, g = [first(h0)], [], dh
        for one in x:
            z.append(h[-1] @ w + one @ u + bias_of(b))
            h.append(act(z[-1]))
        parts, states = [], np.zeros((len(h), *h0.shape))
        states[-1] = dh
        for t in order(range(len(x))):
            delta = dh * (before_mask(z[t], b) > 0 if before_mask else mask(h, t))
            delta = masked(dh) if masked else delta
            parts.append((state(h, t).T @ delta, x[t].T @ delta, bias(delta)))
            dh = states[t] = arrives(back(carried(dh, delta), w), g)
        return (*(combine(list(part)) for part in zip(*parts, strict=True)), states)

    return answer


def by_differences(x, h0, w, u, b, dh):
    def last(p, t=0):
        h = p.get("h", h0)
        for one in x[t:]:
            h = np.maximum(h @ p["w"] + one @ p["u"] + p["b"], 0)
        return np.sum(dh * h)

    p, states, h = {"w": w, "u": u, "b": b}, [], h0
    for t in range(len(x) + 1):
        states.append(numerical_gradient(lambda h, t=t: last(p | {"h": h}, t), h))
        h = np.maximum(h @ w + x[t] @ u + b, 0) if t < len(x) else h
    return [*numerical_gradient(last, p).values(), np.array(states)]


def keeping(kept, **slips):
    """The gradients along the states kept in another way: of those, and of the δ of the steps."""

    def answer(x, h0, w, u, b, dh):
        *others, states = recurrent(**slips)(x, h0, w, u, b, dh)
        h, delta = h0, []
        for t, one in enumerate(x):
            h = np.maximum(h @ w + one @ u + b, 0)
            delta.append(states[t + 1] * (h > 0))
        return (*others, kept(states, np.array(delta)))

    return answer


KEPT = {
    "one-place-late": lambda h, delta: np.concatenate([0 * h[:1], h[:-1]]),
    "one-place-early": lambda h, delta: np.concatenate([h[1:], h[-1:]]),
    "delta-kept": lambda h, delta: np.concatenate([delta, h[-1:]]),
    "masked-once-more": lambda h, delta: np.concatenate([h[:1], delta[:-1], h[-1:]]),
    "added-up": lambda h, delta: np.cumsum(h[::-1], axis=0)[::-1],
    "turned-round": lambda h, delta: h[::-1],
    "last-state-missing": lambda h, delta: np.concatenate([h[:-1], 0 * h[:1]]),
    "first-state-only": lambda h, delta: np.concatenate([h[:1], 0 * h[1:-1], h[-1:]]),
    "divided": lambda h, delta: h / h.shape[1],
}

WRONG = {slug: recurrent(**slip) for slug, slip in TIME.items()} | {
    "not-transposed": recurrent(back=lambda delta, w: delta @ w),
    "sign-of-error": recurrent(masked=lambda dh: np.maximum(dh, 0)),
    "unreduced": recurrent(bias=lambda delta: delta),
    "weights-forgotten": recurrent(back=lambda delta, w: delta),
    **{slug: keeping(kept) for slug, kept in KEPT.items()},
}

RIGHT = [recurrent()]

NEARLY = [
    lambda x, h0, *rest: recurrent()(x, 0 * h0, *rest),
    recurrent(mask=lambda h, t: h[t + 1] > 0.1),
]


class TestRepairRnn(contract.Exercise):
    check = repair_rnn
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
def test_broken_code_scores_nothing_and_hears_of_one_slip():
    score = repair_rnn(contract.sheet("relu_cnn_rnn").names()["rnn_gradients_broken"])
    assert (score, score.mistakes) == (0, ("wrong-step-mask",))


def test_differences_are_told_as_such():
    score = repair_rnn(by_differences)
    assert (score, score.mistakes) == (0, ("finite-differences",))


def test_says_what_is_left_of_a_repair_and_pays_for_the_rest():
    two = TIME["overwritten"] | TIME["wrong-step-mask"]
    assert repair_rnn(recurrent(**two)).mistakes == ("wrong-step-mask",)
    assert repair_rnn(recurrent(**two)) == 1.33
    assert repair_rnn(recurrent(**TIME["overwritten"])).mistakes == ("overwritten",)
    assert repair_rnn(recurrent(**TIME["overwritten"])) == 2.67


@pytest.mark.parametrize(
    "slug", ["inverted", "value-for-slope", "slope-of-tanh", "mask-without-bias"]
)
def test_a_mask_that_is_wrong_in_another_way_is_one_slip_among_others(slug):
    score = repair_rnn(recurrent(**TIME[slug] | TIME["overwritten"]))
    assert (score, score.mistakes) == (1.33, ("overwritten",))
    score = repair_rnn(recurrent(**TIME[slug], back=lambda delta, w: delta @ w))
    assert (score, score.mistakes) == (1.33, (slug,))


def test_says_first_which_gradients_are_off_and_where():
    with mock.patch.object(settings, "at_once", False), mock.patch.object(repair_rnn, "told", {}):
        told = repair_rnn(recurrent(**TIME["overwritten"])).feedback[2]
        assert "dW is off in 8 of its 9 entries; dV is off in 6 of its 6" in told
        assert told.endswith("dH is right.")
        told = repair_rnn(recurrent(back=lambda delta, w: delta @ w)).feedback[2]
        assert "dH is off at t = 0, 1, 2, 3" in told
        assert "transposed" not in told


def test_gives_the_points_of_the_others_where_only_the_bias_is_wrong():
    assert repair_rnn(recurrent(bias=lambda delta: delta)) == 3


def test_says_that_the_gradients_are_exchanged():
    score = repair_rnn(lambda *args: (*recurrent()(*args)[2::-1], recurrent()(*args)[3]))
    assert (score, score.mistakes) == (3, ("order",))


def test_the_gradient_of_a_bias_is_no_row():
    score = repair_rnn(recurrent(bias=lambda delta: delta.sum(axis=0, keepdims=True)))
    assert (score, score.mistakes) == (3, ("shape",))
    assert "The shape is (1, 3); it should be (3,)." in score.feedback[2]


@pytest.mark.slow
@pytest.mark.parametrize("slug", KEPT)
def test_what_is_kept_of_the_states_in_another_way_costs_that_part_alone(slug):
    score = repair_rnn(keeping(KEPT[slug]))
    assert (score, score.mistakes) == (3, (slug,))


@pytest.mark.parametrize("slug", ["one-place-late", "added-up", "last-state-missing"])
def test_what_is_kept_in_another_way_is_one_slip_among_others(slug):
    score = repair_rnn(keeping(KEPT[slug], **TIME["overwritten"]))
    assert (score, score.mistakes) == (1.33, ("overwritten",))


def test_states_without_a_gradient_are_told_as_zeros():
    score = repair_rnn(keeping(lambda h, delta: 0 * h))
    assert (score, score.mistakes) == (3, ("zeros",))
