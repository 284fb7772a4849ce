"""Then measure: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import measure_units


def units(W1, b1, W2):
    return np.unique(np.vstack([W1, b1, W2.T]).round(9), axis=1).shape[1]


def measuring(count=units, moves=(1, 1, 1, 1), scale=1.0, in_turn=False, late=0):
    def answer(X, T, W1, b1, W2, b2, rate, steps):
        def loss():
            return np.sum((np.tanh(X @ W1 + b1) @ W2 + b2 - T) ** 2) / 2 / len(X)

        losses = [loss()]
        for _ in range(steps):
            H = np.tanh(X @ W1 + b1)
            delta = (H @ W2 + b2 - T) / (len(X) if scale == 1 else 1)
            new = W2 - moves[2] * rate * H.T @ delta
            hidden = delta @ (new if in_turn else W2).T * (1 - H**2)
            W1, b1 = W1 - rate * X.T @ hidden, b1 - rate * hidden.sum(axis=0)
            W2, b2 = new, b2 - moves[3] * rate * delta.sum(axis=0)
            losses.append(loss())
        return count(W1, b1, W2), losses[-1 - late if late < len(losses) else 0]

    return answer


def one_by_one(W1, b1, W2):
    return len({tuple(np.round([*W1[:, j], b1[j], *W2[j]], 9)) for j in range(len(b1))})


def without_twin(W1, b1, W2):
    counts = np.unique(np.vstack([W1, b1, W2.T]).round(9), axis=1, return_counts=True)[1]
    return np.sum(counts == 1)


WRONG = {
    "outgoing-ignored": measuring(lambda W1, b1, W2: units(W1, b1, 0 * W2)),
    "bias-ignored": measuring(lambda W1, b1, W2: units(W1, 0 * b1, W2)),
    "incoming-only": measuring(lambda W1, b1, W2: units(W1, 0 * b1, 0 * W2)),
    "rows-counted": measuring(lambda W1, b1, W2: len(np.unique(W1.round(9), axis=0))),
    "no-twin": measuring(without_twin),
    "entries-counted": measuring(lambda W1, b1, W2: len(np.unique(W1.round(9)))),
    "climbs": lambda *args: measuring()(*args[:-2], -args[-2], args[-1]),
    "too-early": measuring(late=1),
    "outgoing-frozen": measuring(moves=(1, 1, 0, 0)),
    "in-turn": measuring(in_turn=True),
    "summed": measuring(scale=2),
}

RIGHT = [measuring(), measuring(one_by_one), measuring(lambda *w: float(units(*w)))]

#: Right on most inputs.
NEARLY = [measuring(lambda W1, b1, W2: 2), lambda *args: measuring()(*args[:-1], 5)]


class TestMeasureUnits(contract.Exercise):
    check = measure_units
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_two_points_for_the_loss_alone():
    assert measure_units(measuring(without_twin)) == 2
