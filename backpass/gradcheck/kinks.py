"""A closer look where an answer and the differences disagree.

Where f has a kink its slopes on the two sides do not meet; any value between them is a
subgradient, and right. Where f is smooth but bends quickly or slowly, another step gives a better
value than the usual one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from backpass.gradcheck.compare import Comparison
from backpass.gradcheck.measure import (
    SAFETY,
    Measured,
    NotFinite,
    central,
    noise_away,
    slopes,
)
from backpass.gradcheck.tell import Diagnosis

#: The most entries excused by noise that are looked at.
MOST = 200


@dataclass(frozen=True)
class Kinks:
    """The kinks at x: what there is to say of them, and where the answer is beyond both slopes."""

    text: str = ""
    outside: tuple[int, ...] | None = None


@np.errstate(all="ignore")
def look_closer(
    f: Callable, x: np.ndarray, measured: Measured, found: Comparison
) -> tuple[Measured, Kinks]:
    """Measure the doubtful entries anew; what holds at a kink is the answer's own value.

    Doubtful is what is off, and what is not right to the last digits but may be so by noise: of
    more than MOST such entries, those that are furthest off.
    """
    answer, refined = found.answer, measured.values.astype(float)
    errors = np.array(np.broadcast_to(measured.error, x.shape), dtype=float)
    told, outside = [], None

    @cache
    def away(times: float) -> float:
        """The noise of f so many steps away from x, where its terms may be larger."""
        return noise_away(f, x, times * measured.steps)

    for i in _doubtful(found, measured):
        sides, change, doubt = _sides(f, x, i, measured)
        if sides is None:
            if abs(answer[i] - measured.values[i]) <= 10 * change + doubt:
                refined[i], errors[i] = refine(f, x, i, measured, away)
            continue  # else another step would not make it right
        behind, ahead = sides
        told.append(f"{[int(k) for k in i]} its slope is {behind + 0:.6g} behind x[i] and"
                    f" {ahead + 0:.6g} ahead of it")  # fmt: skip
        refined[i] = answer[i]
        within = min(sides) - doubt <= answer[i] <= max(sides) + doubt
        if not within and outside is None:
            outside = tuple(int(k) for k in i)
    text = ""
    if told:
        text = f"f has a kink at x or next to it: at {told[0]}."
        text += f" There are {len(told)} such entries." * (len(told) > 1)
    values = refined.astype(measured.values.dtype)
    return replace(measured, values=values, error=errors), Kinks(text, outside)


def _doubtful(found: Comparison, measured: Measured) -> list[tuple[int, ...]]:
    """The indices of the entries to look at: those that are off or only excused by noise."""
    right = found.right
    off = np.abs(found.answer - right.values)
    exact = off <= measured.size * 1e-10 + right.rtol * np.abs(right.values)
    excused = np.argwhere(found.close & ~exact)
    worst = np.argsort([-off[tuple(place)] for place in excused], kind="stable")[:MOST]
    return [tuple(int(k) for k in place) for place in (*np.argwhere(~found.close), *excused[worst])]


def _sides(
    f: Callable, x: np.ndarray, i: tuple, measured: Measured
) -> tuple[tuple[float, float] | None, float, float]:
    """The slopes behind x[i] and ahead of it if they do not meet, else None; how much their mean
    changes with the step; and their error.

    Where f is smooth, the gap between its two sides is proportional to the step, once that is small
    enough; at a kink it stays, down to the steps at which noise hides it.
    """
    h, met, change = measured.steps[i], 0, 0.0
    wide, near = None, slopes(f, x, i, h)
    doubt = 4 * SAFETY * measured.jitter(i, h) / h
    for _ in range(9):
        smaller = h / 16
        noisier = 4 * SAFETY * measured.jitter(i, smaller) / smaller
        gap = near[0] - near[1]
        if abs(gap) <= doubt:
            return None, change, doubt
        if noisier > abs(gap) / 4 or x[i] + smaller == x[i]:
            break
        wide, near, h, doubt = near, slopes(f, x, i, smaller), smaller, noisier
        change = max(change, abs(np.mean(near) - np.mean(wide)))
        shrinks = abs(near[0] - near[1] - gap / 16) <= 0.3 * abs(gap) / 16 + doubt
        met = met + 1 if shrinks else 0
        if met == 2:  # once may be by chance
            return None, change, doubt
    if wide is None or abs(near[0] - near[1]) < abs(wide[0] - wide[1]) / 2:
        return None, change, doubt
    return (near[1], near[0]), change, doubt


def refine(
    f: Callable, x: np.ndarray, i: tuple, measured: Measured, away: Callable[[float], float]
) -> tuple[float, float]:
    """The slope of f along x[i] and its error, from central differences at many steps.

    Ridders' method (1982, *Accurate computation of F′(x) and F′(x) F″(x)*, Advances in Engineering
    Software 4(2), 75–76): steps that shrink by a factor are extrapolated to the step 0, and of all
    values the one is taken that agrees best with its neighbours. The noise of f, divided by the
    step, is part of the error; ``away`` gives it for so many times the usual step.
    """
    h, eps = measured.steps[i], np.finfo(float).eps
    # The best step grows with the cube root of the noise; the usual one is that of the last digit.
    digits = measured.noise / (eps * (measured.level or eps))
    largest = 3 + int(np.clip(np.log(max(digits, 1)) / np.log(64), 0, 3))
    best, error, above = np.nan, np.inf, []
    for times in 4.0 ** np.arange(largest, -10, -1):
        step = times * h
        try:
            first, level = central(f, x, i, step)
            row = [first]
        except NotFinite:
            above = []
            continue
        if not np.isfinite(first):  # the step is lost in x[i]
            break
        jitter = max(measured.jitter(i, step), away(times) if times > 1 else 0)
        noise = SAFETY * max(jitter, level * eps / 4) / step
        if abs(first - best) > 0.1 * abs(first) + noise:
            # Long steps agreed on what this one contradicts: beyond them f is flat, as a tanh is.
            best, error, above = np.nan, np.inf, []
        for order, coarser in enumerate(above[:5], 1):
            row.append(row[-1] + (row[-1] - coarser) / (16.0**order - 1))
            apart = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser))
            doubt = 2 * apart + noise
            if doubt < error:
                best, error = row[-1], doubt
        above = row
        if noise > 100 * error:
            break
    return best, error


def tell_kinks(said: Diagnosis, kinks: Kinks, found: Comparison) -> Diagnosis:
    """The diagnosis with what there is to say of the kinks."""
    if not kinks.text:
        return said
    if not said:
        return replace(said, message=f"{said.message} {kinks.text}")
    if kinks.outside is None:
        return replace(said, message=f"Right. {kinks.text} Anything between is accepted.")
    yours = found.answer[kinks.outside]
    text = f"{kinks.text} Yours is {yours:.6g}, not between them."
    return Diagnosis(False, "kink", kinks.outside, text)
