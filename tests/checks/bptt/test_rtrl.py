"""Carry the influence forwards: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.bptt import rtrl


def stepped(
    rule=lambda s, x, h, new, w, J: s * (x + h + w * J),
    z=lambda x, h, w: w * (x + h),
    error=lambda h, new, y: new - y,
    part=lambda e, J, before, s: e * J,
    keep=1,
    act=np.tanh,
):
    """One step of RTRL with one thing changed."""

    def answer(h, J, g, x, y, w):
        new = act(z(x, h, w))
        after = rule(1 - new**2, x, h, new, w, J)
        return new, after, keep * g + part(error(h, new, y), after, J, 1 - new**2)

    return answer


def of_the_chapter(h, J, g, x, y, w):
    """A step of the chapter's ``diagonal_rtrl``."""
    h, J = w * h + x, h + w * J
    return h, J, g + (h - y) * J


WRONG = {
    "chapters-net": of_the_chapter,
    "other-net": stepped(z=lambda x, h, w: x + w * h),
    "input-forgotten": stepped(lambda s, x, h, new, w, J: s * (h + w * J)),
    "state-forgotten": stepped(lambda s, x, h, new, w, J: s * (x + w * J)),
    "immediate-only": stepped(lambda s, x, h, new, w, J: s * (x + h)),
    "earlier-only": stepped(lambda s, x, h, new, w, J: s * w * J),
    "h-current": stepped(lambda s, x, h, new, w, J: s * (x + new + w * J)),
    "w-forgotten": stepped(lambda s, x, h, new, w, J: s * (x + h + J)),
    "phi-forgotten": stepped(lambda s, x, h, new, w, J: x + h + w * J),
    "phi-new-only": stepped(lambda s, x, h, new, w, J: s * (x + h) + w * J),
    "phi-old-only": stepped(lambda s, x, h, new, w, J: x + h + s * w * J),
    "phi-previous": stepped(lambda s, x, h, new, w, J: (1 - h**2) * (x + h + w * J)),
    "phi-at-activation": stepped(
        lambda s, x, h, new, w, J: (1 - np.tanh(new) ** 2) * (x + h + w * J)
    ),
    "phi-other": stepped(lambda s, x, h, new, w, J: (1 - new) * (x + h + w * J)),
    "subtracted": stepped(lambda s, x, h, new, w, J: s * (x + h - w * J)),
    "w-twice": stepped(lambda s, x, h, new, w, J: s * (x + h + w * w * J)),
    "w-everywhere": stepped(lambda s, x, h, new, w, J: s * w * (x + h + J)),
    "added": stepped(lambda s, x, h, new, w, J: J + s * (x + h + w * J)),
    "influence-late": stepped(part=lambda e, J, before, s: e * before),
    "last-step": stepped(keep=0),
    "phi-in-error": stepped(part=lambda e, J, before, s: s * e * J),
    "target-forgotten": stepped(error=lambda h, new, y: new),
    "error-before": stepped(error=lambda h, new, y: h - y),
    "influence-forgotten": stepped(part=lambda e, J, before, s: e),
    "not-handed-on": lambda h, *rest: (h, *stepped()(h, *rest)[1:]),
    "other-share": stepped(part=lambda e, J, before, s: 2 * e * J),
}


def by_one_complex_step(h, J, g, x, y, w):
    """The whole step as a function of w, on which the state before depends by J."""
    new = np.tanh((w + 1e-20j) * (x + h + 1e-20j * J))
    return new.real, new.imag / 1e-20, g + (new.real - y) * new.imag / 1e-20


RIGHT = [stepped(), by_one_complex_step, lambda *args: list(stepped()(*args))]


def remembers():
    """Goes back through what it has seen before, as BPTT does; at first it has seen nothing."""
    past = []

    def answer(h, J, g, x, y, w):
        new = np.tanh(w * (x + h))
        past.append((h, new, x))
        back, total = np.ones_like(h), 0 * w
        for before, after, x_s in reversed(past):
            back = back * (1 - after**2)
            total, back = total + back * (x_s + before), back * w
        return new, total, g + (new - y) * total

    return answer


#: Answers that are right on most inputs.
NEARLY = [
    stepped(lambda s, x, h, new, w, J: s * (x + h + abs(w) * J)),
    lambda h, J, g, x, y, w: stepped()(0 * h, J, g, x, y, w),
    lambda h, J, g, x, y, w: stepped()(h, J, g, x, 0 * y, w),
    lambda h, J, g, x, y, w: stepped()(h, J, g, x, y, 0 * w + 0.6),
    remembers(),
]


class TestRtrl(contract.Exercise):
    check = rtrl
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert rtrl(stepped(keep=0)) == 1.5


def test_a_gradient_that_follows_from_a_wrong_influence_has_its_points():
    for slug in ("w-forgotten", "input-forgotten", "phi-new-only", "other-net"):
        score = rtrl(WRONG[slug])
        assert score == 1.5, slug
        assert set(score.mistakes) == {slug}


def test_who_goes_back_through_the_past_finds_none():
    assert rtrl(remembers()) == 0


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (stepped(lambda s, x, h, new, w, J: s * w * (x + h + w * J)), "w-everywhere"),
        (stepped(lambda s, x, h, new, w, J: s * s * (x + h + w * J)), "phi-other"),
        (stepped(part=lambda e, J, before, s: -e * J), "other-share"),
        (stepped(part=lambda e, J, before, s: e * J / len(J)), "other-share"),
        (stepped(act=lambda z: z), "other-net"),
        (stepped(act=lambda z: z, z=lambda x, h, w: x + w * h), "other-net"),
        (lambda h, J, g, *rest: (*stepped()(h, J, g, *rest)[:2], g), "not-handed-on"),
        (lambda *args: stepped()(*args)[::-1], "order"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert mistake in rtrl(answer).mistakes


def test_the_chapters_own_step_has_no_points():
    score = rtrl(of_the_chapter)
    assert (score, score.mistakes) == (0, ("other-net", "chapters-net"))
