"""Measure how many hidden units are left: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import measure_units


def soft(Z):
    return np.log(1 + np.exp(Z))


def units(W1, b1, W2):
    return np.unique(np.vstack([W1, b1, W2.T]).round(9), axis=1).shape[1]


def outputs(X, W1, b1, W2, b2, V):
    return soft(X @ W1 + b1) @ W2 + X @ V + b2


def measuring(count=units, moves=(1, 1, 1, 1, 1), scale=1.0, in_turn=False, late=0, told=outputs):
    def answer(backward, X, T, W1, b1, W2, b2, V, rate, steps):
        def loss():
            return np.sum((told(X, W1, b1, W2, b2, V) - T) ** 2) / 2 / len(X)

        losses, factor = [loss()], 1 if scale == 1 else len(X)
        for _ in range(steps):
            dW1, db1, dW2, db2, dV = (g * factor for g in backward(X, T, W1, b1, W2, b2, V))
            if in_turn:
                H = soft(X @ W1 + b1)
                delta = (H @ W2 + X @ V + b2 - T) / len(X)
                hidden = delta @ (W2 - rate * dW2).T * (1 - np.exp(-H))
                dW1, db1 = X.T @ hidden, hidden.sum(axis=0)
            W1, b1 = W1 - rate * dW1, b1 - rate * db1
            W2, b2 = W2 - moves[2] * rate * dW2, b2 - moves[3] * rate * db2
            V = V - moves[4] * rate * dV
            losses.append(loss())
        return count(W1, b1, W2), losses[-1 - late if late < len(losses) else 0]

    return answer


def one_by_one(W1, b1, W2):
    return len({tuple(np.round([*W1[:, j], b1[j], *W2[j]], 9)) for j in range(len(b1))})


def without_twin(W1, b1, W2):
    counts = np.unique(np.vstack([W1, b1, W2.T]).round(9), axis=1, return_counts=True)[1]
    return np.sum(counts == 1)


def neighbours(W1, b1, W2):
    columns = np.vstack([W1, b1, W2.T])
    return 1 + np.sum(np.abs(np.diff(columns, axis=1)).max(axis=0) > 1e-9)


def pairs(W1, b1, W2):
    columns = np.vstack([W1, b1, W2.T]).T
    return sum(np.allclose(a, b, 0, 1e-9) for i, a in enumerate(columns) for b in columns[:i])


def rank_of_many(W1, b1, W2):
    found = units(W1, b1, W2)
    return np.linalg.matrix_rank(np.vstack([W1, b1, W2.T])) if found > 3 else found


def gradients(X, T, W1, b1, W2, b2, V):
    H = soft(X @ W1 + b1)
    delta = (H @ W2 + X @ V + b2 - T) / len(X)
    hidden = delta @ W2.T * (1 - np.exp(-H))
    return X.T @ hidden, hidden.sum(axis=0), H.T @ delta, delta.sum(axis=0), X.T @ delta


def training(change, take=lambda backward, X, T, p, start, i: backward(X, T, *p)):
    """Training along ``change(i, gradients)`` at step i."""

    def answer(backward, X, T, W1, b1, W2, b2, V, rate, steps):
        p = start = (W1, b1, W2, b2, V)
        for i in range(steps):
            moves = change(i, take(backward, X, T, p, start, i))
            p = [value - rate * move for value, move in zip(p, moves, strict=True)]
        loss = np.sum((soft(X @ p[0] + p[1]) @ p[2] + X @ p[4] + p[3] - T) ** 2) / 2 / len(X)
        return units(*p[:3]), loss

    return answer


gradient_once = training(
    lambda i, g: g, take=lambda backward, X, T, p, start, i: backward(X, T, *start)
)
one_example = training(
    lambda i, g: g,
    take=lambda backward, X, T, p, start, i: backward(X[[i % len(X)]], T[[i % len(X)]], *p),
)

own_gradients = training(
    lambda i, g: g, take=lambda backward, X, T, p, start, i: gradients(X, T, *p)
)


def counted_at_the_start(backward, X, T, W1, b1, W2, *rest):
    return units(W1, b1, W2), measuring()(backward, X, T, W1, b1, W2, *rest)[1]


WRONG = {
    "not-trained-by-it": own_gradients,
    "outgoing-ignored": measuring(lambda W1, b1, W2: units(W1, b1, 0 * W2)),
    "bias-ignored": measuring(lambda W1, b1, W2: units(W1, 0 * b1, W2)),
    "incoming-only": measuring(lambda W1, b1, W2: units(W1, 0 * b1, 0 * W2)),
    "rows-counted": measuring(lambda W1, b1, W2: len(np.unique(W1.round(9), axis=0))),
    "no-twin": measuring(without_twin),
    "twins-counted": measuring(lambda W1, b1, W2: len(b1) - units(W1, b1, W2)),
    "entries-counted": measuring(lambda W1, b1, W2: len(np.unique(W1.round(9)))),
    "climbs": lambda *args: measuring()(*args[:-2], -args[-2], args[-1]),
    "too-early": measuring(late=1),
    "outgoing-frozen": measuring(moves=(1, 1, 0, 0, 0)),
    "in-turn": measuring(in_turn=True),
    "summed": measuring(scale=2),
    "all-counted": measuring(lambda W1, b1, W2: len(b1)),
    "neighbours": measuring(neighbours),
    "coarse": measuring(lambda W1, b1, W2: units(W1.round(2), b1.round(2), W2.round(2))),
    "other-rate": lambda *args: measuring()(*args[:-2], 0.1, args[-1]),
    "other-forward": measuring(told=lambda X, W1, b1, W2, b2, V: soft(X @ W1 + b1) @ W2 + b2),
    "fine": measuring(lambda *w: units(*(1000 * one for one in w))),
    "pairs": measuring(pairs),
    "rank": measuring(rank_of_many),
    "outgoing-only": measuring(lambda W1, b1, W2: units(0 * W1, 0 * b1, W2)),
    "biases-frozen": training(lambda i, g: (g[0], 0 * g[1], g[2], 0 * g[3], g[4])),
    "incoming-frozen": training(lambda i, g: (0 * g[0], 0 * g[1], *g[2:])),
    "untrained": training(lambda i, g: [0 * one for one in g]),
    "too-many": lambda *args: measuring()(*args[:-1], args[-1] + 1),
    "twice": training(lambda i, g: [2 * one for one in g]),
    "gradient-once": gradient_once,
    "one-example": one_example,
    "other-loss": lambda *args: (measuring()(*args)[0], 2 * measuring()(*args)[1]),
}

RIGHT = [measuring(), measuring(one_by_one), measuring(lambda *w: float(units(*w)))]

#: Right on most inputs.
NEARLY = [measuring(lambda W1, b1, W2: 2), lambda *args: measuring()(*args[:-1], 5)]


class TestMeasureUnits(contract.Exercise):
    check = measure_units
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("limit", "slug"),
    [(1e-7, "coarse"), (5e-9, "coarse"), (1e-9, None), (1e-10, "fine"), (1e-15, "fine")],
)
def test_the_limit_is_that_of_the_sheet(limit, slug):
    def count(W1, b1, W2):
        kinds = []
        for unit in np.vstack([W1, b1, W2.T]).T:
            if all(np.abs(unit - kind).max() >= limit for kind in kinds):
                kinds.append(unit)
        return len(kinds)

    score = measure_units(measuring(count))
    assert (score, score.mistakes) == ((2, (slug,)) if slug else (4, ()))


def test_rounding_that_training_leaves_is_no_factor_of_two():
    def found(W1, b1, W2):
        return units(W1, b1, W2) + (len(b1) == 7)

    assert measure_units(measuring(found)).mistakes == ("fine",)


def test_gives_two_points_for_the_loss_alone():
    assert measure_units(measuring(without_twin)) == 2


def test_gradients_of_ones_own_cost_the_units_alone():
    assert measure_units(own_gradients) == 2


def test_what_theory_says_of_the_start_is_no_count_of_what_is_left():
    score = measure_units(counted_at_the_start)
    assert (score, score.mistakes) == (2, ("not-trained-by-it",))


def test_rows_of_all_weights_are_no_units():
    def rows(W1, b1, W2):
        return len(np.unique(np.vstack([W1, b1, W2.T]).round(9), axis=0))

    assert measure_units(measuring(rows)).mistakes == ("rows-counted",)


@pytest.mark.slow
@pytest.mark.parametrize("order", [(2, 3, 4, 0, 1), (0, 1, 2, 3, 4)])
def test_names_steps_one_parameter_after_the_other(order):
    def answer(backward, X, T, W1, b1, W2, b2, V, rate, steps):
        p = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "V": V}
        for _ in range(steps):
            for place in order:
                name = list(p)[place]
                p[name] = p[name] - rate * backward(X, T, *p.values())[place]
        return measuring()(backward, X, T, *p.values(), rate, 0)

    assert measure_units(answer).mistakes == ("in-turn",)


def test_what_was_predicted_is_compared_with_what_the_own_function_finds():
    score = measure_units(measuring(), prediction=(1, 6, 2, 1))
    assert score == score.maximum
    told = [text for text in score.feedback if "you predicted" in text]
    assert len(told) == 4
    assert told[0].endswith("you predicted 1, it is 1, exactly.")
    assert "you predicted 1, it is 2" in told[3]
    assert measure_units(measuring(), prediction=3) == score.maximum
