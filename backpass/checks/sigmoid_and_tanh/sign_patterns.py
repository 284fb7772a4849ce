"""How many sign patterns the gradients of a linear unit show, one batch after the other."""

from functools import cache

import numpy as np

from backpass.checks import exercise, judging
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import BATCH

ONE = "Section: “One example, two orthants”."
TRIALS = 40


def batches(seed: int, n: int, d: int, low: float, trials: int = TRIALS) -> tuple:
    """Inputs (trials, n, d) from ``low`` to 1, and a δ for each example, (trials, n)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(low, 1, (trials, n, d)), rng.uniform(-1, 1, (trials, n))


def with_zeros() -> tuple:
    """Batches of which some have a gradient with a component that is exactly 0."""
    X, delta = batches(5, 2, 3, -1)
    X[::3, :, 1] = 0
    return X, delta


#: Of two, three and one examples; and with components that are 0.
CASES = [batches(1, 2, 3, -0.3), batches(2, 3, 4, -1), batches(3, 1, 4, -1), with_zeros()]


def gradients(X: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """∂L/∂w of each batch, (trials, d), where ∂L/∂f is ``delta``."""

    def losses(w: np.ndarray) -> np.ndarray:
        """With these δ held fast L is linear in w; one value for each batch."""
        return np.sum(delta * (X @ w), axis=1)

    return np.transpose([losses(e) - losses(0 * e) for e in np.eye(X.shape[-1])])


def counted(g: np.ndarray) -> int:
    """The different sign patterns in the rows of g, those with a 0 left out."""
    return len(np.unique(np.sign(g)[g.all(axis=1)], axis=0))


def drawn(n: int, same_sign: bool = False, trials: int = 1500) -> tuple:
    """The sheet's cases: five positive inputs, batches of n, δ of one sign or opposite ones."""
    rng = np.random.default_rng(6)
    X = rng.uniform(0, 1, (trials, n, 5)) ** 4
    delta = rng.uniform(0, 1, (trials, n)) * rng.choice([-1, 1], (trials, 1))
    return X, delta if same_sign or n == 1 else delta * [1, -1]


@cache
def predicted() -> dict[str, tuple]:
    """By the letters of the sheet, what is counted there."""
    X, delta = drawn(1)
    return {
        "a": (X, delta),
        "b": drawn(50, same_sign=True, trials=200),
        "c": drawn(2),
        "d": (X * [1, 1, 1, -1, -1], delta),
    }


#: Slips in the gradient or in the count that the cases would show once more. Who leaves δ out, or
#: gives one number always, has not got as far as the cases.
PAID_FOR = {
    *("delta-as-signs", "each-example", "first-example", "opposites-as-one", "signs-summed"),
    "summed-apart",
}


@exercise(
    "How many directions?",
    section=BATCH,
    points=3,
    kind="predict",
)
def sign_patterns(attempt):
    with attempt.part("sets of random batches", weight=2) as part:
        right = {"the count": np.array([counted(gradients(*case)) for case in CASES], float)}
        part.outputs(
            CASES,
            right,
            of=lambda name, given: [CASES, given],
            here="X of shape {0.shape}",
            repeat=False,
        )
    found, told = {}, set(attempt.mistakes)
    with attempt.part("the cases a, b, c and d", weight=1) as part:
        for letter, (X, delta) in part.each(predicted().items(), "case {}"):
            found[letter] = counted(gradients(X, delta))
            value = part.call(X, delta, repeat=False)
            if judging.is_right(value, float(found[letter]), {}):
                continue
            known = attempt.exercise.foreseen([[(X, delta)], value])
            again = judging.slips(value, {slug: known[slug] for slug in told if slug in known})
            if again & PAID_FOR:
                part.told_above()
            elif again:
                part.blame(min(again), f"Yours is {value:g}, right is {found[letter]}.")
            else:  # of one small number nobody knows where it comes from: no factor is told
                counts = np.shape(value) == () and isinstance(value, int | float | np.number)
                part.require(not counts, f"Yours is {value}, right is {found[letter]}.")
                part.expect(value, float(found[letter]), of=None)
    if attempt.right == attempt.total:
        attempt.compare_cases(found, "count")


def of_all(cases, count) -> np.ndarray:
    """What a wrong count gives in each of the ``cases``, in one of them as a number."""
    values = np.array([count(X, delta) for X, delta in cases], float)
    return values if len(values) > 1 else values[0]


