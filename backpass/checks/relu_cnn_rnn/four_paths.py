"""Four ways back put together: through layers, through time, held by u, and by a counterexample.

The learner's function is handed other versions of what they wrote before, which are right but for
factors of their own: what it gives then tells whether it has used them, and with what.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.relu_cnn_rnn._chain import Chain
from backpass.checks.relu_cnn_rnn._inputs import PRODUCTS, draw
from backpass.checks.relu_cnn_rnn.u_range import root

NAMES = ("layers", "steps", "held", "counter")
A = np.array([[0.3, 11.0], [0.0, -0.2]])
W, D = np.array([[1.8, -1.2], [2.55, -1.7]]), np.array([1.0, 0.15])


def layer_errors(
    X: np.ndarray, Ws: list[np.ndarray], G: np.ndarray, a: float, odd: float = 0.1
) -> list[np.ndarray]:
    """The gradients along all states of a chain, each with a factor: 1 + ``odd`` a layer back."""
    found = Chain(X, [*Ws], G, a).errors()
    return [value * (1 + odd * back) for back, value in enumerate(found[::-1])][::-1]


def rnn_gradients(
    X: np.ndarray,
    h0: np.ndarray,
    W: np.ndarray,
    V: np.ndarray,
    b: np.ndarray,
    dh: np.ndarray,
    odd: float = 0.2,
) -> tuple[np.ndarray, ...]:
    """The gradients of a recurrent net along W, V, b and all states, those with a factor."""
    chain = Chain(h0, [W] * len(X), dh, 0.0, [x @ V + b for x in X])
    found = chain.errors()
    states = [value * (1 + odd * back) for back, value in enumerate(found[::-1])]
    return 0.0 * W, 0.0 * V, 0.0 * b, np.array(states[::-1])


def u_range(
    smallest: float, largest: float, T: int, silent: int, a: float, odd: float = 0.1
) -> tuple[float, float]:
    """The range of u, a little too wide."""
    low, high = (root(m / a**silent, T) for m in (smallest, largest))
    return low * (1 - odd), high * (1 + odd)


def counterexamples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two of their own kind."""
    return A.copy(), W.copy(), D.copy()


def log_norms(errors: np.ndarray) -> np.ndarray:
    """The logarithms of the norms of gradients, the last first."""
    return np.log([np.linalg.norm(one) for one in errors[::-1]])


