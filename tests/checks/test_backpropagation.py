"""The checks on backpropagation: see :mod:`common` for what is asked of them."""

import common
import numpy as np
import pytest
import sympy as sp

from backpass.checks import backpropagation as check
from backpass.tape import Value, matmul, operation, tanh

# --- by hand: two paths -----------------------------------------------------------------------


def paths(dp=lambda p, q: p + q, da=lambda a, b, dp, p: b * dp + 2 * a * p, passed_on=None):
    """The walk back from E = p q, q = p + a², p = a b with one thing changed."""

    def answer(a, b):
        p = a * b
        q = p + a**2
        d = dp(p, q)
        on = passed_on(p, q) if passed_on else d
        return d, da(a, b, on, p), a * on

    return answer


def by_expansion(a, b):
    return [2 * a * b + a**2, 2 * a * b**2 + 3 * a**2 * b, np.array(2 * a**2 * b + a**3)]


def on_the_tape(a, b):
    a, b = Value(a), Value(b)
    p = a * b
    (p * (p + a * a)).backward()
    return p.grad, a.grad, b.grad


# --- the error of a hidden unit ---------------------------------------------------------------

z1, z2, h1, h2, y1, y2, o1, o2, t1, t2 = sp.symbols("z1:3 h1:3 y1:3 o1:3 t1:3", real=True)
w11, w12, w21, w22 = sp.symbols("w11 w12 w21 w22", real=True)
Z, H, O, T = sp.Matrix([z1, z2]), sp.Matrix([h1, h2]), sp.Matrix([o1, o2]), sp.Matrix([t1, t2])
W = sp.Matrix([[w11, w12], [w21, w22]])
DELTA = sp.Matrix([(o - t) * (1 - o**2) for o, t in [(o1, t1), (o2, t2)]])


def slopes(x):
    return sp.diag(*[1 - entry**2 for entry in x])


RIGHT_DELTA = slopes(H) * W * DELTA
OUT = (W.T * Z.applyfunc(sp.tanh)).applyfunc(sp.tanh)
LOSS = sum((o - t) ** 2 for o, t in zip(OUT, T, strict=True)) / 2

# --- the two-layer net ------------------------------------------------------------------------


def net(
    scale=lambda X, T: 1 / len(X),
    error=lambda Y, T: Y - T,
    slope=lambda Z, H: 1 - H**2,
    back=lambda delta, W: delta @ W.T,
    first=lambda delta_1, delta_2: delta_1,
    second=lambda delta_1, delta_2: delta_2,
    below=lambda X, Z, H: H,
    bias=lambda delta: delta.sum(axis=0),
):
    """A backward pass with one thing changed."""

    def answer(X, T, W1, b1, W2, b2):
        Z = X @ W1 + b1
        H = np.tanh(Z)
        delta_2 = error(H @ W2 + b2, T) * scale(X, T)
        delta_1 = back(delta_2, W2) * slope(Z, H)
        d1, d2 = first(delta_1, delta_2), second(delta_1, delta_2)
        return X.T @ d1, bias(d1), below(X, Z, H).T @ d2, bias(d2)

    return answer


def transposed(delta, W):
    return delta @ W.T


def pick(place):
    return lambda *arrays: arrays[place]


def by_loops(X, T, W1, b1, W2, b2):
    gradients = [np.zeros_like(w) for w in (W1, b1, W2, b2)]
    for x, t in zip(X, T, strict=True):
        h = np.tanh(x @ W1 + b1)
        delta = h @ W2 + b2 - t
        hidden = W2 @ delta * (1 - h * h)
        for total, part in zip(
            gradients, (np.outer(x, hidden), hidden, np.outer(h, delta), delta), strict=True
        ):
            total += part / len(X)
    return gradients


def by_tape(X, T, *parameters):
    W1, b1, W2, b2 = values = [Value(p) for p in parameters]
    error = tanh(X @ W1 + b1) @ W2 + b2 - T
    ((error * error).sum() / (2 * len(X))).backward()
    return [value.grad for value in values]


# --- an operation for the tape ----------------------------------------------------------------


def embedding(take):
    """What the notebook's ``embed`` makes of a ``take``."""

    def embed(table, index, v):
        A = Value(table)
        rows = take(A, index)
        rows.backward(v)
        return rows.data, A.grad, A.data

    return embed


