"""What has to be kept in memory? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import memory

WRONG = {letter: letter for letter in "acde"}

RIGHT = ["b", " B ", "(b)", lambda: "b"]


class TestMemory(contract.Exercise):
    check = memory
    wrong, right = WRONG, RIGHT
