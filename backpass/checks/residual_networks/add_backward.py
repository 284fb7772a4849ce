"""Back through an add."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    COPY,
    FLOW,
    FROM_X,
    HALVED,
    MULTIPLIED,
    NOT_AROUND,
    SKIP_FORGOTTEN,
    SKIP_TWICE,
    WEIGHTS,
    either,
    uniform,
)
from backpass.gradcheck import vjp


@dataclass(frozen=True, eq=False)
class Add:
    """y = x + f with f = w x² on each entry, and g = ∂L/∂y: x (n, d), w (d,), g (n, d)."""

    x: np.ndarray
    w: np.ndarray
    g: np.ndarray

    @property
    def f(self) -> np.ndarray:
        """w x², shape (n, d)."""
        return self.w * self.x**2

    @cached_property
    def through_f(self) -> np.ndarray:
        """What reaches x through f alone, shape (n, d)."""
        return vjp(self.g, lambda x: self.w * x**2, self.x)

    def to_w(self, at_f: np.ndarray) -> np.ndarray:
        """What reaches w if ``at_f`` (n, d) arrives at f, shape (d,)."""
        return vjp(at_f, lambda w: self.x + w * self.x**2, self.w)

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        return {
            "at_skip": vjp(self.g, lambda x: x + self.f, self.x),
            "at_f": vjp(self.g, lambda f: self.x + f, self.f),
            "gx": vjp(self.g, lambda x: x + self.w * x**2, self.x),
            "gw": self.to_w(self.g),
        }


CASES = [Add(*uniform(seed, (n, d), d, (n, d))) for seed, n, d in [(1, 4, 3), (2, 1, 2), (3, 3, 3)]]


@exercise(
    "Back through an add",
    section=FLOW,
    points=3,
    kind="implement",
    mistakes={
        "zeros": NOT_AROUND,
        "unreduced": "w is used by every example, so what they send back is added over axis 0.",
    },
)
def add_backward(attempt):
    for label, asked in [
        ("what the add hands to its two inputs", ["at_skip", "at_f"]),
        ("all that reaches x", ["gx"]),
        ("all that reaches w", ["gw"]),
    ]:
        with attempt.part(label) as part:
            for case in CASES:
                # Only w is used by all examples, so only its gradient is a sum over them.
                over = {"batch": len(case.x), "reduction": "sum"} if asked == ["gw"] else {}
                args = [case.x, case.w, case.g]
                part.outputs(args, case.right, asked, of=lambda *of, case=case: (case, *of), **over)


@add_backward.mistake(HALVED)
def halved(case, output, _):
    return case.right[output] / 2


@add_backward.mistake(
    "The gradient is multiplied with the other input, as at a product. At a sum both slopes are 1."
    " Section: “What operation joins the two paths?”."
)
def other_input(case, output, _):
    return {"at_skip": case.g * case.f, "at_f": case.g * case.x}.get(output)


@add_backward.mistake(
    "The gradient is sent to one of the two inputs only. A sum has slope 1 in each: both get all of"
    f" it. {COPY}"
)
def one_way(case, output, _):
    return {"at_skip": 0 * case.g, "at_f": 0 * case.g}.get(output)


@add_backward.mistake(
    "This has gone through f = w x² already. Asked is what the add hands to f, before f's own"
    f" derivative. {COPY}"
)
def not_yet_at_f(case, output, given):
    return either(given, case.through_f, case.g * case.w) if output == "at_f" else None


@add_backward.mistake(
    "The gradient is shared out in proportion to the two inputs. An add does not weigh them: each"
    f" gets all of it. {COPY}"
)
def shared(case, output, _):
    y = case.x + case.f
    return {"at_skip": case.g * case.x / y, "at_f": case.g * case.f / y}.get(output)


@add_backward.mistake("These are the values that went forward. Asked is what comes back: g.")
def values_forward(case, output, _):
    return {"at_skip": case.x, "at_f": case.f}.get(output)


@add_backward.mistake(SKIP_TWICE)
def skip_twice(case, output, _):
    return 2 * case.g + case.through_f if output == "gx" else None


@add_backward.mistake(
    "g stands in one of the two parts only. Along each path what arrives is multiplied by the local"
    " derivatives on it: both parts have their g."
)
def g_in_one_part(case, output, given):
    if output != "gx":
        return None
    local = case.through_f / case.g
    return either(given, case.g + local, 1 + case.through_f, case.g * case.g + case.through_f)


@add_backward.mistake("The slope of f = w x² with respect to x is 2 w x.")
def other_slope(case, output, given):
    if output != "gx":
        return None
    half = case.through_f / 2  # w x, w x², 2 x, and the value of y for its slope
    wrong = half, half * case.x, case.through_f / case.w, case.through_f**2 / case.g
    return either(given, *(case.g + v for v in wrong), case.g * (case.x + case.f))


@add_backward.mistake(
    "y depends on w through f alone: its slope there is x², without the skip's 1, and not that with"
    " respect to x."
)
def other_slope_of_w(case, output, given):
    if output != "gw":
        return None
    x, g = case.x, case.g
    wrong = g * x, case.through_f, g * (1 + x**2), g * (x + x**2), g * case.f, 2 * g * x
    return either(given, *(v.sum(axis=0) for v in wrong))


@add_backward.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.through_f if output == "gx" else None


@add_backward.mistake(BLOCK_FORGOTTEN)
def block_forgotten(case, output, _):
    return case.g if output == "gx" else None


@add_backward.mistake(MULTIPLIED)
def multiplied(case, output, _):
    return case.g * case.through_f if output == "gx" else None


@add_backward.mistake("This is a local derivative alone. Multiply it by what arrives.")
def g_forgotten(case, output, _):
    return Add(case.x, case.w, np.ones_like(case.g)).right[output]


@add_backward.mistake(
    "w is given what goes down the skip. It gets what arrives at f, times the slope of f with"
    f" respect to w, x². {WEIGHTS}"
)
def weights_get_skip(case, output, _):
    return case.g.sum(axis=0) if output == "gw" else None


@add_backward.mistake(FROM_X)
def weights_from_x(case, output, _):
    return case.to_w(case.right["gx"]) if output == "gw" else None
