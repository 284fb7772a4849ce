"""Synthesis: the gradient on its way down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import either, uniform
from backpass.checks.residual_networks.repair_stack import Stack
from backpass.gradcheck.check import matches

PROFILES = "Section: “Plain and residual, layer by layer”."

#: X (n, d), W (L, d, d), G (n, d) of one net.
Net = tuple[np.ndarray, np.ndarray, np.ndarray]


def by_differences(x: np.ndarray, w: np.ndarray, g: np.ndarray, lam: float) -> tuple:
    """What the learner's ``stack`` should give, by complex steps: a right one."""
    arrays = [np.asarray(a, float) for a in (x, w, g)]
    return walked(*((a.tobytes(), a.shape) for a in arrays), float(lam))


@lru_cache(maxsize=64)
def walked(x: tuple, w: tuple, g: tuple, lam: float) -> tuple[np.ndarray, np.ndarray]:
    """:func:`by_differences` of arrays' bytes and shapes: it is asked again and again."""
    found = Stack(*(np.frombuffer(data).reshape(shape) for data, shape in (x, w, g)), lam).right
    return found["Gs"], found["dW"]


def made_up(sizes: Sequence[float]) -> Callable:
    """A ``stack`` of no net at all: the gradients at the layers are G turned, by λ too, and from
    the bottom to the top so many times as long, but to a power that is each net's own: some fall
    below a level early, some late or never.
    """

    def stack(x, w, g, lam):
        own, found = 0.4 + 1.2 * np.abs(np.sin(9 * np.sum(g))), []
        for l, size in enumerate(sizes):
            angle = l + 1 + lam
            turned = np.cos(angle) * g + np.sin(angle) * g[::-1, ::-1]
            found.append(size**own * np.linalg.norm(g) / np.linalg.norm(turned) * turned)
        return np.array([*found, g]), np.ones_like(w)

    return stack


@dataclass(frozen=True, eq=False)
class Survey:
    """Some nets of one depth, λ, and the ``stack`` with which they are surveyed."""

    stack: Callable
    nets: list[Net]
    lam: float
    calls: list = field(default_factory=list)  # by the learner's function, of what is handed over

    @property
    def args(self) -> list:
        """What the learner's function is called with."""

        def stack(X, W, G, lam):  # the names of the sheet: an answer may call it by them
            self.calls.append(lam)
            return self.stack(X, W, G, lam)

        return [stack, self.nets, self.lam]

    @cached_property
    def gradients(self) -> list[np.ndarray]:
        """For each net the gradients at all layers, (L + 1, n, d)."""
        return [np.asarray(self.stack(*net, self.lam)[0]) for net in self.nets]

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        profile = np.exp(np.mean(np.log([relative(gs) for gs in self.gradients]), axis=0))
        turned = np.mean([cosine(gs[0], gs[-1]) for gs in self.gradients])
        return {"profile": profile, "below": np.array(below(profile)), "turned": turned}

    def turned_by(self, found: dict) -> dict[str, np.ndarray]:
        """``turned``, with the lengths that the profile that was found is made of."""
        profile = np.asarray(found["profile"], float)
        for length in OTHER_LENGTHS:
            if profile.shape == self.right["profile"].shape and matches(
                profile, measured(self, length)
            ):
                return {"turned": np.mean([cosine_by(length, gs) for gs in self.gradients])}
        return {"turned": self.right["turned"]}

    @cached_property
    def by_itself(self) -> "Survey":
        """The same nets walked back without the stack that was handed over."""
        return Survey(by_differences, self.nets, self.lam)


def relative(gs: np.ndarray) -> np.ndarray:
    """The length of the gradient at each layer, that at the top being 1."""
    sizes = np.linalg.norm(gs.reshape(len(gs), -1), axis=1)
    return sizes / sizes[-1]


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """The cosine of the angle between two arrays, each as one long vector."""
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)))


