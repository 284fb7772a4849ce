"""Repair: a block as in the first ResNets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.remembered import by_value
from backpass.checks.residual_networks._inputs import (
    NOT_AROUND,
    SHORTCUTS,
    SKIP_FORGOTTEN,
    either,
    relu,
    uniform,
)
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.check import matches

#: The slope, where its input is negative, of the unit that moved.
LEAK = 0.1


def leaky(z: np.ndarray) -> np.ndarray:
    """A ReLU that leaks; its argument may be complex."""
    return np.where(z.real > 0, z, LEAK * z)


def sent(g: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What of ``g`` comes back through :func:`leaky` if ``z`` went in."""
    return g * np.where(z > 0, 1, LEAK)


def residual(p: dict[str, np.ndarray], act: Callable = relu) -> np.ndarray:
    """F(X) = act(X W1) W2, shape (n, d)."""
    return act(p["X"] @ p["W1"]) @ p["W2"]


def by_output(gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The gradients by what a learner's function calls them: that of X is "dX", and so on."""
    return {f"d{name}": gradient for name, gradient in gradients.items()}


@dataclass(frozen=True, eq=False)
class Case:
    """A block whose output is Y = leaky(S), S = X + F(X), and what arrives on the way back.

    ``p`` has the inputs X (n, d) and the weights W1 (d, h) and W2 (h, d), in the order in which the
    learner's function takes them; ``g`` (n, d) is the gradient at the block's output. Gradients are
    named as :func:`by_output` says, each of the shape of what it is the gradient of.
    """

    p: dict[str, np.ndarray]
    g: np.ndarray

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [*self.p.values(), self.g]

    @cached_property
    def f(self) -> np.ndarray:
        """F(X), shape (n, d)."""
        return residual(self.p)

    @cached_property
    def s(self) -> np.ndarray:
        """X + F(X), shape (n, d)."""
        return self.p["X"] + self.f

    @cached_property
    def z1(self) -> np.ndarray:
        """What goes into the ReLU inside the block, shape (n, h)."""
        return self.p["X"] @ self.p["W1"]

    def back(self, at_skip: np.ndarray, at_f: np.ndarray) -> dict[str, np.ndarray]:
        """All gradients, if these two (n, d) are what the add hands to its two inputs."""
        found = dict(zip(self.p, at_block(at_f, *self.p.items()), strict=True))
        return by_output(found | {"X": found["X"] + at_skip})

    def unmasked(self, at_skip: np.ndarray, at_f: np.ndarray) -> dict[str, np.ndarray]:
        """:meth:`back` with the inner ReLU's derivative left out, its forward pass left in."""
        h = relu(self.z1)
        found = slope(lambda q: np.sum(at_f * residual(q, lambda z: z)), self.p)
        found["W2"] = vjp(at_f, lambda w2: h @ w2, self.p["W2"])
        return by_output(found | {"X": found["X"] + at_skip})

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        found = slope(lambda q: np.sum(self.g * leaky(q["X"] + residual(q))), self.p)
        return by_output(found)

    @property
    def at_s(self) -> np.ndarray:
        """∂L/∂S, shape (n, d)."""
        return sent(self.g, self.s)

    @property
    def old(self) -> np.ndarray:
        """What came back before the unit moved, when it saw F(X) alone; (n, d)."""
        return sent(self.g, self.f)


@by_value
def at_block(at_f: np.ndarray, *named: tuple[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """What comes back to X, W1 and W2, given with their names, of ``at_f`` (n, d) at F(X)."""
    return tuple(slope(lambda q: np.sum(at_f * residual(q)), dict(named)).values())


def drawn(n: int, d: int, h: int) -> Case:
    """A case of n examples, with d inputs and h hidden units."""
    x, w1, w2, g = uniform(502, (n, d), (d, h), (h, d), (n, d))
    return Case({"X": x, "W1": w1, "W2": w2}, g)


#: A slip before δ, which dX and dW1 both have: it costs dX alone.
ONCE = {"inner-mask-forgotten"}

CASES = [drawn(6, 3, 3), drawn(6, 3, 4), drawn(1, 5, 4)]


@exercise(
    "Repair: a block as in the first ResNets",
    section=SHORTCUTS,
    points=3,
    kind="repair",
    exact=True,
    mistakes={"zeros": NOT_AROUND},
)
def repair_mask(attempt):
    try:
        values = [attempt.call(*case.args, outputs=case.right) for case in CASES]
        slips = slips_left(values)
    except NotAttempted:
        raise
    except Wrong:  # it is told in the parts
        slips = ()
    if slips:
        attempt.repair(slips, 2, where=shown_at(values[0]))
        return
    for label, asked, weight in [("dX", "dX", 2), ("dW1 and dW2", ["dW1", "dW2"], 1)]:
        after = ONCE.intersection(attempt.mistakes)
        with attempt.part(label, weight=weight) as part:
            for case in CASES:
                over = {"batch": len(case.g), "reduction": "sum", "after": after}
                of = {"of": lambda *of, case=case: (case, *of)}
                part.outputs(case.args, case.right, asked, **of, **over)


#: What the loop may hand to the shortcut and to the block, and the slips that are left in it then:
#: where the mask is taken, and before or after the add copies what arrives.
LEFT: dict[tuple[str, str], tuple[str, ...]] = {
    ("g", "old"): ("before-add", "mask-of-block"),
    ("g", "at_s"): ("skip-unmasked",),
    ("at_s", "old"): ("mask-of-block",),
    ("at_s", "g"): ("block-unmasked",),
    ("old", "old"): ("mask-of-block",),
    ("g", "g"): ("unmasked", "weights-unmasked"),
}


def slips_left(values: list) -> tuple[str, ...]:
    """Which of the two slips are in the gradients of all cases still, or others in their place;
    none if it is not these.
    """
    for (skip, block), slips in LEFT.items():
        wrong = (case.back(getattr(case, skip), getattr(case, block)) for case in CASES)
        if all(
            all(map(matches, given, one.values())) for given, one in zip(values, wrong, strict=True)
        ):
            return slips
    return ()


def shown_at(values: Sequence) -> str:
    """Which of the first case's gradients are off."""
    right = CASES[0].right
    off = [
        name for name, value in zip(right, values, strict=True) if not matches(value, right[name])
    ]
    good = [name for name in right if name not in off]
    return f"Off: {', '.join(off)}." + f" Right: {', '.join(good)}." * bool(good)


# Where mistakes give the weights the same numbers, one of them speaks for all.


@repair_mask.mistake(
    "This is still the backward pass of x + ℓ(F(x)). On which paths does ℓ stand now?",
    "It comes after the add: take its slope at X + F(X), once, and hand that to both paths.",
)
def before_add(case, output, _):
    return case.back(case.g, case.old)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The block's path has the slope that it should have, the shortcut's has not. Is ℓ above the"
    " add or below it?",
    "It stands above: multiply by its slope before the gradient is copied to the two paths.",
)
def skip_unmasked(case, output, _):
    return case.back(case.g, case.at_s)[output]


@repair_mask.mistake(
    "The shortcut's path has the slope that it should have, the block's has not. Is ℓ above the"
    " add or below it?",
    "It stands above: multiply by its slope before the gradient is copied to the two paths.",
)
def block_unmasked(case, output, _):
    return case.back(case.at_s, case.g)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The unit after the add has no part in what comes back. Which entries of S = X + F did it"
    " make small?",
    "Where S is negative a tenth comes back, on either path: multiply G before it is copied.",
)
def unmasked(case, output, _):
    return case.back(case.g, case.g)[output] if output == "dX" else None


@repair_mask.mistake(
    "The weights get G itself. What lies between Y and the block's output?",
    "The unit after the add: give them G where X + F > 0, and a tenth of it elsewhere.",
)
def weights_unmasked(case, output, _):
    return None if output == "dX" else case.back(case.g, case.g)[output]


@repair_mask.mistake(
    "That is no slope of the unit after the add.",
    "What arrives passes as it is where S > 0, and a tenth of it elsewhere.",
)
def no_mask(case, output, given):
    wrong = sent(case.g, -case.s), case.g * leaky(case.s), leaky(case.g)
    return either(given, *(case.back(v, v)[output] for v in wrong))


@repair_mask.mistake(
    "Where S is negative nothing comes back: so it is with the chapter's ReLU. What does ℓ let"
    " through there?",
    "Its slope there is 0.1: multiply by np.where(S > 0, 1, 0.1).",
)
def leak_forgotten(case, output, _):
    masked = case.g * (case.s > 0)
    return case.back(masked, masked)[output]


@repair_mask.mistake(
    "A mask X > 0 is put on what comes back to X. Is there a ReLU at X?",
    "There is none: ℓ looks at S and, inside the block, the ReLU at Z.",
)
def mask_at_x(case, output, given):
    if output != "dX":
        return None
    positive, block = case.p["X"] > 0, case.right["dX"] - case.at_s
    return either(given, case.right["dX"] * positive, case.at_s + block * positive)


@repair_mask.mistake(
    "W₂ is given another input than it had on the way forward.",
    "∂L/∂W₂ is (what came into W₂)ᵀ times ∂L/∂S, and H came in.",
)
def block_for_hidden(case, output, _):
    if output != "dW2" or case.f.shape[1] != case.p["W2"].shape[0]:
        return None
    return vjp(case.at_s, lambda w2: case.f @ w2, case.p["W2"])


@repair_mask.mistake(
    "The slope is still taken at F. What does ℓ see now?",
    "It sees the sum: take the slope at X + F.",
)
def mask_of_block(case, output, given):
    forms = case.back(case.old, case.old), case.back(case.at_s, case.old)
    return either(given, *(form[output] for form in forms))


@repair_mask.mistake(
    "The block's path has two slopes of ℓ, the new one and an old one. Which units are left?",
    "None is left on F: leave out the slope at F.",
)
def old_mask(case, output, _):
    return case.back(case.at_s, sent(case.at_s, case.f))[output]


@repair_mask.mistake(
    "The slope is taken at X. What does ℓ see?",
    "It sees the sum: take the slope at X + F.",
)
def mask_of_input(case, output, _):
    masked = sent(case.g, case.p["X"])
    return case.back(masked, masked)[output]


@repair_mask.mistake(
    "The slope of ℓ is put on the sum at x, on the wrong side of the add.",
    "Going back, ℓ comes first, then the add: multiply G by its slope, and then copy it.",
)
def masked_at_x(case, output, _):
    return sent(case.back(case.g, case.g)["dX"], case.s) if output == "dX" else None


@repair_mask.mistake(
    "The sum at x has the slope as well. How many units are there after the add?",
    "One: multiply G before it is copied; what the two paths bring back to x is added, and that"
    " is all.",
)
def masked_twice(case, output, _):
    return sent(case.back(case.g, case.at_s)["dX"], case.s) if output == "dX" else None


@repair_mask.mistake(*SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.right["dX"] - case.at_s if output == "dX" else None


@repair_mask.mistake(
    "The mask of the ReLU inside the block has got lost.",
    "What comes back to Z passes where Z > 0, and is 0 elsewhere.",
)
def inner_mask_forgotten(case, output, _):
    return case.unmasked(case.at_s, case.at_s)[output]


@repair_mask.mistake(
    "tanh stands where another unit belongs, inside the block or after the add.",
    "Inside it is max(0, z), after the add max(z, z/10), and on the way back their slopes.",
)
def tanh_units(case, output, given):
    def whole(inner, outer):
        found = slope(lambda q: np.sum(case.g * outer(q["X"] + residual(q, inner))), case.p)
        return by_output(found)

    h = np.tanh(case.z1)
    at_s = sent(case.g, case.p["X"] + h @ case.p["W2"])
    forward_only = case.back(at_s, at_s) | {"dW2": vjp(at_s, lambda w2: h @ w2, case.p["W2"])}
    forms = whole(np.tanh, leaky), whole(relu, np.tanh), whole(np.tanh, np.tanh), forward_only
    return either(given, *(form[output] for form in forms))
