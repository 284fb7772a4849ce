"""Which way down? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.why_gradients import judge

TRUE = {"a": False, "b": True, "c": False, "d": True, "e": False, "f": False}
SLUGS = ("n-for-n-plus-1", "backward-cost", "hundred", "steps", "saddle-for-minimum", "noise")
WRONG = {slug: TRUE | {letter: not TRUE[letter]} for slug, letter in zip(SLUGS, TRUE, strict=True)}
RIGHT = [TRUE, lambda: TRUE, list(TRUE.values())]


class TestJudge(contract.Exercise):
    check = judge
    wrong, right = WRONG, RIGHT


def test_guessing_all_alike_earns_nothing_much():
    assert judge(dict.fromkeys(TRUE, True)) == 0
    assert judge(dict.fromkeys(TRUE, False)) <= 0.7
