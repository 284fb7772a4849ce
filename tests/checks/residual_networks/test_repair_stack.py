"""Repair, a stack of blocks: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import repair_stack
from backpass.tape import Value, tanh


def stack(
    passed=lambda along, back, g, top: along + back(g),
    to_weights=lambda g, below: g,
    slope=lambda t, above: 1 - t**2,
    seen=lambda xs, i: xs[i],
    back=lambda v, w: v @ w.T,
    order=lambda L: range(L)[::-1],
    shortcut=lambda lam: lam,
    bent=False,
):
    """Back through blocks λ x + tanh(x W), with one thing changed."""

    def answer(X, W, G, lam):
        xs, ts, dW, gs = [X], [], np.zeros_like(W), [G] * (len(W) + 1)
        for w in W:
            ts.append(np.tanh(xs[-1] @ w))
            xs.append(lam * xs[-1] + ts[-1])
        g = G
        for i in order(len(W)):
            s = slope(ts[i], xs[i + 1])
            along = shortcut(lam) * g * (s if bent else 1)
            below = passed(along, lambda v, s=s, w=W[i]: back(v * s, w), g, G)
            dW[i] = seen(xs, i).T @ (to_weights(g, below) * s)
            g = gs[i] = below
        return np.array(gs), dW

    return answer


def stack_on_the_tape(X, W, G, lam):
    hs, ws = [Value(X)], [Value(w) for w in W]
    for w in ws:
        hs.append(hs[-1] * lam + tanh(hs[-1] @ w))
    hs[-1].backward(G)
    return [h.grad for h in hs], [w.grad for w in ws]


def with_weights(other):
    """The right gradients, and those of the weights from another walk."""
    return lambda *args: (stack()(*args)[0], other(*args)[1])


WRONG = {
    "weights-from-x": stack(to_weights=lambda g, below: below),
    "unscaled": stack(shortcut=lambda lam: 1),
    "block-scaled": lambda X, W, G, lam: stack(lambda a, back, g, top: a + lam * back(g))(
        X, W, G, lam
    ),
    "skip-forgotten": stack(lambda a, back, g, top: back(g)),
    "block-forgotten": stack(lambda a, back, g, top: a),
    "other-forward": lambda X, W, G, lam: stack(shortcut=lambda _: lam)(X, W, G, 1.0),
    "halved": stack(lambda a, back, g, top: (a + back(g)) / 2),
    "multiplied": stack(lambda a, back, g, top: a * back(g)),
    "first-order": stack(lambda a, back, g, top: a + back(top)),
    "slope-at-sum": stack(slope=lambda t, above: 1 - above**2),
    "lam-twice": stack(shortcut=lambda lam: lam**2),
    "shortcut-bent": stack(bent=True),
    "zeros": lambda *args: (stack()(*args)[0], 0 * stack()(*args)[1]),
    "averaged": lambda X, *rest: (stack()(X, *rest)[0], stack()(X, *rest)[1] / len(X)),
    "weights-from-top": with_weights(stack(lambda a, back, g, top: g)),
    "one-for-g": lambda X, W, G, lam: stack(lambda a, back, g, top: lam + back(g))(X, W, G, lam),
    "skip-twice": stack(lambda a, back, g, top: 2 * a + back(g)),
    "not-transposed": stack(back=lambda v, w: v @ w),
    "other-slope": stack(slope=lambda t, above: 1 - t),
    "other-input": stack(seen=lambda xs, i: xs[i + 1]),
    "upside-down": lambda *args: (stack()(*args)[0][::-1], stack()(*args)[1]),
    "other-walk": stack(order=range),
}


class TestRepairStack(contract.Exercise):
    check = repair_stack
    wrong = WRONG
    right = (stack(), stack_on_the_tape)
    nearly = (
        lambda X, W, G, lam: stack()(X, W[:2], G, lam),
        lambda X, W, G, lam: stack()(X, W, G, lam or 1),
        lambda X, W, G, lam: ([*stack()(X, W, G, lam)[0][:-1], 0 * G], stack()(X, W, G, lam)[1]),
    )


def test_a_broken_backward_pass_hears_why():
    score = repair_stack(contract.sheet("residual_networks").names()["stack_broken"])
    assert (score, score.mistakes) == (0, ("unscaled", "weights-from-x"))


def test_each_of_the_two_slips_mended_alone_is_told_of_the_other():
    score = repair_stack(stack(shortcut=lambda lam: 1))
    assert (score, score.mistakes) == (1, ("unscaled",))
    assert "(right for your Gs)" in score.feedback[1]
    score = repair_stack(stack(to_weights=lambda g, below: below))
    assert (score, score.mistakes) == (2, ("weights-from-x",))


def without_slope(gs, weights):
    """The slope of tanh forgotten on the way to X, on that to the weights, or on both."""

    def answer(X, W, G, lam):
        xs = [X]
        for w in W:
            xs.append(lam * xs[-1] + np.tanh(xs[-1] @ w))
        found, dW = [G], np.zeros_like(W)
        for i in range(len(W))[::-1]:
            s = 1 - np.tanh(xs[i] @ W[i]) ** 2
            dW[i] = xs[i].T @ (found[0] * (1 if weights else s))
            found.insert(0, lam * found[0] + (found[0] * (1 if gs else s)) @ W[i].T)
        return np.array(found), dW

    return answer


@pytest.mark.parametrize(
    ("gs", "weights", "points"), [(True, False, 1), (False, True, 2), (True, True, 1)]
)
def test_a_slope_forgotten_in_one_result_costs_that_one(gs, weights, points):
    score = repair_stack(without_slope(gs, weights))
    assert (score, score.mistakes) == (points, ("other-slope",))


@pytest.mark.parametrize("slug", ["lam-twice", "shortcut-bent", "block-forgotten", "unscaled"])
def test_weights_that_follow_from_wrong_gradients_have_their_point(slug):
    score = repair_stack(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))


def test_at_a_shortcut_of_one_the_broken_pass_gives_the_right_first_result():
    names = contract.sheet("residual_networks").names()
    X, W = names["X_stack"], names["W_stack"]
    given = X, W, np.ones_like(X), 1.0
    broken, right = names["stack_broken"](*given), stack()(*given)
    assert np.allclose(broken[0], right[0])
    assert not np.allclose(broken[1], right[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (stack(seen=lambda xs, i: xs[0]), "other-input"),
        (lambda *args: (stack()(*args)[0], stack()(*args)[1][::-1]), "upside-down"),
        (stack(slope=lambda t, above: 1), "other-slope"),
        (stack(slope=lambda t, above: (1 - t**2) ** 2), "other-slope"),
        (
            with_weights(stack(lambda a, back, g, top: a + back(g), seen=lambda xs, i: xs[i + 1])),
            "other-input",
        ),
        (
            lambda X, W, G, lam: (stack()(X, W, G, lam)[0], lam * stack()(X, W, G, lam)[1]),
            "block-scaled",
        ),
        (lambda *args: stack()(*args)[::-1], "order"),
        (lambda X, W, G, lam: stack()(X, W, G, 1.0), "other-forward"),
        (lambda X, W, G, lam: stack()(X, W, G, 0.5), "other-forward"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert set(repair_stack(answer).mistakes) == {mistake}
