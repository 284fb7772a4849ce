"""A noise scale from the gradients of one batch's examples: two biases to mend."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import OWN, normal

#: B examples, d weights, and where their gradients lie: about 0 the square may come out negative.
SIZES = [(4, 4, 1.0), (7, 3, 1.0), (6, 5, 1.0), (5, 4, 0.0)]


@dataclass(frozen=True, eq=False)
class Batch:
    """The gradients of the examples of one batch."""

    G: np.ndarray  # (B, d)

    @property
    def squares(self) -> float:
        """The mean squared norm of one example's gradient."""
        return float((self.G**2).sum(axis=1).mean())

    @property
    def products(self) -> float:
        """The mean product of the gradients of two different examples.

        These know nothing of each other, so it is |G|² on average; and the mean squared norm of
        one is |G|² + tr Σ.
        """
        table = self.G @ self.G.T
        return float(table[~np.eye(len(table), dtype=bool)].mean())

    @property
    def plain(self) -> tuple[float, float]:
        """The squared norm of the batch's mean, and the mean square about it."""
        mean = self.G.mean(axis=0)
        return float(mean @ mean), float(((self.G - mean) ** 2).sum(axis=1).mean())

    @property
    def right(self) -> dict[str, float]:
        return {"trace": self.squares - self.products, "G2": self.products}


LABELS = {"trace": "the trace", "G2": "|G|²"}


@exercise("Repair: a noise scale that is too small", section=OWN, points=3, kind="repair")
def repair_noise(attempt):
    for name, weight in {"trace": 1, "G2": 2}.items():
        after = {"over-weights", "summed"}.intersection(attempt.mistakes)
        with attempt.part(LABELS[name], weight=weight) as part:
            for B, d, place in SIZES:
                (G,) = normal(B, (B, d))
                case = Batch(G + place * np.linspace(0.5, 1.5, d))

                def of(name, given, case=case):
                    return [case, name, given]

                options = {"of": of, "after": after, "rtol": 1e-9}
                if name == "G2":
                    options["follows"] = follows(case)
                part.outputs([case.G], case.right, name, **options)


def follows(case: Batch):
    """|G|² that is right for the trace that was found."""

    def of(found):
        return found | {"G2": case.plain[0] - np.asarray(found["trace"], float) / len(case.G)}

    return of


@repair_noise.mistake(
    "The scatter is taken about the batch's own mean, which lies in the middle of just these"
    " examples, and divided by B: on average it is too small.",
    "Divide by B − 1: np.var(G, axis=0, ddof=1).",
)
def biased_variance(case, name, given):
    return case.plain[1] if name == "trace" else None


@repair_noise.mistake(
    "The squared norm of the batch's mean is on average too large: the mean's own noise is in it.",
    "Take trace / B away, with the trace that you return.",
)
def biased_square(case, name, given):
    return case.plain[0] if name == "G2" else None


@repair_noise.mistake(
    "All of the trace is taken away. A mean of B examples has only a part of their noise.",
    "Take trace / B away.",
)
def whole_trace(case, name, given):
    if name != "G2":
        return None
    return closest(given, case.plain[0] - case.right["trace"], case.plain[0] - case.plain[1])


@repair_noise.mistake(
    "The noise of the mean is added. Is the square too large or too small?",
    "Too large: take trace / B away.",
)
def noise_added(case, name, given):
    noise = case.right["trace"] / len(case.G)
    return case.plain[0] + noise if name == "G2" else None


@repair_noise.mistake(
    "What is taken away from the square is the noise that a biased trace says.",
    "Divide the unbiased trace by B.",
)
def biased_noise(case, name, given):
    noise = case.plain[1] / len(case.G)
    return case.plain[0] - noise if name == "G2" else None


@repair_noise.mistake(
    "The squares are averaged over the weights. A trace and a norm add them up.",
    "Sum over the weights, axis 1.",
)
def over_weights(case, name, given):
    d = case.G.shape[1]
    return closest(given, case.right[name] / d, case.plain[0 if name == "G2" else 1] / d)


@repair_noise.mistake(
    "The scatter is added up over the examples.",
    "Divide by B − 1.",
)
def summed(case, name, given):
    return case.plain[1] * len(case.G) if name == "trace" else None


@repair_noise.mistake(
    "The scatter is multiplied by the wrong fraction, or divided by one too many.",
    "From B to B − 1: times B/(B − 1).",
)
def wrong_way(case, name, given):
    if name != "trace":
        return None
    B = len(case.G)
    return closest(given, *(case.plain[1] * k for k in (1 - 1 / B, B / (B + 1), 1 + 1 / B)))


@repair_noise.mistake(
    "A square that comes out negative is made 0 or positive. Then it is too large on average.",
    "Leave it as it comes out: where the noise is large some batches must give less than 0.",
)
def never_negative(case, name, given):
    right = case.right[name]
    return closest(given, 0.0, -right) if name == "G2" and right < 0 else None
