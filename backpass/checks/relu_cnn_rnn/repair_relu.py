"""Repair the gradients of a ReLU net that takes its masks from the wrong layer."""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import ACTIVE, draw, either, passed, relu
from backpass.gradcheck import slope, vjp


class Net:
    """Three layers without biases, ReLU after the first two, half the mean squared error.

    Inputs x (n, d), targets t (n, k), weights ``ws``; z[i] and h[i + 1] are the layers' inputs to
    ReLU, or to what is ``act`` in its place, and its outputs, and h[0] is x.
    """

    def __init__(self, n: int, *widths: int, act: Callable = relu) -> None:
        self.n, self.widths = n, widths
        ends = (n, widths[0]), (n, widths[-1])
        self.x, self.t, *self.ws = draw(11, *ends, *pairwise(widths))
        self.z, self.h = [], [self.x]
        for w in self.ws:
            self.z.append(self.h[-1] @ w)
            self.h.append(act(self.z[-1]))

    def gradients(
        self,
        through: Callable[[np.ndarray, int], np.ndarray] | None = None,
        *,
        layers: tuple[int, ...] = (0, 1),
        turned: bool = True,
        at_outputs: Callable[[np.ndarray], np.ndarray] = lambda v: v,
    ) -> list[np.ndarray]:
        """The three gradients, like ``ws``.

        ``through(v, i)`` says what of v, at the outputs of ReLU in layer i, comes back to its
        inputs; it replaces what is right in these ``layers``. If not ``turned``, what comes back
        meets W where Wᵀ belongs; ``at_outputs`` of the gradient there is what goes back.
        """
        delta = at_outputs(slope(lambda y: np.sum((y - self.t) ** 2) / 2 / self.n, self.z[2]))
        found = []
        for i in (2, 1, 0):
            found.insert(0, vjp(delta, lambda w, i=i: self.h[i] @ w, self.ws[i]))
            w = self.ws[i] if turned else self.ws[i].T
            v, below = vjp(delta, lambda h, w=w: h @ w, self.h[i]), i - 1
            if i:
                wrong = through and below in layers
                delta = through(v, below) if wrong else passed(v, self.z[below])
        return found

    @cached_property
    def right(self) -> list[np.ndarray]:
        """The three gradients, like ``ws``."""
        return self.gradients()

    @cached_property
    def of_tanh(self) -> "Net":
        """The net with tanh on the way forward; its own way back is still that of ReLU."""
        return Net(self.n, *self.widths, act=np.tanh)

    def slipped(
        self, through: Callable[[np.ndarray, int], np.ndarray], place: int, given: object
    ) -> np.ndarray:
        """The gradient at ``place`` with a slip in both layers, or in one if that was given."""
        forms = (self.gradients(through, layers=layers) for layers in [(0, 1), (0,), (1,)])
        return either(given, *(form[place] for form in forms))


#: All layers are equally wide, as the exercise says: a half of the repair must not stop.
NETS = [Net(5, 3, 3, 3, 3), Net(7, 4, 4, 4, 4)]

OWN_LAYER = "An error that comes back to H₂ passes where H₂ itself was positive, and so for H₁."


NAMES = ("dW1", "dW2", "dW3")


@exercise(
    "Repair: the mask of another layer",
    section=ACTIVE,
    points=3,
    kind="repair",
    mistakes={"summed": "The loss is the mean over the examples, and its 1/n is lost."},
)
def repair_relu(attempt):
    for label, places, weight in [("W₂ and W₃", (1, 2), 1), ("W₁", (0,), 2)]:
        with attempt.part(label, weight=weight) as part:
            for net in NETS:
                right = dict(zip(NAMES, net.right, strict=True))

                def of(name, given, net=net):
                    return net, NAMES.index(name), given

                asked = [NAMES[i] for i in places]
                part.outputs([net.x, net.t, *net.ws], right, asked, of=of, batch=net.n)


@repair_relu.mistake(f"The mask is that of the layer below. {OWN_LAYER}")
def layer_below(net, place, given):
    below = net.x, net.z[0]
    return net.slipped(lambda v, i: passed(v, below[i]), place, given)


@repair_relu.mistake(f"The mask is that of the layer above. {OWN_LAYER}")
def layer_above(net, place, given):
    return net.slipped(lambda v, i: passed(v, net.z[i + 1]), place, given)


@repair_relu.mistake(f"The two masks are exchanged. {OWN_LAYER}")
def exchanged(net, place, _):
    return net.gradients(lambda v, i: passed(v, net.z[1 - i]))[place]


@repair_relu.mistake(
    "ReLU′ is taken to be 1 everywhere. It is 1 on active units and 0 elsewhere. (A mask H ≥ 0"
    " lets everything through.)"
)
def mask_forgotten(net, place, given):
    return net.slipped(lambda v, i: v, place, given)


@repair_relu.mistake(
    "The mask asks for the sign of the error that comes back; it should ask for the sign of what"
    " went in."
)
def sign_of_error(net, place, given):
    return net.slipped(lambda v, i: passed(v, v), place, given)


@repair_relu.mistake("The mask is the wrong way round: it lets through where the unit was silent.")
def inverted(net, place, given):
    return net.slipped(lambda v, i: passed(v, -net.z[i]), place, given)


@repair_relu.mistake("The error is multiplied by H itself. The slope is 1 where H > 0, not H.")
def value_for_slope(net, place, given):
    return net.slipped(lambda v, i: v * net.h[i + 1], place, given)


@repair_relu.mistake(
    "The hidden units are tanh here. The net has ReLU: max(0, z) on the way forward, and on the way"
    " back 1 where H > 0."
)
def tanh_units(net, place, given):
    there = net.of_tanh
    forms = there.gradients(), there.gradients(lambda v, i: v * (1 - there.h[i + 1] ** 2))
    return either(given, *(form[place] for form in forms))


@repair_relu.mistake("W is not transposed on the way back: δ Wᵀ.")
def not_transposed(net, place, _):
    return net.gradients(turned=False)[place]


@repair_relu.mistake("A mask is put on the outputs. There is no ReLU after the last layer.")
def last_masked(net, place, _):
    return net.gradients(at_outputs=lambda v: passed(v, net.z[2]))[place]


@repair_relu.mistake(
    "Divided by all n·k numbers of the output, as np.mean does: the loss is the mean over the n"
    " rows only."
)
def all_entries(net, place, _):
    return net.right[place] / net.widths[-1]
