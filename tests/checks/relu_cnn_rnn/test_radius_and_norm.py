"""What does a spectral radius promise? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.relu_cnn_rnn import radius_and_norm

WRONG = {letter: letter for letter in "abde"}

RIGHT = ["c", " C ", "(c)", lambda: "c"]


class TestRadiusAndNorm(contract.Exercise):
    check = radius_and_norm
    wrong, right = WRONG, RIGHT
