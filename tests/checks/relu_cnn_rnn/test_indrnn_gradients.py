"""The gradients of an IndRNN: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.relu_cnn_rnn.answers import TIME

from backpass.checks.relu_cnn_rnn import indrnn_gradients


def independent(
    mask=lambda h, t: h[t + 1] > 0,
    combine=sum,
    state=lambda h, t: h[t],
    back=lambda delta, u: delta * u,
    reduce=lambda part: part.sum(axis=0),
    reached=lambda dh, u: dh,
    before_mask=None,
    bias_of=lambda b: b,
    first=lambda h0: h0,
    carried=lambda dh, delta: delta,
    arrives=lambda dh, g: dh,
    order=lambda steps: list(steps)[::-1],
    act=lambda z: np.maximum(z, 0),
):
    """Back through time in an IndRNN, with one thing changed."""

    def answer(x, h0, u, w, b, dh):
        h, z, g = [first(h0)], [], dh
        for one in x:
            z.append(u * h[-1] + one @ w + bias_of(b))
            h.append(act(z[-1]))
        parts = []
        for t in order(range(len(x))):
            delta = dh * (before_mask(z[t], b) > 0 if before_mask else mask(h, t))
            parts.append(reduce(delta * state(h, t)))
            dh = arrives(back(carried(dh, delta), u), g)
        return combine(parts), reached(dh, u)

    return answer


WRONG = {slug: independent(**slip) for slug, slip in TIME.items()} | {
    "u-forgotten": independent(back=lambda delta, u: delta),
    "unreduced": independent(reduce=lambda part: part),
    "u-twice": independent(back=lambda delta, u: delta * u**2),
    "u-divided": independent(back=lambda delta, u: delta / u),
    "power-alone": lambda x, h0, u, w, b, dh: (
        np.sum(dh * len(x) * u ** (len(x) - 1) * h0, axis=0),
        dh * u ** len(x),
    ),
    "factor-lost": independent(reached=lambda dh, u: dh / u),
    "shape": independent(reduce=np.diag),
}

RIGHT = [independent(), lambda *args: list(independent()(*args))]

NEARLY = [
    lambda x, h0, *rest: independent()(x, 0 * h0, *rest),
    independent(combine=lambda parts: sum(parts[:4])),
]


class TestIndrnnGradients(contract.Exercise):
    check = indrnn_gradients
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_names_two_slips_at_once():
    two = TIME["overwritten"] | TIME["wrong-step-mask"]
    assert indrnn_gradients(independent(**two)).mistakes[0] == "overwritten+wrong-step-mask"


def test_gives_a_point_for_the_gradient_of_the_first_state():
    assert indrnn_gradients(independent(reduce=lambda part: part)) == 1


def test_says_that_the_gradients_are_exchanged():
    score = indrnn_gradients(lambda *args: independent()(*args)[::-1])
    assert (score, score.mistakes) == (0, ("order",))
