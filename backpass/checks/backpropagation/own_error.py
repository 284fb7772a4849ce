"""Judge: an error of its own?"""

from backpass.checks import exercise

OWN = "Section: “Is it an error of its own?”."


@exercise(
    "Judge: an error of its own?",
    section=OWN,
    points=2,
    kind="choose",
    mistakes={
        "behind-changes-h": (
            "Follow the values forward: what stands behind the hidden layer has no way to it.",
            "Whether H changes, look whether the parameter stands in Z₁ = X W₁ + b₁.",
        ),
        "behind-leaves-delta": (
            "Follow the error back: it comes through what stands behind the hidden layer, and from"
            " the outputs that this has made.",
            "Look whether the parameter stands in δ₂ or in W₂ᵀ; if so, δ₁ hangs on it.",
        ),
        "only-the-sign": (
            "With the sign of W₂ turned two things change: the weights on the way back, and the"
            " outputs from which the errors come.",
            "Compare your two δ₁ of the measurement, entry by entry.",
        ),
        "own-wish": (
            "Think of a hidden unit that nobody listens to: does it have an error?",
            "In δ_j = φ′(z_j) Σ_k w_jk δ_k all of the sum is multiplied by outgoing weights.",
        ),
        "targets": (
            "There is one cost, at the outputs, and the targets are in it.",
            "T stands in δ₂ = (Y − T)/n, which comes back to the hidden layer.",
        ),
        "past": (
            "V leads past the hidden layer, but what it carries is part of the outputs.",
            "Y and therefore δ₂ contain X V: δ₁ comes back from there.",
        ),
    },
)
def own_error(attempt):
    attempt.judge(
        {
            "a": (False, "behind-changes-h"),
            "b": (True, "behind-leaves-delta"),
            "c": (False, "only-the-sign"),
            "d": (True, "own-wish"),
            "e": (True, "targets"),
            "f": (False, "past"),
        }
    )