def below(profile: np.ndarray, level: float = 0.01) -> int:
    """After how many blocks, from the top, the profile is first below the level; L + 1 if never."""
    (under,) = np.nonzero(profile[::-1] < level)
    return int(under[0]) if len(under) else len(profile)


def below_of(found: dict) -> dict[str, np.ndarray]:
    """``below`` of the profile that was found."""
    return {"below": np.array(below(np.asarray(found["profile"], float)))}


#: Other lengths of a gradient (n, d) than that of the whole array.
OTHER_LENGTHS: list[Callable] = [
    lambda g: np.linalg.norm(g, 2),
    lambda g: np.mean(np.linalg.norm(g, axis=1)),
    lambda g: np.sum(np.abs(g)),
    lambda g: np.max(np.abs(g)),
    lambda g: np.sum(g * g),
    lambda g: np.linalg.norm(g[0]),
]


def measured(case: "Survey", length: Callable) -> np.ndarray:
    """The profile with another length of a gradient (n, d)."""
    sizes = np.array([[length(g) for g in gs] for gs in case.gradients])
    return np.exp(np.mean(np.log(sizes / sizes[:, -1:]), axis=0))


def cosine_by(length: Callable, gs: np.ndarray) -> float:
    """The cosine at the ends, with another length of a gradient (n, d)."""
    return float(np.sum(gs[0] * gs[-1]) / (length(gs[0]) * length(gs[-1])))


def nets(seed: int, blocks: int, count: int, n: int = 2, d: int = 3) -> list[Net]:
    """So many nets with so many blocks."""
    drawn = (uniform(seed + i, (n, d), (blocks, d, d), (n, d)) for i in range(count))
    return [(x, w, g) for x, w, g in drawn]


#: Below a tenth, a hundredth and a thousandth in other places, and above again further down.
LOW = [0.03, 0.03, 0.0002, *[0.03] * 3, 0.0004, 0.03, 0.004]
FALLING = [*LOW, 0.05, 0.06, 0.3, 0.8, 1.1, 1.2]
#: The two that a right stack surveys, then those that only what is handed over can explain.
#: Nets that fall below it after 16 blocks (never), 6 and 9: their profile does after 7.
APART = [one for seed in (30, 36, 20) for one in nets(seed, len(FALLING), 1)]
CASES = [
    Survey(by_differences, nets(4, 4, 3), 0.6),
    Survey(by_differences, nets(1, 5, 2), 0.0),
    Survey(made_up(FALLING), APART, 0.3),
    Survey(made_up([3.0, 2.0, 0.4, 0.7]), nets(3, 4, 3), 0.9),
]
#: Slips that spoil all results: they cost the points of the first that shows them.
ONCE = {"one-net", "other-lam"}
#: What the sheet's nets give: how many blocks until a hundredth is left of the plain net's
#: gradient, and how many times as long as at the top it is at the bottom of the residual one.
MEASURED = {"blocks": 14, "grown": 10}


@exercise(
    "Synthesis: the gradient on its way down",
    section=PROFILES,
    points=6,
    kind="synthesis",
    mistakes={
        "shape": (
            "The profile has a number for each layer, the others are one number each.",
            "There are L + 1 layers, from the bottom to the top; take the mean over the nets.",
        )
    },
)
def survey(attempt):
    for name, label, weight in [
        ("profile", "the profile", 3),
        ("below", "where it is below a hundredth", 1),
        ("turned", "how far it has turned", 2),
    ]:
        after = ONCE.intersection(attempt.mistakes)
        with attempt.part(label, weight) as part:
            # Of those that never fall so low "below" tells least.
            for case in CASES[2:] + CASES[:2] if name == "below" else CASES:
                case.calls.clear()
                part.call(*case.args, outputs=case.right, repeat=False)
                if not case.calls:  # then nothing is measured, and nothing follows from it
                    part.blame("stack-ignored", "`stack` was not called.")
                follows = {"below": below_of, "turned": case.turned_by}.get(name)
                part.outputs(
                    case.args,
                    case.right,
                    name,
                    of=lambda *of, case=case: (case, *of),
                    follows=follows,
                    after=after,
                    lengths=False,
                )
    if attempt.right == attempt.total and isinstance(attempt.prediction, tuple | list):
        words = {
            "blocks": "blocks until a hundredth is left, plain",
            "grown": "times as long at the bottom, λ = 1",
        }
        for name, predicted in zip(words, attempt.prediction, strict=False):
            if predicted is not ...:
                attempt.compare(words[name], MEASURED[name], predicted)


