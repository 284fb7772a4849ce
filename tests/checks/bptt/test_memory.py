"""What has to be kept in memory? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import memory

TRUE = {"a": True, "b": False, "c": True, "d": False, "e": True}
SLUGS = ("length", "influence", "crossing", "copies", "units")

WRONG = {slug: TRUE | {letter: not TRUE[letter]} for slug, letter in zip(SLUGS, TRUE, strict=True)}

RIGHT = [TRUE, lambda: TRUE, [True, False, True, False, True], {"A": "t", **TRUE}]


class TestMemory(contract.Exercise):
    check = memory
    wrong, right = WRONG, RIGHT


def test_guessing_all_alike_earns_nothing_much():
    assert memory(dict.fromkeys(TRUE, True)) <= 0.4 >= memory(dict.fromkeys(TRUE, False))
