"""The backward pass of a residual block: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.residual_networks.answers import block, on_sum

from backpass.checks.residual_networks import block_backward
from backpass.tape import Value, relu


def half(p):
    return p["G"] / 2


def plain(X, W1, b1, W2, b2, G):
    return block()(X, W1, b1, W2, b2, G)


def from_x(X, W1, b1, W2, b2, G):
    dX = plain(X, W1, b1, W2, b2, G)[0]
    return dX, *plain(X, W1, b1, W2, b2, dX)[1:]


def square(wrong):
    """A change to δ₁ that can only be made where h = d."""
    return lambda p, delta: wrong(p, delta) if delta.shape == p["G"].shape else delta


def without_bias(X, W1, b1, W2, b2, G):
    return block(mask=lambda p: X @ W1 > 0)(X, W1, b1, W2, b2, G)


def other_bias(X, W1, b1, W2, b2, G):
    dX, dW1, db1, dW2, db2 = plain(X, W1, b1, W2, b2, G)
    return dX, dW1, db1, dW2, db1 if len(b1) == len(b2) else db2


def hidden_for_input(X, W1, b1, W2, b2, G):
    dX, dW1, *rest = plain(X, W1, b1, W2, b2, G)
    if len(W1) != len(b1):
        return dX, dW1, *rest
    Z = X @ W1 + b1
    return dX, np.maximum(Z, 0).T @ (G @ W2.T * (Z > 0)), *rest


def by_loops(X, W1, b1, W2, b2, G):
    found = [np.zeros_like(p) for p in (X, W1, b1, W2, b2)]
    for i, (x, g) in enumerate(zip(X, G, strict=True)):
        z = x @ W1 + b1
        delta = np.where(z > 0, W2 @ g, 0)
        found[0][i] = g + W1 @ delta
        parts = np.outer(x, delta), delta, np.outer(np.maximum(z, 0), g), g
        for total, part in zip(found[1:], parts, strict=True):
            total += part
    return found


def by_tape(X, W1, b1, W2, b2, G):
    values = x, w1, c1, w2, c2 = [Value(p) for p in (X, W1, b1, W2, b2)]
    (x + relu(x @ w1 + c1) @ w2 + c2).backward(G)
    return [value.grad for value in values]


def tanh_units(X, W1, b1, W2, b2, G):
    H = np.tanh(X @ W1 + b1)
    D = G @ W2.T * (1 - H**2)
    return G + D @ W1.T, X.T @ D, D.sum(axis=0), H.T @ G, G.sum(axis=0)


WRONG = {
    "tanh-units": tanh_units,
    "skip-forgotten": block(dx=lambda skip, part: part),
    "block-forgotten": block(dx=lambda skip, part: skip),
    "multiplied": block(dx=lambda skip, part: skip * part),
    "halved": block(scale=0.5),
    "skip-halved": block(at_skip=half),
    "block-halved": block(at_block=half),
    "weights-from-x": from_x,
    "weights-get-skip": block(delta=square(lambda p, delta: p["G"])),
    "added-to-weights": block(delta=square(lambda p, delta: p["G"] + delta)),
    "mask-forgotten": block(mask=lambda p: 1),
    "mask-at-output": block(at_skip=on_sum, at_block=on_sum),
    "pre-activations": block(below=lambda p: p["Z"]),
    "wrong-input": block(below=lambda p: p["X"] if p["X"].shape == p["Z"].shape else p["H"]),
    "not-transposed": block(turn=True),
    "averaged": lambda *args: tuple(v / len(args[0]) for v in plain(*args)),
    "unreduced": block(bias=lambda delta: delta),
    "zeros": lambda *args: (plain(*args)[0], *(0 * v for v in plain(*args)[1:])),
    "skip-twice": block(dx=lambda skip, part: 2 * skip + part),
    "one-for-g": block(dx=lambda skip, part: 1 + part),
    "no-mask": block(mask=lambda p: p["Z"] <= 0),
    "mask-without-bias": without_bias,
    "mask-at-input": lambda X, *rest: (plain(X, *rest)[0] * (X > 0), *plain(X, *rest)[1:]),
    "other-bias": other_bias,
    "hidden-for-input": hidden_for_input,
}


class TestBlockBackward(contract.Exercise):
    check = block_backward
    wrong = WRONG
    right = (plain, by_loops, by_tape)
    nearly = (
        block(bias=lambda delta: np.squeeze(delta) if len(delta) == 1 else delta[:4].sum(axis=0)),
        block(dx=lambda skip, part: skip + part * (len(part) > 1)),
        block(dx=lambda skip, part: skip + part + 1e-6),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert block_backward(block(dx=lambda skip, part: part)) == 3
    assert block_backward(from_x) == 2


def test_names_results_in_another_order():
    def sorted_by_kind(*args):
        dX, dW1, db1, dW2, db2 = plain(*args)
        return dX, dW1, dW2, db1, db2

    score = block_backward(sorted_by_kind)
    assert (score, score.mistakes) == (3, ("order",))  # dX and dW1 are where they should be


def test_says_which_of_two_arrays_is_wrong():
    told = block_backward(lambda *args: (*plain(*args)[:4], 2 * plain(*args)[4])).feedback[-1]
    assert "here db2: " in told


def test_explains_why_the_weights_gradients_are_not_zero():
    told = " ".join(block_backward(WRONG["zeros"]).feedback)
    assert "does not go round the weights" in told


def test_takes_biases_of_one_row():
    assert block_backward(block(bias=lambda delta: delta.sum(axis=0, keepdims=True))) == 5
