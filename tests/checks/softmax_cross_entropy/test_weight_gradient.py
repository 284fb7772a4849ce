"""A scale that is learnt: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import SLIPS, guarded, mean, rows

from backpass.checks.softmax_cross_entropy import weight_gradient


def layer(delta, out=lambda dW, ds, dX: (dW, ds, dX), back=lambda delta, W: delta @ W.T):
    """The gradients from a function of (z, t) that gives δ for the mean."""

    def answer(X, W, s, T):
        d = delta(s * (X @ W), T)
        return out(s * X.T @ d, np.sum(d * (X @ W)), s * back(d, W))

    return answer


def changed(place, change):
    """Right but for one of the three gradients, a function of them all and of the arguments."""

    def answer(X, W, s, T):
        gradients = list(layer(mean)(X, W, s, T))
        gradients[place] = change(gradients, X, W, s, T)
        return tuple(gradients)

    return answer


def delta(X, W, s, T):
    return mean(s * (X @ W), T)


def outputs_of_the_product(X, W, s, T):
    d = mean(X @ W, T)
    return s * X.T @ d, np.sum(d * (X @ W)), s * d @ W.T


LARGE_ONLY = {"no-max-shift", "global-max", "nan-hidden", "in-steps"}
WRONG = {slug: layer(slip) for slug, slip in SLIPS.items() if slug not in LARGE_ONLY} | {
    "sign": layer(lambda Z, T: -mean(Z, T)),
    "scale-forgotten": lambda X, W, s, T: (
        X.T @ delta(X, W, s, T), layer(mean)(X, W, s, T)[1], delta(X, W, s, T) @ W.T
    ),
    "scale-twice": layer(mean, lambda dW, ds, dX: (1.7 * dW, ds, dX)),
    "outputs-unscaled": outputs_of_the_product,
    "scale-unused": lambda X, W, s, T: layer(mean)(X, W, 1.0, T),
    "by-z": changed(1, lambda all_, X, W, s, T: s * all_[1]),
    "as-a-bias": changed(1, lambda all_, *args: delta(*args).sum()),
    "not-summed": changed(1, lambda all_, X, W, s, T: delta(X, W, s, T) * (X @ W)),
    "averaged-shares": changed(1, lambda all_, X, W, s, T: np.mean(delta(X, W, s, T) * (X @ W))),
    "transposed": layer(mean, lambda dW, ds, dX: (dW.T, ds, dX)),
    "weights-not-transposed": layer(
        mean, back=lambda d, W: d @ (W if W.shape[0] == W.shape[1] else W.T)
    ),
    "summed": layer(lambda Z, T: rows(Z) - T),
    "averaged-twice": layer(mean, lambda dW, ds, dX: (dW / 5, ds, dX)),
    "weights-forgotten": changed(2, lambda all_, *args: delta(*args)),
    "stepped-first": changed(
        2, lambda all_, X, W, s, T: s * delta(X, W, s, T) @ (W - 0.1 * all_[0]).T
    ),
    "means-multiplied": changed(
        0, lambda all_, X, W, s, T: s * np.outer(X.mean(0), delta(X, W, s, T).sum(0))
    ),
    "decay": changed(0, lambda all_, X, W, s, T: all_[0] + 0.01 * W),
    "one-example": changed(
        0, lambda all_, X, W, s, T: layer(mean)(X[-1:], W, s, T[-1:])[0] / len(X)
    ),
}  # fmt: skip


def by_loops(X, W, s, T):
    dW, ds, dX = np.zeros_like(W), 0.0, np.zeros_like(X)
    for r in range(len(X)):
        d = (rows((s * X[r] @ W)[None])[0] - T[r]) / len(X)
        dW += s * np.outer(X[r], d)
        ds += d @ (X[r] @ W)
        dX[r] = s * W @ d
    return [dW, ds, dX]


def by_einsum(X, W, s, T):
    product = np.einsum("ni,ij->nj", X, W)
    d = mean(s * product, T)
    return (
        s * np.einsum("ni,nj->ij", X, d),
        np.einsum("nj,nj->", product, d),
        s * np.einsum("nj,ij->ni", d, W),
    )


WRONG["loop"] = by_loops

RIGHT = [layer(mean), by_einsum]

NEARLY = [
    lambda X, W, s, T: layer(mean)(X[:, :3], W[:3], s, T),
    layer(lambda Z, T: (guarded(Z, 1e-11) - T) / len(Z)),
]


class TestWeightGradient(contract.Exercise):
    check = weight_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slip", "slug"),
    [
        (lambda Z, T: -T * (1 - rows(Z)), "diagonal-only+summed"),
        (lambda Z, T: T * (1 - rows(Z)) / len(Z), "diagonal-only+sign"),
        (lambda Z, T: 2 * (rows(Z) - T) * rows(Z) * (1 - rows(Z)) / len(Z), "sigmoid-error"),
    ],
)
def test_names_what_is_wrong_with_delta_in_each_gradient(slip, slug):
    score = weight_gradient(layer(slip))
    assert score.mistakes == (slug,)
    assert [text[:6] for text in score.feedback] == ["✗ dW: ", "✓ ds (", "✓ dX ("]


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["sign", "summed", "axis", "parentheses", "outputs-unscaled"])
def test_a_slip_at_the_logits_is_paid_for_once(slug):
    score = weight_gradient(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,)), score.feedback
    assert any("but for what is told above" in text for text in score.feedback)


def test_a_slip_in_the_scale_costs_every_gradient_that_it_spoils():
    assert weight_gradient(WRONG["scale-forgotten"]) == 2
    assert weight_gradient(WRONG["scale-unused"]) == 0


def test_a_loop_that_remembers_what_it_was_called_with_is_seen_in_every_part():
    known = {}

    def answer(*args):
        key = b"".join(np.asarray(one, float).tobytes() for one in args)
        if key not in known:
            known[key] = by_loops(*args)
        return known[key]

    score = weight_gradient(answer)
    assert (score, score.mistakes) == (0, ("loop",))
