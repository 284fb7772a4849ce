"""What is true of the gradient? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.residual_networks import judge_flow

RIGHT = {"a": True, "b": False, "c": False, "d": True, "e": False, "f": True}
SLUGS = ("skip-counted", "shared", "unchanged", "cannot-vanish", "kept", "own-benefit")


def flipped(letter):
    return RIGHT | {letter: not RIGHT[letter]}


WRONG = {slug: flipped(letter) for slug, letter in zip(SLUGS, RIGHT, strict=True)}


class TestJudgeFlow(contract.Exercise):
    check = judge_flow
    wrong = WRONG
    right = (lambda: RIGHT, RIGHT, list(RIGHT.values()))
    nearly = tuple(flipped(letter) for letter in RIGHT)


def test_a_wrong_judgment_takes_a_right_one_with_it():
    assert judge_flow(flipped("c")) == 2
    assert judge_flow(dict.fromkeys(RIGHT, True)) == judge_flow(dict.fromkeys(RIGHT, False)) == 0
