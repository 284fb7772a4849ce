"""Repair: the mask of another layer: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import repair_relu


def relu_net(
    mask=lambda x, h1, h2, y: (h1 > 0, h2 > 0),
    scale=lambda x: 1 / len(x),
    back=lambda delta, w: delta @ w.T,
    through=None,
    error=lambda y, t: y - t,
    act=lambda z: np.maximum(z, 0),
):
    """The gradients of a ReLU net with one thing changed."""

    def answer(x, t, w1, w2, w3):
        h1 = act(x @ w1)
        h2 = act(h1 @ w2)
        y = h2 @ w3
        right = h1 > 0, h2 > 0
        masks = mask(x, h1, h2, y)
        masks = masks if masks[0].shape == h1.shape and masks[1].shape == h2.shape else right
        delta_3 = error(y, t) * scale(x)
        v = back(delta_3, w3)
        delta_2 = v * (through(v) if through else masks[1])
        v = back(delta_2, w2)
        delta_1 = v * (through(v) if through else masks[0])
        return x.T @ delta_1, h1.T @ delta_2, h2.T @ delta_3

    return answer


def unturned(delta, w):
    return delta @ (w if w.shape[0] == w.shape[1] else w.T)


WRONG = {
    "layer-below": relu_net(lambda x, h1, h2, y: (x > 0, h1 > 0)),
    "layer-above": relu_net(lambda x, h1, h2, y: (h2 > 0, y > 0)),
    "mask-forgotten": relu_net(through=np.ones_like),
    "sign-of-error": relu_net(through=lambda v: v > 0),
    "inverted": relu_net(lambda x, h1, h2, y: (h1 <= 0, h2 <= 0)),
    "value-for-slope": relu_net(lambda x, h1, h2, y: (h1, h2)),
    "not-transposed": relu_net(back=unturned),
    "summed": relu_net(scale=lambda x: 1),
    "exchanged": relu_net(lambda x, h1, h2, y: (h2 > 0, h1 > 0)),
    "tanh-units": relu_net(lambda x, h1, h2, y: (1 - h1**2, 1 - h2**2), act=np.tanh),
    "last-masked": relu_net(error=lambda y, t: (y - t) * (y > 0)),
    "all-entries": relu_net(scale=lambda x: 1 / x.size),
}

RIGHT = [relu_net(), relu_net(lambda x, h1, h2, y: (np.sign(h1), np.sign(h2)))]

NEARLY = [
    relu_net(lambda x, h1, h2, y: (h1 > 0, h1 > 0)),
    relu_net(lambda x, h1, h2, y: (h1 > 0.05, h2 > 0.05)),
    relu_net(scale=lambda x: 1 / 5),
]


class TestRepairRelu(contract.Exercise):
    check = repair_relu
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_broken_code_scores_nothing_and_hears_of_its_mistake():
    score = repair_relu(contract.sheet("relu_cnn_rnn").names()["relu_gradients_broken"])
    assert score == 0
    assert score.mistakes == ("layer-below",)
    assert repair_relu.mistakes["layer-below"].split(" Section:")[0] in score.feedback[0]


@pytest.mark.parametrize(
    ("masks", "points"),
    [
        (lambda x, h1, h2, y: (x > 0, h2 > 0), 1),
        (lambda x, h1, h2, y: (h1 > 0, h1 > 0), 0),  # W₁ gets what went through both masks
    ],
)
def test_says_what_is_left_of_a_repair_and_pays_for_the_rest(masks, points):
    score = repair_relu(relu_net(masks))
    assert score.mistakes == ("layer-below",)
    assert score == points


def test_names_tanh_on_the_way_forward_alone():
    assert repair_relu(relu_net(act=np.tanh)).mistakes == ("tanh-units",)
