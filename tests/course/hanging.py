"""A task that a worker hangs in; alone, as each worker that is given it imports this module."""

from dataclasses import dataclass
from typing import ClassVar

from backpass.course.assignment import Assignment
from backpass.course.batch import Limits


@dataclass
class Hangs:
    """It hangs as soon as a worker looks at it, and in no other process; it is lost half a second
    later.
    """

    assignment: Assignment
    limits: ClassVar = Limits(seconds=0.5, late=0)
    student: ClassVar = "Ada"
    name: ClassVar = "x.ipynb"
    only: ClassVar = frozenset()

    @property
    def content(self):
        return sum(range(10**12))
