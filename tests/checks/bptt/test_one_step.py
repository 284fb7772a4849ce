"""When is one step enough? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import one_step

WRONG = {letter: letter for letter in "abce"}

RIGHT = ["d", "D.", lambda: "d"]


class TestOneStep(contract.Exercise):
    check = one_step
    wrong, right = WRONG, RIGHT
