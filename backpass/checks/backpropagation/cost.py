"""What differences cost."""

from dataclasses import dataclass

from backpass.checks import exercise


@dataclass(frozen=True)
class Cost:
    """n parameters, the seconds of one forward pass; and what the gradient then costs."""

    n: int
    seconds: float
    passes_forward: int
    passes_central: int
    hours_central: float


OUTPUTS = ("passes_forward", "passes_central", "hours_central")
COSTS = [
    Cost(1000, 0.0018, 1001, 2000, 0.001),
    Cost(25_000_000, 0.036, 25_000_001, 50_000_000, 500.0),
]


@exercise(
    "What differences cost",
    section="Section: “What a gradient costs”.",
    points=3,
    kind="predict",
)
def cost(attempt):
    labels = ("forward differences", "central differences", "their time")
    for output, label in zip(OUTPUTS, labels, strict=True):
        with attempt.part(label) as part:
            for one in part.each(COSTS, "for n = {0.n:,}, {0.seconds:g} s a pass"):
                right = {name: getattr(one, name) for name in OUTPUTS}
                part.outputs([one.n, one.seconds], right, output, of=[one], rtol=1e-9)


@cost.mistake("f(x) itself is needed too, once for all entries.")
def base_forgotten(one, output):
    return {"passes_forward": one.n}.get(output)


@cost.mistake("f(x) is the same for every entry: once is enough.")
def base_each_time(one, output):
    return {"passes_forward": 2 * one.n}.get(output)


@cost.mistake("Central differences never use f(x).")
def base_not_needed(one, output):
    passes = one.passes_central + 1
    hours = one.hours_central * passes / one.passes_central
    return {"passes_central": passes, "hours_central": hours}.get(output)


@cost.mistake("Every entry is moved twice, to x + h and to x − h.")
def one_sided(one, output):
    return {"passes_central": one.n, "hours_central": one.hours_central / 2}.get(output)


@cost.mistake("These are seconds; an hour has 3600.")
def seconds(one, output):
    return {"hours_central": 3600 * one.hours_central}.get(output)


@cost.mistake("These are minutes; an hour has 60.")
def minutes(one, output):
    return {"hours_central": 60 * one.hours_central}.get(output)


@cost.mistake("That is for forward differences; the question is about central ones.")
def forward_only(one, output):
    hours = one.hours_central * one.passes_forward / one.passes_central
    return {"passes_central": one.passes_forward, "hours_central": hours}.get(output)
