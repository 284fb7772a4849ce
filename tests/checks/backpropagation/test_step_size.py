"""How small a step? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.backpropagation import step_size

WRONG = {letter: letter for letter in "abde"}

RIGHT = ["c", " C ", "(c)", lambda: "c"]


class TestStepSize(contract.Exercise):
    check = step_size
    wrong, right = WRONG, RIGHT
