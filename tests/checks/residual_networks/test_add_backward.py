"""Back through an add: see :mod:`contract` for what is asked."""

import contract
import pytest

from backpass.checks.residual_networks import add_backward
from backpass.tape import Value


def adding(
    at_skip=lambda x, f, g: g,
    at_f=lambda x, f, g: g,
    gx=lambda g, part: g + part,
    gw=lambda x, g, gx: (g * x**2).sum(axis=0),
):
    """The walk back from y = x + w x², with one thing changed."""

    def answer(x, w, g):
        f = w * x**2
        all_at_x = gx(g, 2 * g * w * x)
        return at_skip(x, f, g), at_f(x, f, g), all_at_x, gw(x, g, all_at_x)

    return answer


def adding_on_the_tape(x, w, g):
    a, b = Value(x), Value(w)
    (a + b * a * a).backward(g)
    return [g, g.copy(), a.grad, b.grad]


def with_gx(x, w, g, gx):
    """The right results, but for this ∂L/∂x."""
    at_skip, at_f, _, gw = adding()(x, w, g)
    return at_skip, at_f, gx, gw


WRONG = {
    "halved": adding(lambda x, f, g: g / 2, lambda x, f, g: g / 2),
    "other-input": adding(lambda x, f, g: g * f, lambda x, f, g: g * x),
    "not-yet-at-f": lambda x, w, g: (g, g * 2 * w * x, *adding()(x, w, g)[2:]),
    "one-way": adding(at_f=lambda x, f, g: 0 * g),
    "skip-forgotten": adding(gx=lambda g, part: part),
    "block-forgotten": adding(gx=lambda g, part: g),
    "multiplied": adding(gx=lambda g, part: g * part),
    "g-forgotten": lambda x, w, g: (g, g, 1 + 2 * w * x, (x**2).sum(axis=0)),
    "weights-get-skip": adding(gw=lambda x, g, gx: g.sum(axis=0)),
    "weights-from-x": adding(gw=lambda x, g, gx: (gx * x**2).sum(axis=0)),
    "unreduced": adding(gw=lambda x, g, gx: g * x**2),
    "zeros": adding(gw=lambda x, g, gx: 0 * g[0]),
    "shared": lambda x, w, g: (g / (1 + w * x), g * w * x / (1 + w * x), *adding()(x, w, g)[2:]),
    "values-forward": adding(at_skip=lambda x, f, g: x),
    "skip-twice": adding(gx=lambda g, part: 2 * g + part),
    "g-in-one-part": lambda x, w, g: with_gx(x, w, g, g + 2 * w * x),
    "other-slope": lambda x, w, g: with_gx(x, w, g, g + g * w * x),
    "other-slope-of-w": adding(gw=lambda x, g, gx: (g * x).sum(axis=0)),
}


class TestAddBackward(contract.Exercise):
    check = add_backward
    wrong = WRONG
    right = (adding(), adding_on_the_tape)
    nearly = (
        lambda x, w, g: (g, g * (1 + 1e-6), *adding()(x, w, g)[2:]),
        adding(gw=lambda x, g, gx: (g * x**2).sum(axis=0) * (len(x) > 1)),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert add_backward(adding(gx=lambda g, part: part)) == 2


@pytest.mark.parametrize(
    ("gx", "mistake"),
    [
        (lambda x, w, g: 1 + 2 * w * x * g, "g-in-one-part"),
        (lambda x, w, g: g + g * w * x**2, "other-slope"),
        (lambda x, w, g: g + 2 * g * x, "other-slope"),
        (lambda x, w, g: g * (x + w * x**2), "other-slope"),
    ],
)
def test_names_other_forms_of_a_slip(gx, mistake):
    score = add_backward(lambda x, w, g: with_gx(x, w, g, gx(x, w, g)))
    assert (score, score.mistakes) == (2, (mistake,))


def test_explains_why_the_weights_gradient_is_not_zero():
    told = add_backward(WRONG["zeros"]).feedback[-1]
    assert "does not go round the weights" in told
