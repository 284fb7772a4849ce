"""The checks on residual networks: see :mod:`common` for what is asked of them."""

from math import comb

import common
import numpy as np
import pytest
import sympy as sp

from backpass.checks import residual_networks as check
from backpass.tape import Value, relu, tanh

# --- one add ----------------------------------------------------------------------------------


def adding(
    at_skip=lambda x, f, g: g,
    at_f=lambda x, f, g: g,
    gx=lambda g, part: g + part,
    gw=lambda x, g, gx: (g * x**2).sum(axis=0),
):
    """The walk back from y = x + w x², with one thing changed."""

    def answer(x, w, g):
        f = w * x**2
        all_at_x = gx(g, 2 * g * w * x)
        return at_skip(x, f, g), at_f(x, f, g), all_at_x, gw(x, g, all_at_x)

    return answer


def adding_on_the_tape(x, w, g):
    a, b = Value(x), Value(w)
    (a + b * a * a).backward(g)
    return [g, g.copy(), a.grad, b.grad]


# --- one block --------------------------------------------------------------------------------


def same(p):
    return p["G"]


def half(p):
    return p["G"] / 2


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
):
    """The backward pass of a residual block, with one thing changed."""

    def answer(X, W1, b1, W2, b2, G):
        Z = X @ W1 + b1
        p = {"X": X, "Z": Z, "H": np.maximum(Z, 0), "G": G, "W1": W1, "W2": W2}
        p["F"] = p["H"] @ W2 + b2
        p["S"] = X + p["F"]
        turned = turn and len(W2) == W2.shape[1]
        through = at_block(p) @ (W2 if turned else W2.T) * mask(p)
        part = through @ (W1 if turned else W1.T)
        d1, d2 = delta(p, through), to_w2(p | {"G": at_block(p)})
        found = dx(at_skip(p), part), X.T @ d1, bias(d1), below(p).T @ d2, bias(d2)
        return tuple(scale * value for value in found)

    return answer


def plain(X, W1, b1, W2, b2, G):
    return block()(X, W1, b1, W2, b2, G)


def from_x(X, W1, b1, W2, b2, G):
    dX = plain(X, W1, b1, W2, b2, G)[0]
    return dX, *plain(X, W1, b1, W2, b2, dX)[1:]


def square(wrong):
    """A change to δ₁ that can only be made where h = d."""
    return lambda p, delta: wrong(p, delta) if delta.shape == p["G"].shape else delta


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


# --- the ReLU after the add -------------------------------------------------------------------


def moved(**changes):
    """The backward pass of relu(X + F(X)), with one thing changed."""

    def answer(X, W1, W2, G):
        options = {"at_skip": on_sum, "at_block": on_sum} | changes
        dX, dW1, _, dW2, _ = block(**options)(X, W1, 0, W2, 0, G)
        return dX, dW1, dW2

    return answer


def on_sum(p):
    return p["G"] * (p["S"] > 0)


def on_block(p):
    return p["G"] * (p["F"] > 0)


def on_input(p):
    return p["G"] * (p["X"] > 0)


def masked_at_x(X, W1, W2, G):
    dX, *rest = moved(at_skip=same, at_block=same)(X, W1, W2, G)
    return dX * (X + np.maximum(X @ W1, 0) @ W2 > 0), *rest


def masked_twice(X, W1, W2, G):
    dX, *rest = moved(at_skip=same)(X, W1, W2, G)
    return dX * (X + np.maximum(X @ W1, 0) @ W2 > 0), *rest


def moved_on_the_tape(X, W1, W2, G):
    x, w1, w2 = Value(X), Value(W1), Value(W2)
    relu(x + relu(x @ w1) @ w2).backward(G)
    return x.grad, w1.grad, w2.grad


# --- a stack of blocks ------------------------------------------------------------------------


def stack(
    passed=lambda g, back, top: g + back(g),
    to_weights=lambda g, below: g,
    slope=lambda t, above: 1 - t**2,
):
    """Back through blocks x + tanh(x W), with one thing changed."""

    def answer(X, W, G):
        xs, ts, dW, g = [X], [], np.zeros_like(W), G
        for w in W:
            ts.append(np.tanh(xs[-1] @ w))
            xs.append(xs[-1] + ts[-1])
        for i in range(len(W))[::-1]:
            s = slope(ts[i], xs[i + 1])
            below = passed(g, lambda v, s=s, w=W[i]: v * s @ w.T, G)
            dW[i] = xs[i].T @ (to_weights(g, below) * s)
            g = below
        return g, dW

    return answer


