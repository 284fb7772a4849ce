"""How many sign patterns gradients show: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.sigmoid_and_tanh import sign_patterns


def counted(
    gradients=lambda X, delta: (X * delta[..., None]).sum(axis=1),
    kept=lambda signs: signs[signs.all(axis=1)],
    number=lambda signs: len(np.unique(signs, axis=0)),
):
    """The count with one thing changed."""
    return lambda X, delta: number(kept(np.sign(gradients(X, delta))))


def counted_gradients(X, delta):
    return np.einsum("tk,tkd->td", delta, X)


WRONG = {
    "each-example": counted(lambda X, delta: (X * delta[..., None]).reshape(-1, X.shape[-1])),
    "summed-apart": counted(lambda X, delta: X.mean(axis=1) * delta.mean(axis=1, keepdims=True)),
    "delta-forgotten": counted(lambda X, delta: X.mean(axis=1)),
    "zeros-counted": counted(kept=lambda signs: signs),
    "zero-has-a-sign": lambda X, delta: len(np.unique(counted_gradients(X, delta) > 0, axis=0)),
    "signs-counted": counted(number=lambda signs: len(np.unique(signs))),
    "opposites-as-one": counted(kept=lambda s: (s * s[:, :1])[s.all(axis=1)]),
    "not-once": counted(number=len),
    "signs-summed": counted(lambda X, delta: np.sign(X * delta[..., None]).sum(axis=1)),
    "first-example": counted(lambda X, delta: X[:, 0] * delta[:, :1]),
    "delta-as-signs": lambda X, delta: counted()(X, np.sign(delta)),
    "all-there-are": lambda X, delta: 2 ** X.shape[-1],
}
RIGHT = [
    counted(),
    counted(lambda X, delta: np.einsum("tkd,tk->td", X, delta)),
    lambda X, delta: len({tuple(g > 0) for g in np.einsum("tkd,tk->td", X, delta) if g.all()}),
    lambda X, delta: float(counted()(X, delta)),
]
NEARLY = [
    lambda X, delta: counted()(X, delta) if X.shape[-1] == 5 else 8,
    lambda X, delta: 2 if X.shape[1] == 1 else counted()(X, delta),
]


class TestSignPatterns(contract.Exercise):
    check = sign_patterns
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_predictions_are_set_beside_what_was_counted():
    told = sign_patterns(counted(), prediction=(32, 2, 3, 4)).feedback
    assert "case a: you predicted 32, it is 2, 16 times less." in told
    assert "case b: you predicted 2, it is 2, exactly." in told
    assert "case c: you predicted 3, it is 32, 10.7 times more." in told
    assert (
        "case c: you predicted 3, it is 32, 10.7 times more."
        in sign_patterns(counted(), prediction=np.array([32, 2, 3, 4])).feedback
    )
    for nothing in (..., None):
        assert len(sign_patterns(counted(), prediction=nothing).feedback) == 2
    for unread in (3, (1, 2), "2, 2, 30, 2"):
        assert "four numbers" in sign_patterns(counted(), prediction=unread).feedback[-1]
    assert not any("predicted" in text for text in sign_patterns(len, prediction=(1,) * 4).feedback)


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug",
    ["each-example", "summed-apart", "opposites-as-one", "first-example", "signs-summed"],
)
def test_a_slip_that_shows_in_the_cases_again_costs_the_first_part_alone(slug):
    score = sign_patterns(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,)), score.feedback


@pytest.mark.parametrize("answer", [lambda *_: 2, lambda *_: 32, WRONG["delta-forgotten"]])
def test_a_number_that_is_typed_or_made_without_delta_brings_nothing(answer):
    score = sign_patterns(answer)
    assert score == 0
    assert "factor" not in score.mistakes
    assert "times the right one" not in " ".join(score.feedback)
