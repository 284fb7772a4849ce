"""Which experiment tells whether centring matters: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.sigmoid_and_tanh import experiment
from backpass.checks.sigmoid_and_tanh.experiment import SENTENCES

TRUE = {letter: true for letter, (true, _) in SENTENCES.items()}

WRONG = {slug: TRUE | {letter: not true} for letter, (true, slug) in SENTENCES.items()}
RIGHT = [TRUE, list(TRUE.values()), lambda: TRUE, {k.upper(): str(v) for k, v in TRUE.items()}]
NEARLY = [TRUE | {"a": True}, dict.fromkeys(TRUE, True), dict.fromkeys(TRUE, False)]


class TestExperiment(contract.Exercise):
    check = experiment
    wrong, right, nearly = WRONG, RIGHT, NEARLY
