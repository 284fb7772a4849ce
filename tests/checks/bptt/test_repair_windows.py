"""Repair: what to keep and what to reset: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.bptt import repair_windows
from backpass.tape import Value, tanh


def windows(state="carried", zero=True, carrying=False, recompute=False, through=False,
            average=False, once=False, handed=-1, slope=lambda hs, t: 1 - hs[t + 1] ** 2,
            input=lambda hs, t: hs[t], back=lambda delta, w: delta * w, times=1, inner=False,
            add=True, error=lambda hs, ys, t: hs[t + 1] - ys[t]):  # fmt: skip
    """Training on a stream, window after window, with one thing changed."""

    def answer(x, y, u, w, rate, K):
        losses, h, du, dw, carry = [], 0.0, 0.0, 0.0, 0.0
        for start in range(0, len(x), K):
            xs, ys = x[start : start + K], y[start : start + K]
            before = run(x[:start], u, w, 0.0) if recompute else [h]
            hs = run(xs, u, w, 0.0 if state == "reset" else before[-1])
            h = hs[handed]
            if zero:
                du, dw = 0.0, 0.0
            carry = carry if carrying else 0.0
            over = len(xs) if average else 1
            for t in reversed(range(len(xs))):
                delta = (error(hs, ys, t) + carry) * slope(hs, t)
                du, dw = (du, dw) if add else (0.0, 0.0)
                du, dw = du + delta * xs[t] / over, dw + delta * input(hs, t) / over
                if inner:
                    u, w, du, dw = u - rate * du, w - rate * dw, 0.0, 0.0
                carry = back(delta, w)
            for t in reversed(range(start)) if through else ():
                delta = carry * (1 - before[t + 1] ** 2)
                du, dw, carry = du + delta * x[t], dw + delta * before[t], delta * w
            if not once or start + K >= len(x):
                u, w = u - times * rate * du, w - times * rate * dw
            losses += [(s - t) ** 2 / 2 for s, t in zip(hs[1:], ys, strict=True)]
        return u, w, np.array(losses)

    return answer


def run(x, u, w, h):
    hs = [h]
    for x_t in x:
        hs.append(np.tanh(u * x_t + w * hs[-1]))
    return hs


def stream_on_tape(x, y, u, w, rate, K):
    losses, h = [], 0.0
    for start in range(0, len(x), K):
        a, c, s, total = Value(u), Value(w), Value(h), Value(0.0)
        for x_t, y_t in zip(x[start : start + K], y[start : start + K], strict=True):
            s = tanh(a * x_t + c * s)
            total = total + (s - y_t) * (s - y_t) / 2
            losses.append((s.data - y_t) ** 2 / 2)
        total.backward()
        u, w, h = u - rate * a.grad, w - rate * c.grad, s.data
    return u, w, losses


def whole_windows(x, y, u, w, rate, K):
    return windows()(x[: len(x) // K * K], y, u, w, rate, K)


def one_list_of_states(x, y, u, w, rate, K):
    """Who lets the states go on by beginning their list before the loop."""
    losses, hs = [], [0.0]
    for start in range(0, len(x), K):
        xs, ys, du, dw, carry = x[start : start + K], y[start : start + K], 0.0, 0.0, 0.0
        for x_t in xs:
            hs.append(np.tanh(u * x_t + w * hs[-1]))
        for t in reversed(range(len(xs))):
            delta = (hs[t + 1] - ys[t] + carry) * (1 - hs[t + 1] ** 2)
            du, dw, carry = du + delta * xs[t], dw + delta * hs[t], delta * w
        u, w = u - rate * du, w - rate * dw
        losses += [(h - y_t) ** 2 / 2 for h, y_t in zip(hs[1:], ys, strict=False)]
    return u, w, losses


WRONG = {
    "never-cut": one_list_of_states,
    "reset": windows(state="reset"),
    "not-zeroed": windows(zero=False),
    "ascent": windows(times=-1),
    "other-rate": windows(times=2),
    "unmoved": windows(times=0),
    "every-step": windows(inner=True),
    "last-window-lost": whole_windows,
    "other-state": windows(handed=1),
    "h-current": windows(input=lambda hs, t: hs[t + 1]),
    "phi-previous": windows(slope=lambda hs, t: 1 - hs[t] ** 2),
    "phi-forgotten": windows(slope=lambda hs, t: 1),
    "shifted": windows(error=lambda hs, ys, t: hs[t] - ys[t]),
    "carry-wrong": windows(back=lambda delta, w: delta),
    "other-losses": lambda *args: (*windows()(*args)[:2], 2 * windows()(*args)[2]),
    "carry-kept": windows(carrying=True),
    "recomputed": windows(recompute=True),
    "not-cut": windows(recompute=True, through=True),
    "averaged": windows(average=True),
    "overwritten": windows(add=False),
    "one-step": windows(zero=False, once=True),
}

RIGHT = [windows(), stream_on_tape]

#: Answers that are right on most inputs.
NEARLY = [
    lambda *args: (*windows()(*args)[:2], windows(state="reset")(*args)[2]),
    lambda *args: (*windows()(*args)[:2], windows()(*args)[2][::-1]),
    whole_windows,
    windows(average=True, zero=True, state="reset"),
    lambda x, y, u, w, rate, K: windows()(x, y, u, w, 0.3, K),
    lambda x, y, u, w, rate, K: windows()(x, y, 0.8, 0.6, rate, K),
]


class TestRepairWindows(contract.Exercise):
    check = repair_windows
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_loop_scores_nothing_and_hears_of_one_slip():
    score = repair_windows(contract.sheet("bptt").names()["stream_broken"])
    assert (score, score.mistakes) == (0, ("reset",))


def test_one_of_the_two_slips_mended_has_half_of_the_points():
    for slug in ("reset", "not-zeroed"):
        score = repair_windows(WRONG[slug])
        assert (score, score.mistakes) == (1.5, (slug,))


def test_a_rate_of_ones_own_has_none_of_the_points():
    assert repair_windows(lambda x, y, u, w, rate, K: windows()(x, y, u, w, 0.3, K)) == 0


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda x, y, u, w, rate, K: windows()(x, y, u, w, rate, 1), "every-step"),
        (windows(back=lambda delta, w: 0.0), "carry-wrong"),
        (lambda *args: (*windows()(*args)[:2], windows()(*args)[2].sum()), "other-losses"),
        (lambda *args: windows()(*args)[::-1], "order"),
        (lambda x, y, u, w, rate, K: windows()(x, y, u, w, 0.3, K), "other-rate"),
        (lambda x, y, u, w, rate, K: windows()(x, y, u, w, 0.2, K), "other-rate"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert repair_windows(answer).mistakes == (mistake,)
