"""The gradients of a unit's weights and of a shift for each of its inputs."""

from dataclasses import dataclass, replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import REMEDIES, uniform
from backpass.gradcheck import slope

WEIGHTS, SHIFTS = "∂L/∂w1, ∂L/∂w2", "∂L/∂b1, ∂L/∂b2"


@dataclass(frozen=True, eq=False)
class Unit:
    """f = Σ wᵢ (xᵢ + bᵢ), two inputs, with the loss (f − t)²/2."""

    x: np.ndarray  # (2,)
    b: np.ndarray  # (2,)
    w: np.ndarray  # (2,)
    t: float
    wanted: str  # WEIGHTS or SHIFTS, whose gradient is (2,)

    @property
    def f(self) -> float:
        """The output."""
        return np.sum(self.w * (self.x + self.b))

    @property
    def error(self) -> float:
        """∂L/∂f."""
        return self.f - self.t

    @property
    def gradient(self) -> np.ndarray:
        """The one wanted, (2,)."""
        if self.wanted == WEIGHTS:
            return slope(lambda w: (np.sum(w * (self.x + self.b)) - self.t) ** 2 / 2, self.w)
        return slope(lambda b: (np.sum(self.w * (self.x + b)) - self.t) ** 2 / 2, self.b)

    @property
    def point(self) -> dict[str, float]:
        """What the symbols of the sheet stand for."""
        vectors = {"x": self.x, "b": self.b, "w": self.w}
        entries = {f"{name}{i}": float(v[i - 1]) for name, v in vectors.items() for i in (1, 2)}
        return entries | {"f": float(self.f), "t": float(self.t)}


@exercise(
    "A shift for each input",
    section=REMEDIES,
    points=2,
    kind="derive",
    mistakes={
        "sign": "All signs are reversed, as with t − f.",
        "zeros": "To SymPy f is a symbol that knows nothing of the others: to let it"
        " differentiate, write f out.",
        "shape": "Four expressions are wanted, in the order w1, w2, b1, b2.",
    },
)
def shifted_inputs(attempt):
    for wanted, entries in [(WEIGHTS, slice(0, 2)), (SHIFTS, slice(2, 4))]:
        with attempt.part(wanted) as part:
            for seed in (1, 2, 3):
                unit = Unit(*uniform(seed, 2, 2, 2, ()), wanted)
                given = part.numbers(attempt.value, unit.point, outputs=("w1", "w2", "b1", "b2"))
                if given.shape != (4,):
                    part.blame("shape")
                right = [replace(unit, wanted=one).gradient for one in (WEIGHTS, SHIFTS)]
                part.in_order(given, np.concatenate(right), ("w1", "w2", "b1", "b2"))
                own = np.real_if_close(given[entries])  # another entry may be complex
                part.expect(own, unit.gradient, of=[unit, own])


@shifted_inputs.mistake("∂f/∂w_i is all that w_i multiplies, x_i + b_i and not x_i alone.")
def shift_forgotten(unit, given):
    return unit.error * unit.x if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake(
    "This is ∂L/∂f, as for a bias that is added to f. Here b_i reaches f through w_i, and comes"
    " back multiplied by it."
)
def ordinary_bias(unit, given):
    return unit.error * np.ones(2) if unit.wanted == SHIFTS else None


@shifted_inputs.mistake("∂f/∂b_i is what multiplies b_i: that is w_i, not x_i.")
def input_for_weight(unit, given):
    return unit.error * unit.x if unit.wanted == SHIFTS else None


@shifted_inputs.mistake("∂f/∂b_i is w_i; this has x_i + b_i, which belongs to w_i.")
def whole_input(unit, given):
    return unit.error * (unit.x + unit.b) if unit.wanted == SHIFTS else None


@shifted_inputs.mistake("∂f/∂w_i is what multiplies w_i: that is x_i + b_i, not w_i.")
def weight_for_input(unit, given):
    return unit.error * unit.w if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake("Each b_i is multiplied by its own weight only, not by the sum of all.")
def all_weights(unit, given):
    return unit.error * (unit.w + unit.w[::-1]) if unit.wanted == SHIFTS else None


@shifted_inputs.mistake(
    "This is the local derivative of f. The chain rule multiplies it by ∂L/∂f = f − t."
)
def error_forgotten(unit, given):
    return unit.gradient / unit.error


@shifted_inputs.mistake("The loss has a factor ½, which cancels the 2 of the square.")
def other_scale(unit, given):
    return closest(given, 2 * unit.gradient, unit.gradient / 2)


@shifted_inputs.mistake(
    "f stands for f − t, or the loss itself does: ∂L/∂f is f − t, the slope of ½ (f − t)²."
)
def not_the_error(unit, given):
    local = unit.gradient / unit.error
    return closest(given, unit.f * local, unit.error**2 / 2 * local, unit.error**2 * local)


@shifted_inputs.mistake("The b_i alone multiplies the error; w_i multiplies x_i + b_i.")
def input_forgotten(unit, given):
    return unit.error * unit.b if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake("x_i and b_i are multiplied; they are added before w_i multiplies them.")
def product_of_input(unit, given):
    return unit.error * unit.x * unit.b if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake(
    "w_i stands in it too, but the slope is taken along w_i, and f is linear in it."
)
def weight_kept(unit, given):
    return unit.error * unit.w * (unit.x + unit.b)


@shifted_inputs.mistake("This adds up over both inputs; each weight sees its own.")
def all_inputs(unit, given):
    return unit.error * np.full(2, (unit.x + unit.b).sum()) if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake("b_i is subtracted here; in f it is added.")
def shift_subtracted(unit, given):
    return unit.error * (unit.x - unit.b) if unit.wanted == WEIGHTS else None


@shifted_inputs.mistake("∂(x_i + b_i)/∂b_i is 1, but b_i reaches L through w_i and f.")
def one(unit, given):
    return np.ones(2) if unit.wanted == SHIFTS else None
