"""What do the weights in the block get? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.residual_networks import choose_weights

WRONG = {letter: letter for letter in "abde"}


class TestChooseWeights(contract.Exercise):
    check = choose_weights
    wrong = WRONG
    right = ("c", " C ", "(c)", lambda: "c")
