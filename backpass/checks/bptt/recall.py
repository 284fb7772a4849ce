"""Delayed recall: how far back must the gradient go?"""

from backpass.checks.exercise import exercise


def smallest_horizon(delay: int, k: int) -> int:
    """The smallest sliding horizon that reaches back ``delay`` steps."""
    return next(horizon for horizon in range(1, 99) if delay in range(horizon))


def losses_that_see(delay: int, k: int) -> int:
    """How many losses of a window of k steps have the step ``delay`` before them in it."""
    return sum(place - delay in range(k) for place in range(k))


OUTPUTS = {"smallest_K": smallest_horizon, "losses_in_a_window": losses_that_see}


@exercise(
    "Delayed recall: how far back?",
    section="Section: “Delayed recall”.",
    points=2,
    kind="predict",
)
def recall(attempt):
    for name, label in [("smallest_K", "a sliding horizon"), ("losses_in_a_window", "windows")]:
        with attempt.part(label) as part:
            cases = [(3, 10), (1, 2), (7, 3), (0, 5), (6, 6), (12, 20)]
            for delay, k in part.each(cases, "L = {}, K = {}"):
                right = {name: number(delay, k) for name, number in OUTPUTS.items()}

                def of(output, _, delay=delay, k=k):
                    return delay, k, OUTPUTS[output]

                part.outputs([delay, k], right, name, of=of, rtol=1e-9)


@recall.mistake(
    "The step that read the input is k = t − L, and K counts k = t as the first: with K = L the"
    " last step seen is t − L + 1, one short."
)
def lag(delay, k, number):
    return delay if number is smallest_horizon else None


@recall.mistake("One more than needed: K steps reach back to t − K + 1.")
def one_too_many(delay, k, number):
    return delay + 2 if number is smallest_horizon else None


@recall.mistake(
    "The first losses of a window cannot see L steps back: they are too near its start."
)
def all_(delay, k, number):
    return k if number is losses_that_see else None


@recall.mistake(
    "One loss short. The loss at place j = 1, …, K of its window needs place j − L to be in the"
    " window: j runs from L + 1 to K."
)
def one_loss_short(delay, k, number):
    return number(delay, k) - 1 if number is losses_that_see else None


@recall.mistake(
    "One loss too many. The loss at place j = 1, …, K of its window needs place j − L to be in the"
    " window: j runs from L + 1 to K."
)
def one_loss_more(delay, k, number):
    return number(delay, k) + 1 if number is losses_that_see else None


@recall.mistake("K − L is below zero for short windows; a number of losses is not.")
def negative(delay, k, number):
    return k - delay if number is losses_that_see else None


@recall.mistake("This is a share; the question is how many of the K.")
def share(delay, k, number):
    return number(delay, k) / k if number is losses_that_see else None
