"""Which terms does a truncation keep? Predicted, then measured with one's own function."""

from collections.abc import Callable
from functools import cache

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import DROPS, NEWEST, either, sent_back, slope_of_tanh
from backpass.checks.bptt.credit import kept
from backpass.checks.exercise import exercise


class Truncation:
    """Called as the learner's ``credit`` is, it keeps the terms that ``keep`` chooses.

    ``keep(steps, k, s)`` is True at [t, i] if the loss of step t reaches step i, (T, T).
    """

    def __init__(self, keep: Callable) -> None:
        self.keep = cache(keep)

    def __call__(self, x, h, g, w, k, s) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, h, g, w = (np.asarray(array, float) for array in (x, h, g, w))
        chosen, steps = self.keep(len(x), int(k), int(s)), len(x)
        t, i = np.nonzero(chosen)
        farthest = (t - i).max(initial=0)
        slopes = slope_of_tanh(np.arctanh(h[1:]))
        deltas, back = np.zeros_like(g), g
        for lag in range(farthest + 1):  # all losses at once, each that many steps before its own
            delta = back[lag:] * slopes[: steps - lag]
            deltas[: steps - lag] += delta * np.diagonal(chosen, -lag)[:, None, None]
            if lag < farthest:
                back = np.concatenate([np.zeros_like(g[:lag]), sent_back(delta, w)])
                back[: lag + 1] = 0
        inputs = x, h[:-1], np.ones((*x.shape[:2], 1))
        du, dw, db = (np.einsum("tni,tnj->ij", one, deltas) for one in inputs)
        return du, dw, db[0]


def every(steps: int, k: int, s: int) -> np.ndarray:
    """All terms, whatever K and S are."""
    return kept(steps, steps, 1)


def sliding(steps: int, k: int, s: int) -> np.ndarray:
    """K steps for each loss, whatever S is."""
    return kept(steps, k, 1)


