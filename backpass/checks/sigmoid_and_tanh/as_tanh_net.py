"""A net of sigmoids rewritten as a net of tanhs that computes the same."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from backpass.checks import Part, exercise, forms, order
from backpass.checks.closest import closest
from backpass.checks.errors import Wrong
from backpass.checks.sigmoid_and_tanh._inputs import TWICE, sigma, uniform
from backpass.gradcheck import diagnose

# A seed; n examples, d inputs, h and k hidden units, out outputs.
SIZES = [(12, (6, 3, 5, 5, 5)), (13, (6, 2, 5, 3, 1)), (14, (6, 4, 1, 4, 3))]

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")

Function = Callable[[np.ndarray], np.ndarray]


def itself(outputs: np.ndarray) -> np.ndarray:
    """The outputs, (n, out), as they are."""
    return outputs


def differences(outputs: np.ndarray) -> np.ndarray:
    """Of the other examples' outputs from the first one's, (n − 1, out): b3 is not in them."""
    return outputs[1:] - outputs[0]


def run(f: Function, x, w1, b1, w2, b2, w3, b3) -> np.ndarray:
    """The outputs, (n, out), of a net with the activation f in both hidden layers."""
    return f(f(x @ w1 + b1) @ w2 + b2) @ w3 + b3


@dataclass(frozen=True, eq=False)
class Net:
    """The net of sigmoids, inputs for it, and what of the outputs is ``asked``."""

    x: np.ndarray  # (n, d)
    w1: np.ndarray  # (d, h)
    b1: np.ndarray  # (h,)
    w2: np.ndarray  # (h, k)
    b2: np.ndarray  # (k,)
    w3: np.ndarray  # (k, out)
    b3: np.ndarray  # (out,)
    asked: Function  # itself or differences

    @property
    def arrays(self) -> list[np.ndarray]:
        """W1, b1, W2, b2, W3 and b3."""
        return [self.w1, self.b1, self.w2, self.b2, self.w3, self.b3]

    @property
    def hidden(self) -> dict[str, np.ndarray]:
        """The arrays of a net of tanhs with the hidden layers right, and the old b3."""
        return {
            "w1": self.w1 / 2,
            "b1": self.b1 / 2,
            "w2": self.w2 / 4,
            "b2": self.b2 / 2 + self.w2.sum(axis=0) / 4,
            "w3": self.w3 / 2,
            "b3": self.b3,
        }

    @property
    def plainest(self) -> dict[str, np.ndarray]:
        """The right answer that most give, by the names of its arrays."""
        arrays = self.hidden | {"b3": self.b3 + self.w3.sum(axis=0) / 2}
        return dict(zip(NAMES, arrays.values(), strict=True))

    def as_tanh(self, **slips: np.ndarray) -> np.ndarray:
        """What is asked, of a net of tanhs: the hidden layers right, b3 old, but for ``slips``."""
        return self.asked(run(np.tanh, self.x, **self.hidden | slips))


def nets(asked: Function) -> Iterator[Net]:
    """The nets of all ``SIZES``."""
    for seed, (n, d, h, k, out) in SIZES:
        shapes = [(n, d), (d, h), h, (h, k), k, (k, out), out]
        yield Net(*(2 * a for a in uniform(seed, *shapes)), asked)


@exercise(
    "From sigmoid to tanh",
    section=TWICE,
    points=4,
    kind="implement",
    mistakes={
        "shape": (
            "The new net has the shapes of the old one.",
            "Return each array in the shape in which it was given.",
        )
    },
)
def as_tanh_net(attempt):
    def judge(part, net):
        """The learner's net is run, in the learner's precision."""
        right = dict(zip(NAMES, net.arrays, strict=True))
        new = dict(zip(NAMES, part.call(*net.arrays, outputs=right), strict=True))
        look_for_order(part, net, new)
        for name, old in right.items():
            if np.shape(new[name]) != old.shape:
                if alike(np.transpose(new[name]), net.plainest[name]):
                    look_at_array(part, net, new, name)
                refuse_shape(part, name, np.shape(new[name]), old.shape)
        rows = biases_in_rows(part, net)
        if rows and net.asked is itself:
            part.told_above()
        elif rows:
            refuse_shape(part, rows[0], (1, *right[rows[0]].shape), right[rows[0]].shape)
        for name, array in new.items():
            if not np.all(np.isfinite(array)):
                look_at_array(part, net, new, name)
        outputs = run(np.tanh, net.x, *new.values())
        outputs = outputs.astype(np.result_type(np.float32, *new.values()))
        expected = run(sigma, net.x, *net.arrays)
        if net.asked is itself:
            follows = diagnose(differences(outputs), differences(expected))
            text = "They can only be right once their differences are."
            if not follows and all(alike(new[name], net.plainest[name]) for name in ("W2", "b3")):
                part.told_above()  # what b3 takes on is right; the rest is judged above
                return
            part.require(
                follows, f"{text} {' '.join(map('Mend {}.'.format, only_wrong(net, new)))}"
            )
        given = net.asked(outputs)
        try:
            # A row is refused above, in the arrays that came.
            part.expect(given, net.asked(expected), of=[net, given], rows=False)
        except Wrong as wrong:
            if wrong.mistake not in part.exercise.mistakes:
                for name in only_wrong(net, new):
                    look_at_array(part, net, new, name)
            raise

    for label, asked in [
        ("how the outputs differ between inputs", differences),
        ("the outputs themselves", itself),
    ]:
        with attempt.part(label, weight=2) as part:
            for net in nets(asked):
                judge(part, net)


def refuse_shape(part: Part, name: str, new: tuple, old: tuple) -> NoReturn:
    """End the part since the array of this name has another shape than the old one."""
    text = f"The new {name} has shape {new}, the old one {old}."
    raise Wrong(f"{part.exercise.mistakes['shape']} {text}", "shape")


def biases_in_rows(part: Part, net: Net) -> list[str]:
    """The names of those biases that come as a matrix of one row, where the net would run too."""
    found = part.call(*net.arrays, repeat=False)
    with suppress(forms.OtherForm):  # arrays of one shape come as an array of them
        found = forms.several(found, NAMES)
    pairs = zip(NAMES, found, net.arrays, strict=True)
    return [name for name, new, old in pairs if np.shape(new) == (1, *old.shape)]


def look_for_order(part: Part, net: Net, new: dict[str, np.ndarray]) -> None:
    """End the part if the arrays are those of the plainest right answer, in another order."""
    results = order.Results(new, net.plainest, alike)
    if any(order.exchanged(results.alike, name) for name in results.wrong):
        raise Wrong(order.told(results.alike), "order")


def only_wrong(net: Net, new: dict[str, np.ndarray]) -> list[str]:
    """The name of the only array that differs from the plainest right answer's; else nothing."""
    wrong = order.Results(new, net.plainest, alike).wrong
    return wrong if len(wrong) == 1 else []


