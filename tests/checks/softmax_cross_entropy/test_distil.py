"""A student, a teacher, and what flows between them: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import rows
from scipy.special import entr, xlogy

from backpass.checks.softmax_cross_entropy import distil


def softmax(Z, tau=1.0, allowed=True):
    return rows(Z / tau)


def layer_gradient(X, W, s, T):
    product = X @ W
    d = (rows(s * product) - T) / len(X)
    return s * X.T @ d, np.sum(d * product), s * d @ W.T


def label_step(T, O, lam):
    g = lam * np.log(T) - np.log(O)
    return T * (g - np.sum(T * g, axis=1, keepdims=True))


def noted(T, O, lam):
    return -np.sum(T * np.log(O)) / len(T)


def made(
    flows=lambda flow: flow,
    reward=lambda lam: lam,
    divided=lambda T: len(T),
    up=1.0,
    scale=1.0,
    weights=1.0,
    scaled=True,
    first=None,
    loss=noted,
    more=0,
    use=lambda parts: parts,
    out=lambda labels, W, s, losses: (labels, W, s, losses),
):
    """A distillation with one thing changed."""

    def answer(parts, X, A, W, rate, steps, flow, lam):
        soft, layer, label = use(parts)
        s, labels, losses = 1.0, [soft(X @ A)], []
        for _ in range(steps + more):
            T, O = labels[-1], soft((s if scaled else 1.0) * X @ W)
            losses.append(loss(T, O, lam))
            moved = A - up * rate * X.T @ label(T, O, reward(lam)) / divided(T) * flows(flow)
            dW, ds, _ = layer(X, W, s, soft(X @ moved) if first == "teacher" else T)
            W, s = W - weights * rate * dW, s - scale * rate * ds
            if first == "student":
                O = soft(s * X @ W)
                moved = A - up * rate * X.T @ label(T, O, reward(lam)) / divided(T) * flows(flow)
            A = moved
            labels.append(soft(X @ A))
        return out(np.array(labels), W, s, np.array(losses))

    return answer


def looked_after(parts, X, A, W, rate, steps, flow, lam):
    right = made()(parts, X, A, W, rate, steps, flow, lam)
    return *right[:3], made()(parts, X, A, W, rate, steps + 1, flow, lam)[3][1:]


WRONG = {
    "parts-not-used": made(use=lambda parts: (softmax, layer_gradient, label_step)),
    "flow-always": made(flows=lambda flow: True),
    "flow-never": made(flows=lambda flow: False),
    "no-reward": made(reward=lambda lam: 0.0),
    "teacher-climbs": made(up=-1.0),
    "teacher-summed": made(divided=lambda T: 1),
    "teacher-divided": made(divided=np.size),
    "student-averaged": made(weights=0.2, scale=0.2),
    "student-climbs": made(weights=-1.0, scale=-1.0),
    "scale-stays": made(scale=0.0),
    "weights-stay": made(weights=0.0),
    "scale-left-out": made(scaled=False),
    "one-after-the-other": made(first="teacher"),
    "loss-scale": made(loss=lambda T, O, lam: noted(T, O, lam) * len(T)),
    "other-loss": made(loss=lambda T, O, lam: noted(T, O, lam) - entr(T).sum() / len(T)),
    "after-step": looked_after,
    "labels-cut": made(out=lambda labels, W, s, losses: (labels[1:], W, s, losses)),
    "other-steps": made(more=1),
    "other-rate": lambda *args: made()(*args[:4], 0.8, *args[5:]),
}


def by_lists(parts, X, A, W, rate, steps, flow, lam):
    soft, layer, label = parts
    A, W, s, labels, losses = A.copy(), W.copy(), 1.0, [], []
    for step in range(steps + 1):
        labels.append(soft(X @ A))
        if step == steps:
            return labels, W, s, losses
        O = soft(s * (X @ W))
        losses.append(np.mean(-np.sum(xlogy(labels[-1], O), axis=1)))
        dW, ds, _ = layer(X, W, s, labels[-1])
        if flow:
            A -= rate * X.T @ (label(labels[-1], O, lam) / len(X))
        W -= rate * dW
        s -= rate * ds


RIGHT = [made(), by_lists]

NEARLY = [
    lambda *args: made()(*args[:5], 3, *args[6:]),
    made(use=lambda parts: (softmax, *parts[1:])),
    made(use=lambda parts: (parts[0], layer_gradient, parts[2])),
    made(use=lambda parts: (*parts[:2], label_step)),
]


class TestDistil(contract.Exercise):
    check = distil
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_own_functions_in_place_of_those_that_are_given_cost_a_point():
    score = distil(WRONG["parts-not-used"])
    assert score == 5
    assert score.mistakes == ("parts-not-used",)


def test_who_sees_what_has_moved_is_told_so_whichever_comes_first():
    assert "one-after-the-other" in distil(made(first="student")).mistakes


@pytest.mark.parametrize(
    ("slug", "points"),
    {"teacher-summed": 4, "student-climbs": 4, "scale-left-out": 4, "flow-never": 4}.items(),
)
def test_one_slip_costs_the_points_of_the_part_that_shows_it_first(slug, points):
    score = distil(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,)), score.feedback


def test_who_makes_a_slip_and_uses_no_parts_pays_for_both():
    own = (softmax, layer_gradient, label_step)
    assert distil(made(divided=lambda T: 1, use=lambda parts: own)) == 3


def test_the_parts_may_be_called_by_the_names_of_the_sheet():
    def by_name(parts):
        soft, layer, label = parts
        return (
            lambda Z: soft(Z=Z),
            lambda X, W, s, T: layer(X=X, W=W, s=s, T=T),
            lambda T, O, lam: label(T=T, O=O, lam=lam),
        )

    assert distil(made(use=by_name)) == distil(made())
