"""A backward pass with its slopes at the wrong places: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.sigmoid_and_tanh.answers import sigma, steep

from backpass.checks.sigmoid_and_tanh import repair_argument


def net(
    of_sigma=lambda Z, H: H * (1 - H),
    of_tanh=lambda Z, Y: 1 - Y**2,
    scale=lambda X: 1 / len(X),
    hidden=sigma,
):
    """Gradients of the net of two activations, with one thing changed."""

    def answer(X, T, W1, b1, W2, b2):
        Z1 = X @ W1 + b1
        H = hidden(Z1)
        Z2 = H @ W2 + b2
        Y = np.tanh(Z2)
        delta_2 = (Y - T) * scale(X) * of_tanh(Z2, Y)
        delta_1 = delta_2 @ W2.T * of_sigma(Z1, H)
        return X.T @ delta_1, delta_1.sum(axis=0), H.T @ delta_2, delta_2.sum(axis=0)

    return answer


def broken(z, y):
    """1 − tanh² at the output."""
    return 1 - np.tanh(y) ** 2


WRONG = {
    "exchanged": net(of_tanh=lambda Z, Y: steep(Y)),
    "complement": net(lambda Z, H: 1 - H),
    "tanh-hidden": net(lambda Z, H: 1 - H**2, hidden=np.tanh),
    "other-scale": net(scale=lambda X: 2 / len(X)),
    "both": net(lambda Z, H: steep(Z), broken),
    "tanh-at-output": net(of_tanh=broken),
    "tanh-of-input": net(of_tanh=lambda Z, Y: 1 - Z**2),
    "one-minus-tanh": net(of_tanh=lambda Z, Y: 1 - Y),
    "slope-forgotten": net(of_tanh=lambda Z, Y: 1),
    "slope-is-value": net(lambda Z, H: H),
    "at-value": net(lambda Z, H: steep(sigma(H))),
    "input-for-output": net(lambda Z, H: steep(Z)),
}
RIGHT = [
    net(),
    net(lambda Z, H: sigma(Z) * sigma(-Z)),
    net(of_tanh=lambda Z, Y: 1 / np.cosh(Z) ** 2),
]
NEARLY = [
    net(scale=lambda X: 1),
    net(scale=lambda X: 2 / len(X)),
    net(scale=lambda X: 1 / 5.0001),
    lambda *args: (*net()(*args)[2:], *net()(*args)[:2]),
]


class TestRepairArgument(contract.Exercise):
    check = repair_argument
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_pass_scores_nothing_and_hears_why():
    score = repair_argument(contract.sheet("sigmoid_and_tanh").names()["gradients_broken"])
    assert score == 0
    assert score.mistakes == ("tanh-at-output", "both")


def test_gives_part_of_the_points_for_the_outer_slope():
    assert repair_argument(net(lambda Z, H: steep(Z))) == 1


def test_the_hidden_slope_counts_where_it_is_mended_alone():
    score = repair_argument(net(of_tanh=lambda Z, Y: 1 - np.tanh(Y) ** 2))
    assert (score, score.mistakes) == (2, ("tanh-at-output",))
    score = repair_argument(WRONG["slope-forgotten"])
    assert (score, score.mistakes) == (2, ("slope-forgotten",))
    for scale, slug in ((lambda X: 1, "summed"), (lambda X: -1 / len(X), "sign")):
        score = repair_argument(net(scale=scale))
        assert (score, score.mistakes) == (2, (slug,))


def test_the_slope_of_tanh_in_both_places_is_named():
    for slope in (lambda Z, H: 1 - H**2, lambda Z, H: 1 - np.tanh(Z) ** 2):
        score = repair_argument(net(slope))
        assert (score, score.mistakes) == (1, ("exchanged",))
