"""The backward pass of a block with everything on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.remembered import by_value
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    HALVED,
    MULTIPLIED,
    NOT_AROUND,
    SHORTCUTS,
    SKIP_FORGOTTEN,
    SKIP_TWICE,
    WEIGHTS,
    either,
    relu,
    uniform,
)
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.check import matches

NAMES = ("X", "P", "W1", "W2", "beta")


def inside(p: dict[str, np.ndarray], before=relu, act=relu) -> np.ndarray:
    """F(X) = act(before(X) W1) W2, shape (n, k)."""
    return act(before(p["X"]) @ p["W1"]) @ p["W2"]


def block(p: dict[str, np.ndarray], before=relu, act=relu) -> np.ndarray:
    """Y = X P + β F(X), shape (n, k)."""
    return p["X"] @ p["P"] + p["beta"] * inside(p, before, act)


def unchanged(z: np.ndarray) -> np.ndarray:
    """In the place of a ReLU."""
    return z


def half_square(z: np.ndarray) -> np.ndarray:
    """In the place of a ReLU, whose slope is the ReLU's value."""
    return relu(z) ** 2 / 2


@cache
def gradients(before: Callable, act: Callable) -> Callable:
    """Those of Σ g · block(p), of g and of p's arrays with their names, in p's order."""

    @by_value
    def of(g, *named):
        found = slope(lambda p: np.sum(g * block(p, before, act)), dict(named))
        return tuple(found.values())

    return of


@dataclass(frozen=True, eq=False)
class Case:
    """A block, and g (n, k) at its output: ``p`` has X (n, d), P (d, k), W1 (d, h), W2 (h, k) and
    the number beta.
    """

    p: dict[str, np.ndarray]
    g: np.ndarray

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        *arrays, beta = self.p.values()
        return [*arrays, float(beta), self.g]

    def of(self, before: Callable = relu, act: Callable = relu) -> dict[str, np.ndarray]:
        """The gradients of Σ g · block(p), by the names of the learner's results."""
        found = gradients(before, act)(self.g, *self.p.items())
        return {f"d{name}": one for name, one in zip(self.p, found, strict=True)}

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        return self.of()

    def follows(self, found: dict) -> dict[str, np.ndarray]:
        """The gradients that follow from the slip that the dX that was found shows, if it does:
        a factor that all of them have, or one of ON_THE_WAY.
        """
        dx = np.asarray(found["dX"], float)
        if dx.shape == self.right["dX"].shape and dx.any():
            times = np.sum(dx * self.right["dX"]) / np.sum(self.right["dX"] ** 2)
            if matches(dx, times * self.right["dX"]):
                return {name: times * right for name, right in self.right.items()}
        for values in ON_THE_WAY:
            shown = values(self, "dX", found["dX"])
            if shown is not None and matches(found["dX"], shown):
                others = {name: values(self, name, found[name]) for name in self.right}
                return {
                    name: right if others[name] is None else others[name]
                    for name, right in self.right.items()
                }
        return self.right

    @cached_property
    def along(self) -> np.ndarray:
        """What reaches X along the shortcut, shape (n, d)."""
        return vjp(self.g, lambda x: x @ self.p["P"], self.p["X"])

    @property
    def through(self) -> np.ndarray:
        """What reaches X through the block, shape (n, d)."""
        return self.right["dX"] - self.along

    @property
    def a(self) -> np.ndarray:
        """relu(X), shape (n, d)."""
        return relu(self.p["X"])

    @cached_property
    def at_a(self) -> np.ndarray:
        """What comes back to relu(X) through the block, shape (n, d)."""
        return Case(self.p | {"X": self.a}, self.g).of(unchanged)["dX"] - self.along

    @property
    def h(self) -> np.ndarray:
        """relu(relu(X) W1), shape (n, h)."""
        return relu(self.a @ self.p["W1"])

    def into_w2(self, came: np.ndarray) -> np.ndarray | None:
        """The gradient of W2, if ``came`` had gone into it; None if that does not fit."""
        if came.shape != self.h.shape:
            return None
        return vjp(self.g, lambda w2: self.p["beta"] * (came @ w2), self.p["W2"])