def taking(back):
    """An embedding whose backward rule is ``back(g, a, index)``."""
    return embedding(
        lambda A, index: operation(lambda a: a[index], lambda g, y, a: back(g, a, index))(A)
    )


def scattered(g, a, index):
    ga = np.zeros_like(a)
    np.add.at(ga, index, g)
    return ga


def overwritten(g, a, index):
    ga = np.zeros_like(a)
    ga[index] = g
    return (ga,)


def gathered(g, a, index):
    return (g[index] if g.shape == a.shape else scattered(g, a, index),)


def in_place(g, a, index):
    a[:] = 0
    np.add.at(a, index, g)
    return (a,)


def row_by_row(g, a, index):
    return (sum(np.outer(np.arange(len(a)) == i, row) for i, row in zip(index, g, strict=True)),)


# --- differences ------------------------------------------------------------------------------


def differences(formula=lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / (2 * h)):
    def answer(f, x, h):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            e = np.zeros_like(x)
            e[i] = 1
            gradient[i] = formula(f, x, e, h)
        return gradient

    return answer


def moving(f, x, h, restore, copy=True):
    gradient = np.zeros_like(x)
    x = x.copy() if copy else x
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        gradient[i] = (ahead - f(x)) / (2 * h)
        x[i] = old if restore else x[i]
    return gradient


def adding_and_taking_away(f, x, h):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        gradient[i] = (ahead - f(x)) / (2 * h)
        x[i] += h
    return gradient


# --- the loops --------------------------------------------------------------------------------


def unit(before=(), between=(), after=()):
    """Training on the tape; gradients are zeroed before the loop's backward, after it, later."""

    def zero(values, names):
        for name in names:
            values[name].grad = np.zeros_like(values[name].data)

    def train(X, T, W, b, rate, steps):
        values, losses = {"W": Value(W), "b": Value(b)}, []
        for _ in range(steps):
            error = tanh(X @ values["W"] + values["b"]) - T
            loss = (error * error).mean()
            losses.append(loss.data)
            zero(values, before)
            loss.backward()
            zero(values, between)
            for value in values.values():
                value.data = value.data - rate * value.grad
            zero(values, after)
        return values["W"].data, values["b"].data, losses

    return train


def fresh_values(X, T, W, b, rate, steps):
    losses = []
    for _ in range(steps):
        w, c = Value(W), Value(b)
        loss = ((tanh(matmul(X, w) + c) - T) * (tanh(X @ w + c) - T)).mean()
        loss.backward()
        losses.append(float(loss.data))
        W, b = W - rate * w.grad, b - rate * c.grad
    return [W, b, np.array(losses)]


def shared(combine=sum, within=False, keep=False):
    """Training of three tanh layers with one matrix, with one thing changed."""

    def train(X, T, W, rate, steps):
        losses, kept = [], 0
        for _ in range(steps):
            hs = [X]
            for _ in range(3):
                hs.append(np.tanh(hs[-1] @ W))
            losses.append(np.sum((hs[3] - T) ** 2) / 2 / len(X))
            delta, parts, back = (hs[3] - T) / len(X) * (1 - hs[3] ** 2), [], W
            for h in hs[2::-1]:
                parts.append(h.T @ delta)
                delta = delta @ back.T * (1 - h**2)
                back = back - rate * parts[-1] * within
            kept = combine(parts) + kept * keep
            W = W - rate * kept
        return W, np.array(losses)

    return train


def shared_on_the_tape(X, T, W, rate, steps):
    losses = []
    for _ in range(steps):
        w = h = Value(W)
        h = tanh(tanh(tanh(X @ w) @ w) @ w) - T
        loss = (h * h).sum() / (2 * len(X))
        loss.backward()
        losses.append(loss.data)
        W = W - rate * w.grad
    return W, losses


def sigma(a):
    return 1 / (1 + np.exp(-a))


def logistic(rule):
    """Training of a logistic unit whose backward rule is ``rule(g, y, a)``."""

    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            a = X @ W + b
            y = sigma(a)
            losses.append(np.mean((y - T) ** 2) / 2)
            delta = rule((y - T) / len(X), y, a)
            W, b = W - rate * X.T @ delta, b - rate * delta.sum(axis=0)
        return W, b, losses

    return train


def fresh_logistic(*args):
    return logistic(lambda g, y, a: g * y * (1 - y))(*args)