def of_k(steps: int, k: int, s: int) -> np.ndarray:
    """Windows of K steps, whatever S is."""
    t, i = np.indices((steps, steps))
    return (i <= t) & (t // k == i // k)


def longer(steps: int, k: int, s: int) -> np.ndarray:
    """A pass goes one step too far."""
    return kept(steps, k + 1, s)


def far(steps: int, k: int, s: int) -> np.ndarray:
    """The terms that :func:`kept` drops, and those with i = t."""
    return every(steps, k, s) & (~kept(steps, k, s) | np.eye(steps, dtype=bool))


def second(steps: int, k: int, s: int) -> np.ndarray:
    """Every second loss sends credit, to its own step and K before it."""
    t, i = np.indices((steps, steps))
    return (t % 2 == 1) & (i <= t) & (t - i <= k)


def scattered(steps: int, k: int, s: int) -> np.ndarray:
    """Terms in no order."""
    t, i = np.indices((steps, steps))
    return (i <= t) & ((3 * t + 5 * i + t * i + k + s) % 7 < 4)


# None of them keeps just what K and S say, so that a formula in K and S finds none.
PARTS = [  # label, weight, and T, K, S with the truncation
    (
        "functions with slips of `credit` in them",
        2,
        [(8, 5, 2, of_k), (8, 3, 2, sliding), (7, 2, 2, longer), (6, 3, 2, every)],
    ),
    (
        "functions that keep other terms still",
        1,
        [(7, 2, 2, far), (7, 2, 1, second), (9, 4, 3, scattered)],
    ),
]


@exercise(
    "Which terms are kept?",
    section=DROPS,
    points=3,
    kind="predict",
    axes=("the loss", "the step"),
    mistakes={
        "zeros": (
            "Nothing is kept, it seems. Are the credit's ways closed by what you put in?",
            "Give it inputs, states, G and W with which no factor is 0: the slope is 1 − H².",
        ),
        "transposed": ("Losses and steps are exchanged.", "A row for each loss: kept[t, k]."),
        "by-definition": (
            "The function that is passed in is never called. What it should keep, by the definition"
            " of K and S, is not asked, but what it keeps.",
            "Call `credit`, the first argument, and look at what it returns.",
        ),
    },
)
def terms(attempt):
    wrong = False
    for label, weight, cases in PARTS:
        with attempt.part(label, weight=weight) as part:
            wrong = True
            for steps, k, s, keep in part.each(cases, "T = {}, K = {}, S = {}"):
                truncation, calls = Truncation(keep), []

                # The names are those of the sheet: an answer may call it by them.
                def credit(X, H, G, W, K, S, truncation=truncation, calls=calls):
                    calls.append((K, S))
                    return truncation(X, H, G, W, K, S)

                value = part.call(credit, steps, k, s, repeat=False)
                if not calls:
                    part.blame("by-definition", "`credit` was not called.")
                right = keep(steps, k, s).astype(float)
                part.expect(value, right, of=[steps, k, s, keep, value], lengths=False)
            wrong = False
    if not wrong:
        compare(attempt)


#: What is predicted of T = 10, in this order: K, S, and the lag that is looked at, if one is.
PREDICTED = {
    "Of T = 10 steps, terms kept with K = 4, S = 1": (4, 1, None),
    "terms kept with K = S = 4": (4, 4, None),
    "terms kept with K = 4, S = 2": (4, 2, None),
    "losses that reach 3 steps back with K = 4, S = 2": (4, 2, 3),
}


def compare(attempt: Attempt) -> None:
    """Tell how far the predictions were off, by what the answer measures."""
    guesses = attempt.prediction
    guesses = guesses if isinstance(guesses, tuple | list) else ()
    for (what, (k, s, lag)), guess in zip(PREDICTED.items(), guesses, strict=False):
        table = kept(10, k, s)
        number = table.sum() if lag is None else np.trace(table, -lag)
        attempt.compare(what, int(number), guess)


@terms.mistake(
    "The terms' sizes are told, and not whether they are kept.",
    "Compare with 0: `!= 0`.",
)
def sizes(steps, k, s, keep, given):
    numbers = isinstance(given, np.ndarray) and given.dtype.kind == "f"
    same = numbers and np.array_equal(given != 0, keep(steps, k, s)) and np.isfinite(given).all()
    return given if same and len(np.unique(given)) > 3 else None  # else it is something else


@terms.mistake(
    "K and S are exchanged where `credit` is called.",
    "The order is credit(X, H, G, W, K, S).",
)
def exchanged(steps, k, s, keep, _):
    return None if k == s else keep(steps, s, k).astype(float)


@terms.mistake(
    "All losses send at once, or all steps show in one number, so that nobody knows who got credit"
    " from whom.",
    "Let one loss at a time send: G is 0 at all other steps. And give each step an input of its"
    " own, X[t] = e_t: then dU has a row for each step.",
)
def together(steps, k, s, keep, given):
    table = keep(steps, k, s)
    wide = np.ones((steps, steps)) * table.any(axis=0)
    high = np.ones((steps, steps)) * table.any(axis=1)[:, None]
    return either(given, wide, np.tril(wide), high, np.tril(high))


@terms.mistake(
    "Only credit for the loss's own step is seen: is there a way from step to step?",
    "Through W = 0 nothing comes back; take 1.",
)
def own_step_only(steps, k, s, keep, _):
    return (keep(steps, k, s) & np.eye(steps, dtype=bool)).astype(float)


@terms.mistake(
    f"The terms of each loss and its own step are not seen. {NEWEST}",
    "With dW a state of 0 hides the credit, as h_0 does; dU sees all.",
)
def own_step_lost(steps, k, s, keep, _):
    return (keep(steps, k, s) & ~np.eye(steps, dtype=bool)).astype(float)


@terms.mistake(
    "The first step is never seen to get credit.",
    "With dW a state of 0 hides the credit, as h_0 does; dU sees all.",
)
def first_lost(steps, k, s, keep, _):
    table = keep(steps, k, s).astype(float)
    table[:, 0] = 0
    return table


@terms.mistake(
    "The losses, or the steps, come in the reverse order.",
    "kept[t, k] belongs to the loss of step t and to step k, both counted from 0.",
)
def reversed_(steps, k, s, keep, given):
    table = keep(steps, k, s).astype(float)
    forms = [table[::-1], table[:, ::-1], table[::-1, ::-1]]
    return either(given, *(form for form in forms if not np.array_equal(form, table.T)))


@terms.mistake(
    "A row holds the steps by how far they lie before the loss, not by their number.",
    "At [t, k] stands step k: count it from the beginning, not from t.",
)
def by_lag(steps, k, s, keep, given):
    t, lag = np.indices((steps, steps))
    table = keep(steps, k, s)[t, np.maximum(t - lag, 0)] & (lag <= t)
    return table.astype(float)


@terms.mistake(
    "The terms that are dropped are marked.",
    "True where credit arrives.",
)
def dropped(steps, k, s, keep, given):
    other = ~keep(steps, k, s)
    forms = [form.astype(float) for form in (other, np.tril(other)) if form.any()]
    return either(given, *forms)


@terms.mistake(
    "The terms are counted, or added up.",
    "A table is wanted, (T, T): one entry for each loss and step. Its sum is their number.",
)
def number(steps, k, s, keep, given):
    table = keep(steps, k, s)
    return either(given, np.array(float(table.sum())), *(table.sum(axis=a) * 1.0 for a in (0, 1)))
