"""Backward through a block with everything on it: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import block_backward
from backpass.tape import Value, relu


def first_mask(v, X, skip):
    return skip + v * (X > 0)


def everything(
    dx=first_mask,
    along=lambda G, P: G @ P.T,
    before=lambda X: np.maximum(X, 0),
    into_w1=lambda X, A: A,
    into_w2=lambda A, Z, H: H,
    into_p=lambda X, A: X,
    second=lambda v, Z: v * (Z > 0),
    dbeta=lambda G, F, Y, beta: np.sum(G * F),
    at=lambda G, Y: G,
    turn=lambda W: W.T,
    back_scale=lambda beta: beta,
    p_scale=lambda beta: 1,
    scale=1.0,
):
    """The backward pass, with one thing changed."""

    def answer(X, P, W1, W2, beta, G):
        A = before(X)
        Z = A @ W1
        H = np.maximum(Z, 0)
        F = H @ W2
        Y = X @ P + beta * F
        G = at(G, Y)
        into = back_scale(beta) * G
        delta = second(into @ (turn(W2) if len({*W1.shape, *W2.shape}) == 1 else W2.T), Z)
        v = delta @ W1.T
        found = (
            dx(v, X, along(G, P)),
            p_scale(beta) * into_p(X, A).T @ G,
            into_w1(X, A).T @ delta,
            into_w2(A, Z, H).T @ into,
            dbeta(G, F, Y, beta),
        )
        return tuple(scale * np.asarray(value) for value in found)

    return answer


right = everything()


def by_tape(X, P, W1, W2, beta, G):
    x, p, w1, w2, b = (Value(value) for value in (X, P, W1, W2, np.array(beta)))
    (x @ p + relu(relu(x) @ w1) @ w2 * b).backward(G)
    return [value.grad for value in (x, p, w1, w2, b)]


def by_loops(X, P, W1, W2, beta, G):
    found = [np.zeros_like(p) for p in (X, P, W1, W2)] + [0.0]
    for i, (x, g) in enumerate(zip(X, G, strict=True)):
        a = np.where(x > 0, x, 0)
        z = a @ W1
        h = np.where(z > 0, z, 0)
        delta = beta * np.where(z > 0, W2 @ g, 0)
        found[0][i] = P @ g + np.where(x > 0, W1 @ delta, 0)
        found[1] += np.outer(x, g)
        found[2] += np.outer(a, delta)
        found[3] += beta * np.outer(h, g)
        found[4] += g @ (h @ W2)
    return found


def one(i, change):
    """The right results, but for that at ``i``."""

    def answer(*args):
        found = list(right(*args))
        found[i] = change(found[i], *args)
        return tuple(found)

    return answer


WRONG = {
    "skip-forgotten": everything(dx=lambda v, X, skip: v * (X > 0)),
    "block-forgotten": everything(dx=lambda v, X, skip: skip),
    "identity-shortcut": everything(
        along=lambda G, P: G if G.shape[1] == len(P) else G @ P.T,
    ),
    "multiplied": everything(dx=lambda v, X, skip: skip * v * (X > 0)),
    "skip-twice": everything(dx=lambda v, X, skip: 2 * skip + v * (X > 0)),
    "halved": everything(scale=0.5),
    "beta-on-both": everything(p_scale=lambda beta: beta),
    "beta-twice": everything(back_scale=lambda beta: beta**2),
    "subtracted": everything(back_scale=lambda beta: -beta),
    "beta-in-part": everything(dbeta=lambda G, F, Y, beta: np.mean(G * F)),
    "two-missing": everything(dx=lambda v, X, skip: skip + v, back_scale=lambda beta: 1),
    "value-for-slope": everything(second=lambda v, Z: v * np.maximum(Z, 0)),
    "beta-forgotten": everything(back_scale=lambda beta: 1),
    "beta-left-in": everything(dbeta=lambda G, F, Y, beta: np.sum(beta * G * F)),
    "beta-of-all": everything(dbeta=lambda G, F, Y, beta: np.sum(G * Y)),
    "first-mask-forgotten": everything(dx=lambda v, X, skip: skip + v),
    "masked-sum": everything(dx=lambda v, X, skip: (skip + v) * (X > 0)),
    "second-mask-forgotten": everything(second=lambda v, Z: v),
    "mask-at-output": everything(at=lambda G, Y: G * (Y > 0)),
    "no-first-relu": everything(before=lambda X: X, dx=lambda v, X, skip: skip + v),
    "shortcut-behind-relu": everything(into_p=lambda X, A: A),
    "raw-input": everything(into_w1=lambda X, A: X),
    "other-input": everything(into_w2=lambda A, Z, H: Z),
    "not-transposed": everything(turn=lambda W: W),
    "averaged": lambda X, *rest: tuple(v / len(X) for v in right(X, *rest)),
    "zeros": lambda *args: (right(*args)[0], *(0 * v for v in right(*args)[1:])),
    "unreduced": everything(dbeta=lambda G, F, Y, beta: np.sum(G * F, axis=1)),
    "shape": everything(dbeta=lambda G, F, Y, beta: [[1.0, 2.0], [3.0, 4.0]]),
}


class TestBlockBackward(contract.Exercise):
    check = block_backward
    wrong = WRONG
    right = (right, by_loops, by_tape)
    nearly = (
        everything(dx=lambda v, X, skip: skip + v * (X > 0) * (len(v) > 1)),
        one(0, lambda dX, *args: dX + 1e-6),
        one(4, lambda dbeta, *args: abs(dbeta)),
        everything(back_scale=lambda beta: 0.7),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert block_backward(everything(dx=lambda v, X, skip: skip)) == 3
    assert block_backward(everything(into_p=lambda X, A: A)) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug",
    ["beta-forgotten", "beta-twice", "subtracted", "second-mask-forgotten", "value-for-slope",
     "mask-at-output", "no-first-relu"],
)  # fmt: skip
def test_a_slip_on_the_way_costs_dx_and_what_follows_is_right_for_it(slug):
    score = block_backward(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))
    assert any("(right for your dX" in line for line in score.feedback)


def test_a_mean_over_the_examples_costs_dx_and_what_follows_is_right_for_it():
    score = block_backward(WRONG["averaged"])
    assert (score, score.mistakes) == (3, ("averaged",))


def test_a_beta_of_ones_own_does_not_pass():
    assert block_backward(everything(back_scale=lambda beta: 0.7)) <= 2


def test_says_which_of_two_arrays_is_wrong():
    told = block_backward(one(3, lambda dW2, *args: 2 * dW2)).feedback[2]
    assert "here dW2: " in told


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (everything(back_scale=lambda beta: beta, dbeta=lambda G, F, Y, b: G.sum()),
         {"beta-of-all"}),
        (everything(along=lambda G, P: G if G.shape[1] == len(P) else G @ P.T,
                    dx=lambda v, X, skip: skip + v), {"identity-shortcut"}),
        (everything(second=lambda v, Z: v, dx=lambda v, X, skip: skip + v),
         {"two-missing", "second-mask-forgotten"}),
        (everything(dbeta=lambda G, F, Y, b: F.sum()), {"beta-in-part"}),
        (one(3, lambda dW2, X, P, W1, W2, beta, G: beta * dW2), {"beta-twice"}),
        (everything(into_w2=lambda A, Z, H: A if A.shape == H.shape else H), {"other-input"}),
        (everything(dx=lambda v, X, skip: (skip + v) * (X > 0), into_p=lambda X, A: A),
         {"masked-sum", "shortcut-behind-relu"}),
    ],
)  # fmt: skip
def test_names_other_forms_of_a_slip(answer, mistakes):
    assert set(block_backward(answer).mistakes) == mistakes