@sign_patterns.mistake(
    "Every example's gradient is counted by itself. A batch has one gradient, and a pattern is"
    " that of the whole.",
    "Sum δ x over the examples of a batch, axis 1, before the signs are taken.",
)
def each_example(cases, given):
    def count(X, delta):
        return counted((X * delta[..., None]).reshape(-1, X.shape[-1]))

    return of_all(cases, count)


@sign_patterns.mistake(
    "The δ and the inputs are summed apart, and then multiplied. Each example's inputs go with its"
    " own δ.",
    "Multiply first, X * delta[..., None], then sum over the examples.",
)
def summed_apart(cases, given):
    return of_all(cases, lambda X, delta: counted(X.sum(axis=1) * delta.sum(axis=1)[:, None]))


@sign_patterns.mistake(
    "The δ are missing: these are the signs of the inputs' sums.",
    "∂L/∂w is the sum of δ x: multiply each example by its δ.",
)
def delta_forgotten(cases, given):
    return of_all(cases, lambda X, delta: counted(X.sum(axis=1)))


@sign_patterns.mistake(
    "A gradient with a component of exactly 0 is counted too; these are left out.",
    "Keep only the rows in which no sign is 0.",
)
def zeros_counted(cases, given):
    return of_all(cases, lambda X, delta: len({tuple(g) for g in np.sign(gradients(X, delta))}))


@sign_patterns.mistake(
    "A component of exactly 0 is counted as if it had a sign, as g > 0 or g >= 0 does.",
    "Keep only the rows in which no component is 0, then take the signs.",
)
def zero_has_a_sign(cases, given):
    def count(plus):
        return lambda X, delta: len(np.unique(plus(gradients(X, delta)), axis=0))

    return closest(
        given, of_all(cases, count(lambda g: g > 0)), of_all(cases, count(lambda g: g >= 0))
    )


@sign_patterns.mistake(
    "These are the different signs, not the different patterns: a pattern is a whole row.",
    "Compare whole rows: a set of tuples, or np.unique(…, axis=0).",
)
def signs_counted(cases, given):
    def count(X, delta):
        g = gradients(X, delta)
        return len(np.unique(np.sign(g[g.all(axis=1)])))

    return closest(
        given,
        of_all(cases, count),
        of_all(cases, lambda *case: len(np.unique(np.sign(gradients(*case))))),
    )


@sign_patterns.mistake(
    "A pattern and its opposite are counted as one. They are two: the step goes the other way.",
    "Take the signs as they are, without making the first one +.",
)
def opposites_as_one(cases, given):
    def count(X, delta):
        g = np.sign(gradients(X, delta))
        return len({tuple(row * row[0]) for row in g if row.all()})

    return of_all(cases, count)


@sign_patterns.mistake(
    "These are all gradients, equal patterns counted each time.",
    "Take each pattern once: a set of tuples, or np.unique(…, axis=0).",
)
def not_once(cases, given):
    return of_all(cases, lambda X, delta: int(np.sign(gradients(X, delta)).all(axis=1).sum()))


@sign_patterns.mistake(
    "The signs are summed instead of the gradients: an example with a small δ then counts as much"
    " as one with a large δ.",
    "Sum first, then take the sign.",
)
def signs_summed(cases, given):
    return of_all(cases, lambda X, delta: counted(np.sign(X * delta[..., None]).sum(axis=1)))


@sign_patterns.mistake(
    "These are all patterns that there could be, 2 to the number of weights. Count those that"
    " occur.",
    "Work out the gradient of each batch and count the patterns you find.",
)
def all_there_are(cases, given):
    return of_all(cases, lambda X, delta: 2 ** X.shape[-1])


@sign_patterns.mistake(
    "Of each batch one example is looked at. Does a loop keep only the last, or [:, 0] the first?",
    "The gradient of a batch is the sum of δ x over all of its examples.",
)
def first_example(cases, given):
    def one(i):
        return lambda X, delta: counted(X[:, i] * delta[:, [i]])

    return closest(given, of_all(cases, one(0)), of_all(cases, one(-1)))


@sign_patterns.mistake(
    "Of the δ only the signs are used: an example with a small δ then counts as much as one with a"
    " large δ.",
    "Multiply by δ itself, sum, and take the sign of the sum.",
)
def delta_as_signs(cases, given):
    return of_all(cases, lambda X, delta: counted(gradients(X, np.sign(delta))))
