"""What does a spectral radius promise? See :mod:`contract` for what is asked."""

import contract
import pytest

from backpass.checks.relu_cnn_rnn import radius_and_norm

TRUE = {"a": False, "b": True, "c": False, "d": True, "e": False, "f": True}


def but(letter):
    return TRUE | {letter: not TRUE[letter]}


WRONG = {
    "bound-of-norm": but("a"),
    "powers": but("b"),
    "any-states": but("c"),
    "slopes-tame": but("d"),
    "norm-explodes": but("e"),
    "norm-suffices": but("f"),
}

RIGHT = [TRUE, lambda: TRUE, list(TRUE.values()), {k: str(v) for k, v in TRUE.items()}]


class TestRadiusAndNorm(contract.Exercise):
    check = radius_and_norm
    wrong, right = WRONG, RIGHT


@pytest.mark.parametrize("judged", [True, False])
def test_the_same_for_all_earns_nothing(judged):
    assert radius_and_norm(dict.fromkeys(TRUE, judged)) == 0