def look_at_array(part: Part, net: Net, new: dict[str, np.ndarray], name: str) -> None:
    """End the part with what there is to say of this array, beside the plainest right answer's."""
    try:
        part.expect(new[name], net.plainest[name])
    except Wrong as wrong:
        alone = only_wrong(net, new)
        text = f"All arrays but {name} are as they may be. Of that:" if alone else f"Of {name}:"
        raise Wrong(f"{text} {wrong.message}", wrong.mistake) from None


def alike(a: object, b: np.ndarray) -> bool:
    """Are these the same numbers in the same shape?"""
    return np.shape(a) == b.shape and bool(np.allclose(a, b, 1e-7, 1e-9))


# In the hidden layers: what the differences show.


@as_tanh_net.mistake(
    "The first hidden layer is given its z; what does its tanh need to be given, to do what σ did?",
    "z/2: halve W1.",
)
def W1_not_halved(net, given):
    return closest(given, net.as_tanh(w1=net.w1), net.as_tanh(w1=net.w1, b1=net.b1))


@as_tanh_net.mistake(
    "Not all of what goes into the first tanh is as small as it should be.",
    "z/2 halves the bias too: halve b1.",
)
def b1_not_halved(net, given):
    return net.as_tanh(b1=net.b1)


@as_tanh_net.mistake(
    "W2 is made smaller once. Two things happen to it: what comes in through it, and what goes"
    " out of it.",
    "Halve it for the ½ before the first tanh, and again for z/2 in the second.",
)
def W2_once(net, given):
    return net.as_tanh(w2=net.w2 / 2)


