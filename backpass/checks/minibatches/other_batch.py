"""A recipe for sums of one batch size, made one for sums of another."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import APART, SUM

NAMES = ("rate", "decay", "clip", "epsilon")
DESCENT, ADAM = "descent and momentum", "Adam"


@dataclass(frozen=True)
class Recipe:
    """The settings for sums of ``old`` examples, that are to serve for sums of ``new``."""

    rate: float
    decay: float
    clip: float
    epsilon: float
    old: int
    new: int
    adam: bool
    decoupled: bool

    @property
    def given(self) -> list:
        """The learner's arguments."""
        numbers = [self.rate, self.decay, self.clip, self.epsilon, self.old, self.new]
        return [*numbers, self.adam, self.decoupled]

    def scaled(self, powers: tuple[float, ...], factor: float | None = None) -> dict[str, float]:
        """The settings times these powers of ``new / old``, or of another factor."""
        factor = self.new / self.old if factor is None else factor
        return {
            name: getattr(self, name) * factor**k for name, k in zip(NAMES, powers, strict=True)
        }

    @property
    def powers(self) -> tuple[int, ...]:
        """Found by training: those with which the steps are those of the means."""
        return trained(self.adam, self.decoupled)


@cache
def trained(adam: bool, decoupled: bool) -> tuple[int, ...]:
    """The powers of 4 for which steps on gradients four times as large are the same."""
    plain = final((0, 0, 0, 0), 1, adam, decoupled)
    grid = np.array(np.meshgrid(*[[-1, 0, 1]] * 3, [0, 1] if adam else [0])).reshape(4, -1).T
    (found,) = (
        tuple(map(int, powers))
        for powers in grid
        if np.allclose(final(tuple(powers), 4, adam, decoupled), plain, rtol=1e-12)
    )
    return found


def final(powers: tuple, scale: int, adam: bool, decoupled: bool) -> np.ndarray:
    """Where eight steps lead, of which some are clipped, on gradients ``scale`` times as large."""
    start = (0.1, 0.3, 1.0, 0.2)
    rate, decay, clip, eps = (one * 4.0**k for one, k in zip(start, powers, strict=True))
    if scale == 1:
        rate, decay, clip, eps = start
    w, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for k in range(1, 9):
        g = scale * (w * [1.0, 0.3] - [0.5, 0.4 * (-1) ** k])
        g = g * min(1, clip / np.linalg.norm(g)) + (0 if decoupled else decay * w)
        shrunk = rate * decay * w if decoupled else 0
        if adam:
            m, v = 0.5 * m + 0.5 * g, 0.8 * v + 0.2 * g * g
            g = m / (1 - 0.5**k) / (np.sqrt(v / (1 - 0.8**k)) + eps)
        w = w - rate * g - shrunk
    return w


CASES = {
    DESCENT: [
        Recipe(0.02, 0.003, 5.0, 0.0321, 32, 96, False, False),
        Recipe(0.5, 0.1, 0.7, 0.0144, 50, 20, False, True),
    ],
    ADAM: [
        Recipe(0.001, 0.02, 3.0, 0.0123, 16, 400, True, False),
        Recipe(0.03, 0.5, 2.0, 0.0456, 60, 24, True, True),
    ],
}


@exercise("A recipe for another batch", section=APART, points=4, kind="implement")
def other_batch(attempt):
    for label, recipes in CASES.items():
        with attempt.part(label, weight=2) as part:
            words = "from {0.old} to {0.new}, decoupled: {0.decoupled}"
            for recipe in part.each(recipes, words):
                right = recipe.scaled(recipe.powers)

                def of(name, given, recipe=recipe):
                    return [recipe, name, given]

                part.outputs(recipe.given, right, list(NAMES), of=of, rtol=1e-10)


def multiplied(recipe: Recipe, name: str, *factors: float) -> list[float]:
    """The setting times each of the factors, where that is not right."""
    right = recipe.scaled(recipe.powers)[name]
    found = [getattr(recipe, name) * factor for factor in factors]
    return [one for one in found if not np.isclose(one, right)]


