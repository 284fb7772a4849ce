"""A recipe for sums of another number of examples: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.minibatches import other_batch


def recipe(
    rate=lambda k, adam: 1 if adam else 1 / k,
    decay=lambda k, beside: 1 if beside else k,
    clip=lambda k: k,
    eps=lambda k, adam: k if adam else 1,
    ratio=lambda old, new: new / old,
):
    """The settings, one of them scaled otherwise."""

    def answer(r, d, c, e, old, new, adam, decoupled):
        k = ratio(old, new)
        return r * rate(k, adam), d * decay(k, adam and decoupled), c * clip(k), e * eps(k, adam)

    return answer


def by_cases(rate, decay, clip, eps, old, new, adam, decoupled):
    if not adam:
        return rate * old / new, decay * new / old, clip * new / old, eps
    return rate, decay if decoupled else decay * new / old, clip * new / old, eps * new / old


WRONG = {
    "rate-upside-down": recipe(rate=lambda k, adam: 1 if adam else k),
    "adam-as-descent": recipe(rate=lambda k, adam: 1 / k),
    "rate-kept": recipe(rate=lambda k, adam: 1),
    "rooted": recipe(rate=lambda k, adam: 1 if adam else k**-0.5),
    "decay-upside-down": recipe(decay=lambda k, beside: 1 if beside else 1 / k),
    "decay-kept": recipe(decay=lambda k, beside: 1),
    "decoupled-changed": recipe(decay=lambda k, beside: k),
    "clip-kept": recipe(clip=lambda k: 1),
    "clip-upside-down": recipe(clip=lambda k: 1 / k),
    "eps-kept": recipe(eps=lambda k, adam: 1),
    "eps-upside-down": recipe(eps=lambda k, adam: 1 / k if adam else 1),
    "one-size": recipe(ratio=lambda old, new: new),
}
RIGHT = [recipe(), by_cases, lambda *args: np.array(recipe()(*args))]
NEARLY = [
    recipe(rate=lambda k, adam: 1 if adam else min(1, 1 / k)),
    recipe(eps=lambda k, adam: k),
    lambda *args: recipe()(*args[:5], 128, *args[6:]),
]


class TestOtherBatch(contract.Exercise):
    check = other_batch
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_descent_alone_earns_half():
    assert other_batch(WRONG["adam-as-descent"]) == 2


def test_a_root_of_the_ratio_is_no_rule_for_the_same_steps():
    score = other_batch(recipe(rate=lambda k, adam: k**-0.5))
    assert score == 0
    assert set(score.mistakes) == {"rooted", "adam-as-descent"}
