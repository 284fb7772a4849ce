"""A closer look where an answer and the differences disagree: may f have a kink there?

Where f is smooth, smaller steps give a better value. Where its slopes on the two sides do not
meet, any value between them is a subgradient, and right.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backpass.gradcheck.compare import Comparison
from backpass.gradcheck.measure import Measured, slopes
from backpass.gradcheck.tell import Diagnosis


@dataclass(frozen=True)
class Kinks:
    """The kinks at x: what there is to say of them, and where the answer is beyond both slopes."""

    text: str = ""
    outside: tuple[int, ...] | None = None


def look_closer(
    f: Callable, x: np.ndarray, measured: Measured, found: Comparison
) -> tuple[Measured, Kinks]:
    """Measure the doubtful entries anew with steps of 1/16; what holds at a kink is the answer's.

    The rounding error of the smaller steps is 16 times that of the larger ones.
    """
    answer, refined = found.answer, measured.values.astype(float)
    closer = replace(measured, error=16 * measured.error)
    told, outside = [], None
    doubtful = np.abs(answer - measured.values) > closer.atol
    for i in zip(*np.nonzero(doubtful), strict=True):
        wide, near = (slopes(f, x, i, step) for step in (measured.steps[i], measured.steps[i] / 16))
        # Where f is smooth the gap between its two sides is proportional to the step, the error of
        # their mean to its square.
        bend, gap = (wide[0] - wide[1]) / 16, near[0] - near[1]
        doubt = 4 * np.broadcast_to(closer.atol, x.shape)[i]
        if abs(gap) <= doubt or abs(gap - bend) <= 0.3 * abs(bend) + doubt:
            mean = np.mean(near)
            better = mean + (mean - np.mean(wide)) / 255
            refined[i] = min(mean, better, key=lambda value, i=i: abs(value - answer[i]))
            continue
        sides = f"{near[1] + 0:.6g} behind x[i] and {near[0] + 0:.6g} ahead of it"
        told.append(f"{[int(k) for k in i]} its slope is {sides}")
        refined[i] = answer[i]
        within = min(near + wide) - doubt <= answer[i] <= max(near + wide) + doubt
        if not within and outside is None:
            outside = tuple(int(k) for k in i)
    text = ""
    if told:
        text = f"f has a kink at x or next to it: at {told[0]}."
        text += f" There are {len(told)} such entries." * (len(told) > 1)
    return replace(closer, values=refined.astype(measured.values.dtype)), Kinks(text, outside)


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
