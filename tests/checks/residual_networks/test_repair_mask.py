"""Repair, a block as in the first ResNets: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import repair_mask
from backpass.tape import Value, relu


def leaks(g, z):
    return g * np.where(z > 0, 1, 0.1)


def same(p):
    return p["G"]


def on_sum(p):
    return leaks(p["G"], p["S"])


def moved(
    mask=lambda p: p["Z"] > 0,
    at_skip=on_sum,
    at_block=on_sum,
    dx=lambda skip, part: skip + part,
    act=lambda z: np.maximum(z, 0),
):
    """The backward pass of leaky(X + F(X)), with one thing changed."""

    def answer(X, W1, W2, G):
        Z = X @ W1
        p = {"X": X, "Z": Z, "H": act(Z), "G": G, "W1": W1, "W2": W2}
        p["F"] = p["H"] @ W2
        p["S"] = X + p["F"]
        delta = at_block(p) @ W2.T * mask(p)
        to_w2 = p["H"].T @ at_block(p)
        return dx(at_skip(p), delta @ W1.T), X.T @ delta, to_w2

    return answer


def on_block(p):
    return leaks(p["G"], p["F"])


def on_input(p):
    return leaks(p["G"], p["X"])


def inverted(p):
    return leaks(p["G"], -p["S"])


def of_the_chapter(p):
    return p["G"] * (p["S"] > 0)


def block_for_hidden(X, W1, W2, G):
    dX, dW1, dW2 = moved()(X, W1, W2, G)
    F = np.maximum(X @ W1, 0) @ W2
    return dX, dW1, F.T @ leaks(G, X + F) if F.shape[1] == len(W2) else dW2


def masked_at_x(X, W1, W2, G):
    dX, *rest = moved(at_skip=same, at_block=same)(X, W1, W2, G)
    return leaks(dX, X + np.maximum(X @ W1, 0) @ W2), *rest


def masked_twice(X, W1, W2, G):
    dX, *rest = moved(at_skip=same)(X, W1, W2, G)
    return leaks(dX, X + np.maximum(X @ W1, 0) @ W2), *rest


def moved_on_the_tape(X, W1, W2, G):
    x, w1, w2 = Value(X), Value(W1), Value(W2)
    s = x + relu(x @ w1) @ w2
    (relu(s) * 0.9 + s * 0.1).backward(G)
    return x.grad, w1.grad, w2.grad


def w2_from_g(X, W1, W2, G):
    dX, dW1, _ = moved()(X, W1, W2, G)
    return dX, dW1, np.maximum(X @ W1, 0).T @ G


WRONG = {
    "before-add": moved(at_skip=same, at_block=on_block),
    "skip-unmasked": moved(at_skip=same),
    "block-unmasked": moved(at_block=same),
    "unmasked": moved(at_skip=same, at_block=same),
    "tanh-units": moved(act=np.tanh, mask=lambda p: 1 - p["H"] ** 2),
    "mask-of-block": moved(at_skip=on_block, at_block=on_block),
    "leak-forgotten": moved(at_skip=of_the_chapter, at_block=of_the_chapter),
    "old-mask": moved(at_block=lambda p: leaks(on_sum(p), p["F"])),
    "mask-of-input": moved(at_skip=on_input, at_block=on_input),
    "masked-at-x": masked_at_x,
    "masked-twice": masked_twice,
    "skip-forgotten": moved(dx=lambda skip, part: part),
    "inner-mask-forgotten": moved(mask=lambda p: 1),
    "zeros": lambda *args: (moved()(*args)[0], *(0 * v for v in moved()(*args)[1:])),
    "weights-unmasked": w2_from_g,
    "no-mask": moved(at_skip=inverted, at_block=inverted),
    "mask-at-x": lambda X, *rest: (moved()(X, *rest)[0] * (X > 0), *moved()(X, *rest)[1:]),
    "block-for-hidden": block_for_hidden,
}


class TestRepairMask(contract.Exercise):
    check = repair_mask
    wrong = WRONG
    right = (moved(), moved_on_the_tape)
    nearly = (moved(at_skip=lambda p: on_sum(p) if len(p["X"]) > 1 else p["G"]),)


def test_a_broken_backward_pass_hears_why():
    score = repair_mask(contract.sheet("residual_networks").names()["moved_broken"])
    assert (score, score.mistakes) == (0, ("before-add",))


@pytest.mark.parametrize(
    ("answer", "points", "mistake"),
    [
        (moved(at_skip=same), 1.5, "skip-unmasked"),
        (moved(at_block=on_block), 1.5, "mask-of-block"),
        (moved(at_skip=on_block, at_block=on_block), 1.5, "mask-of-block"),
        (moved(at_block=same), 1.5, "block-unmasked"),
        (moved(at_skip=same, at_block=same), 0, "unmasked"),
    ],
)
def test_each_of_the_two_slips_that_is_mended_has_half_of_the_points(answer, points, mistake):
    score = repair_mask(answer)
    assert (score, score.mistakes) == (points, (mistake,))


def test_the_chapters_own_mask_has_no_point():
    score = repair_mask(WRONG["leak-forgotten"])
    assert score == 0
    assert set(score.mistakes) == {"leak-forgotten"}


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (masked_at_x, ("masked-at-x", "weights-unmasked")),
        (moved(at_skip=same, at_block=lambda p: leaks(on_sum(p), p["F"])), ("old-mask",)),
    ],
)
def test_accuses_no_path_of_what_the_other_did(answer, mistakes):
    assert repair_mask(answer).mistakes == mistakes


def test_tells_the_truth_of_the_weights_alone():
    score = repair_mask(w2_from_g)
    assert (score, score.mistakes) == (2, ("weights-unmasked",))
    assert "here dW2: The weights get G itself" in score.feedback[1]


def through_tanh(p):
    return p["G"] * (1 - np.tanh(p["S"]) ** 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"act": np.tanh},
        {"at_skip": through_tanh, "at_block": through_tanh},
        {
            "act": np.tanh,
            "mask": lambda p: 1 - p["H"] ** 2,
            "at_skip": through_tanh,
            "at_block": through_tanh,
        },
    ],
)
def test_names_tanh_in_either_place_and_on_the_way_forward_alone(changes):
    assert repair_mask(moved(**changes)).mistakes == ("tanh-units",)


def test_names_the_old_mask_where_the_shortcut_alone_is_mended():
    assert repair_mask(moved(at_block=on_block)).mistakes == ("mask-of-block",)


def test_a_slip_before_delta_costs_dx_alone():
    score = repair_mask(WRONG["inner-mask-forgotten"])
    assert (score, score.mistakes) == (1, ("inner-mask-forgotten",))
