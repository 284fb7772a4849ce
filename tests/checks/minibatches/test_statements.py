"""What is true of sums and means: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.minibatches import statements
from backpass.checks.minibatches.statements import SENTENCES

TRUE = {letter: true for letter, (true, _) in SENTENCES.items()}

WRONG = {slug: TRUE | {letter: not true} for letter, (true, slug) in SENTENCES.items()}
RIGHT = [TRUE, list(TRUE.values()), lambda: TRUE, {k.upper(): str(v) for k, v in TRUE.items()}]
NEARLY = [TRUE | {"a": True}, dict.fromkeys(TRUE, True), dict.fromkeys(TRUE, False)]


class TestStatements(contract.Exercise):
    check = statements
    wrong, right, nearly = WRONG, RIGHT, NEARLY
