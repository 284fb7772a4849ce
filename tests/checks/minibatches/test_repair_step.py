"""A step from parts, repaired: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.minibatches import repair_step


def step(
    share=lambda n, total, parts: n / total,
    early=False,
    each=False,
    cut=lambda g, clip: g * min(1, clip / np.linalg.norm(g)),
):
    """The step, with one thing changed."""

    def answer(w, parts, rate, decay, clip):
        total, g = sum(len(t) for _, t in parts), 0 * w
        for x, t in parts:
            own = x.T @ (x @ w - t) / len(t) + (decay * w if early else 0)
            g = g + share(len(t), total, len(parts)) * (cut(own, clip) if each else own)
        g = g if each else cut(g, clip)
        return w - rate * (g + (0 if early else decay * w))

    return answer


def at_once(w, parts, rate, decay, clip):
    X, t = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    g = (X @ w - t) @ X / len(t)
    norm = np.linalg.norm(g)
    return w - rate * (g * (clip / norm if norm > clip else 1) + decay * w)


EQUAL = {"share": lambda n, total, parts: 1 / parts}
WRONG = {
    "averages-averaged": step(**EQUAL),
    "decay-first": step(early=True),
    "parts-clipped": step(each=True),
    "summed": step(share=lambda n, total, parts: n),
    "divided-twice": step(share=lambda n, total, parts: 1 / total),
    "always-cut": step(cut=lambda g, clip: g * clip / np.linalg.norm(g)),
    "never-cut": step(cut=lambda g, clip: g),
}
RIGHT = [step(), at_once]
NEARLY = [
    lambda w, parts, rate, decay, clip: step()(w, parts, rate, decay, clip * 1.001),
    lambda w, parts, rate, decay, clip: step()(w, parts[:2], rate, decay, clip),
]


class TestRepairStep(contract.Exercise):
    check = repair_step
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_what_was_mended_brings_its_points():
    assert repair_step(step(**EQUAL, early=True, each=True)) == 0
    assert repair_step(step(early=True, each=True)) == 1
    assert repair_step(step(each=True)) == 2
    assert repair_step(step(**EQUAL, each=True)) == 1