@survey.mistake(
    "The stack that was handed over is not used, or not this one: the check hands over altered ones"
    " to see.",
    "Call stack(X, W, G, lam) with the stack that is the first argument; nothing need be walked"
    " back here.",
)
def stack_ignored(case, name, _):
    if name == "below" or case.stack is by_differences:  # it follows from the profile
        return None
    return case.by_itself.right[name]


@survey.mistake(
    "The stack is walked with another λ than the survey was given.",
    "Hand lam on: stack(X, W, G, lam).",
)
def other_lam(case, name, given):
    others = [Survey(case.stack, case.nets, lam) for lam in (1.0, 0.0) if lam != case.lam]
    return either(given, *(other.right[name] for other in others)) if name != "below" else None


@survey.mistake(
    "The profile is not relative to the top. What should its last number be?",
    "Divide the lengths of each net by that at its top, G's, before you take the mean.",
)
def not_relative(case, name, given):
    if name != "profile":
        return None
    sizes = np.array([np.linalg.norm(gs.reshape(len(gs), -1), axis=1) for gs in case.gradients])
    geometric = np.exp(np.mean(np.log(sizes), axis=0))
    return either(given, geometric, sizes.mean(axis=0), geometric / geometric[0])


@survey.mistake(
    "The profile is another mean over the nets than the geometric one.",
    "Take the mean of the logarithms, then exp of it.",
)
def other_mean(case, name, given):
    if name != "profile":
        return None
    sizes = np.array([relative(gs) for gs in case.gradients])
    root = np.sqrt(np.mean(sizes**2, axis=0))
    return either(given, sizes.mean(axis=0), np.median(sizes, axis=0), root, 1 / np.mean(1 / sizes,
                  axis=0))  # fmt: skip


@survey.mistake(
    "These are logarithms.",
    "Take exp of their mean: the profile is a length, in lengths of G.",
)
def left_in_logs(case, name, given):
    if name != "profile":
        return None
    return either(given, np.log(case.right["profile"]), np.log10(case.right["profile"]))


@survey.mistake(
    "The profile is upside down. Which end is the loss at?",
    "Number l belongs to X_l: the bottom comes first, and the last number is 1.",
)
def upside_down(case, name, _):
    return case.right["profile"][::-1] if name == "profile" else None


@survey.mistake(
    "This is not of all the nets. How many are there?",
    "Go through all of nets, and take the mean over them at the end.",
)
def one_net(case, name, given):
    if name == "below":
        return None
    some = case.nets[:1], case.nets[-1:], case.nets[:-1], case.nets[1:]
    return either(given, *(Survey(case.stack, one, case.lam).right[name] for one in some))


@survey.mistake(
    "The length is not that of the whole array, all examples and entries together.",
    "It is the root of the sum of all squares: np.linalg.norm of the array made flat.",
)
def other_length(case, name, given):
    if name != "profile":
        return None
    return either(given, *(measured(case, one) for one in OTHER_LENGTHS))


@survey.mistake(
    "These are the nets' own numbers, or a mean of them. Whose profile is it?",
    "Work it out once, with the profile, which is the geometric mean over the nets.",
)
def of_each_net(case, name, given):
    if name != "below":
        return None
    each = [below(relative(gs)) for gs in case.gradients]
    forms = np.mean(each), round(np.mean(each)), np.median(each), min(each), max(each)
    forms += each[0], each[-1], np.floor(np.mean(each)), np.ceil(np.mean(each))
    return either(given, np.array(each), *(np.array(float(form)) for form in forms))


