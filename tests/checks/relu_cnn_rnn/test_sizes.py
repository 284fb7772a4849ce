"""How large is the output? See :mod:`contract` for what is asked."""

import math

import contract
import numpy as np
import pytest

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
    "dilated": sizing(lambda h, f, s, p: (h - 2 * (f - 1) - 1 + 2 * p) // s + 1),
    "one-short": sizing(lambda h, f, s, p: (h - f + 2 * p) // s),
    "not-floored": sizing(lambda h, f, s, p: (h - f + 2 * p) / s + 1),
    "rounded-up": sizing(lambda h, f, s, p: -((f - h - 2 * p) // s) + 1),
    "one-image": sizing(matrix=lambda n, c, f, o: (o[0] * o[1], c * f * f)),
    "channels-forgotten": sizing(matrix=lambda n, c, f, o: (n * o[0] * o[1], f * f)),
    "swapped": sizing(matrix=lambda n, c, f, o: (c * f * f, n * o[0] * o[1])),
    "padding-twice": sizing(lambda h, f, s, p: (h - f + 4 * p) // s + 1),
    "filter-forgotten": sizing(lambda h, f, s, p: (h + 2 * p) // s + 1),
    "one-too-many": sizing(lambda h, f, s, p: (h - f + 2 * p + 1) // s + 1),
    "brackets-forgotten": sizing(lambda h, f, s, p: h - f + 2 * p // s + 1),
    "same-padding": sizing(lambda h, f, s, p: math.ceil(h / s)),
    "other-side": lambda n, c, h, w, f, s, p: sizing()(n, c, h, h, f, s, p),
    "channels-in-rows": sizing(matrix=lambda n, c, f, o: (n * c * o[0] * o[1], f * f)),
    "not-all-positions": sizing(matrix=lambda n, c, f, o: (n * (o[0] + o[1]), c * f * f)),
    "pixels": lambda n, c, h, w, *p: (*sizing()(n, c, h, w, *p)[:2], n * h * w, c * p[0] ** 2),
    "not-squared": sizing(matrix=lambda n, c, f, o: (n * o[0] * o[1], c * f)),
    "images-in-columns": sizing(matrix=lambda n, c, f, o: (n * o[0] * o[1], n * c * f * f)),
}


def in_pairs(*args):
    rows, columns, *matrix = sizing()(*args)
    return (rows, columns), tuple(matrix)


RIGHT = [sizing(), lambda *args: np.array(sizing()(*args), dtype=float), in_pairs]

NEARLY = [
    lambda n, c, h, w, f, s, p: sizing()(n, c, h, h, f, s, p),
    lambda *args: (*sizing()(*args)[:3], 18),
]


class TestSizes(contract.Exercise):
    check = sizes
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_of_the_points_for_the_output_alone():
    assert sizes(sizing(matrix=lambda n, c, f, o: (1, 1))) == 1


def test_takes_a_matrix_that_is_right_for_the_output():
    score = sizes(sizing(lambda h, f, s, p: (h - f + 2 * p) // s))
    assert score == 1
    assert "right for your out_rows, out_columns" in score.feedback[1]


@pytest.mark.parametrize(
    ("side", "mistake"),
    [
        (lambda h, f, s, p: (h - f + 2 * p + 1) // s, "one-short"),
        (lambda h, f, s, p: round((h - f + 2 * p) / s) + 1, "rounded-up"),
        (lambda h, f, s, p: (h + 2 * p) // s, "filter-forgotten"),
        (lambda h, f, s, p: (h - f - 2 * p) // s + 1, "padding-twice"),
        (lambda h, f, s, p: (h + 2 * p - f // s) + 1, "brackets-forgotten"),
    ],
)
def test_tells_one_slip_from_another_by_all_cases_together(side, mistake):
    score = sizes(sizing(side))
    assert score.mistakes == (mistake,)
    assert "Or, with the same numbers" not in score.feedback[0]


def test_tells_at_which_sizes_an_answer_stops():
    score = sizes(lambda n, *rest: sizing()(n, *rest) if n != 2 else 1 / 0)
    assert "here n = 2, C = 3, H = 11" in score.feedback[0]


def test_names_results_in_another_order():
    assert sizes(lambda *args: sum(in_pairs(*args)[::-1], ())).mistakes == ("order",)


def test_blames_no_padding_for_the_size_that_same_padding_gives():
    same = sizing(lambda h, f, s, p: -(-h // s))
    assert "padding-once" not in sizes(same).mistakes