def logistic_on_the_tape(rule):
    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            w, c = Value(W), Value(b)
            error = operation(sigma, rule)(X @ w + c) - T
            loss = (error * error).mean() / 2
            loss.backward()
            losses.append(loss.data)
            W, b = W - rate * w.grad, b - rate * c.grad
        return W, b, losses

    return train


# --- equal weights ----------------------------------------------------------------------------


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
    "two_paths": {
        "p-overwritten": paths(dp=lambda p, q: p),
        "q-path-forgotten": paths(dp=lambda p, q: q),
        "a-overwritten": paths(da=lambda a, b, dp, p: b * dp),
        "p-path-forgotten": paths(da=lambda a, b, dp, p: 2 * a * p),
        "local-forgotten": paths(da=lambda a, b, dp, p: b * dp + p),
        "local-only": lambda a, b: (2 * a * b + a**2, b, a),
        "too-early": paths(passed_on=lambda p, q: q),
        "multiplied": paths(dp=lambda p, q: p * q),
    },
    "hidden_delta": {
        "phi-forgotten": W * DELTA,
        "phi-at-activation": slopes(H.applyfunc(sp.tanh)) * W * DELTA,
        "phi-of-z": slopes(Z) * W * DELTA,
        "sigmoid-slope": sp.diag(h1 * (1 - h1), h2 * (1 - h2)) * W * DELTA,
        "both-phi-forgotten": W * (O - T),
        "factor": 2 * RIGHT_DELTA,
        "shape": RIGHT_DELTA[0],
        "not-transposed": slopes(H) * W.T * DELTA,
        "weights-forgotten": slopes(H) * sp.ones(2, 2) * DELTA,
        "sign": -RIGHT_DELTA,
        "output-phi-forgotten": slopes(H) * W * (O - T),
        "one-path": slopes(H) * sp.diag(w11, w22) * DELTA,
        "wrong-delta": DELTA,
        "own-target": slopes(H) * (H - T),
        "zeros": [sp.diff(((o1 - t1) ** 2 + (o2 - t2) ** 2) / 2, z) for z in (z1, z2)],
    },
    "backward_pass": {
        "phi-forgotten": net(slope=lambda Z, H: 1),
        "phi-at-activation": net(slope=lambda Z, H: 1 - np.tanh(H) ** 2),
        "phi-of-z": net(slope=lambda Z, H: 1 - Z**2),
        "sigmoid-slope": net(slope=lambda Z, H: H * (1 - H)),
        "shape": net(bias=lambda delta: delta.sum(axis=1)),
        "not-transposed": net(back=common.where_it_fits(lambda d, W: d @ W, transposed)),
        "weights-forgotten": net(
            back=lambda d, W: d if W.shape[0] == W.shape[1] else transposed(d, W)
        ),
        "sign": net(error=lambda Y, T: T - Y),
        "wrong-delta": net(first=common.where_it_fits(pick(1), pick(0))),
        "wrong-input": net(below=common.where_it_fits(pick(0), pick(2))),
        "pre-activations": net(below=pick(1)),
        "unreduced": net(bias=lambda delta: delta),
        "averaged-twice": net(bias=lambda delta: delta.mean(axis=0)),
        "summed": net(scale=lambda X, T: 1),
        "all-entries": net(scale=lambda X, T: 1 / T.size),
        "factor": net(scale=lambda X, T: 2 / len(X)),
    },
    "tape_operation": {
        "overwritten": taking(overwritten),
        "g-forgotten": taking(lambda g, a, index: (scattered(np.ones_like(g), a, index),)),
        "gathered": taking(gathered),
        "no-scatter": taking(lambda g, a, index: (g,)),
        "no-tuple": taking(scattered),
        "zeros": embedding(lambda A, index: Value(A.data[index])),
        "mutated": taking(in_place),
    },
    "central_differences": {
        "not-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / h),
        "parentheses": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / 2 * h),
        "shape": lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
        "forward": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / h),
        "backward": differences(lambda f, x, e, h: (f(x) - f(x - h * e)) / h),
        "h-ignored": lambda f, x, h: differences()(f, x, 1e-5),
        "not-restored": lambda f, x, h: moving(f, x, h, restore=False),
        "all-at-once": differences(lambda f, x, e, h: (f(x + h) - f(x - h)) / (2 * h)),
        "sign": differences(lambda f, x, e, h: (f(x - h * e) - f(x + h * e)) / (2 * h)),
        "mutated": adding_and_taking_away,
    },
    "step_size": {letter: letter for letter in "abde"},
    "cost": {
        "base-forgotten": lambda n, s: (n, 2 * n, 2 * n * s / 3600),
        "base-each-time": lambda n, s: (2 * n, 2 * n, 2 * n * s / 3600),
        "base-not-needed": lambda n, s: (n + 1, 2 * n + 1, (2 * n + 1) * s / 3600),
        "one-sided": lambda n, s: (n + 1, n, n * s / 3600),
        "seconds": lambda n, s: (n + 1, 2 * n, 2 * n * s),
        "minutes": lambda n, s: (n + 1, 2 * n, 2 * n * s / 60),
        "forward-only": lambda n, s: (n + 1, 2 * n, (n + 1) * s / 3600),
    },
    "repair_zeroing": {
        "not-zeroed": unit(),
        "bias-not-zeroed": unit(before="W"),
        "weights-not-zeroed": unit(before="b"),
        "zeroed-too-soon": unit(between="Wb"),
    },
    "repair_accumulation": {
        "overwritten": shared(lambda parts: parts[-1]),
        "top-layer-only": shared(lambda parts: parts[0]),
        "averaged": shared(lambda parts: sum(parts) / 3),
        "not-reset": shared(keep=True),
        "stepped-within": shared(within=True),
    },
    "repair_value": {
        "self-value": logistic(lambda g, y, a: g * a * (1 - a)),
        "first-a-left": logistic(lambda g, y, a: g * a * (1 - y)),
        "second-a-left": logistic(lambda g, y, a: g * y * (1 - a)),
        "no-tuple": logistic_on_the_tape(lambda g, y, a: g * y * (1 - y)),
        "rule-at-output": logistic(lambda g, y, a: g * sigma(y) * (1 - sigma(y))),
        "g-forgotten": logistic(lambda g, y, a: y * (1 - y)),
        "derivative-forgotten": logistic(lambda g, y, a: g),
        "tanh-rule": logistic(lambda g, y, a: g * (1 - y * y)),
    },
    "predict_units": {
        "separates": (6, 6, 2, 1),
        "stuck": (1, 1, 2, 1),
        "groups": (1, 6, 1, 1),
        "batch-noise": (1, 6, 2, 6),
    },
    "measure_units": {
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
    },
}

