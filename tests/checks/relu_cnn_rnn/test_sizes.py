"""How large is the output? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.relu_cnn_rnn import sizes


def sizing(side=lambda h, f, s, p: (h - f + 2 * p) // s + 1, matrix=lambda n, c, f, o: None):
    """The sizes with one thing changed."""

    def answer(n, c, h, w, f, s, p):
        o = side(h, f, s, p), side(w, f, s, p)
        return *o, *(matrix(n, c, f, o) or (n * o[0] * o[1], c * f * f))

    return answer


WRONG = {
    "padding-once": sizing(lambda h, f, s, p: (h - f + p) // s + 1),
    "padding-forgotten": sizing(lambda h, f, s, p: (h - f) // s + 1),
    "stride-ignored": sizing(lambda h, f, s, p: h - f + 2 * p + 1),
    "one-short": sizing(lambda h, f, s, p: (h - f + 2 * p) // s),
    "not-floored": sizing(lambda h, f, s, p: (h - f + 2 * p) / s + 1),
    "rounded-up": sizing(lambda h, f, s, p: -((f - h - 2 * p) // s) + 1),
    "one-image": sizing(matrix=lambda n, c, f, o: (o[0] * o[1], c * f * f)),
    "channels-forgotten": sizing(matrix=lambda n, c, f, o: (n * o[0] * o[1], f * f)),
    "swapped": sizing(matrix=lambda n, c, f, o: (c * f * f, n * o[0] * o[1])),
}

RIGHT = [sizing(), lambda *args: np.array(sizing()(*args), dtype=float)]

NEARLY = [
    lambda n, c, h, w, f, s, p: sizing()(n, c, h, h, f, s, p),
    lambda *args: (*sizing()(*args)[:3], 18),
]


class TestSizes(contract.Exercise):
    check = sizes
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_of_the_points_for_the_output_alone():
    assert sizes(sizing(matrix=lambda n, c, f, o: (1, 1))) == 1


def test_blames_no_padding_for_the_size_that_same_padding_gives():
    same = sizing(lambda h, f, s, p: -(-h // s))
    assert "padding-once" not in sizes(same).mistakes