def drawn(n: int, d: int, h: int, k: int, beta: float) -> Case:
    """A case of n examples, with d inputs, h hidden units and k outputs."""
    x, p, w1, w2, g = uniform(299, (n, d), (d, k), (d, h), (h, k), (n, k))
    return Case(dict(zip(NAMES, (x, p, w1, w2, np.array(beta)), strict=True)), g)


#: β of both signs, below and above 1.
CASES = [drawn(5, 3, 3, 3, 0.7), drawn(5, 3, 4, 2, -1.3), drawn(1, 4, 3, 5, 2.1),
         drawn(3, 2, 2, 2, 0.2)]  # fmt: skip

#: Mistakes on the way back through the block, from G on: what each gives for an output. Later
#: outputs may be right for what reached X.
ON_THE_WAY: list[Callable[[Case, str], np.ndarray | None]] = []


@exercise(
    "Backward through a block with everything on it",
    section=SHORTCUTS,
    points=5,
    kind="implement",
    exact=True,
    mistakes={
        "zeros": NOT_AROUND,
        "averaged": (
            "The gradients are means over the examples.",
            "G has every factor of the loss in it already, the 1/n of a mean too: sum.",
        ),
        "unreduced": (
            "β is one number, which every example and every output uses.",
            "Sum what they all send back: over both axes.",
        ),
        "shape": (
            "Each gradient has the shape of what it is the gradient of; that of β is a number.",
            "Write the shapes under the factors; for β sum over all entries.",
        ),
    },
)
def block_backward(attempt):
    for label, asked, weight in [
        ("dX", "dX", 2),
        ("dP", "dP", 1),
        ("dW1 and dW2", ["dW1", "dW2"], 1),
        ("dbeta", "dbeta", 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            for case in CASES:
                of = {"of": lambda *of, case=case: (case, *of)}
                of |= {} if asked == "dX" else {"follows": case.follows}
                over = {"batch": len(case.g), "reduction": "sum"}
                part.outputs(case.args, case.right, asked, **of, **over)


def on_the_way(values: Callable) -> Callable:
    """Enter a mistake's values as those of a slip before dX, dW1 and all that follows."""
    ON_THE_WAY.append(values)
    return values


@block_backward.mistake(*SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.through if output == "dX" else None


@block_backward.mistake(*BLOCK_FORGOTTEN)
def block_forgotten(case, output, _):
    return case.along if output == "dX" else None


@block_backward.mistake(
    "This is right for a shortcut that is the identity. What stands on this one?",
    "Send G back through the matrix P of the shortcut, G Pᵀ.",
)
def identity_shortcut(case, output, given):
    if output != "dX" or case.g.shape != case.along.shape:
        return None
    through = case.through, case.at_a, case.through / case.p["beta"]  # as it is, or slipped too
    return either(given, *(case.g + one for one in through))


@block_backward.mistake(*MULTIPLIED)
def multiplied(case, output, _):
    return case.along * case.through if output == "dX" else None


@block_backward.mistake(*SKIP_TWICE)
def skip_twice(case, output, _):
    return 2 * case.along + case.through if output == "dX" else None


@block_backward.mistake(*HALVED)
def halved(case, output, _):
    return case.right[output] / 2


@block_backward.mistake(
    "β stands on both paths. Which of them does it multiply on the way forward?",
    "Leave it out of what comes along the shortcut, and of P's gradient.",
)
def beta_on_both(case, output, _):
    beta = case.p["beta"]
    return {"dX": beta * case.right["dX"], "dP": beta * case.right["dP"]}.get(output)


@block_backward.mistake(
    f"β is forgotten on the way back through the block. {SHORTCUTS}",
    "All that comes back through the block has the factor β: multiply G by it there, once.",
)
@on_the_way
def beta_forgotten(case, output, _):
    one = Case(case.p | {"beta": np.array(1.0)}, case.g)
    return one.right[output] if output in ("dX", "dW1", "dW2") else None


@block_backward.mistake(
    "β is there twice on the way back through the block.",
    "All that comes back through the block has the factor β once: put it to G there, and nowhere"
    " else.",
)
@on_the_way
def beta_twice(case, output, _):
    beta = case.p["beta"]
    twice = {"dX": case.along + beta * case.through}
    return (twice | {name: beta * case.right[name] for name in ("dW1", "dW2")}).get(output)


@block_backward.mistake(
    "What comes through the block is taken away, and not added.",
    "At x what both paths bring is added; no sign turns on the way.",
)
@on_the_way
def subtracted(case, output, _):
    away = {"dX": case.along - case.through, "dW1": -case.right["dW1"], "dW2": -case.right["dW2"]}
    return away.get(output)


@block_backward.mistake(
    "β's gradient is a mean, or it lacks G, or the ReLU between the matrices.",
    "It is one number that every entry of Y uses: the sum over all of G times relu(relu(X) W₁) W₂.",
)
def beta_in_part(case, output, given):
    if output != "dbeta":
        return None
    right, (n, k) = case.right["dbeta"], case.g.shape
    inner = np.sum(case.g * inside(case.p, act=lambda z: z))
    outer = np.sum(case.g * inside(case.p, before=lambda x: x))
    return either(given, right / (n * k), right / k, np.sum(inside(case.p)), inner, outer)


@block_backward.mistake(
    "β is left in its own gradient. What is the slope of β F in β?",
    "It is F alone: multiply G by F, not by β F, and sum.",
)
def beta_left_in(case, output, _):
    return case.p["beta"] * case.right["dbeta"] if output == "dbeta" else None


@block_backward.mistake(
    "β is given more than what it multiplies. Of which summand of Y is it a factor?",
    "Multiply G by F, the block's part, not by Y, and sum.",
)
def beta_of_all(case, output, given):
    if output != "dbeta":
        return None
    whole = np.sum(case.g * block(case.p))
    short = np.sum(case.g * (case.p["X"] @ case.p["P"]))
    return either(given, whole, short, short + case.right["dbeta"], np.sum(case.g))


@block_backward.mistake(
    "The mask of the ReLU before W₁ is left out. Where is an entry of X cut off?",
    "What comes back through the block passes where X > 0 only, and is 0 elsewhere.",
)
def first_mask_forgotten(case, output, _):
    return case.along + case.at_a if output == "dX" else None


@block_backward.mistake(
    "The mask of the ReLU before W₁ is on both paths. Which of them goes through it?",
    "Mask what comes through the block, before what comes along the shortcut is added.",
)
def masked_sum(case, output, _):
    return (case.along + case.at_a) * (case.p["X"] > 0) if output == "dX" else None


@block_backward.mistake(
    "The mask of the ReLU between the two matrices is left out.",
    "What comes back to relu(X) W₁ passes where that is positive, and is 0 elsewhere.",
)
@on_the_way
def second_mask_forgotten(case, output, _):
    if output == "dW2":
        return None
    return case.of(act=unchanged)[output] if output != "dbeta" else None


@block_backward.mistake(
    "Two things are missing on the way back to X: the mask of the ReLU before W₁, and β or the mask"
    " of the other ReLU.",
    "Multiply G by β, then by W₂ᵀ, mask, multiply by W₁ᵀ, mask again; then add G Pᵀ.",
)
def two_missing(case, output, given):
    if output != "dX":
        return None
    bare = case.of(unchanged, unchanged)["dX"]
    return either(given, bare, case.along + case.at_a / case.p["beta"])


@block_backward.mistake(
    "That is not the slope of a ReLU: it is multiplied by its value, or by what went in.",
    "The slope is 1 where something positive went in, and 0 elsewhere: a mask.",
)
@on_the_way
def value_for_slope(case, output, _):
    if output not in ("dX", "dW1"):
        return None
    return case.of(act=half_square)[output]


@block_backward.mistake(
    "The mask of the ReLU after the add, Y > 0, is put on what arrives. Is there one here?"
    f" {SHORTCUTS}",
    "Nothing stands after the add: both paths get G as it is.",
)
@on_the_way
def mask_at_output(case, output, _):
    masked = Case(case.p, case.g * (block(case.p) > 0))
    return masked.right[output]


@block_backward.mistake(
    "This belongs to relu(X W₁) W₂, the order of the first residual networks. What is done to X"
    f" before it meets W₁ here? {SHORTCUTS}",
    "Take relu(X) for what goes into W₁, forward and backward; the shortcut takes X itself.",
)
@on_the_way
def no_first_relu(case, output, _):
    return case.of(unchanged)[output]


@block_backward.mistake(
    "The shortcut is taken to begin behind the first ReLU.",
    "It takes X itself: ∂L/∂P is Xᵀ G, and G Pᵀ reaches X without a mask.",
)
def shortcut_behind_relu(case, output, _):
    if output == "dP":
        return vjp(case.g, lambda p: case.a @ p, case.p["P"])
    return None


@block_backward.mistake(
    f"W₁ is given another input than it had on the way forward. {WEIGHTS}",
    "∂L/∂W₁ is (what came into W₁)ᵀ times what came back to its product, and relu(X) came in.",
)
def raw_input(case, output, _):
    if output != "dW1":
        return None
    z = case.a @ case.p["W1"]
    at_z = vjp(case.g, lambda z: case.p["beta"] * (relu(z) @ case.p["W2"]), z)
    return vjp(at_z, lambda w1: case.p["X"] @ w1, case.p["W1"])


@block_backward.mistake(
    f"W₂ is given another input than it had on the way forward. {WEIGHTS}",
    "∂L/∂W₂ is (what came into W₂)ᵀ G times β, and relu(relu(X) W₁) came in.",
)
def other_input(case, output, given):
    if output != "dW2":
        return None
    z = case.a @ case.p["W1"]
    forms = [case.into_w2(came) for came in (z, case.a, case.p["X"])]
    return either(given, *(form for form in forms if form is not None))


@block_backward.mistake(
    "A matrix goes the same way back as forward. Which axis of it belongs to the inputs?",
    "Going back each is transposed: G Pᵀ, G W₂ᵀ, and so on.",
)
def not_transposed(case, output, given):
    p = case.p
    if len({*p["P"].shape, *p["W1"].shape, *p["W2"].shape}) > 1 or output not in ("dX", "dW1"):
        return None
    return either(given, *untransposed(case, output))


@cache
def untransposed(case: Case, output: str) -> list[np.ndarray]:
    """What an output is if some of the matrices are not transposed on the way back."""
    p = case.p
    z = case.a @ p["W1"]
    forms = []
    for flip_p, flip_1, flip_2 in np.ndindex(2, 2, 2):
        w2 = p["W2"].T if flip_2 else p["W2"]
        at_z = vjp(case.g, lambda z, w2=w2: p["beta"] * (relu(z) @ w2), z)
        if output == "dW1":
            if flip_2:
                forms.append(vjp(at_z, lambda w1: case.a @ w1, p["W1"]))
            continue
        w1 = p["W1"].T if flip_1 else p["W1"]
        along = vjp(case.g, lambda x, f=flip_p: x @ (p["P"].T if f else p["P"]), p["X"])
        through = vjp(at_z, lambda x, w1=w1: relu(x) @ w1, p["X"])
        if flip_p or flip_1 or flip_2:
            forms.append(along + through)
    return forms[::-1]
