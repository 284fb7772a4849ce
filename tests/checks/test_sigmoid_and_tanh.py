"""The checks on sigmoid and tanh: see :mod:`common` for what is asked of them."""

import common
import numpy as np
import pytest
import sympy as sp

from backpass.checks import sigmoid_and_tanh as check
from backpass.tape import Value, operation


def sigma(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def steep(a):
    return a * (1 - a)


def steep_tanh(y):
    return 1 - y**2


# --- one example ------------------------------------------------------------------------------

x1, x2, b1, b2, w1, w2, f, t = sp.symbols("x1 x2 b1 b2 w1 w2 f t", real=True)
F = w1 * (x1 + b1) + w2 * (x2 + b2)
INPUTS, SHIFTS = [(f - t) * (x1 + b1), (f - t) * (x2 + b2)], [(f - t) * w1, (f - t) * w2]


def of_loss(loss):
    return [sp.diff(loss, s) for s in (w1, w2, b1, b2)]


# --- slopes, and a layer ----------------------------------------------------------------------


def both(of_sigma=lambda z: steep(sigma(z)), of_tanh=lambda z: steep_tanh(np.tanh(z))):
    return lambda z: (of_sigma(z), of_tanh(z))


def naive(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


def sech(z):
    with np.errstate(over="ignore"):
        return 1 / np.cosh(z)


def layer(
    slope=lambda Z, A: A * (1 - A),
    weights=lambda X, delta: X.T @ delta,
    bias=lambda delta: delta.sum(axis=0),
    back=lambda delta, W: delta @ W.T,
    shift=1,
):
    """The backward pass of a sigmoid layer with one thing changed."""

    def answer(X, W, b, G):
        Z = X @ W + shift * b
        delta = G * slope(Z, sigma(Z))
        return weights(X, delta), bias(delta), back(delta, W)

    return answer


def layer_by_loops(X, W, b, G):
    dW, db, dX = np.zeros_like(W), np.zeros_like(b), np.zeros_like(X)
    for i in range(len(X)):
        for k in range(len(b)):
            z = sum(X[i, j] * W[j, k] for j in range(len(W))) + b[k]
            delta = G[i, k] / (2 + np.exp(z) + np.exp(-z))
            dW[:, k] += delta * X[i]
            dX[i] += delta * W[:, k]
            db[k] += delta
    return dW, db, dX


def layer_on_the_tape(X, W, b, G):
    X, W, b = values = Value(X), Value(W), Value(b)
    logistic = operation(sigma, lambda g, y, a: (g * y * (1 - y),))
    logistic(X @ W + b).backward(G)
    return [values[i].grad for i in (1, 2, 0)]


def net(
    of_sigma=lambda Z, H: H * (1 - H),
    of_tanh=lambda Z, Y: 1 - Y**2,
    scale=lambda X: 1 / len(X),
):
    """Gradients of the net of two activations, with one thing changed."""

    def answer(X, T, W1, b1, W2, b2):
        Z1 = X @ W1 + b1
        H = sigma(Z1)
        Z2 = H @ W2 + b2
        Y = np.tanh(Z2)
        delta_2 = (Y - T) * scale(X) * of_tanh(Z2, Y)
        delta_1 = delta_2 @ W2.T * of_sigma(Z1, H)
        return X.T @ delta_1, delta_1.sum(axis=0), H.T @ delta_2, delta_2.sum(axis=0)

    return answer


def broken(z, y):
    """1 − tanh² at the output."""
    return 1 - np.tanh(y) ** 2


def halves(W2):
    return W2.sum(axis=0) / 2


def as_tanh(W1=0.5, b1=0.5, W2=0.25, b2=0.5, W3=0.5, middle=halves, shift=halves, b3=1):
    """The rewritten net with one thing changed."""

    def answer(*net):
        V1, a1, V2, a2, V3, a3 = net
        second, last = b2 * a2 + middle(V2) / 2, b3 * a3 + shift(V3)
        return W1 * V1, b1 * a1, W2 * V2, second, W3 * V3, last

    return answer


def mirrored(*net):
    """Hidden units in another order, their signs turned."""
    W1, b1, W2, b2, W3, b3 = as_tanh()(*net)
    return -W1[:, ::-1], -b1[::-1], -W2[::-1, ::-1], b2[::-1], W3[::-1], b3


def tanh_to_sigma(W1, b1, W2, b2, W3, b3):
    return 2 * W1, 2 * b1, 4 * W2, 2 * (b2 - W2.sum(axis=0)), 2 * W3, b3 - W3.sum(axis=0)


# --- the valley -------------------------------------------------------------------------------

d, m, v, c = sp.symbols("d m v c", positive=True)
SPREAD = v + (d - 1) * c
ALONG = SPREAD + d * m**2
ROOT = sp.sqrt((ALONG + 1) ** 2 - 4 * SPREAD)
TOP, BOTTOM = (ALONG + 1 + ROOT) / 2, (ALONG + 1 - ROOT) / 2
PLAIN, CENTRED = ALONG / (v - c), SPREAD / (v - c)


def rates(
    limit=lambda X, values: 2 / values[-1],
    first=lambda X: X,
    centred=lambda X: X - X.mean(axis=0),
    count=lambda X, place: len(X),
):
    """The two limits with one thing changed."""

    def answer(X):
        found = []
        for place, inputs in enumerate((first(X), centred(X))):
            values = np.linalg.eigvalsh(inputs.T @ inputs / count(X, place))
            with np.errstate(all="ignore"):
                found.append(limit(inputs, values))
        return tuple(found)

    return answer


def along_rows(X):
    return X - X.mean(axis=1, keepdims=True)


def row_means(X):
    return X.mean(axis=1)


def column_means(X):
    return X.mean(axis=0)


def with_numpy_cov(X):
    return 2 * len(X) / np.linalg.norm(X, 2) ** 2, 2 / np.linalg.norm(np.cov(X.T, bias=True), 2)


# --- LeCun's constants ------------------------------------------------------------------------

b = sp.Symbol("b", positive=True)
x = sp.Symbol("x", positive=True)
A = 1 / sp.tanh(b)
PLACE = sp.atanh(1 / sp.sqrt(3)) / b


# --- remedies ---------------------------------------------------------------------------------


def centring(
    mean=lambda train, test: train.mean(axis=0), train=lambda X, c: X - c, test=lambda X, c: X - c
):
    def answer(X_train, X_test):
        c = mean(X_train, X_test)
        return train(X_train, c), test(X_test, c)

    return answer


def own(mean):
    """Both sets shifted by a mean of their own."""
    return lambda X_train, X_test: (X_train - mean(X_train), X_test - mean(X_test))


def batch(back=lambda delta, Z: delta - delta.mean(axis=0), before=lambda g: g, mean=1):
    """Gradients through tanh(Z − mean Z + b), with one thing changed."""

    def answer(X, T, W, b):
        Z = X @ W
        Y = np.tanh(Z - mean * Z.mean(axis=0) + b)
        delta = back(before((Y - T) / len(X)) * (1 - Y**2), Z)
        return X.T @ delta, delta @ W.T

    return answer


def by_the_matrix(X, T, W, b):
    n = len(X)
    P = np.eye(n) - np.ones((n, n)) / n
    Y = np.tanh(P @ X @ W + b)
    delta = (Y - T) * (1 - Y) * (1 + Y) / n
    return (P @ X).T @ delta, P @ delta @ W.T


WRONG = {
    "shifted_inputs": {
        "shift-forgotten": [(f - t) * x1, (f - t) * x2, *SHIFTS],
        "weight-for-input": [*SHIFTS, *SHIFTS],
        "ordinary-bias": [*INPUTS, f - t, f - t],
        "input-for-weight": [*INPUTS, (f - t) * x1, (f - t) * x2],
        "whole-input": INPUTS * 2,
        "all-weights": [*INPUTS, *[(f - t) * (w1 + w2)] * 2],
        "error-forgotten": of_loss(F),
        "sign": [-e for e in INPUTS + SHIFTS],
        "factor": of_loss((F - t) ** 2),
        "zeros": of_loss((f - t) ** 2 / 2),
        "shape": INPUTS,
    },
    "predict_signs": {
        "free": (32, 2, 32, 2),
        "one-orthant": (1, 1, 32, 1),
        "batch-cures": (2, 32, 32, 2),
        "batch-useless": (2, 2, 2, 2),
        "only-new": (2, 2, 30, 2),
        "products": (2, 2, 4, 2),
        "signs-fixed": (2, 2, 32, 32),
        "groups": (2, 2, 32, 4),
    },
    "slopes": {
        "slope-is-value": both(sigma),
        "at-value": both(lambda z: steep(sigma(sigma(z)))),
        "input-for-output": both(of_tanh=steep_tanh),
        "one-minus-tanh": both(of_tanh=lambda z: 1 - np.tanh(z)),
        "wrong-rule": both(lambda z: steep_tanh(sigma(z))),
        "other-function": lambda z: both()(z)[::-1],
        "complement": both(lambda z: 1 - sigma(z)),
        "not-squared": both(of_tanh=sech),
        "factor": both(of_tanh=lambda z: 2 * steep(sigma(2 * z))),
        "nan": both(lambda z: steep(naive(z))),
    },
    "layer_backward": {
        "slope-is-value": layer(lambda Z, A: A),
        "at-value": layer(lambda Z, A: steep(sigma(A))),
        "input-for-output": layer(lambda Z, A: Z * (1 - Z)),
        "slope-forgotten": layer(lambda Z, A: 1),
        "bias-forgotten": layer(shift=0),
        "transposed": layer(weights=lambda X, delta: delta.T @ X),
        "inputs-not-transposed": layer(
            weights=common.where_it_fits(np.matmul, lambda X, D: X.T @ D)
        ),
        "weights-not-transposed": layer(back=common.where_it_fits(np.matmul, lambda D, W: D @ W.T)),
        "wrong-rule": layer(lambda Z, A: 1 - A**2),
        "averaged": layer(bias=lambda delta: delta.mean(axis=0)),
        "over-units": layer(bias=lambda delta: delta.sum(axis=1)),
        "unreduced": layer(bias=lambda delta: delta),
    },
    "repair_argument": {
        "both": net(lambda Z, H: steep(Z), broken),
        "tanh-at-output": net(of_tanh=broken),
        "tanh-of-input": net(of_tanh=lambda Z, Y: 1 - Z**2),
        "one-minus-tanh": net(of_tanh=lambda Z, Y: 1 - Y),
        "slope-forgotten": net(of_tanh=lambda Z, Y: 1),
        "slope-is-value": net(lambda Z, H: H),
        "at-value": net(lambda Z, H: steep(sigma(H))),
        "input-for-output": net(lambda Z, H: steep(Z)),
    },
    "as_tanh_net": {
        "W1-not-halved": as_tanh(W1=1),
        "b1-not-halved": as_tanh(b1=1),
        "W2-once": as_tanh(W2=0.5),
        "second-not-halved": as_tanh(W2=0.5, b2=1, middle=lambda W2: W2.sum(axis=0)),
        "all-halved": lambda *net: tuple(p / 2 for p in net),
        "b2-not-halved": as_tanh(b2=1, middle=lambda W2: W2.sum(axis=0)),
        "b2-not-shifted": as_tanh(middle=lambda W2: 0),
        "b2-shift-not-halved": as_tanh(middle=lambda W2: W2.sum(axis=0)),
        "b2-shift-halved-again": as_tanh(middle=lambda W2: halves(W2) / 2),
        "W3-not-halved": as_tanh(W3=1),
        "doubled": tanh_to_sigma,
        "unchanged": lambda *net: net,
        "b3-not-shifted": as_tanh(shift=lambda W3: 0),
        "b3-halved": as_tanh(b3=0.5),
        "shift-not-halved": as_tanh(shift=lambda W3: W3.sum(axis=0)),
        "shift-quartered": as_tanh(shift=lambda W3: halves(W3) / 2),
        "shift-reversed": as_tanh(shift=lambda W3: -halves(W3)),
        "shift-by-half": as_tanh(shift=lambda W3: 0.5),
        "shift-other-axis": as_tanh(
            shift=common.where_it_fits(lambda W3: W3.sum(axis=1) / 2, halves)
        ),
        "shape": lambda *net: (net[0].T, *net[1:]),
    },
    "price_of_a_mean": {
        "means-forgotten": [CENTRED, CENTRED, TOP],
        "not-centred": [PLAIN, PLAIN, TOP],
        "width-forgotten": [(SPREAD + m**2) / (v - c), CENTRED, TOP],
        "mean-not-squared": [(SPREAD + d * m) / (v - c), CENTRED, TOP],
        "correlation-forgotten": [1 + d * m**2 / v, 1, TOP.subs(c, 0)],
        "own-pair": [(ALONG + c) / (v - c), (SPREAD + c) / (v - c), TOP],
        "smallest-is-v": [ALONG / v, SPREAD / v, TOP],
        "largest-only": [ALONG, SPREAD, TOP],
        "upside-down": [1 / PLAIN, 1 / CENTRED, TOP],
        "bias-ignored": [PLAIN, CENTRED, ALONG],
        "bias-as-input": [PLAIN, CENTRED, ALONG.subs(d, d + 1)],
        "bias-added": [PLAIN, CENTRED, ALONG + 1],
        "smaller-root": [PLAIN, CENTRED, BOTTOM],
        "shape": [PLAIN, CENTRED],
    },
    "largest_rates": {
        "lambda-min": rates(lambda X, values: 2 / values[0]),
        "one-over": rates(lambda X, values: 1 / values[-1]),
        "squared": rates(lambda X, values: 2 / values[-1] ** 2),
        "singular-value": rates(lambda X, values: 2 / np.linalg.norm(X, 2)),
        "trace": rates(lambda X, values: 2 / values.sum()),
        "eigenvalue": rates(lambda X, values: values[-1]),
        "centred": rates(first=lambda X: X - X.mean(axis=0)),
        "not-centred": rates(centred=lambda X: X),
        "wrong-axis": rates(centred=along_rows),
        "row-means": rates(centred=lambda X: X - common.where_it_fits(row_means, column_means)(X)),
        "grand-mean": rates(centred=lambda X: X - X.mean()),
        "scaled": rates(centred=lambda X: (X - X.mean(axis=0)) / X.std(axis=0)),
        "n-forgotten": rates(count=lambda X, place: 1),
        "bessel": rates(count=lambda X, place: len(X) - place),
    },
    "experiment": {letter: letter for letter in "abde"},
    "lecun_constants": {
        "upside-down": [1 / A, A * b, PLACE],
        "b-forgotten": [1 / sp.tanh(1), A * b, PLACE],
        "only-lecun": [e.subs(b, sp.Rational(2, 3)) for e in (A, A * b, PLACE)],
        "approximate": [A, A * b, sp.Float(0.6585) / b],
        "amplitude-only": [A, A, PLACE],
        "inner-only": [A, b, PLACE],
        "not-divided": [A, A * b, PLACE * b],
        "multiplied": [A, A * b, PLACE * b**2],
        "not-rooted": [A, A * b, sp.atanh(sp.Rational(1, 3)) / b],
        "zeros": [A, A * b, 0],
        "sign": [A, A * b, -PLACE],
        "shape": A,
    },
    "centre": {
        "test-forgotten": centring(test=lambda X, c: X),
        "train-forgotten": centring(train=lambda X, c: X),
        "own-mean": own(lambda X: X.mean(axis=0)),
        "pooled-mean": centring(lambda train, test: np.vstack([train, test]).mean(axis=0)),
        "wrong-axis": own(lambda X: X.mean(axis=1, keepdims=True)),
        "row-means": centring(
            lambda train, test: common.where_it_fits(row_means, column_means)(train)
        ),
        "grand-mean": centring(lambda train, test: train.mean()),
        "scaled": lambda a, c: ((a - a.mean(0)) / a.std(0), (c - a.mean(0)) / a.std(0)),
        "added": centring(train=np.add, test=np.add),
        "median": centring(lambda train, test: np.median(train, axis=0)),
    },
    "repair_centring": {
        "mean-constant": batch(lambda delta, Z: delta),
        "own-share-only": batch(lambda delta, Z: delta * (1 - 1 / len(Z))),
        "sum-subtracted": batch(lambda delta, Z: delta - delta.sum(axis=0)),
        "wrong-axis": batch(lambda delta, Z: along_rows(delta)),
        "grand-mean": batch(lambda delta, Z: delta - delta.mean()),
        "added": batch(lambda delta, Z: delta + delta.mean(axis=0)),
        "forward-mean": batch(lambda delta, Z: delta - Z.mean(axis=0)),
        "too-early": batch(lambda delta, Z: delta, before=lambda g: g - g.mean(axis=0)),
    },
}

RIGHT = {
    "shifted_inputs": [
        INPUTS + SHIFTS, tuple(INPUTS + SHIFTS), sp.Matrix(INPUTS + SHIFTS),
        of_loss((F - t) ** 2 / 2), lambda: of_loss((F - t) ** 2 / 2),
        [sp.expand(e) for e in INPUTS + SHIFTS], sp.Matrix([INPUTS + SHIFTS]),
    ],
    "predict_signs": [(2, 2, 32, 2), [2, 2, 32, 2], np.array([2, 2, 32, 2.0]),
                      lambda: (2, 2, 2**5, 2)],
    "slopes": [
        both(), both(lambda z: sigma(z) * sigma(-z), lambda z: sech(z) ** 2),
        both(of_tanh=lambda z: 4 * steep(sigma(2 * z))),
        lambda z: [(1 - np.tanh(z / 2) ** 2) / 4, (1 + np.tanh(z)) * (1 - np.tanh(z))],
    ],
    "layer_backward": [layer(), layer_by_loops, layer_on_the_tape,
                       layer(weights=lambda X, delta: np.einsum("ni,nk->ik", X, delta))],
    "repair_argument": [net(), net(lambda Z, H: sigma(Z) * sigma(-Z)),
                        net(of_tanh=lambda Z, Y: 1 / np.cosh(Z) ** 2)],
    "as_tanh_net": [as_tanh(), mirrored],
    "price_of_a_mean": [
        [PLAIN, CENTRED, TOP], (1 + d * (c + m**2) / (v - c), CENTRED, SPREAD / BOTTOM),
        sp.Matrix([PLAIN, CENTRED, TOP]), lambda: [sp.expand(e) for e in (PLAIN, CENTRED, TOP)],
        [PLAIN, 1 + d * c / (v - c), sp.Max(TOP, BOTTOM)],
    ],
    "largest_rates": [
        rates(), with_numpy_cov,
        lambda X: [2 / np.linalg.eigvalsh(x @ x.T / len(x)).max() for x in (X, X - X.mean(0))],
        lambda X: [2 / np.linalg.eigvals(x.T @ x / len(x)).max() for x in (X, X - X.mean(0))],
        lambda X: tuple(np.array([rate]).item() for rate in rates()(X)),
    ],
    "experiment": ["c", " C ", "(c)", lambda: "c"],
    "lecun_constants": [
        [A, A * b, PLACE], lambda: (A, sp.diff(A * sp.tanh(b * x), x).subs(x, 0), PLACE),
        sp.Matrix([sp.coth(b), b * sp.coth(b), sp.acosh(sp.sqrt(sp.Rational(3, 2))) / b]),
        [A, A * b, sp.log(2 + sp.sqrt(3)) / (2 * b)],
    ],
    "centre": [
        centring(), centring(lambda train, test: train.sum(0) / len(train)),
        lambda a, c: [(a - a.mean(axis=0)).tolist(), c - a.mean(axis=0, keepdims=True)],
    ],
    "repair_centring": [batch(), by_the_matrix],
}  # fmt: skip

#: Answers that are right on most inputs, or nearly right.
NEARLY = {
    "shifted_inputs": [[*INPUTS, SHIFTS[0], SHIFTS[1] + sp.Rational(1, 10**6)],
                       [*SHIFTS, *INPUTS], [INPUTS, SHIFTS]],
    "predict_signs": [(2, 2, 31, 2), (2, 2, 32, 16), (2, 2, 32), (2, 2, 32, 2, 2), (2, 2, 16, 2)],
    "slopes": [
        both(lambda z: np.clip(steep(sigma(z)), 1e-3, None)), both(of_tanh=np.sign),
        lambda z: both()(np.ravel(z)),
        both(lambda z: steep(sigma(np.clip(z, -2, 2)))),
    ],
    "layer_backward": [
        lambda X, W, b, G: layer()(X[:3], W, b, G[:3]),
        layer(bias=lambda delta: delta.sum()), layer(bias=lambda delta: delta[0]),
        layer(weights=lambda X, delta: np.outer(X[0], delta[0])),
        layer(bias=lambda delta: delta.sum(axis=0, keepdims=True)),
        layer(back=lambda delta, W: delta @ W.T / len(delta)),
    ],
    "repair_argument": [net(scale=lambda X: 1), net(scale=lambda X: 2 / len(X)),
                        net(scale=lambda X: 1 / 5.0001),
                        lambda *args: (*net()(*args)[2:], *net()(*args)[:2])],
    "as_tanh_net": [
        lambda *net: as_tanh()(*(0 * p for p in net)),
        as_tanh(shift=lambda W3: W3[0] / 2), as_tanh(shift=lambda W3: W3.sum() / 2),
        as_tanh(shift=lambda W3: W3.mean(axis=0) / 2), as_tanh(W1=0.5001),
        as_tanh(middle=lambda W2: W2.mean(axis=0) / 2),
        lambda *net: (*as_tanh()(*net)[:5], net[5] + 1e-6),
    ],
    "price_of_a_mean": [
        [e.subs(d, 10) for e in (PLAIN, CENTRED, TOP)], [CENTRED, PLAIN, TOP],
        [PLAIN + sp.Rational(1, 10**6), CENTRED, TOP], [PLAIN, CENTRED, TOP / (v - c)],
        [PLAIN, CENTRED, TOP / BOTTOM], [PLAIN, CENTRED, 2 * TOP],
        [PLAIN, CENTRED, sp.Max(1, ALONG)],
    ],
    "largest_rates": [
        lambda X: rates()(X)[::-1], lambda X: (rates()(X)[0],) * 2,
        rates(lambda X, values: 2 / values.mean()),
        rates(lambda X, values: 2 / (values[-1] + 1e-6)), rates(count=lambda X, place: X.shape[1]),
        rates(count=lambda X, place: X.size),
    ],
    "lecun_constants": [[A, A * b, sp.Integer(1)], [sp.Float(1.7159), A * b, PLACE],
                        [A, A * b, PLACE + sp.Rational(1, 10**7)], [PLACE, A, A * b]],
    "centre": [
        centring(lambda train, test: train.mean(axis=0).round(6)), lambda a, c: (c, a),
        centring(lambda train, test: train[:4].mean(axis=0)),
        lambda a, c: (a - a.mean(0), (c - a.mean(0))[0]),
    ],
    "repair_centring": [
        batch(mean=0), lambda *args: batch()(*args)[::-1],
        lambda *args: (batch()(*args)[0], batch(lambda delta, Z: delta)(*args)[1]),
        batch(lambda delta, Z: delta - delta.sum(axis=0) / (len(delta) - 1)),
    ],
}  # fmt: skip


class TestChecks(common.Checks):
    check = check
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("exercise", "name", "mistakes"),
    [
        ("repair_argument", "gradients_broken", ("tanh-at-output", "both")),
        ("repair_centring", "centred_broken", ("mean-constant",)),
    ],
)
def test_a_broken_pass_scores_nothing_and_hears_why(exercise, name, mistakes):
    score = getattr(check, exercise)(common.Chapter(check).names()[name])
    assert score == 0
    assert score.mistakes == mistakes


def test_names_the_same_mistake_at_either_function():
    for at_place in [
        both(of_tanh=lambda z: steep_tanh(np.tanh(np.tanh(z)))),
        both(lambda z: steep(sigma(sigma(z)))),
    ]:
        assert check.slopes(at_place).mistakes == ("at-value",)
    for mixed in (both(of_tanh=lambda z: steep(np.tanh(z))), both(lambda z: 1 - sigma(z) ** 2)):
        assert check.slopes(mixed).mistakes == ("wrong-rule",)
    assert check.slopes(both(steep)).mistakes == ("input-for-output",)


def test_gives_part_of_the_points_for_part_of_the_work():
    assert check.shifted_inputs(of_loss((F - t) ** 2 / 2)[:2] + [f - t] * 2) == 1
    assert check.slopes(both(sigma)) == 1
    assert check.layer_backward(layer(bias=lambda delta: delta.mean(axis=0))) == 3
    assert check.repair_argument(net(lambda Z, H: steep(Z))) == 1
    assert check.as_tanh_net(as_tanh(shift=lambda W3: 0)) == 2
    assert check.price_of_a_mean([PLAIN, CENTRED, ALONG]) == 2
    assert check.largest_rates(rates(centred=lambda X: X)) == 2
    assert check.lecun_constants([A, A, PLACE]) == 2
    assert check.centre(own(lambda X: X.mean(axis=0))) == 1


def test_a_complex_entry_spoils_no_other():
    assert check.price_of_a_mean([PLAIN, CENTRED, sp.sqrt(v - 5)]) == 2
    assert check.lecun_constants([sp.atanh(b), A * b, PLACE]) == 2
    assert check.shifted_inputs([sp.I * e for e in INPUTS] + SHIFTS) == 1


def test_accuses_nobody_of_what_others_do():
    """Numbers that a case of equal lengths could not tell apart."""
    told = check.repair_centring(batch(before=lambda g: g / g.shape[1])).mistakes
    assert told == ("factor",)
    assert check.largest_rates(rates(count=lambda X, place: len(X) - 1)).mistakes == ("bessel",)
    assert check.lecun_constants([sp.Float(1.7159), A * b, PLACE]).mistakes == ("only-lecun",)


def test_the_constants_are_those_of_the_function():
    for at, (amplitude, slope, place) in check.CONSTANTS.items():
        f = amplitude * sp.tanh(at * x)
        assert float(f.subs(x, 1)) == pytest.approx(1, abs=1e-14)
        assert float(sp.diff(f, x).subs(x, 0)) == pytest.approx(slope, rel=1e-13)
        assert float(sp.diff(f, x, 3).subs(x, place)) == pytest.approx(0, abs=1e-12)


def test_the_sign_patterns_are_those_that_random_numbers_show():
    draw = np.random.default_rng(2).uniform

    def patterns(gradients):
        return len({tuple(np.sign(g)) for g in gradients})

    def positive(n):
        return draw(0, 1, (n, 5)) ** 4

    mixed = np.array([1, 1, 1, -1, -1])
    found = (
        patterns(draw(-1, 1) * positive(1)[0] for _ in range(500)),
        patterns(np.sign(draw(-1, 1)) * draw(0, 1, 200) @ positive(200) for _ in range(100)),
        patterns(draw(0, 1, 2) * [1, -1] @ positive(2) for _ in range(5000)),
        patterns(draw(-1, 1) * positive(1)[0] * mixed for _ in range(500)),
    )
    assert check.predict_signs(found) == 2


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(check.predict_signs((3, 5, 7, 9)).feedback)
    assert "right is" not in told
