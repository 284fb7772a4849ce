"""A net of sigmoids as a net of tanhs: see :mod:`contract` for what is asked."""

import contract
import pytest

from backpass.checks.sigmoid_and_tanh import as_tanh_net


def halves(W2):
    return W2.sum(axis=0) / 2


def as_tanh(W1=0.5, b1=0.5, W2=0.25, b2=0.5, W3=0.5, middle=halves, shift=halves, b3=1):
    """The rewritten net with one thing changed."""

    def answer(*net):
        V1, a1, V2, a2, V3, a3 = net
        second, last = b2 * a2 + middle(V2) / 2, b3 * a3 + shift(V3)
        return W1 * V1, b1 * a1, W2 * V2, second, W3 * V3, last

    return answer


def mirrored(*net):
    """Hidden units in another order, their signs turned."""
    W1, b1, W2, b2, W3, b3 = as_tanh()(*net)
    return -W1[:, ::-1], -b1[::-1], -W2[::-1, ::-1], b2[::-1], W3[::-1], b3


def tanh_to_sigma(W1, b1, W2, b2, W3, b3):
    return 2 * W1, 2 * b1, 4 * W2, 2 * (b2 - W2.sum(axis=0)), 2 * W3, b3 - W3.sum(axis=0)


WRONG = {
    "W1-not-halved": as_tanh(W1=1),
    "b1-not-halved": as_tanh(b1=1),
    "W2-once": as_tanh(W2=0.5),
    "second-not-halved": as_tanh(W2=0.5, b2=1, middle=lambda W2: W2.sum(axis=0)),
    "all-halved": lambda *net: tuple(p / 2 for p in net),
    "b2-not-halved": as_tanh(b2=1, middle=lambda W2: W2.sum(axis=0)),
    "b2-not-shifted": as_tanh(middle=lambda W2: 0),
    "b2-shift-not-halved": as_tanh(middle=lambda W2: W2.sum(axis=0)),
    "b2-halved-twice": lambda W1, b1, W2, b2, W3, b3: (
        *(W1 / 2, b1 / 2, W2 / 4, (b2 + W2.sum(axis=0)) / 4),
        *(W3 / 2, b3 + W3.sum(axis=0) / 2),
    ),
    "b2-shift-halved-again": as_tanh(middle=lambda W2: halves(W2) / 2),
    "W3-not-halved": as_tanh(W3=1),
    "doubled": tanh_to_sigma,
    "unchanged": lambda *net: net,
    "b3-not-shifted": as_tanh(shift=lambda W3: 0),
    "b3-halved": as_tanh(b3=0.5),
    "shift-not-halved": as_tanh(shift=lambda W3: W3.sum(axis=0)),
    "shift-quartered": as_tanh(shift=lambda W3: halves(W3) / 2),
    "shift-reversed": as_tanh(shift=lambda W3: -halves(W3)),
    "shift-by-half": as_tanh(shift=lambda W3: 0.5),
    "shift-other-axis": as_tanh(
        shift=contract.where_it_fits(lambda W3: W3.sum(axis=1) / 2, halves)
    ),
    "all-doubled": lambda *net: tuple(2 * p for p in net),
    "b2-shift-reversed": as_tanh(middle=lambda W2: -halves(W2)),
    "b2-other-sums": as_tanh(middle=lambda W2: W2.sum() / 2),
    "b2-shift-of-new": as_tanh(middle=lambda W2: halves(W2) / 4),
    "second-layer-left": as_tanh(W2=0.5, b2=1, middle=lambda W2: W2.sum(axis=0), W3=1),
    "too-small": as_tanh(W1=0.25, b1=0.25),
    "shape": lambda *net: (net[0].T, *net[1:]),
}
RIGHT = [as_tanh(), mirrored]
NEARLY = [
    lambda *net: as_tanh()(*(0 * p for p in net)),
    as_tanh(shift=lambda W3: W3[0] / 2),
    as_tanh(shift=lambda W3: W3.sum() / 2),
    as_tanh(shift=lambda W3: W3.mean(axis=0) / 2),
    as_tanh(W1=0.5001),
    as_tanh(middle=lambda W2: W2.mean(axis=0) / 2),
    lambda *net: (*as_tanh()(*net)[:5], net[5] + 1e-6),
]


class TestAsTanhNet(contract.Exercise):
    check = as_tanh_net
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_the_hidden_layers():
    assert as_tanh_net(as_tanh(shift=lambda W3: 0)) == 2


def test_both_shifts_reversed_are_named():
    answer = as_tanh(middle=lambda W2: -halves(W2), shift=lambda W3: -halves(W3))
    assert as_tanh_net(answer).mistakes == ("b2-shift-reversed",)
    assert as_tanh_net(as_tanh(shift=lambda W3: -halves(W3))).mistakes == ("shift-reversed",)


def test_says_which_array_has_another_shape():
    score = as_tanh_net(lambda *net: (*as_tanh()(*net)[:5], as_tanh()(*net)[5][:, None]))
    assert score.mistakes == ("shape",)
    assert "The new b3 has shape (5, 1), the old one (5,)." in score.feedback[0]


@pytest.mark.parametrize("places", [(1,), (5,), (1, 3, 5)])
def test_biases_in_rows_cost_the_points_of_the_differences_alone(places):
    def in_rows(*net):
        return [p[None] if i in places else p for i, p in enumerate(as_tanh()(*net))]

    score = as_tanh_net(in_rows)
    assert (score, score.mistakes) == (2, ("shape",)), score.feedback
    name = f"b{places[0] // 2 + 1}"
    assert f"The new {name} has shape (1, " in score.feedback[0]
    assert "but for what is told above" in score.feedback[1]


def test_arrays_in_another_order_are_told_so():
    def weights_first(*net):
        return tuple(as_tanh()(*net)[i] for i in (0, 2, 4, 1, 3, 5))

    assert as_tanh_net(weights_first).mistakes == ("order",)


def test_says_which_array_is_wrong_if_it_is_one():
    score = as_tanh_net(as_tanh(W2=0.125))
    assert score.mistakes == ("factor",)
    assert "All arrays but W2 are as they may be" in score.feedback[0]
    score = as_tanh_net(lambda *net: (*as_tanh()(*net)[:5], -as_tanh()(*net)[5]))
    assert score.mistakes == ("sign",)
    assert "All arrays but b3 are as they may be" in score.feedback[1]


@pytest.mark.parametrize(("place", "name"), [(0, "W1"), (2, "W2"), (4, "W3")])
def test_says_which_matrix_is_transposed(place, name):
    def turned(*net):
        return tuple(p.T if i == place else p for i, p in enumerate(as_tanh()(*net)))

    score = as_tanh_net(turned)
    assert score.mistakes == ("transposed",)
    assert f"All arrays but {name} are as they may be" in score.feedback[0]


def test_a_slip_in_the_hidden_layers_does_not_cost_the_shift_of_the_outputs():
    score = as_tanh_net(WRONG["b2-not-halved"])
    assert (score, score.mistakes) == (2, ("b2-not-halved",))
    assert as_tanh_net(lambda *net: net) == 0
    assert as_tanh_net(as_tanh(W2=0.5)) == 0  # as in the chapter, for one hidden layer
