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
    mistakes={
        "zeros": "Is the fraction of an hour rounded away, by //, int(…) or round(…)? The time is"
        " asked for as it is.",
    },
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


@cost.mistake("These are days; hours are asked for.")
def days(one, output):
    return {"hours_central": one.hours_central / 24}.get(output)


@cost.mistake("These are milliseconds; an hour has 3600 seconds.")
def milliseconds(one, output):
    return {"hours_central": 3.6e6 * one.hours_central}.get(output)


@cost.mistake("To make hours of seconds, divide by 3600.")
def multiplied(one, output):
    return {"hours_central": 3600**2 * one.hours_central}.get(output)


@cost.mistake("One pass takes `seconds`; this counts passes only.")
def passes_only(one, output):
    return {"hours_central": one.passes_central / 3600}.get(output)


@cost.mistake("The time is upside down: passes times the seconds of one, over 3600.")
def upside_down(one, output):
    return {"hours_central": 1 / one.hours_central}.get(output)


@cost.mistake(
    "That is for one of the parameters. The whole gradient has a slope for each of the n."
)
def one_parameter(one, output):
    hours = one.hours_central / one.n
    return {"passes_forward": 2, "passes_central": 2, "hours_central": hours}.get(output)


@cost.mistake(
    "One pass gives the loss, a single number. A difference along one entry says nothing of the"
    " others, so each of the n parameters is moved by itself."
)
def one_pass(one, output):
    return {"passes_forward": 1, "passes_central": 1}.get(output)


@cost.mistake(
    "n parameters, each moved by itself: the passes grow like n. There are n² second derivatives,"
    " but they are not asked for."
)
def squared(one, output):
    return one.n**2 if output == "passes_forward" else one.n * getattr(one, output)


@cost.mistake(
    "f(x) is counted for every entry besides f(x + h) and f(x − h). Central differences never use"
    " it."
)
def three_each(one, output):
    value = {"passes_central": 3 * one.n, "hours_central": 1.5 * one.hours_central}
    return value.get(output)


@cost.mistake("Twice as many as are needed.")
def twice(one, output):
    return 2 * getattr(one, output) if output != "hours_central" else None


@cost.mistake("One pass for each of the n entries, and one more for f(x), none less.")
def one_less(one, output):
    return {"passes_forward": one.n - 1, "passes_central": 2 * one.n - 1}.get(output)