def stack_on_the_tape(X, W, G):
    x = h = Value(X)
    ws = [Value(w) for w in W]
    for w in ws:
        h = h + tanh(h @ w)
    h.backward(G)
    return x.grad, [w.grad for w in ws]


# --- a scaled shortcut ------------------------------------------------------------------------

lam, L = sp.symbols("lam L", positive=True)
J1, J2, J3 = j = sp.symbols("j1:4", real=True)
ALONE, ONE = lam**L, lam**2 * sum(j)
WHOLE = (lam + J1) * (lam + J2) * (lam + J3)


def scaled(alone=ALONE, whole=WHOLE, one=ONE):
    return [alone, whole, one]


# --- paths ------------------------------------------------------------------------------------


def by_length(J, g):
    parts = [g]
    for b in J[::-1]:
        parts = [
            (parts[k] if k < len(parts) else 0) + (parts[k - 1] @ b if k else 0)
            for k in range(len(parts) + 1)
        ]
    return np.array(parts)


def by_subsets(J, g):
    """Every path by itself."""
    parts = np.zeros((len(J) + 1, len(g)))
    for path in range(2 ** len(J)):
        v, blocks = g, [i for i in range(len(J)) if path >> i & 1]
        for i in blocks[::-1]:
            v = v @ J[i]
        parts[len(blocks)] += v
    return parts


def twice(J, g):
    parts = np.zeros((len(J) + 1, len(g)))
    parts[0] = g
    for b in J[::-1]:
        for k in range(1, len(parts)):
            parts[k] += parts[k - 1] @ b
    return parts


def backwards(J, g):
    parts = np.zeros((len(J) + 1, len(g)))
    parts[0] = g
    for b in J[::-1]:
        for k in range(len(J), 0, -1):
            parts[k] += parts[k - 1] @ b
    return parts


def rows(change):
    """The right rows, changed by ``change(rows, their numbers)``."""
    return lambda J, g: change(by_length(J, g), np.arange(len(J) + 1)[:, None])


def share(
    weight=lambda L, k, j: comb(L, k) * j**k,
    total=lambda L, j: (1 + j) ** L,
    lengths=lambda low, high: range(low, high + 1),
):
    return lambda L, low, high, j: sum(weight(L, k, j) for k in lengths(low, high)) / total(L, j)


# --- inverting --------------------------------------------------------------------------------


def plus(x, a):
    return np.maximum(x @ a, 0)


def undo(x2=lambda y1, y2, b, x1: y2 - plus(y1, b), x1=lambda y1, y2, a, x2: y1 - plus(x2, a)):
    def answer(Y1, Y2, A, B):
        right = Y2 - plus(Y1, B)
        return x1(Y1, Y2, A, right), x2(Y1, Y2, B, Y1 - plus(right, A))

    return answer


def forward(X1, X2, A, B):
    Y1 = X1 + plus(X2, A)
    return Y1, X2 + plus(Y1, B)


LOSING = {
    "W1": np.array([[1.0], [0.0]]), "W2": np.array([[-1.0, 0.0]]), "x": np.array([1.0, 5.0]),
    "other": np.array([2.0, 5.0]), "g": np.array([1.0, 0.0]),
}  # fmt: skip


def losing(**changes):
    values = tuple((LOSING | changes).values())
    return lambda: tuple(np.array(value, dtype=float) for value in values)


#: J_F = [[-1, 1], [0, 0]] at x: I + J_F and its transpose lose different directions.
SHEAR = {"W1": [[1, 0], [0, 1]], "W2": [[-1, 0], [1, 0]], "x": [1, 2], "other": [2, 2]}

