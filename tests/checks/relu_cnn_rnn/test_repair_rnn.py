"""Repair: back through time: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.relu_cnn_rnn.answers import TIME

from backpass.checks.relu_cnn_rnn import repair_rnn
from backpass.gradcheck import numerical_gradient


def recurrent(
    mask=lambda h, t: h[t + 1] > 0,
    combine=sum,
    state=lambda h, t: h[t],
    back=lambda delta, w: delta @ w.T,
    bias=lambda delta: delta.sum(axis=0),
    before_mask=None,
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
        parts = []
        for t in order(range(len(x))):
            delta = dh * (before_mask(z[t], b) > 0 if before_mask else mask(h, t))
            parts.append((state(h, t).T @ delta, x[t].T @ delta, bias(delta)))
            dh = arrives(back(carried(dh, delta), w), g)
        return tuple(combine(list(part)) for part in zip(*parts, strict=True))

    return answer


def by_differences(x, h0, w, u, b, dh):
    def last(p):
        h = h0
        for one in x:
            h = np.maximum(h @ p["w"] + one @ p["u"] + p["b"], 0)
        return np.sum(dh * h)

    return list(numerical_gradient(last, {"w": w, "u": u, "b": b}).values())


WRONG = {slug: recurrent(**slip) for slug, slip in TIME.items()} | {
    "not-transposed": recurrent(back=lambda delta, w: delta @ w),
    "unreduced": recurrent(bias=lambda delta: delta),
    "weights-forgotten": recurrent(back=lambda delta, w: delta),
}

RIGHT = [recurrent(), by_differences]

NEARLY = [
    lambda x, h0, *rest: recurrent()(x, 0 * h0, *rest),
    recurrent(mask=lambda h, t: h[t + 1] > 0.1),
]


class TestRepairRnn(contract.Exercise):
    check = repair_rnn
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_broken_code_scores_nothing_and_hears_of_one_slip():
    score = repair_rnn(contract.sheet("relu_cnn_rnn").names()["rnn_gradients_broken"])
    assert (score, score.mistakes) == (0, ("wrong-step-mask",))


def test_says_what_is_left_of_a_repair_and_pays_for_the_rest():
    two = TIME["overwritten"] | TIME["wrong-step-mask"]
    assert repair_rnn(recurrent(**two)).mistakes == ("wrong-step-mask",)
    assert repair_rnn(recurrent(**two)) == 1.33
    assert repair_rnn(recurrent(**TIME["overwritten"])).mistakes == ("overwritten",)
    assert repair_rnn(recurrent(**TIME["overwritten"])) == 2.67


def test_gives_the_points_of_the_weights_where_only_the_bias_is_wrong():
    assert repair_rnn(recurrent(bias=lambda delta: delta)) == 3


def test_says_that_the_gradients_are_exchanged():
    score = repair_rnn(lambda *args: recurrent()(*args)[::-1])
    assert (score, score.mistakes) == (1, ("order",))


def test_takes_a_bias_of_one_row():
    assert repair_rnn(recurrent(bias=lambda delta: delta.sum(axis=0, keepdims=True))) == 4
