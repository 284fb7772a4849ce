"""Then measure: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import rows
from scipy.special import log_softmax

from backpass.checks.softmax_cross_entropy import measure_labels


def centred(t, cost):
    return t * (cost - np.sum(t * cost, axis=1, keepdims=True))


def descender(labels=centred, outputs=None, turns=False, late=0, show=rows, extra=0, times=1.0):
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
            Z = Z - rate * (rows(Z) - seen) * times / len(U) * moves_z
            U = moved
        return show(U), show(Z), np.array(losses)

    return descend


WRONG = {
    "stop-ignored": descender(outputs=lambda stop: (True, True)),
    "stop-always": descender(outputs=lambda stop: (False, True)),
    "outputs-stopped": descender(outputs=lambda stop: (True, not stop)),
    "labels-climb": descender(lambda t, cost: -centred(t, cost)),
    "chain-stopped": descender(lambda t, cost: cost),
    "swapped": descender(lambda t, cost: t - np.exp(-cost)),
    "no-second-term": descender(lambda t, cost: t * cost),
    "one-after-the-other": descender(turns=True),
    "summed": lambda U, Z, *rest: descender(times=len(U))(U, Z, *rest),
    "after-step": descender(late=1),
    "logits": descender(show=lambda Z: Z),
    "too-early": lambda U, Z, rate, steps, stop: (
        *descender()(U, Z, rate, steps - 1, stop)[:2],
        descender()(U, Z, rate, steps, stop)[2],
    ),
    "steps": descender(extra=1),
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
