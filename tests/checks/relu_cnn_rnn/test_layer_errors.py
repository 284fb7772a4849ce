"""Back through layers with a leak: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import layer_errors
from backpass.gradcheck import numerical_gradient


def layers(
    slope=lambda z, a: np.where(z > 0, 1.0, a),
    at=lambda zs, x: zs,
    through=None,
    back=lambda delta, w: delta @ w.T,
    kept=lambda v, delta: v,
    last=lambda slope: slope,
    finish=lambda found, x: found,
):
    """The gradients along all states with one thing changed."""

    def answer(x, ws, g, a):
        h, zs = x, []
        for w in ws:
            zs.append(h @ w)
            h = np.where(zs[-1] > 0, 1, a) * zs[-1]
        places = at(zs, x)
        if any(place.shape != z.shape for place, z in zip(places, zs, strict=True)):
            places = zs
        v, found = g, []
        for i in reversed(range(len(ws))):
            one = through(v, zs[i], a) if through else slope(places[i], a)
            delta = v * (last(one) if i == len(ws) - 1 else one)
            found.append(kept(v, delta))
            v = back(delta, ws[i])
        return finish((*found, v)[::-1], x)

    return answer


def by_differences(x, ws, g, a):
    def from_state(h, ws):
        for w in ws:
            h = np.where(h @ w > 0, 1, a) * (h @ w)
        return np.sum(g * h)

    found, h = [], x
    for i in range(len(ws) + 1):
        found.append(numerical_gradient(lambda h, i=i: from_state(h, ws[i:]), h))
        h = np.where(h @ ws[i] > 0, 1, a) * (h @ ws[i]) if i < len(ws) else h
    return found


def unturned(delta, w):
    return delta @ (w if w.shape[0] == w.shape[1] else w.T)


def another_forward(back, f=lambda z, a: np.maximum(z, 0), turn=lambda one: one[::-1]):
    """What a net with ReLU, or another f, on the way forward gives, and a leak on the way back."""

    def answer(x, ws, g, a):
        h, zs, found = x, [], [g]
        for w in ws:
            zs.append(h @ w)
            h = f(zs[-1], a)
        for w, z in zip(turn(ws), zs[::-1], strict=True):
            found.append(found[-1] * np.where(z > 0, 1, back(a)) @ w.T)
        return found[::-1]

    return answer


WRONG = {
    "chapters-relu": another_forward(lambda a: 0.0),
    "leak-only-back": another_forward(lambda a: a),
    "linear-forwards": another_forward(lambda a: a, lambda z, a: z),
    "leak-in-both": another_forward(lambda a: a, lambda z, a: np.maximum(z, 0) + a * z),
    "slopes-twice": layers(slope=lambda z, a: np.where(z > 0, 1, a) ** 2),
    "g-forgotten": lambda x, ws, g, a: layers()(x, ws, np.ones_like(g), a),
    "not-turned-round": another_forward(
        lambda a: a,
        lambda z, a: np.where(z > 0, z, a * z),
        lambda ws: ws if len({w.shape for w in ws}) == 1 else ws[::-1],
    ),
    "leak-forgotten": layers(slope=lambda z, a: z > 0),
    "layer-below": layers(at=lambda zs, x: [x, *zs[:-1]]),
    "layer-above": layers(at=lambda zs, x: [*zs[1:], zs[-1]]),
    "mask-forgotten": layers(slope=lambda z, a: np.ones_like(z)),
    "last-forgotten": layers(last=np.ones_like),
    "sign-of-error": layers(through=lambda v, z, a: np.where(v > 0, 1, a)),
    "inverted": layers(slope=lambda z, a: np.where(z > 0, a, 1)),
    "value-for-slope": layers(slope=lambda z, a: np.where(z > 0, 1, a) * z),
    "not-transposed": layers(back=unturned),
    "before-activation": layers(kept=lambda v, delta: delta),
    "averaged": layers(finish=lambda found, x: tuple(one / len(x) for one in found)),
    "order": layers(finish=lambda found, x: found[::-1]),
    "shape": layers(finish=lambda found, x: tuple(one[:, :1] for one in found)),
}

RIGHT = [layers(), lambda *args: list(layers()(*args))]

NEARLY = [
    lambda x, ws, g, a: layers()(x, ws, g, 0.3),
    layers(slope=lambda z, a: np.where(z > 0.05, 1, a)),
]


class TestLayerErrors(contract.Exercise):
    check = layer_errors
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_differences_are_told_as_such():
    score = layer_errors(by_differences)
    assert (score, score.mistakes) == (0, ("finite-differences",))


@pytest.mark.parametrize(
    "answer",
    [
        layers(slope=lambda z, a: (z > 0) + a),
        another_forward(lambda a: a, lambda z, a: np.maximum(z, 0) + a * z),
    ],
)
def test_a_leak_that_is_added_is_named_forward_and_back(answer):
    score = layer_errors(answer)
    assert (score, score.mistakes) == (1, ("leak-in-both",))


def test_relu_alone_gives_a_point():
    score = layer_errors(WRONG["leak-forgotten"])
    assert (score, score.mistakes) == (1, ("leak-forgotten",))


@pytest.mark.parametrize("give", [lambda found: found[::-1], list, tuple])
def test_a_single_array_is_not_taken_for_a_list(give):
    assert layer_errors(lambda x, ws, g, a: give([g])) == 0


def test_a_mean_in_every_layer_is_named():
    def answer(X, Ws, G, a):
        found, H, zs = [G], X, []
        for W in Ws:
            zs.append(H @ W)
            H = np.where(zs[-1] > 0, 1.0, a) * zs[-1]
        for W, z in zip(Ws[::-1], zs[::-1], strict=True):
            found.insert(0, found[0] * np.where(z > 0, 1.0, a) / len(X) @ W.T)
        return found

    assert layer_errors(answer).mistakes == ("averaged",)


@pytest.mark.parametrize("slug", ["mask-forgotten", "inverted", "sign-of-error", "g-forgotten"])
def test_a_slip_in_both_chains_costs_the_first(slug):
    score = layer_errors(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))