RIGHT = {
    "two_paths": [paths(), by_expansion, on_the_tape],
    "hidden_delta": [
        RIGHT_DELTA, RIGHT_DELTA.T, list(RIGHT_DELTA), tuple(RIGHT_DELTA), sp.expand(RIGHT_DELTA),
        [sp.diff(LOSS, z) for z in (z1, z2)], sp.simplify(RIGHT_DELTA), lambda: RIGHT_DELTA,
        slopes(Z.applyfunc(sp.tanh)) * W * DELTA,
        RIGHT_DELTA.subs({o1: sp.tanh(y1), o2: sp.tanh(y2)}),
        RIGHT_DELTA.subs(dict(zip((h1, h2), sp.symbols("h1 h2"), strict=True))),
    ],
    "backward_pass": [net(), by_loops, by_tape, net(slope=lambda Z, H: 1 / np.cosh(Z) ** 2)],
    "tape_operation": [
        taking(lambda g, a, index: (scattered(g, a, index),)), taking(row_by_row),
        embedding(lambda A, index: np.eye(len(A.data))[index] @ A),
        taking(lambda g, a, index: [np.eye(len(a))[:, index] @ g]),
    ],
    "central_differences": [
        differences(), lambda f, x, h: moving(f, x, h, restore=True),
        lambda f, x, h: differences()(f, x, h).tolist(),
        lambda f, x, h: moving(f, x, h, restore=True, copy=False),
    ],
    "step_size": ["c", " C ", "(c)", lambda: "c"],
    "cost": [lambda n, s: (n + 1, 2 * n, 2 * n * s / 3600),
             lambda n, s: [n + 1.0, n + n, n * s / 1800]],
    "repair_zeroing": [unit(before="Wb"), unit(after="Wb"), fresh_values],
    "repair_accumulation": [shared(), shared(lambda parts: np.sum(parts, axis=0)),
                            shared_on_the_tape],
    "repair_value": [logistic(lambda g, y, a: g * y * (1 - y)),
                     logistic(lambda g, y, a: g * sigma(a) * sigma(-a)),
                     logistic_on_the_tape(lambda g, y, a: (g * np.exp(-a) * y**2,))],
    "predict_units": [(1, 6, 2, 1), [1, 6, 2, 1], np.array([1, 6, 2, 1.0]), lambda: (1, 6, 2, 1)],
    "measure_units": [measuring(), measuring(one_by_one), measuring(lambda *w: float(units(*w)))],
}  # fmt: skip

