"""Which experiment tells whether centring matters: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.sigmoid_and_tanh import experiment

WRONG = {letter: letter for letter in "abde"}
RIGHT = ["c", " C ", "(c)", lambda: "c"]
NEARLY = ["cd", "c, d"]


class TestExperiment(contract.Exercise):
    check = experiment
    wrong, right, nearly = WRONG, RIGHT, NEARLY
