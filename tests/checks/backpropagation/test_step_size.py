"""Judge: how small a step? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.backpropagation import step_size

RIGHT_ONE = dict(zip("abcdef", (False, False, True, True, False, True), strict=True))

WRONG = {
    slug: RIGHT_ONE | {letter: not RIGHT_ONE[letter]}
    for letter, slug in zip(
        "abcdef",
        ("smaller-is-better", "forward-step", "cube-root", "tenfold", "lost-step", "price"),
        strict=True,
    )
}

RIGHT = [RIGHT_ONE, list(RIGHT_ONE.values()), lambda: RIGHT_ONE]


class TestStepSize(contract.Exercise):
    check = step_size
    wrong, right = WRONG, RIGHT
