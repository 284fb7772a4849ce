"""Which of these is so?"""

from backpass.checks import exercise


@exercise(
    "Which of these is so?",
    section="Section: “Plain and residual, layer by layer”.",
    points=2,
    kind="choose",
    mistakes={
        "a": "Whether it vanishes is a matter of the weights. With variance 2/d a plain net of any"
        " depth keeps the gradient's size, on average.",
        "b": "A block of full size adds to the gradient a part as large as the skip's and nearly"
        " orthogonal to it. So the squared norm doubles at every block: it explodes.",
        "d": "With λ below 1 the stream settles at a size in proportion to β, so the block's share"
        " in it does not depend on β. From there on the gradient grows at the same rate.",
        "e": "It is not the skip alone. Where the blocks are centred but not scaled, neighbouring"
        " slopes of a residual net hardly correlate after 50 layers. Section: “Shattered"
        " gradients”.",
    },
)
def choose_profile(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label = (
            "your choice: normalising divides by √c = 0.83 there, and so does its backward pass"
        )