WRONG = {
    "add_backward": {
        "halved": adding(lambda x, f, g: g / 2, lambda x, f, g: g / 2),
        "other-input": adding(lambda x, f, g: g * f, lambda x, f, g: g * x),
        "not-yet-at-f": lambda x, w, g: (g, g * 2 * w * x, *adding()(x, w, g)[2:]),
        "one-way": adding(at_f=lambda x, f, g: 0 * g),
        "skip-forgotten": adding(gx=lambda g, part: part),
        "block-forgotten": adding(gx=lambda g, part: g),
        "multiplied": adding(gx=lambda g, part: g * part),
        "g-forgotten": lambda x, w, g: (g, g, 1 + 2 * w * x, (x**2).sum(axis=0)),
        "weights-get-skip": adding(gw=lambda x, g, gx: g.sum(axis=0)),
        "weights-from-x": adding(gw=lambda x, g, gx: (gx * x**2).sum(axis=0)),
        "unreduced": adding(gw=lambda x, g, gx: g * x**2),
    },
    "block_backward": {
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
    },
    "choose_weights": {letter: letter for letter in "abde"},
    "repair_mask": {
        "before-add": moved(at_skip=same, at_block=on_block),
        "skip-unmasked": moved(at_skip=same),
        "block-unmasked": moved(at_block=same),
        "unmasked": moved(at_skip=same, at_block=same),
        "mask-of-block": moved(at_skip=on_block, at_block=on_block),
        "old-mask": moved(at_block=lambda p: on_sum(p) * (p["F"] > 0)),
        "mask-of-input": moved(at_skip=on_input, at_block=on_input),
        "masked-at-x": masked_at_x,
        "masked-twice": masked_twice,
        "skip-forgotten": moved(dx=lambda skip, part: part),
        "inner-mask-forgotten": moved(mask=lambda p: 1),
    },
    "repair_stack": {
        "weights-from-x": stack(to_weights=lambda g, below: below),
        "skip-forgotten": stack(lambda g, back, top: back(g)),
        "block-forgotten": stack(lambda g, back, top: g),
        "halved": stack(lambda g, back, top: (g + back(g)) / 2),
        "multiplied": stack(lambda g, back, top: g * back(g)),
        "first-order": stack(lambda g, back, top: g + back(top)),
        "slope-at-sum": stack(slope=lambda t, above: 1 - above**2),
    },
    "scaled_shortcut": {
        "power-low": scaled(alone=lam ** (L - 1)),
        "power-high": scaled(one=lam * ONE),
        "once": scaled(alone=lam),
        "three": scaled(alone=lam**3),
        "unscaled": scaled(whole=WHOLE.subs(lam, 1)),
        "added": scaled(alone=lam * L),
        "skip-forgotten": scaled(whole=J1 * J2 * J3),
        "block-forgotten": scaled(whole=lam**3),
        "first-order": scaled(whole=lam**3 + ONE),
        "block-scaled": scaled(whole=lam**3 * WHOLE.subs(lam, 1)),
        "wrong-path": scaled(whole=(1 + lam * J1) * (1 + lam * J2) * (1 + lam * J3)),
        "one-path": scaled(one=lam**2 * J1),
        "with-shortcut": scaled(one=lam**3 + ONE),
        "two-blocks": scaled(one=lam * (J1 * J2 + J1 * J3 + J2 * J3)),
        "shape": WHOLE,
    },
    "predict_fifty": {
        "one-block": (0, 0, -2, -1),
        "not-log": (0.005, 1e-15, 0.005, 1e-50),
        "natural": (-5, -35, -5, -115),
        "leading-digit": (-3, -16, -3, -50),
        "sign": (2, 15, 2, 50),
        "cannot-shrink": (-2, -15, 0, -50),
        "largest": (-2, -15, 2, -50),
        "skip-forgotten": (-2, -15, -50, -50),
        "skip-counted": (-2, -15, -2, 2),
    },
    "choose_profile": {letter: letter for letter in "abde"},
    "by_length": {
        "first-order": rows(lambda v, k: v * (k < 2)),
        "skip-forgotten": rows(lambda v, k: v * (k == len(v) - 1)),
        "block-forgotten": rows(lambda v, k: v * (k == 0)),
        "same-block-twice": twice,
        "other-order": lambda J, g: by_length(J[::-1], g),
        "wrong-side": lambda J, g: by_length(J.transpose(0, 2, 1), g),
        "cumulative": rows(lambda v, k: np.cumsum(v, axis=0)),
        "upside-down": rows(lambda v, k: v[::-1]),
        "averaged": rows(lambda v, k: v / [[comb(len(v) - 1, i)] for i in range(len(v))]),
        "shape": lambda J, g: by_length(J, g).sum(axis=0),
    },
    "path_share": {
        "high-excluded": share(lengths=range),
        "low-excluded": share(lengths=lambda low, high: range(low + 1, high + 1)),
        "percent": share(total=lambda L, j: (1 + j) ** L / 100),
        "equal-lengths": share(lambda L, k, j: 1, lambda L, j: L + 1),
        "unnormalised": share(total=lambda L, j: 1),
        "j-ignored": share(lambda L, k, j: comb(L, k), lambda L, j: 2**L),
        "j-once": share(lambda L, k, j: comb(L, k) * j),
        "paths-counted-below": share(total=lambda L, j: 2**L),
        "other-blocks": share(lambda L, k, j: comb(L, k) * j ** (L - k)),
    },
    "undo_block": {
        "outputs-forgotten": undo(x1=lambda y1, y2, a, x2: y1 - plus(y2, a)),
        "wrong-half": undo(x2=lambda y1, y2, b, x1: y2 - plus(x1, b)),
        "added": undo(lambda y1, y2, b, x1: y2 + plus(y1, b),
                      lambda y1, y2, a, x2: y1 + plus(x2, a)),
        "forward": forward,
        "block-forgotten": lambda Y1, Y2, A, B: (Y1, Y2),
        "exchanged": lambda *args: undo()(*args)[::-1],
    },
    "no_way_back": {
        "same-input": losing(other=[1, 5]),
        "f-collides": losing(other=[1, 6]),
        "differ": losing(other=[2, 6]),
        "nothing-upstream": losing(g=[0, 0]),
        "block-only": losing(g=[0, 1]),
        "wrong-side": losing(**SHEAR, g=[1, 0]),
        "survives": losing(g=[1, 1]),
        "kink": losing(x=[0, 5]),
        "shape": losing(W1=[[1, 0]]),
    },
}  # fmt: skip