@survey.mistake(
    "The profile never falls so low here, and something else than L + 1 is returned.",
    "Return L + 1 if no layer is below a hundredth.",
)
def never(case, name, given):
    last = len(case.right["profile"]) - 1
    if name != "below" or case.right["below"] <= last:
        return None
    return either(given, *map(np.array, (0, -1, last, np.inf)))


@survey.mistake(
    "It is counted from the wrong end, or one off. How many blocks lie between the top and X_l?",
    "L − l of them: at the top, l = L, none has been passed.",
)
def other_count(case, name, given):
    if name != "below" or case.right["below"] >= len(case.right["profile"]):
        return None
    right, last = int(case.right["below"]), len(case.right["profile"]) - 1
    from_bottom = int(np.argmax(case.right["profile"] < 0.01))
    return either(given, *map(np.array, (last - right, right + 1, right - 1, from_bottom)))


@survey.mistake(
    "It is not the first time that the profile is below. Can it rise again further down?",
    "Go from the top down and stop at the first layer that is below.",
)
def not_the_first(case, name, given):
    if name != "below" or case.right["below"] >= len(case.right["profile"]):
        return None
    under = case.right["profile"] < 0.01
    last = len(under) - 1
    return either(given, *map(np.array, (last - int(np.argmax(under)), int(under.sum()))))


@survey.mistake(
    "The level is another one.", "A hundredth is 0.01 of the length at the top."
)  # fmt: skip
def other_level(case, name, given):
    if name != "below":
        return None
    levels = (below(case.right["profile"], level) for level in (0.1, 0.001))
    return either(given, *map(np.array, levels))


@survey.mistake(
    "This is no cosine: it is not free of how long the two are.",
    "Divide the sum of products by the lengths of both.",
)
def lengths_left_in(case, name, given):
    if name != "turned":
        return None
    pairs = [(gs[0], gs[-1]) for gs in case.gradients]
    products = np.mean([np.sum(a * b) for a, b in pairs])
    by_top = np.mean([np.sum(a * b) / np.sum(b * b) for a, b in pairs])
    return either(given, products, by_top)


@survey.mistake(
    "The cosine is taken example by example, and the mean then.",
    "Take each of the two arrays as one long vector.",
)
def by_example(case, name, _):
    if name != "turned":
        return None
    return np.mean([[cosine(a, b) for a, b in zip(gs[0], gs[-1], strict=True)]
                    for gs in case.gradients])  # fmt: skip


@survey.mistake(
    "The lengths in it are not those of the whole arrays.",
    "Divide by the roots of the sums of all squares, of each array made flat.",
)
def other_length_in_it(case, name, given):
    if name != "turned":
        return None
    means = [np.mean([cosine_by(one, gs) for gs in case.gradients]) for one in OTHER_LENGTHS]
    return either(given, *means)


@survey.mistake(
    "These are not the gradients at the two ends of the net.",
    "Compare that at the bottom, Gs[0], with that at the top, Gs[L].",
)
def other_layers(case, name, given):
    if name != "turned":
        return None
    pairs = ((-2, -1), (0, 1), (1, -1))
    return either(
        given, *(np.mean([cosine(gs[i], gs[k]) for gs in case.gradients]) for i, k in pairs)
    )


@survey.mistake(
    "This is another function of the angle, or of the cosine, or that of a mean, or of all nets"
    " together.",
    "Return the mean of the nets' cosines, as they are.",
)
def other_function(case, name, given):
    if name != "turned":
        return None
    each = np.array([cosine(gs[0], gs[-1]) for gs in case.gradients])
    forms = (
        np.abs(each).mean(),
        np.arccos(each).mean(),
        np.degrees(np.arccos(each)).mean(),
        (np.mean(each**2)),
    )
    bottom, top = (np.array([gs[i] for gs in case.gradients]) for i in (0, -1))
    return either(given, *forms, np.arccos(each.mean()), 1 - each.mean(), each.sum(),
                  np.median(each), cosine(bottom, top))  # fmt: skip
