"""Judge: an error of its own? See :mod:`contract` for what is asked."""

import contract

from backpass.checks.backpropagation import own_error

RIGHT_ONE = dict(zip("abcdef", (False, True, False, True, True, False), strict=True))

WRONG = {
    slug: RIGHT_ONE | {letter: not RIGHT_ONE[letter]}
    for letter, slug in zip(
        "abcdef",
        (
            "behind-changes-h", "behind-leaves-delta", "only-the-sign", "own-wish", "targets",
            "past",
        ),
        strict=True,
    )
}  # fmt: skip

RIGHT = [RIGHT_ONE, list(RIGHT_ONE.values()), lambda: RIGHT_ONE]


class TestOwnError(contract.Exercise):
    check = own_error
    wrong, right = WRONG, RIGHT


def test_guessing_earns_nothing():
    assert own_error(dict.fromkeys("abcdef", True)) == 0