RIGHT = {
    "add_backward": [adding(), adding_on_the_tape],
    "block_backward": [plain, by_loops, by_tape],
    "choose_weights": ["c", " C ", "(c)", lambda: "c"],
    "choose_profile": ["c", "c.", lambda: "c"],
    "repair_mask": [moved(), moved_on_the_tape],
    "repair_stack": [stack(), stack_on_the_tape],
    "scaled_shortcut": [
        scaled(), tuple(scaled()), sp.Matrix(scaled()), sp.Matrix([scaled()]), lambda: scaled(),
        [sp.exp(L * sp.log(lam)), sp.expand(WHOLE), sp.expand(ONE)],
        [sp.Symbol("lam") ** sp.Symbol("L"), WHOLE, ONE],
        scaled(one=sp.diff(WHOLE.subs({s: s * sp.Symbol("e") for s in j}), "e").subs("e", 0)),
    ],
    "predict_fifty": [(-2, -15, -2, -50), [-2.3, -15.1, -2.288, -50.0], lambda: (-2, -15, -2, -50)],
    "by_length": [by_length, by_subsets, backwards, lambda J, g: by_length(J, g).tolist()],
    "path_share": [
        share(), lambda *args: np.float64(share()(*args)),
        lambda L, low, high, j: (np.poly1d([j, 1]) ** L).coef[::-1][low : high + 1].sum()
        / (1 + j) ** L,
    ],
    "undo_block": [undo(), lambda *args: list(undo()(*args))],
    "no_way_back": [
        losing(), losing(**SHEAR, g=[1, -1]), losing(g=[-0.3, 0]),
        losing(W1=[[0.3, 0.7], [-0.1, 0.2]], W2=np.linalg.inv([[-0.3, -0.7], [0.1, -0.2]]),
               x=[3, 1], other=[4, 2], g=[0.2, 17]),
        losing(W1=[[-3, 0, 1], [0, 0, 5]], W2=[[1 / 3, 0], [4, 4], [0, 0]], x=[-1, -2],
               other=[-7, -2]),
        lambda: [[[1], [0]], [[-1, 0]], (1, 5), (2, 5), [1, 0]],
    ],
}  # fmt: skip

