"""Carry the influence forwards: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.bptt import rtrl


def influences(rule=lambda s, h, new, w, P: s * (h + w * P), late=False, over=lambda A: 1,
               last=False, total=False, error=lambda h, y: h - y, first=1):  # fmt: skip
    """RTRL with one thing changed."""

    def answer(A, Y, h0, w):
        h, P, dw, everything = first * h0, 0 * w, 0 * w, 0 * w
        for a, y in zip(A, Y, strict=True):
            old, before = P, h
            h = np.tanh(a + w * before)
            P = rule(1 - h**2, before, h, w, P)
            everything = everything + P
            dw = (0 if last else dw) + error(h, y) * (old if late else P)
        return (everything if total else old if late else P), dw / over(A)

    return answer


def backwards(A, Y, h0, w):
    """The same two, by going back."""
    H = [h0]
    for a in A:
        H.append(np.tanh(a + w * H[-1]))
    carry, dw, g, P = 0, 0, np.ones_like(h0), 0
    for t in reversed(range(len(A))):
        s = 1 - H[t + 1] ** 2
        dw, P = dw + (H[t + 1] - Y[t] + carry) * s * H[t], P + g * s * H[t]
        carry, g = (H[t + 1] - Y[t] + carry) * s * w, g * s * w
    return P, dw


WRONG = {
    "immediate-only": influences(lambda s, h, new, w, P: s * h),
    "h-current": influences(lambda s, h, new, w, P: s * (new + w * P)),
    "w-forgotten": influences(lambda s, h, new, w, P: s * (h + P)),
    "phi-forgotten": influences(lambda s, h, new, w, P: h + w * P),
    "phi-new-only": influences(lambda s, h, new, w, P: s * h + w * P),
    "phi-old-only": influences(lambda s, h, new, w, P: h + s * w * P),
    "zeros": influences(lambda s, h, new, w, P: s * w * P),
    "influence-late": influences(late=True),
    "last-step": influences(last=True),
    "averaged": influences(over=len),
    "over-units": influences(over=lambda A: A.shape[1]),
    "phi-previous": influences(lambda s, h, new, w, P: (1 - h**2) * (h + w * P)),
    "phi-at-activation": influences(lambda s, h, new, w, P: (1 - np.tanh(new) ** 2) * (h + w * P)),
    "phi-other": influences(lambda s, h, new, w, P: (1 - new) * (h + w * P)),
    "subtracted": influences(lambda s, h, new, w, P: s * (h - w * P)),
    "w-twice": influences(lambda s, h, new, w, P: s * (h + w * w * P)),
    "w-everywhere": influences(lambda s, h, new, w, P: s * w * (h + P)),
    "added": influences(lambda s, h, new, w, P: P + s * (h + w * P)),
    "h0-ignored": influences(first=0),
    "phi-in-error": influences(error=lambda h, y: (h - y) * (1 - h**2)),
    "targets-forgotten": influences(error=lambda h, y: h),
    "influence-summed": influences(total=True),
}

RIGHT = [influences(), backwards]

#: Answers that are right on most inputs.
NEARLY = [
    influences(lambda s, h, new, w, P: s * (h + abs(w) * P)),
    lambda A, Y, h0, w: influences()(A, Y, 0 * h0, w),
    lambda A, Y, h0, w: influences()(A, 0 * Y, h0, w),
]


class TestRtrl(contract.Exercise):
    check = rtrl
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert rtrl(influences(last=True)) == 1.5


def test_names_signs_and_orders():
    assert rtrl(influences(error=lambda h, y: y - h)).mistakes == ("sign",)
    assert rtrl(influences(error=lambda h, y: h - y)) == 3
    assert rtrl(lambda *args: influences()(*args)[::-1]).mistakes == ("order",)