#: Answers that are right on most inputs.
NEARLY = {
    "two_paths": [lambda a, b: on_the_tape(abs(a), b), lambda a, b: on_the_tape(2.0, -3.0)],
    "hidden_delta": [RIGHT_DELTA + sp.Matrix([0, sp.Rational(1, 10**6)]),
                     RIGHT_DELTA + sp.Matrix([z1 - sp.Rational(1, 5), 0])],
    "backward_pass": [
        lambda X, T, *p: net()(X[:4], T[:4], *p),
        lambda X, T, *p: net(scale=lambda X, T: 1 / 5.0001)(X, T, *p),
        net(bias=lambda delta: delta.sum(axis=0) * (delta.shape[1] == 3)),
    ],
    "tape_operation": [
        taking(lambda g, a, index: (scattered(g, a, index) * (len(a) == 4),)),
        taking(lambda g, a, index: (scattered(g, a, index) + 1e-6,)),
        taking(lambda g, a, index: (  # right but for repeats in a table of four rows
            scattered(g, a, index) * (len(a) == 3 or len(set(index)) == len(index)),
        )),
    ],
    "central_differences": [
        lambda f, x, h: differences()(f, x, 0.1),
        lambda f, x, h: np.ravel(differences()(f, x, h)),
        lambda f, x, h: differences()(f, x, h)[: len(x) - 1],
    ],
    "cost": [lambda n, s: (1001, 2000, 0.001)],
    "repair_zeroing": [lambda X, T, W, b, rate, steps: unit("Wb")(X, T, W, b, 0.4, 3),
                       lambda X, T, W, b, *rest: (unit("Wb")(X, T, W, b, *rest)[0], b, [0.0] * 4),
                       lambda *args: (*unit("Wb")(*args)[:2], unit()(*args)[2])],
    "repair_accumulation": [lambda X, T, W, rate, steps: shared()(X, T, W, 0.3, steps),
                            lambda *args: (shared()(*args)[0], shared(keep=True)(*args)[1])],
    "repair_value": [logistic(lambda g, y, a: g * np.minimum(y * (1 - y), 0.24)),
                     lambda *args: (*fresh_logistic(*args)[:2], fresh_logistic(*args)[2][::-1])],
    "predict_units": [(1, 6, 2, 2), (1, 6, 3, 1), (1, 5, 2, 1)],
    "measure_units": [measuring(lambda W1, b1, W2: 2), lambda *args: measuring()(*args[:-1], 5)],
}  # fmt: skip


class TestChecks(common.Checks):
    check = check
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("exercise", "name", "mistake"),
    [
        ("repair_zeroing", "train_broken", "not-zeroed"),
        ("repair_accumulation", "train_shared_broken", "overwritten"),
        ("repair_value", "train_logistic_broken", "self-value"),
    ],
)
def test_a_broken_loop_scores_nothing_and_hears_why(exercise, name, mistake):
    score = getattr(check, exercise)(common.Chapter(check).names()[name])
    assert score == 0
    assert score.mistakes == (mistake,)


def test_gives_part_of_the_points_for_part_of_the_work():
    assert check.two_paths(paths(da=lambda a, b, dp, p: b * dp)) == 1
    assert check.backward_pass(net(slope=lambda Z, H: 1)) == 2  # W2 and b2 are right
    assert check.backward_pass(net(bias=lambda delta: delta.mean(axis=0))) == 3
    assert check.tape_operation(taking(overwritten)) == 1
    assert check.predict_units((1, 1, 2, 1)) == 1.5
    assert check.measure_units(measuring(without_twin)) == 2


def test_an_error_that_only_follows_from_another_is_called_so():
    score = check.two_paths(lambda a, b: (0.0, *by_expansion(a, b)[1:]))
    assert score == 0
    assert score.mistakes == ("zeros",)
    assert "once ∂E/∂p is" in score.feedback[1]


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(check.predict_units((3, 2, 5, 4)).feedback)
    assert "right is" not in told