#: Answers that are right on most inputs.
NEARLY = {
    "add_backward": [
        lambda x, w, g: (g, g * (1 + 1e-6), *adding()(x, w, g)[2:]),
        adding(gw=lambda x, g, gx: (g * x**2).sum(axis=0) * (len(x) > 1)),
    ],
    "block_backward": [
        block(bias=lambda delta: np.squeeze(delta) if len(delta) == 1 else delta[:4].sum(axis=0)),
        block(dx=lambda skip, part: skip + part * (len(part) > 1)),
        block(dx=lambda skip, part: skip + part + 1e-6),
    ],
    "repair_mask": [moved(at_skip=lambda p: on_sum(p) if len(p["X"]) > 1 else p["G"])],
    "repair_stack": [lambda X, W, G: stack()(X, W[:2], G),
                     lambda X, W, G: (X, stack()(X, W, G)[1])],
    "scaled_shortcut": [scaled(whole=WHOLE + sp.Rational(1, 10**6)),
                        scaled(one=ONE - ALONE * 1e-6)],
    "predict_fifty": [(-2.7, -15, -2, -50), (-2, -15.5, -2, -50), (-2, -15, -2, -49),
                      (-2, -14, -2, -50), (-1, -15, -2, -50), (-2, -15, -1, -50)],
    "by_length": [
        lambda J, g: by_length(J, g) if len(J) < 3 else twice(J, g),
        lambda J, g: rows(lambda v, k: v * (k < 3))(J, g),
    ],
    "path_share": [lambda L, low, high, j: share()(L, low, high, 1),
                   lambda L, low, high, j: round(share()(L, low, high, j), 6)],
    "undo_block": [undo(x1=lambda y1, y2, a, x2: y1 - x2 @ a)],
    "no_way_back": [losing(other=[2, 5.001]), losing(W2=[[-1.0001, 0]]), losing(x=[-1, 5]),
                    losing(g=[1, 0.001])],
}  # fmt: skip


class TestChecks(common.Checks):
    check = check
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("exercise", "name", "mistakes", "points"),
    [
        ("repair_mask", "moved_broken", ("before-add", "mask-of-block"), 0),
        ("repair_stack", "stack_broken", ("weights-from-x",), 1),  # ∂L/∂X is right
    ],
)
def test_a_broken_backward_pass_hears_why(exercise, name, mistakes, points):
    score = getattr(check, exercise)(common.Chapter(check).names()[name])
    assert (score, score.mistakes) == (points, mistakes)


def test_gives_part_of_the_points_for_part_of_the_work():
    assert check.add_backward(adding(gx=lambda g, part: part)) == 2
    assert check.block_backward(block(dx=lambda skip, part: part)) == 3
    assert check.block_backward(from_x) == 2
    assert check.repair_stack(stack(lambda g, back, top: back(g))) == 0
    assert check.scaled_shortcut(scaled(one=lam**3 + ONE)) == 2
    assert check.predict_fifty((-2, -15, 0, -50)) == 1.5
    assert check.path_share(share(lambda L, k, j: comb(L, k), lambda L, j: 2**L)) == 2
    assert check.undo_block(undo(x1=lambda y1, y2, a, x2: y1 - plus(y2, a))) == 1
    assert check.no_way_back(losing(g=[0, 0])) == 2


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (moved(at_skip=same, at_block=same), ("unmasked",)),
        (masked_at_x, ("masked-at-x", "unmasked")),
        (moved(at_skip=same, at_block=lambda p: on_sum(p) * (p["F"] > 0)), ("old-mask",)),
    ],
)
def test_accuses_no_path_of_what_the_other_did(answer, mistakes):
    assert check.repair_mask(answer).mistakes == mistakes


def test_tells_a_length_left_out_at_one_end_from_the_other():
    for name in ("low-excluded", "high-excluded"):
        assert check.path_share(WRONG["path_share"][name]).mistakes == (name,)
    assert check.path_share(share(lambda L, k, j: comb(L - 1, k) * j**k)).mistakes == ()


def test_a_complex_entry_spoils_no_other():
    score = check.scaled_shortcut(scaled(whole=sp.I * WHOLE))
    assert (score, score.mistakes) == (2, ("complex",))


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(check.predict_fifty((7, 7, 7, 7)).feedback)
    assert "2" not in told.replace("log₁₀", "")


def test_the_paths_of_54_blocks():
    """Veit et al. 2016: lengths 5 to 17, and 19 to 35."""
    assert 100 * share()(54, 5, 17, 1) == pytest.approx(0.4537, abs=5e-5)
    assert 100 * share()(54, 19, 35, 1) == pytest.approx(98.0, abs=0.05)
