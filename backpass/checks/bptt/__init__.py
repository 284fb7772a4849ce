"""Checks for the exercises on backpropagation through time.

Right values are slopes of a forward run, by complex steps. So is the table behind the wrong ones:
each step and sequence gets a bias of its own, and the slope of the loss at step t along that of
step i is one term of the double sum. A truncation is a mask on that table. Other slips are the
right vector–Jacobian product of another function.
"""

from backpass.checks.bptt.bptt import bptt
from backpass.checks.bptt.credit import credit
from backpass.checks.bptt.influence import influence
from backpass.checks.bptt.memory import memory
from backpass.checks.bptt.one_step import one_step
from backpass.checks.bptt.remember import remember
from backpass.checks.bptt.repair_loop import repair_loop
from backpass.checks.bptt.repair_windows import repair_windows
from backpass.checks.bptt.rtrl import rtrl
from backpass.checks.bptt.terms import terms
from backpass.checks.bptt.unrolled import unrolled
from backpass.checks.total import Total

EXERCISES = {
    one.slug: one
    for one in (
        unrolled,
        bptt,
        credit,
        rtrl,
        terms,
        influence,
        memory,
        one_step,
        repair_loop,
        repair_windows,
        remember,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "bptt",
    "credit",
    "influence",
    "memory",
    "one_step",
    "remember",
    "repair_loop",
    "repair_windows",
    "rtrl",
    "terms",
    "total",
    "unrolled",
]