class Setting:
    """Matrices ws (L, m, m), states h (n, m), positive, and g (n, m), which arrives at the last."""

    def __init__(self, seed: int, layers: int, n: int, m: int) -> None:
        self.ws, h, self.g = draw(seed, (layers, m, m), (n, m), (n, m))
        self.ws = self.ws + 0.2  # so that no unit's gradient dies on the way
        self.h = np.abs(h) + 0.1

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [
            layer_errors,
            rnn_gradients,
            u_range,
            counterexamples,
            self.ws,
            self.h,
            self.g,
        ]

    def layers(self, *, a: float = 0.0, **odd: float) -> list[np.ndarray]:
        """The gradients through the layers."""
        return layer_errors(self.h, list(self.ws), self.g, a, **odd)

    def through_time(self, w: np.ndarray, **odd: float) -> np.ndarray:
        """The gradients through as many steps with one w, without inputs or biases."""
        count, (n, m) = len(self.ws), self.h.shape
        no_input = np.zeros((count, n, 1)), self.h, w, np.zeros((1, m)), np.zeros(m)
        return rnn_gradients(*no_input, self.g, **odd)[3]

    def held(self, u: float, **odd: float) -> np.ndarray:
        """The same with each unit on its own, and one u for all."""
        return self.through_time(u * np.eye(self.h.shape[1]), **odd)

    def counter(self, j: np.ndarray, a: float = 1.0) -> list[np.ndarray]:
        """The gradients through as many layers with one j, from unit vectors."""
        one = np.eye(len(j))
        return layer_errors(one, [j] * len(self.ws), one, a)

    def u(self, *, place: int = 1, more: int = 0, **odd: float) -> float:
        """What is to hold the gradient, or another of the range, or for other steps."""
        return u_range(0.5, 2.0, len(self.ws) + more, 0, 1.0, **odd)[place]

    @cached_property
    def errors(self) -> dict[str, np.ndarray | list[np.ndarray]]:
        """The gradients along all states, by name."""
        return {
            "layers": self.layers(),
            "steps": self.through_time(self.ws[0]),
            "held": self.held(self.u()),
            "counter": self.counter(W * D),
        }

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What is asked for, by name."""
        return {name: log_norms(errors) for name, errors in self.errors.items()}


SETTING = Setting(33, 5, 3, 4)

PARTS = {
    "different layers, one matrix": ("layers", "steps"),
    "held by u": ("held",),
    "the counterexample": ("counter",),
}


#: Slips in what is made of each path's gradients: they show in every part, and cost the first.
OF_ALL_PATHS = {
    "forwards",
    "no-logarithm",
    "base-10",
    "squared",
    "averaged-rows",
    "spectral",
    "normalised",
    "other-size",
    "shape",
}


@exercise(
    "Synthesis: four ways back in one picture",
    section=PRODUCTS,
    points=6,
    kind="synthesis",
    mistakes={
        "shape": (
            "Each path has L + 1 numbers, with L = len(Ws): after 0, 1, …, L factors.",
            "Take one norm over all entries of each state's gradient, G itself included.",
        ),
    },
)
def four_paths(attempt):
    for label, names in PARTS.items():
        told = OF_ALL_PATHS.intersection(attempt.mistakes)  # in a part before
        with attempt.part(label, weight=2) as part:

            def of(name, given):
                return SETTING, name, given

            part.outputs(SETTING.args, SETTING.right, names, of=of, after=told, batch=None)


def only(*names: str) -> Callable:
    """A mistake ``slip(setting)`` that can be made in the paths of these names, in gradients, or in
    a tuple of forms.
    """

    def decorate(slip):
        def mistake(setting, name, given):
            if name not in names:
                return None
            found = slip(setting)
            return closest(given, *map(log_norms, found if isinstance(found, tuple) else (found,)))

        mistake.__name__ = slip.__name__
        return mistake

    return decorate


@four_paths.mistake(
    "The path runs from the first state to the last. The gradient's way is the other one.",
    "Turn the list of gradients round: G, which is the last, comes first.",
)
def forwards(setting, name, _):
    return setting.right[name][::-1]


@four_paths.mistake("These are the norms themselves.", "Take np.log of them.")
def no_logarithm(setting, name, _):
    return np.exp(setting.right[name])


@four_paths.mistake("These are logarithms to the base 10.", "Take natural ones, np.log.")
def base_10(setting, name, _):
    return setting.right[name] / np.log(10)


@four_paths.mistake("These are logarithms of squared norms.", "Take the root, or half of it.")
def squared(setting, name, _):
    return 2 * setting.right[name]


@four_paths.mistake(
    "The norms of the examples are averaged. One norm over all entries is asked for.",
    "np.linalg.norm of the whole array, without an axis.",
)
def averaged_rows(setting, name, _):
    means = [np.linalg.norm(one, axis=-1).mean() for one in setting.errors[name][::-1]]
    return np.log(means)


@four_paths.mistake(
    "This is the largest singular value. Of a matrix of gradients the root of the sum of squares"
    " is asked for.",
    "np.linalg.norm without a second argument.",
)
def spectral(setting, name, _):
    return np.log([np.linalg.norm(one, 2) for one in setting.errors[name][::-1]])


@four_paths.mistake(
    "The path begins at 0: all norms are divided by that of G.",
    "Take ln of the norms as they are. That of G itself comes first.",
)
def normalised(setting, name, _):
    return setting.right[name] - setting.right[name][0]


@four_paths.mistake(
    "This is another size than the root of the sum of squares: a mean, a plain sum, or the largest"
    " entry.",
    "np.linalg.norm of the whole array, without an axis.",
)
def other_size(setting, name, given):
    sizes = (
        lambda one: np.sqrt(np.mean(one**2)),
        lambda one: np.sum(np.abs(one)),
        lambda one: np.max(np.abs(one)),
        lambda one: np.mean(np.abs(one)),
    )
    errors = setting.errors[name][::-1]
    return closest(given, *(np.log([size(one) for one in errors]) for size in sizes))


@four_paths.mistake(
    "The paths do not come from the functions that yours is given. Here these are others than your"
    " own, and their results differ a little.",
    "Call the parameters layer_errors, rnn_gradients, u_range and counterexamples, and write no"
    " second version of them.",
)
def own_functions(setting, name, given):
    own = {
        "layers": lambda: [setting.layers(odd=0)],
        "steps": lambda: [setting.through_time(setting.ws[0], odd=0)],
        "held": lambda: [
            setting.held(setting.u(odd=0), odd=0),
            setting.held(setting.u(odd=0)),
            setting.held(setting.u(), odd=0),
        ],
        "counter": lambda: [
            layer_errors(np.eye(2), [W * D] * len(setting.ws), np.eye(2), 1.0, odd=0)
        ],
    }
    return closest(given, *map(log_norms, own[name]()))


@four_paths.mistake(
    "The layers are not those of ReLU.",
    "ReLU is a leaky ReLU with the leak 0: give layer_errors a = 0.",
)
@only("layers")
def leaky_layers(setting):
    return setting.layers(a=1.0)


@four_paths.mistake(
    "The net through time does not have the first layer's matrix.",
    "Give rnn_gradients Ws[0] for W.",
)
@only("steps")
def other_matrix(setting):
    return setting.through_time(setting.ws[-1])


@four_paths.mistake(
    "Through time the matrices differ from step to step. What is a recurrent net's W?",
    "Let rnn_gradients walk back with one W, Ws[0], in all L steps.",
)
@only("steps")
def different_in_time(setting):
    return setting.layers()


@four_paths.mistake(
    "u is the smallest that is allowed.", "Take the second of the two numbers that u_range returns."
)
@only("held")
def smallest_u(setting):
    _, exchanged = u_range(2.0, 0.5, len(setting.ws), 0, 1.0)
    return setting.held(setting.u(place=0)), setting.held(exchanged)


@four_paths.mistake(
    "u is 2 itself, which doubles the gradient in every step.",
    "Over all L steps together it may double: u_range(0.5, 2.0, L, 0, 1.0)[1].",
)
@only("held")
def bound_for_u(setting):
    return setting.held(2.0)


@four_paths.mistake(
    "u is that for another number of steps.", "There are L = len(Ws) of them, none silent."
)
@only("held")
def other_steps(setting):
    return setting.held(setting.u(more=1)), setting.held(setting.u(more=-1))


@four_paths.mistake(
    "u^L stands where u belongs: what all L steps make together acts in each of them.",
    "What u_range returns is u itself: W = u * np.eye(m).",
)
@only("held")
def power_for_u(setting):
    return setting.held(setting.u() ** len(setting.ws))


@four_paths.mistake(
    "With a matrix of ones each unit hears all the others.",
    "Each is to hear itself only: u * np.eye(m), the unit matrix.",
)
@only("held")
def ones_for_unit(setting):
    m = setting.h.shape[1]
    return setting.through_time(setting.u() * np.ones((m, m)))


@four_paths.mistake(
    "u multiplies the first layer's matrix. In this net each unit hears itself only.",
    "Give rnn_gradients u * np.eye(m) for W: an IndRNN is a net with a diagonal W.",
)
@only("held")
def full_matrix(setting):
    return setting.through_time(setting.u() * setting.ws[0])


@four_paths.mistake(
    "The slopes d are left out. W alone has a small spectral radius, and its powers die out.",
    "The Jacobian of a step is W diag(d): J = W * d.",
)
@only("counter")
def slopes_forgotten(setting):
    return setting.counter(W)


@four_paths.mistake(
    "The slopes are put on the rows of W.",
    "W diag(d) scales the columns: J = W * d, in NumPy.",
)
@only("counter")
def rows_scaled(setting):
    return setting.counter(D[:, None] * W)


@four_paths.mistake(
    "This is the path of A, the first of the counterexamples.",
    "Take W and d, the second and the third of what counterexamples returns.",
)
@only("counter")
def first_example(setting):
    return setting.counter(A), setting.counter(A * D)


@four_paths.mistake(
    "What arrives at the last layer is not the unit matrix.",
    "Give layer_errors np.eye(len(W)) for X and for G: J has its own size.",
)
@only("counter")
def other_start(setting):
    j, starts = W * D, (np.ones((1, len(W))), np.ones(W.shape), np.eye(len(W))[:1])
    return tuple(layer_errors(one, [j] * len(setting.ws), one, 1.0) for one in starts)


@four_paths.mistake(
    "Slopes of ReLU act here besides. d has the slopes already.",
    "Give layer_errors the leak a = 1: then f(z) = z, and all slopes are 1.",
)
@only("counter")
def masked_again(setting):
    return setting.counter(W * D, a=0.0)
