"""How many sign patterns a gradient can have: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.sigmoid_and_tanh import predict_signs

WRONG = {
    "free": (32, 2, 32, 2),
    "one-orthant": (1, 1, 32, 1),
    "batch-cures": (2, 32, 32, 2),
    "batch-useless": (2, 2, 2, 2),
    "only-new": (2, 2, 30, 2),
    "one-each": (2, 2, 3, 2),
    "all-minus": (2, 2, 31, 2),
    "too-few": (2, 2, 16, 2),
    "one-component": (5, 2, 32, 2),
    "impossible": (0, 2, 32, 2),
    "products": (2, 2, 4, 2),
    "signs-fixed": (2, 2, 32, 32),
    "groups": (2, 2, 32, 4),
}
RIGHT = [(2, 2, 32, 2), [2, 2, 32, 2], np.array([2, 2, 32, 2.0]), lambda: (2, 2, 2**5, 2)]
NEARLY = [(2, 2, 31, 2), (2, 2, 32, 16), (2, 2, 32), (2, 2, 32, 2, 2), (2, 2, 16, 2)]


class TestPredictSigns(contract.Exercise):
    check = predict_signs
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_sign_patterns_are_those_that_random_numbers_show():
    draw = np.random.default_rng(2).uniform

    def patterns(gradients):
        return len({tuple(np.sign(g)) for g in gradients})

    def positive(n):
        return draw(0, 1, (n, 5)) ** 4

    mixed = np.array([1, 1, 1, -1, -1])
    found = (
        patterns(draw(-1, 1) * positive(1)[0] for _ in range(500)),
        patterns(np.sign(draw(-1, 1)) * draw(0, 1, 200) @ positive(200) for _ in range(100)),
        patterns(draw(0, 1, 2) * [1, -1] @ positive(2) for _ in range(5000)),
        patterns(draw(-1, 1) * positive(1)[0] * mixed for _ in range(500)),
    )
    assert predict_signs(found) == 2


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(predict_signs((3, 5, 7, 9)).feedback)
    assert "right is" not in told


def test_every_possible_number_has_its_reason():
    for place, right in enumerate((2, 2, 32, 2)):
        for number in range(1, 33):
            answer = [2, 2, 32, 2]
            answer[place] = number
            assert predict_signs(answer).mistakes or number == right