@as_tanh_net.mistake(
    "The second layer gets the z of the sigmoid net, but it is a tanh as well.",
    "Halve W2 and b2 once more.",
)
def second_not_halved(net, given):
    return net.as_tanh(w2=net.w2 / 2, b2=net.b2 + net.w2.sum(axis=0) / 2)


@as_tanh_net.mistake(
    "Each array is halved, and that is all. What becomes of the ½ that is *added* in ½ + ½ tanh?",
    "It moves on through W2 and W3 into the next biases; and W2 is halved twice.",
)
def all_halved(net, given):
    return net.as_tanh(w2=net.w2 / 2, b2=net.b2 / 2, b3=net.b3 / 2)


@as_tanh_net.mistake(
    "b2 is right for z, but the tanh behind it needs z/2.",
    "Halve all of b2, what was added to it as well.",
)
def b2_not_halved(net, given):
    return net.as_tanh(b2=net.b2 + net.w2.sum(axis=0) / 2)


@as_tanh_net.mistake(
    "The ½ that is added behind the first hidden layer is lost. Where does it go?",
    "Through W2 it adds half of the column sums of W2 to z, which b2 must take over, before it"
    " is halved.",
)
def b2_not_shifted(net, given):
    return net.as_tanh(b2=net.b2 / 2)


@as_tanh_net.mistake(
    "What is added to b2 is too large by a factor.",
    "It is half of the column sums of W2, and z/2 halves that once more: a quarter.",
)
def b2_shift_not_halved(net, given):
    return net.as_tanh(b2=(net.b2 + net.w2.sum(axis=0)) / 2)


@as_tanh_net.mistake(
    "b2 itself has been halved twice, as W2 is. By what does σ multiply what comes in as b2?",
    "By nothing: only z/2 halves b2, and the sums of W2 are what is halved twice.",
)
def b2_halved_twice(net, given):
    return net.as_tanh(b2=(net.b2 + net.w2.sum(axis=0)) / 4)


@as_tanh_net.mistake(
    "What is added to b2 is too small by a factor.",
    "Take the sums of the *old* W2, half of them, and halve once for z/2: a quarter.",
)
def b2_shift_halved_again(net, given):
    return net.as_tanh(b2=net.b2 / 2 + net.w2.sum(axis=0) / 8)


@as_tanh_net.mistake(
    "The tanh of the second hidden layer swings twice as far as σ did. Who takes that back?",
    "Halve W3: σ(z) = ½ + ½ tanh(z/2).",
)
def W3_not_halved(net, given):
    return net.as_tanh(w3=net.w3)


@as_tanh_net.mistake(
    "Everything is the wrong way round: this makes a sigmoid net of a tanh net.",
    "Use σ(z) = ½ + ½ tanh(z/2).",
)
def doubled(net, given):
    b2 = 2 * (net.b2 - net.w2.sum(axis=0))
    return net.as_tanh(w1=2 * net.w1, b1=2 * net.b1, w2=4 * net.w2, b2=b2, w3=2 * net.w3)


@as_tanh_net.mistake(
    "The hidden layers are as they were, so the nets differ as σ and tanh do.",
    "Begin with σ(z) = ½ + ½ tanh(z/2) in the first layer: halve W1 and b1.",
)
def unchanged(net, given):
    return net.asked(run(np.tanh, net.x, *net.arrays))


@as_tanh_net.mistake(
    "Everything is doubled; which way round is the identity?",
    "σ(z) = ½ + ½ tanh(z/2) *halves* what goes in and what comes out.",
)
def all_doubled(net, given):
    b3s = (net.b3, 2 * net.b3)
    doubled = {"w1": 2 * net.w1, "b1": 2 * net.b1, "w2": 2 * net.w2, "b2": 2 * net.b2}
    return closest(given, *(net.as_tanh(**doubled, w3=2 * net.w3, b3=b3) for b3 in b3s))


@as_tanh_net.mistake(
    "What is added to b2 has the wrong sign: is σ tanh moved up or down?",
    "Up: through W2 its ½ is *added* to z.",
)
def b2_shift_reversed(net, given):
    shift = net.w2.sum(axis=0) / 4
    values = [net.as_tanh(b2=net.b2 / 2 - shift)]
    if net.asked is itself:
        values.append(net.as_tanh(b2=net.b2 / 2 - shift, b3=net.b3 - net.w3.sum(axis=0) / 2))
    return closest(given, *values)