@other_batch.mistake(
    f"The learning rate goes the wrong way. The sum of more examples is longer. {SUM}",
    "Divide the rate by new/old for descent and momentum; for Adam leave it.",
)
def rate_upside_down(recipe, name, given):
    if name != "rate" or recipe.adam:
        return None
    return recipe.rate * recipe.new / recipe.old


@other_batch.mistake(
    f"Adam's rate is changed here. What does Adam do with a gradient that is longer? {SUM}",
    "It divides the length out: leave its rate as it is.",
)
def adam_as_descent(recipe, name, given):
    if name != "rate" or not recipe.adam:
        return None
    k = recipe.new / recipe.old
    return closest(given, *multiplied(recipe, name, k, 1 / k, np.sqrt(k), 1 / np.sqrt(k)))


@other_batch.mistake(
    "The learning rate stays, but the sum of another number of examples has another length.",
    "Divide it by new/old.",
)
def rate_kept(recipe, name, given):
    return recipe.rate if name == "rate" and not recipe.adam else None


@other_batch.mistake(
    "A root of the ratio scales here. That is a rule for the best rate of Adam's means; here the"
    " steps are to stay the very same.",
    "Use new/old itself.",
)
def rooted(recipe, name, given):
    root = np.sqrt(recipe.new / recipe.old)
    if name == "rate" and recipe.adam:
        return None
    return closest(given, *multiplied(recipe, name, root, 1 / root))


@other_batch.mistake(
    "The decay goes the wrong way. Beside a gradient that is longer, how large must it be to be"
    " the same part of the step?",
    "As much larger as the gradient: times new/old.",
)
def decay_upside_down(recipe, name, given):
    found = multiplied(recipe, name, recipe.old / recipe.new)
    return found[0] if name == "decay" and found and recipe.powers[1] else None


@other_batch.mistake(
    "The decay stays as it is, beside a gradient, or a rate, that does not.",
    "In the gradient, multiply it by new/old. Decoupled, it is multiplied by the rate: where the"
    " rate is divided by new/old, multiply it too.",
)
def decay_kept(recipe, name, given):
    return recipe.decay if name == "decay" and recipe.powers[1] else None


@other_batch.mistake(
    "A decay that stands beside Adam's step, and not in the gradient, is multiplied by the rate"
    " alone. Does that change?",
    "It does not: leave the decoupled decay as it is.",
)
def decoupled_changed(recipe, name, given):
    if name != "decay" or recipe.powers[1]:
        return None
    k = recipe.new / recipe.old
    return closest(given, recipe.decay * k, recipe.decay / k)


@other_batch.mistake(
    "The threshold stays. A sum of more examples is longer, and would be cut earlier.",
    "Multiply it by new/old.",
)
def clip_kept(recipe, name, given):
    return recipe.clip if name == "clip" else None


@other_batch.mistake(
    "The threshold goes the wrong way: gradients that are longer are to be cut at a longer one.",
    "Multiply it by new/old.",
)
def clip_upside_down(recipe, name, given):
    return recipe.clip * recipe.old / recipe.new if name == "clip" else None


@other_batch.mistake(
    f"ε stays, beside a root of squared gradients that does not. {SUM}",
    "Multiply Adam's ε by new/old.",
)
def eps_kept(recipe, name, given):
    return recipe.epsilon if name == "epsilon" and recipe.adam else None


@other_batch.mistake(
    "ε goes the wrong way, or there is no Adam to use it.",
    "Multiply it by new/old for Adam, and return it as it came without.",
)
def eps_upside_down(recipe, name, given):
    if name != "epsilon":
        return None
    k = recipe.new / recipe.old
    return closest(given, *multiplied(recipe, name, k, 1 / k))


@other_batch.mistake(
    "One of the two batch sizes is missing: the recipe was for sums, not for means.",
    "What counts is the ratio new/old.",
)
def one_size(recipe, name, given):
    factors = (recipe.new, 1 / recipe.new, recipe.old, 1 / recipe.old)
    found = multiplied(recipe, name, *factors)
    return closest(given, *found) if found else None
