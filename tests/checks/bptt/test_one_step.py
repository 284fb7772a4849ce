"""When is one step enough? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import one_step

TRUE = {"a": False, "b": True, "c": False, "d": True, "e": False}
SLUGS = ("cure", "forward", "direction", "echo", "text")

WRONG = {slug: TRUE | {letter: not TRUE[letter]} for slug, letter in zip(SLUGS, TRUE, strict=True)}

RIGHT = [TRUE, lambda: TRUE, [False, True, False, True, False], {"A": "f", **TRUE}]


class TestOneStep(contract.Exercise):
    check = one_step
    wrong, right = WRONG, RIGHT


def test_guessing_all_alike_earns_nothing_much():
    assert one_step(dict.fromkeys(TRUE, True)) <= 0.4 >= one_step(dict.fromkeys(TRUE, False))