@as_tanh_net.mistake(
    "What is added to b2 is made of other sums. What comes into unit j?",
    "Column j of W2: sum over axis=0.",
)
def b2_other_sums(net, given):
    h, k = net.w2.shape
    values = [net.w2.sum(), h * net.w2.mean(), 1.0, 2.0, net.b1.sum(), net.w2.mean(axis=0)]
    values += [net.w2.sum(axis=1)] if h == k else []
    return closest(given, *(net.as_tanh(b2=net.b2 / 2 + v / 4) for v in values))


@as_tanh_net.mistake(
    "What is added to b2 are the sums of a W2 that has been made smaller already.",
    "Take the sums of the old W2 first.",
)
def b2_shift_of_new(net, given):
    shift = net.w2.sum(axis=0)
    return closest(given, *(net.as_tanh(b2=net.b2 / 2 + shift / c) for c in (16, 32)))


@as_tanh_net.mistake(
    "Only the first hidden layer is rewritten, and the second has a tanh too.",
    "Give it z/2, and leave its ½ + ½ tanh to W3 and b3.",
)
def second_layer_left(net, given):
    first = {"w2": net.w2 / 2, "b2": net.b2 + net.w2.sum(axis=0) / 2}
    return closest(given, net.as_tanh(**first, w3=net.w3), net.as_tanh(**first))


@as_tanh_net.mistake(
    "A matrix or a bias is made smaller once too often.",
    "W1 and b1 are halved once, W2 twice, b2 once, W3 once.",
)
def too_small(net, given):
    b2 = net.b2 / 2 + net.w2.sum(axis=0) / 4
    slips = [{"w1": net.w1 / 4, "b1": net.b1 / 4}, {"b2": b2 / 2, "w3": net.w3 / 4}]
    slips += [{"w2": net.w2 / 8, "b2": b2 / 2}]
    return closest(given, *(net.as_tanh(**slip) for slip in slips))


# In the last bias: what only the outputs themselves show.


@as_tanh_net.mistake(
    "The outputs are all off by constants: the ½ that is added behind the second hidden layer"
    " is lost.",
    "It passes through W3: add half of the column sums of the old W3 to b3.",
)
def b3_not_shifted(net, given):
    return net.as_tanh(b3=net.b3)


@as_tanh_net.mistake(
    "b3 itself has been made smaller. Does it stand inside a σ?",
    "It does not: leave the old b3, and add the shift.",
)
def b3_halved(net, given):
    return net.as_tanh(b3=(net.b3 + net.w3.sum(axis=0)) / 2)


@as_tanh_net.mistake(
    "What b3 gets is too much by a factor.",
    "It is half of the column sums of W3.",
)
def shift_not_halved(net, given):
    return net.as_tanh(b3=net.b3 + net.w3.sum(axis=0))


@as_tanh_net.mistake(
    "What b3 gets is too little by a factor.",
    "Take half of the column sums before W3 is halved.",
)
def shift_quartered(net, given):
    return net.as_tanh(b3=net.b3 + net.w3.sum(axis=0) / 4)


@as_tanh_net.mistake(
    "What b3 gets has the wrong sign: is σ tanh moved up or down?",
    "Up: add it.",
)
def shift_reversed(net, given):
    return net.as_tanh(b3=net.b3 - net.w3.sum(axis=0) / 2)


@as_tanh_net.mistake(
    "Half is added to each output. To what is ½ added in this net?",
    "To each hidden unit; it comes to an output through W3: add half of its column sums.",
)
def shift_by_half(net, given):
    return net.as_tanh(b3=net.b3 + 0.5)


@as_tanh_net.mistake(
    "b3 gets sums over something else. What does one output sum over?",
    "Over the hidden units, the rows of W3: axis=0.",
)
def shift_other_axis(net, given):
    k, out = net.w3.shape
    sums = [net.w3.sum(), net.w2.sum(), net.b2.sum(), net.w3.mean(axis=0)]
    sums += [net.w3.sum(axis=1)] if k == out else []
    return closest(given, *(net.as_tanh(b3=net.b3 + one / 2) for one in sums))
