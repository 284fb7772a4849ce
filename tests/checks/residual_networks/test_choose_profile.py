"""Which of these is so? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.residual_networks import choose_profile

WRONG = {letter: letter for letter in "abde"}


class TestChooseProfile(contract.Exercise):
    check = choose_profile
    wrong = WRONG
    right = ("c", "c.", lambda: "c")
