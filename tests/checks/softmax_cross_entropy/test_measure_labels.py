"""Then measure: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import rows
from scipy.special import entr, log_softmax

from backpass.checks.softmax_cross_entropy import measure_labels


def centred(t, cost):
    return t * (cost - np.sum(t * cost, axis=1, keepdims=True))


def descender(
    labels=centred,
    outputs=None,
    turns=False,
    late=0,
    show=rows,
    extra=0,
    times=1.0,
    up=1,
    noted=1,
    error=lambda o, t: o - t,
):
    """A descent on labels and outputs with one thing changed."""

    def descend(U, Z, rate, steps, stop):
        losses = []
        for step in range(steps + extra + late):
            if step == steps + extra:
                losses.append(np.sum(rows(U) * -log_softmax(Z, axis=1)) / len(U))
                return show(U), show(Z), np.array(losses[1:])
            t, cost = rows(U), -log_softmax(Z, axis=1)
            losses.append(np.sum(t * cost) / len(U))
            dU = labels(t, cost) * times / len(U)
            moves_u, moves_z = (not stop, True) if outputs is None else outputs(stop)
            moved = U - rate * dU * moves_u
            seen = rows(moved) if turns else t
            Z = Z - rate * error(rows(Z), seen) * times * up / len(U) * moves_z
            U = moved
        return show(U), show(Z), noted * np.array(losses)

    return descend


def outputs_first(U, Z, rate, steps, stop):
    losses = []
    for _ in range(steps):
        losses.append(np.sum(rows(U) * -log_softmax(Z, axis=1)) / len(U))
        Z = Z - rate * (rows(Z) - rows(U)) / len(Z)
        U = U - rate * (not stop) * centred(rows(U), -log_softmax(Z, axis=1)) / len(U)
    return rows(U), rows(Z), np.array(losses)


def entropies(U, Z, rate, steps, stop):
    found = [descender()(U, Z, rate, n, stop)[0] for n in range(steps)]
    return *descender()(U, Z, rate, steps, stop)[:2], [entr(t).sum() / len(t) for t in found]


WRONG = {
    "stop-ignored": descender(outputs=lambda stop: (True, True)),
    "stop-always": descender(outputs=lambda stop: (False, True)),
    "outputs-stopped": descender(outputs=lambda stop: (True, not stop)),
    "labels-climb": descender(lambda t, cost: -centred(t, cost)),
    "chain-stopped": descender(lambda t, cost: cost),
    "swapped": descender(lambda t, cost: t - np.exp(-cost)),
    "no-second-term": descender(lambda t, cost: t * cost),
    "one-after-the-other": descender(turns=True),
    "own-target-missing": descender(error=lambda o, t: o * (1 - t)),
    "summed": lambda U, Z, *rest: descender(times=len(U))(U, Z, *rest),
    "after-step": descender(late=1),
    "logits": descender(show=lambda Z: Z),
    "too-early": lambda U, Z, rate, steps, stop: (
        *descender()(U, Z, rate, steps - 1, stop)[:2],
        descender()(U, Z, rate, steps, stop)[2],
    ),
    "steps": descender(extra=1),
    "logits-step": descender(lambda t, cost: np.exp(-cost) - t),
    "diagonal-only": descender(lambda t, cost: t * (1 - t) * cost),
    "second-sign": descender(lambda t, cost: t * (cost + np.sum(t * cost, 1, keepdims=True))),
    "not-its-own": descender(lambda t, cost: t * (cost - np.sum(t * cost) / len(t))),
    "outputs-climb": descender(up=-1),
    "outputs-first": outputs_first,
    "one-summed": lambda U, Z, *rest: descender(lambda t, c: len(t) * centred(t, c))(U, Z, *rest),
    "per-entry": descender(times=1 / 3),
    "other-loss": entropies,
    "loss-scale": descender(noted=1 / 3),
}


def by_jacobians(U, Z, rate, steps, stop):
    U, Z, losses, n = U.copy(), Z.copy(), [], len(U)
    for _ in range(steps):
        T, logs = rows(U), log_softmax(Z, axis=1)
        losses.append(-np.mean(np.sum(T * logs, axis=1)))
        steps_u = [-(np.diag(a) - np.outer(a, a)) @ b / n for a, b in zip(T, logs, strict=True)]
        Z -= rate * (np.exp(logs) - T) / n
        if not stop:
            U -= rate * np.array(steps_u)
    return rows(U), rows(Z), losses


RIGHT = [descender(), by_jacobians]

NEARLY = [lambda *args: descender()(*args[:3], 6, True)]


class TestMeasureLabels(contract.Exercise):
    check = measure_labels
    wrong, right, nearly = WRONG, RIGHT, NEARLY
