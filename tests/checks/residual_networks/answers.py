"""A block's backward pass with one thing changed, which several exercises' answers are made of."""

import numpy as np


def same(p):
    return p["G"]


def on_sum(p):
    return p["G"] * (p["S"] > 0)


def block(
    mask=lambda p: p["Z"] > 0,
    at_skip=same,
    at_block=same,
    to_w2=same,
    below=lambda p: p["H"],
    dx=lambda skip, part: skip + part,
    delta=lambda p, delta: delta,
    bias=lambda delta: delta.sum(axis=0),
    turn=False,
    scale=1.0,
    act=lambda z: np.maximum(z, 0),
):
    """The backward pass of a residual block, with one thing changed."""

    def answer(X, W1, b1, W2, b2, G):
        Z = X @ W1 + b1
        p = {"X": X, "Z": Z, "H": act(Z), "G": G, "W1": W1, "W2": W2}
        p["F"] = p["H"] @ W2 + b2
        p["S"] = X + p["F"]
        turned = turn and len(W2) == W2.shape[1]
        through = at_block(p) @ (W2 if turned else W2.T) * mask(p)
        part = through @ (W1 if turned else W1.T)
        d1, d2 = delta(p, through), to_w2(p | {"G": at_block(p)})
        found = dx(at_skip(p), part), X.T @ d1, bias(d1), below(p).T @ d2, bias(d2)
        return tuple(scale * value for value in found)

    return answer
