"""Checks for the exercises on backpropagation through time.

Right values are slopes of a forward run, by complex steps. So is the table behind the wrong ones:
each step gets an input of its own, added to its pre-activations, and the slope of the loss at
step t along the input of step i is one term of the double sum. A truncation is a mask on that
table. Other slips are the right vector–Jacobian product of another function.
"""

from functools import cache
from itertools import combinations

import numpy as np

from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import diagnose, slope, vjp

UNROLLED = "Section: “Three steps, unrolled”."
DOUBLE = "Section: “The double sum and the recursion”."
NEWEST = "Section: “The term with i = t”."
VECTORS = "Section: “Vectors, and a batch”."
DROPS = "Section: “What truncation drops”."
RTRL = "Section: “Forwards instead: RTRL”."
ONLINE = "Section: “Updating online”."
COST = "Section: “What it costs”."
WRONG_WAY = "Section: “A truncated gradient can point the wrong way”."
RECALL = "Section: “Delayed recall”."
ENOUGH = "Section: “When one step is enough”."
CLIPPING = "Section: “Exploding, vanishing and clipping”."


def _rnn(steps, n, d, m, k=None):
    """Inputs, targets, first state, U, W, b of a net: time first, then the batch."""
    draw = np.random.default_rng(8).uniform
    shapes = [(steps, n, d), (steps, n, k or m), (n, m), (d, m), (m, m), m]
    x, y, h0, u, w, b = (draw(-1, 1, shape) for shape in shapes)
    return x, y, h0 / 2, u, 1.2 * w, b / 2


def _states(x, h0, u, w, b, extra=None):
    """h_0, …, h_T; ``extra`` is added to the pre-activations."""
    hs = [h0]
    for t in range(len(x)):
        hs.append(np.tanh(x[t] @ u + hs[-1] @ w + b + (0 if extra is None else extra[t])))
    return hs


def _losses(hs, y):
    """The loss of each step: half the squared error, the mean over the batch."""
    return [np.sum((h - t) ** 2) / 2 / len(t) for h, t in zip(hs[1:], y, strict=True)]


def _terms(x, y, h0, u, w, b):
    """What the loss of step t sends to the pre-activations of step i, at [t, i]."""

    def loss(extra, t):
        return _losses(_states(x, h0, u, w, b, extra), y)[t]

    nothing = np.zeros((len(x), *h0.shape))
    return np.array([slope(lambda e, t=t: loss(e, t), nothing) for t in range(len(x))])


def _add(g, carry, z):
    return vjp(g + carry, np.tanh, z)


def _walk(local, zs, back, mix=_add):
    """δ_1, …, δ_T, the last step first: ``mix`` joins a step's own ∂L_t/∂h_t with the carry."""
    carry, deltas = np.zeros_like(local[0]), []
    for g, z in zip(local[::-1], zs[::-1], strict=True):
        deltas.append(mix(g, carry, z))
        carry = vjp(deltas[-1], lambda h: h @ back, g)
    return np.array(deltas[::-1])


def _parameter(inputs, deltas):
    """The gradient of a matrix that all steps share."""
    shared = np.zeros((inputs.shape[-1], deltas.shape[-1]))
    return vjp(deltas, lambda p: inputs @ p, shared)


# --- by hand ----------------------------------------------------------------------------------


@exercise(
    "Three steps by hand",
    section=UNROLLED,
    points=3,
    kind="derive",
    mistakes={
        "last-step": "This is the part of the last step alone. The same w acts in steps 1 and 2"
        " too, and the three parts are added.",
        "first-lost": "The part of step 1 is missing: h0 is not zero here, and w multiplies it.",
        "newest-lost": "The part of step 3 itself is missing, where w stands right before h2: its"
        f" product of ∂h/∂h is empty, which is 1 and not 0. {NEWEST}",
        "longest-path": "This is only the longest path, back to step 1. Along a path factors are"
        " multiplied; the paths of the three steps are added.",
        "h-current": "h_t stands where h_{t−1} belongs: in step t the weight w multiplies the"
        " state that came in.",
        "inputs": "This is the gradient of u: the inputs x stand where w needs h_{t−1}.",
        "w-forgotten": "From one step to the one before it the chain rule goes through w h_{t−1}:"
        " each such step costs a factor w.",
        "phi-forgotten": "φ′ is forgotten: h = tanh z, so each step contributes 1 − h².",
        "phi-once": "Only the last step has its 1 − h². Every step that is passed has its own.",
        "same-phi": "All steps have the φ′ of step 3; each has its own state, 1 − h_t².",
        "averaged": "The three parts are averaged. They are added: w moves in all steps at once.",
        "zeros": "To SymPy h1, h2, h3 are symbols that know nothing of w: to let it differentiate,"
        " write L out in w, u, x and h0.",
    },
)
def unrolled(attempt):
    with attempt.part("its values at three points") as part:
        for x, u, w, h0, y in [
            ([0.3, -0.8, 0.5], 0.9, 0.7, 0.4, -0.6),
            ([-1.0, 0.2, 0.6], 0.5, -1.3, -0.7, 0.3),
            ([0.7, 0.9, -0.4], -0.8, 1.6, 0.2, 0.9),
        ]:

            def run(weights, x=x, u=u, h0=h0):
                hs, zs = [h0], []
                for x_t, w_t in zip(x, weights, strict=True):
                    zs.append(u * x_t + w_t * hs[-1])
                    hs.append(np.tanh(zs[-1]))
                return hs, np.array(zs)

            copies = np.full(3, w)
            c = slope(lambda v, y=y: (run(v)[0][3] - y) ** 2 / 2, copies)  # step by step
            hs, zs = run(copies)
            h, s = np.array(hs), vjp(np.ones(3), np.tanh, zs)
            passed = np.array([s[0] * s[1] * s[2], s[1] * s[2], s[2]])
            at = {"u": u, "w": w, "y": y} | {f"x{i + 1}": x[i] for i in range(3)}
            at |= {f"h{i}": float(h[i]) for i in range(4)}
            part.expect(
                part.numbers(attempt.value, at),
                c.sum(),
                mistakes={
                    "last-step": c[2],
                    "first-lost": c[1] + c[2],
                    "newest-lost": c[0] + c[1],
                    "longest-path": c[0],
                    "h-current": np.sum(c * h[1:] / h[:3]),
                    "inputs": np.sum(c * np.array(x) / h[:3]),
                    "w-forgotten": np.sum(c / w ** np.array([2, 1, 0])),
                    "phi-forgotten": np.sum(c / passed),
                    "phi-once": np.sum(c / passed * s[2]),
                    "same-phi": np.sum(c / passed * s[2] ** np.array([3, 2, 1])),
                    "averaged": c.mean(),
                },
            )


# --- the backward pass ------------------------------------------------------------------------


SLIPS = {
    "not-transposed": "W is not transposed on the way back. What unit i sent to unit j through"
    " W[i, j] comes back from j to i: δ Wᵀ.",
    "h-current": "dW is made with h_t. What W multiplied in step t was h_{t−1}.",
    "averaged": "The steps are averaged. The loss is the *sum* over time, and the same parameters"
    " act in every step: the parts are added.",
    "carry-dropped": "What comes back from later steps is not added to the step's own ∂L_t/∂h_t,"
    " so each loss reaches only its own step. h_t is used twice: by L_t and by step t + 1."
    f" {DOUBLE}",
}


@exercise(
    "Backpropagation through time",
    section=VECTORS,
    points=5,
    kind="implement",
    mistakes=SLIPS
    | {
        "last-step": "Only the last step's part is in it. The parameters act in all T steps: add"
        " the parts, +=.",
        "overwritten": "Only the first step's part is left: each step replaces what the later ones"
        " gave. Add, +=.",
        "first-lost": "The first step's part is missing. The parameters act there too, on the given"
        " h_0: the loop goes back to t = 1.",
        "h0-ignored": "The first state is taken to be zero; h0 is given.",
        "local-dropped": "Only the loss of the last step comes back. Every step has a loss, whose"
        " ∂L_t/∂h_t is added to what arrives from step t + 1."
        f" {DOUBLE}",
        "other-rule": "U's and W's rules are mixed up: U multiplied x_t, W multiplied h_{t−1}.",
        "phi-forgotten": "φ′ is forgotten: δ_t = (∂L/∂h_t) (1 − h_t²), entry by entry.",
        "phi-not-carried": "φ′ is applied to the step's own ∂L_t/∂h_t only. First add what comes"
        " back from step t + 1, then multiply the sum by 1 − h_t².",
        "phi-at-activation": "φ′ is taken at the activation, 1 − tanh²(h_t). It belongs at z_t,"
        " where it is 1 − h_t².",
        "phi-previous": "1 − h² is taken at h_{t−1}. Step t has the slope at its own output h_t.",
        "weights-forgotten": "δ goes from step to step without the weights W it went through.",
        "all-entries": "Divided by all n·m entries, as np.mean does: the mean of L_t runs over"
        " the n sequences only.",
        "summed": "Each L_t is the mean over the n sequences: divide by n.",
        "unreduced": "b is added at every step to every sequence: sum over time and the batch.",
    },
)
def bptt(attempt):
    names = ("dU", "dW", "db")
    for place, weight in enumerate((2, 2, 1)):
        with attempt.part(names[place], weight=weight) as part:
            for sizes in [(5, 4, 3, 3), (4, 3, 4, 3), (2, 1, 1, 2)]:
                net = _rnn(*sizes)
                given = part.call(*net, outputs=names)[place]
                right, wrong = _bptt(sizes, place)
                part.expect(given, right, batch=sizes[1], mistakes=wrong)


@cache
def _bptt(sizes, place):
    """The gradient of U, W or b, and what slips make of it."""
    x, y, h0, u, w, b = net = _rnn(*sizes)
    steps = len(x)
    hs = np.array(_states(x, h0, u, w, b))
    zs = np.arctanh(hs)
    local = slope(lambda h: sum(_losses([h0, *h], y)), hs[1:])
    terms = _terms(*net)
    full = terms.sum(axis=0)
    only = np.arange(steps)[:, None, None]
    deltas = {
        "last-step": full * (only == steps - 1),
        "overwritten": full * (only == 0),
        "first-lost": full * (only > 0),
        "carry-dropped": np.einsum("tt...->t...", terms),
        "local-dropped": terms[-1],
        "not-transposed": _walk(local, zs[1:], w.T),
        "weights-forgotten": _walk(local, zs[1:], np.eye(len(w))),
        "phi-forgotten": _walk(local, zs[1:], w, lambda g, carry, z: g + carry),
        "phi-not-carried": _walk(local, zs[1:], w, lambda g, carry, z: vjp(g, np.tanh, z) + carry),
        "phi-previous": _walk(local, zs[:-1], w),
        "phi-at-activation": _walk(local, hs[1:], w),
        "averaged": full / steps,
        "all-entries": full / len(w),
    }
    inputs = (x, hs[:-1], np.ones((*full.shape[:2], 1)))[place]
    shape = (u, w, b)[place].shape
    wrong = {slug: _parameter(inputs, delta).reshape(shape) for slug, delta in deltas.items()}
    if place < 2 and u.shape == w.shape:
        wrong["other-rule"] = _parameter((hs[:-1], x)[place], full)
    if place == 1:
        wrong["h-current"] = _parameter(hs[1:], full)

    def loss(p, h0=h0):
        return sum(_losses(_states(x, h0, p["U"], p["W"], p["b"]), y))

    given = {"U": u, "W": w, "b": b}
    wrong["h0-ignored"] = slope(lambda p: loss(p, 0 * h0), given)["UWb"[place]]
    return slope(loss, given)["UWb"[place]], wrong


@exercise(
    "Repair: four slips in one loop",
    section=VECTORS,
    points=4,
    kind="repair",
    mistakes=SLIPS
    | {
        "u-with-w-rule": "dU is accumulated with W's rule, with h_{t−1}. The shapes fit because"
        " there are as many inputs as units; U multiplied x_t.",
        "phi-previous": "The slope is taken at H[t], the state that came in. tanh made H[t + 1].",
        "carry-instead": "The carry replaces the step's own part instead of being added to it.",
    },
)
def repair_loop(attempt):
    names = ("dU", "dW", "dV")
    x, y, h0, u, w, _ = _rnn(4, 3, 2, 2, 3)
    v = np.array([[0.8, -0.5, 0.3], [0.4, 0.9, -0.7]])
    right, wrong = _looped()
    for place in (0, 1):
        with attempt.part(names[place]) as part:
            given = part.call(x, y, h0, u, w, v, outputs=names)
            for slips, values in wrong.items():
                fits = diagnose(given[place], values[place]).ok
                if fits and not diagnose(given[place], right[place]).ok:
                    told = [attempt.exercise.mistakes[slips[0]]]
                    told += ["That is not the only slip left."] * (len(slips) > 1)
                    part.require(False, " ".join(told), slips[0])
            part.expect(given[place], right[place], batch=3)
            part.require(diagnose(given[2], right[2]), "dV was right, and is not any more.")


@cache
def _looped():
    """The gradients of U, W and V, and those of every set of slips, small sets first."""
    x, y, h0, u, w, b = _rnn(4, 3, 2, 2, 3)
    v = np.array([[0.8, -0.5, 0.3], [0.4, 0.9, -0.7]])

    def loss(p):
        hs = _states(x, h0, p["U"], p["W"], 0 * b)
        return sum(_losses([h @ p["V"] for h in hs], y))

    right = slope(loss, {"U": u, "W": w, "V": v})
    hs = np.array(_states(x, h0, u, w, 0 * b))
    zs = np.arctanh(hs)
    local = slope(lambda h: sum(_losses([h0 @ v, *(h @ v)], y)), hs[1:])
    mixes = {
        "carry-dropped": lambda g, carry, z: vjp(g, np.tanh, z),
        "carry-instead": lambda g, carry, z: vjp(carry if carry.any() else g, np.tanh, z),
    }
    slips = [*mixes, "u-with-w-rule", "phi-previous", "not-transposed", "h-current"]
    wrong = {}
    for chosen in (c for size in range(1, 6) for c in combinations(slips, size)):
        at = zs[:-1] if "phi-previous" in chosen else zs[1:]
        back = w.T if "not-transposed" in chosen else w
        deltas = _walk(local, at, back, mixes.get(chosen[0], _add))
        of_u = hs[:-1] if "u-with-w-rule" in chosen else x
        of_w = hs[1:] if "h-current" in chosen else hs[:-1]
        wrong[chosen] = _parameter(of_u, deltas), _parameter(of_w, deltas)
    wrong[("averaged",)] = right["U"] / len(x), right["W"] / len(x)
    return list(right.values()), wrong


# --- truncation -------------------------------------------------------------------------------


@exercise(
    "Every loss looks K steps back",
    section=DROPS,
    points=4,
    kind="implement",
    mistakes={
        "one-too-many": "One step too many: K counts the step t itself, so the losses reach"
        " k = t, t − 1, …, t − K + 1.",
        "one-too-few": "One step too few: K counts the step t itself, and K = 1 keeps k = t.",
        "full": "Nothing is cut: this is the whole gradient.",
        "dropped": "These are the terms that truncation drops; the ones with t − k < K are kept.",
        "newest-lost": "The term with k = t is lost. Its product of ∂h/∂h is empty, which is 1."
        f" {NEWEST}",
        "furthest-only": "Only the terms with t − k = K − 1 are in it, the furthest that are kept.",
        "start-lost": "The first K − 1 losses are left out. They have fewer than K steps behind"
        " them; keep what there is.",
        "end-only": "The gradient is cut once, K steps before the end. Here every loss, also that"
        " of an early step, looks back K steps of its own.",
        "last-loss": "Only the loss of the last step is in it. Every step has a loss.",
        "windows": "These are windows: a loss sees only its own window, and so fewer than K steps"
        " unless it is the window's last.",
    }
    | {slug: SLIPS[slug] for slug in ("h-current", "not-transposed", "averaged")},
)
def sliding(attempt):
    for label, cases, weight in [
        ("K = 1", [(5, 3, 2, 2, 1)], 1),
        ("K between 1 and T", [(6, 2, 3, 2, 3), (5, 3, 2, 2, 2), (5, 1, 3, 3, 4)], 2),
        ("K = T and above", [(4, 2, 2, 3, 4), (3, 2, 2, 2, 9)], 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            for *sizes, k in cases:
                part.label = f"{label}, here K = {k}, T = {sizes[0]}"
                given = part.call(*_rnn(*sizes), k)
                right, wrong = _truncated(*sizes, k)
                part.expect(given, right, batch=sizes[1], mistakes=wrong)
            part.label = label


@cache
def _truncated(steps, n, d, m, k):
    """The gradient of W with K terms for each loss, and other selections of terms."""
    x, y, h0, u, w, b = net = _rnn(steps, n, d, m)
    hs = np.array(_states(x, h0, u, w, b))
    terms = _terms(*net)
    t, i = np.indices((steps, steps))

    def kept(mask, terms=terms, inputs=hs[:-1]):
        return _parameter(inputs, np.sum(terms * mask[..., None, None], axis=0))

    def turned():
        zs, local = np.arctanh(hs), slope(lambda h: sum(_losses([h0, *h], y)), hs[1:])
        one = np.arange(steps)[:, None, None]
        return np.array([_walk(local * (one == s), zs[1:], w.T) for s in range(steps)])

    right = kept(t - i < k)
    return right, {
        "one-too-many": kept(t - i <= k),
        "one-too-few": kept(t - i < k - 1),
        "full": kept(t >= i),
        "newest-lost": kept((t - i < k) & (t > i)),
        "dropped": kept(t - i >= k),
        "furthest-only": kept(t - i == k - 1),
        "start-lost": kept((t - i < k) & (t >= k - 1)),
        "windows": kept(t // k == i // k),
        "end-only": kept(i >= steps - k),
        "last-loss": kept((t == steps - 1) & (t - i < k)),
        "h-current": kept(t - i < k, inputs=hs[1:]),
        "not-transposed": kept(t - i < k, turned()),
        "averaged": right / steps,
    }


@exercise(
    "Repair: what to keep and what to reset",
    section=ONLINE,
    points=3,
    kind="repair",
    mistakes={
        "reset": "The state is set to zero at the start of each window, so the net forgets what it"
        " has read. Truncation cuts the gradient; the state goes on from window to window."
        f" {DROPS}",
        "not-zeroed": "The gradients of earlier windows are still in du and dw. They belong to"
        " steps that have been taken: start each window from zero.",
        "both": "The state is set to zero at the start of each window and the gradients are not:"
        " it should be the other way round.",
        "carry-kept": "The carry of one window's backward pass goes into the next window's. It"
        " belongs to the steps *before* its window; there the gradient is cut: start from 0."
        f" {DROPS}",
        "recomputed": "The state is computed again from the start, with the new weights. Online"
        " it stays as it was computed, with the weights of the time.",
        "not-cut": "The gradient goes back beyond the window, to the start. Here it ends at the"
        " window's first step; the state that came in is a number."
        f" {DROPS}",
        "averaged": "The gradient is divided by the length of the window; the loss is a sum.",
        "one-step": "The parameters move once, at the end. They move after each window.",
    },
)
def repair_windows(attempt):
    names = ("u", "w", "losses")
    for label, lengths, weight in [("windows of one", [1], 1), ("longer windows", [3, 2, 8], 2)]:
        with attempt.part(label, weight=weight) as part:
            for k in lengths:
                part.label = f"{label}, here K = {k}, T = {len(STREAM[0])}"
                given = part.call(*STREAM, k, outputs=names)
                right, wrong = _windows(k), _windows_gone_wrong(k)
                for name, value in zip(names, given, strict=True):
                    slips = {slug: values[name] for slug, values in wrong.items()}
                    part.expect(value, right[name], mistakes=slips)
            part.label = label


#: Inputs, targets, u, w, rate.
STREAM = (
    np.array([0.9, -0.4, 0.7, 0.3, -0.8, 0.5, -0.6]),
    np.array([0.2, 0.6, -0.5, 0.4, 0.1, -0.7, 0.3]),
    0.8,
    0.6,
    0.3,
)


def _windows(k, state="carried", keep=0, average=False, cut=True, every=True, carrying=0):
    """Training window by window: the parameters after it, and the loss of each step."""
    x, y, u, w, rate = STREAM
    p, past, losses, back = {"u": np.array(u), "w": np.array(w)}, {"u": 0, "w": 0}, [], 0.0
    h = np.array(0.0)

    def run(p, h, start, end):
        hs = [h]
        for t in range(start, end):
            hs.append(np.tanh(p["u"] * x[t] + p["w"] * hs[-1]))
        return hs, [(s - t) ** 2 / 2 for s, t in zip(hs[1:], y[start:end], strict=True)]

    for start in range(0, len(x), k):
        end = min(start + k, len(x))
        if state == "recomputed":
            h = run(p, np.array(0.0), 0, start)[0][-1]
        h = 0 * h if state == "reset" else h

        def loss(q, start=start, end=end, back=back):
            hs, found = run(q, q["h"], start, end) if cut else run(q, 0 * q["h"], 0, end)
            return sum(found[-(end - start) :]) + back * hs[-1]

        g = slope(loss, p | {"h": h})
        back = carrying * float(g["h"])
        past = {name: keep * past[name] + g[name] for name in p}
        hs, found = run(p, h, start, end)
        h, losses = hs[-1], losses + found
        if every or end == len(x):
            over = end - start if average else 1
            p = {name: p[name] - rate * past[name] / over for name in p}
    return p | {"losses": np.array(losses)}


@cache
def _windows_gone_wrong(k):
    return {
        "reset": _windows(k, state="reset"),
        "not-zeroed": _windows(k, keep=1),
        "both": _windows(k, state="reset", keep=1),
        "carry-kept": _windows(k, carrying=1),
        "recomputed": _windows(k, state="recomputed"),
        "not-cut": _windows(k, state="recomputed", cut=False),
        "averaged": _windows(k, average=True),
        "one-step": _windows(k, keep=1, every=False),
    }


@exercise(
    "How many terms are kept",
    section=DROPS,
    points=3,
    kind="predict",
    mistakes={
        "square": "T² counts pairs with k > t too; a loss reaches only its own step and earlier"
        " ones.",
        "newest-lost": f"The T terms with k = t are not counted. {NEWEST}",
        "steps": "This counts steps. A term belongs to a pair: a loss at t, a step k.",
        "start-ignored": "T·K says that every loss has K steps behind it. The first has one, the"
        " second two, and so on: min(t, K).",
        "one-too-many": "This is one term too many for each loss: K counts k = t.",
        "one-too-few": "This is one term too few for each loss: K counts k = t.",
        "full-windows": "K² a window counts pairs with k > t; and a window's first loss has one"
        " term, its second two, and so on.",
        "one-window": "That is one window; there are T/K of them.",
        "swapped": "Horizon and windows are exchanged.",
    },
)
def terms(attempt):
    names = ("full", "sliding", "windows")
    for place, label in enumerate(("no truncation", "a sliding horizon", "windows")):
        with attempt.part(label) as part:
            for steps, k in [(12, 6), (6, 2), (40, 10), (7, 7), (5, 1)]:
                part.label = f"{label}, here T = {steps}, K = {k}"
                t, i = np.indices((steps, steps))
                counts = [t - i < steps, t - i < k, t // k == i // k, t - i <= k, t - i < k - 1]
                full, sliding, windows, long, short = (int(np.sum(c & (t >= i))) for c in counts)
                right = (full, sliding, windows)[place]
                slips = (
                    {"square": steps**2},
                    {"start-ignored": steps * k, "one-too-many": long}
                    | {"one-too-few": short, "swapped": windows},
                    {"full-windows": steps * k, "one-window": windows * k // steps}
                    | {"swapped": sliding},
                )[place] | {"newest-lost": right - steps, "steps": steps}
                given = part.call(steps, k, outputs=names)[place]
                part.expect(given, right, mistakes=slips, rtol=1e-9)
            part.label = label


# --- forwards ---------------------------------------------------------------------------------


@exercise(
    "Carry the influence forwards",
    section=RTRL,
    points=4,
    kind="implement",
    mistakes={
        "immediate-only": "This forgets the influence so far: w also acted in earlier steps, and"
        " h_{t−1} depends on it. J_t = φ′ (h_{t−1} + w J_{t−1}).",
        "h-current": "h_t stands where h_{t−1} belongs: w multiplied the state that came in.",
        "w-forgotten": "The earlier influence comes through w h_{t−1}: multiply J_{t−1} by w.",
        "phi-forgotten": "φ′ is forgotten: h_t = tanh z_t, so all of it is multiplied by 1 − h_t².",
        "phi-new-only": "φ′ multiplies h_{t−1} but not w J_{t−1}. Both go through the same tanh.",
        "phi-old-only": "φ′ multiplies w J_{t−1} but not h_{t−1}. Both go through the same tanh.",
        "zeros": "J stays zero: it starts at 0 and needs the new part, h_{t−1}, at every step."
        f" {NEWEST}",
        "influence-late": "The error of step t is multiplied by J_{t−1}. First bring J up to date.",
        "last-step": "Only the error of the last step is in it. The loss is the sum over all.",
        "averaged": "The steps are averaged; the loss is the sum over time.",
        "influence-summed": "These are all influences added up. J_T alone says how h_T depends"
        " on w.",
    },
)
def rtrl(attempt):
    for place, label in enumerate(("influence", "gradient")):
        with attempt.part(label) as part:
            for steps, m in [(5, 3), (4, 1), (3, 4)]:
                _, y, h0, *_ = _rnn(steps, 1, 1, m)
                w = np.linspace(0.6, -1.4, m)
                a, y, h0 = np.sin(7 * y[:, 0]), y[:, 0], h0[0] + 0.6
                given = part.call(a, y, h0, w, outputs=("influence", "gradient"))[place]
                right, wrong = _forwards(a, y, h0, w)
                slips = {slug: values[place] for slug, values in wrong.items()}
                part.expect(given, right[place], mistakes=slips)


def _forwards(a, y, h0, w):
    """∂h_T/∂w and ∂L/∂w, unit by unit; and what slips make of them."""

    def states(copies):
        hs = [h0]
        for a_t, w_t in zip(a, copies, strict=True):
            hs.append(np.tanh(a_t + w_t * hs[-1]))
        return np.array(hs)

    steps, copies = len(a), np.tile(w, (len(a), 1))
    hs = states(copies)
    error = hs[1:] - y
    # [t, i]: how w in step i moves h_t
    moves = [slope(lambda c, n=n: np.sum(states(c)[n + 1]), copies) for n in range(steps)]
    moves = np.array(moves)
    s = vjp(np.ones_like(error), np.tanh, np.arctanh(hs[1:]))
    t, i = np.indices((steps, steps))
    lag = np.maximum(t - i, 0)[..., None]
    passed = np.ones_like(moves)  # the slopes of the steps i, …, t
    for n, j in np.argwhere(t >= i):
        passed[n, j] = np.prod(s[j : n + 1], axis=0)

    def both(moves):
        p = moves.sum(axis=1)
        return p[-1], np.sum(error * p, axis=0)

    right = both(moves)
    p = moves.sum(axis=1)
    before = np.concatenate([0 * p[:1], p[:-1]])
    return right, {
        "immediate-only": both(moves * (lag == 0)),
        "h-current": both(moves * hs[1:] / hs[:-1]),
        "w-forgotten": both(moves / w**lag),
        "phi-forgotten": both(moves / passed),
        "phi-new-only": both(moves / passed * s),
        "phi-old-only": both(moves / s),
        "influence-late": (before[-1], np.sum(error * before, axis=0)),
        "last-step": (None, error[-1] * p[-1]),
        "averaged": (None, right[1] / steps),
        "influence-summed": (p.sum(axis=0), None),
    }


@exercise(
    "What has to be kept in memory?",
    section=COST,
    points=2,
    kind="choose",
    mistakes={
        "a": "RTRL keeps no past states, but ∂h/∂W: m numbers for each of the m² weights, m³ in"
        " all, a million here.",
        "c": "That holds for T above m², 10,000 steps here: RTRL's m³ does not grow with T.",
        "d": "All are computed, but a loss that looks K steps back needs the last K only, K·m"
        " numbers; older ones can be forgotten.",
        "e": "To go back through T steps the states of all T are needed: T·m numbers.",
    },
)
def memory(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "b")
        part.label += ": K·m = 2,000, T·m = 100,000, m³ = 1,000,000"


# --- what truncation does to learning ---------------------------------------------------------


@exercise(
    "A gradient that points the wrong way",
    section=WRONG_WAY,
    points=4,
    kind="implement",
    mistakes={
        "one-too-many": "One term too many: j runs from 0 to K − 1.",
        "one-too-few": "One term too few: j runs from 0 to K − 1, so K = 1 keeps one, v itself.",
        "newest-lost": f"The term with j = 0, A⁰v = v, is lost. {NEWEST}",
        "last-term": "This is one term of the sum, the one furthest back. Add them up.",
        "full": "Nothing is cut: this is the whole derivative.",
        "transposed": "The superdiagonal has become a subdiagonal: A[i, i + 1] = ½, so unit i"
        " hears from unit i + 1.",
        "all-units": "This is summed over all units. The loss sees only the first, s[0].",
        "elementwise": "`A**j` takes the power of each entry. The influence goes through the"
        " matrix j times: A @ (A @ …), or np.linalg.matrix_power.",
        "truncated": "This is the truncated derivative; the full one does not depend on K.",
        "counted-from-zero": "One too small: entry number j of the running sums, counted from 0,"
        " belongs to K = j + 1.",
        "peak": "There the truncated derivative is largest, and it is still positive.",
        "all-for-sign": "There the truncated derivative has nearly its full value. The sign comes"
        " right earlier.",
    },
)
def influence(attempt):
    names = ("truncated", "full", "first_K")
    labels = [("truncated at K", 2), ("in full", 1), ("the smallest K", 1)]
    for place, (label, weight) in enumerate(labels):
        with attempt.part(label, weight=weight) as part:
            for n, p, k in [(23, 10, 20), (9, 4, 1), (8, 3, 6), (23, 10, 45), (40, 17, 5)]:
                part.label = f"{label}, here n = {n}, p = {p}, K = {k}"
                given = part.call(n, p, k, outputs=names)[place]
                right, wrong = _balance(n, p, k)
                part.expect(given, right[place], mistakes=wrong[place])
            part.label = label


def _influences(a, v, steps=400):
    """How much θ of k steps ago moves each unit, [k, unit]: θ is 1 at one step and 0 after it.

    The units are linear in θ, so that this is a slope. After 400 steps nothing is left of it.
    """
    s = [v]
    for _ in range(steps):
        s.append(a @ s[-1])
    return np.array(s)


@cache
def _balance(n, p, k):
    """The three results, and for each what slips make of it."""
    a, v = (np.eye(n) + np.eye(n, k=1)) / 2, np.where(np.arange(n) < p, 1.0, -1.0)
    units, turned = _influences(a, v), _influences(a.T, v)[:, 0]
    first = units[:, 0]
    sums = first.cumsum()
    right = sums[k - 1], sums[-1], 1 + int(np.argmax(sums < 0))
    near = 1 + int(np.argmax(np.abs(sums / sums[-1] - 1) < 0.01))
    return right, (
        {
            "one-too-many": sums[k],
            "one-too-few": sums[k - 1] - first[k - 1],
            "newest-lost": sums[k - 1] - first[0],
            "last-term": first[k - 1],
            "full": sums[-1],
            "transposed": turned[:k].sum(),
            "all-units": units[:k].sum(),
            "elementwise": sum(((a**j) @ v)[0] for j in range(k)),
        },
        {"truncated": sums[k - 1], "all-units": units.sum()},
        {"counted-from-zero": right[2] - 1, "peak": 1 + int(np.argmax(sums)), "all-for-sign": near},
    )


@exercise(
    "Delayed recall: how far back?",
    section=RECALL,
    points=2,
    kind="predict",
    mistakes={
        "lag": "The step that read the input is k = t − L, and K counts k = t as the first: with"
        " K = L the last step seen is t − L + 1, one short.",
        "one-too-many": "One more than needed: K steps reach back to t − K + 1.",
        "all": "The first losses of a window cannot see L steps back: they are too near its start.",
        "one-loss-short": "One loss short. The loss at place j = 1, …, K of its window needs place"
        " j − L to be in the window: j runs from L + 1 to K.",
        "one-loss-more": "One loss too many. The loss at place j = 1, …, K of its window needs"
        " place j − L to be in the window: j runs from L + 1 to K.",
        "negative": "K − L is below zero for short windows; a number of losses is not.",
        "share": "This is a share; the question is how many of the K.",
    },
)
def recall(attempt):
    names = ("smallest_K", "losses_in_a_window")
    for place, label in enumerate(("a sliding horizon", "windows")):
        with attempt.part(label) as part:
            for lag, k in [(3, 10), (1, 2), (7, 3), (0, 5), (6, 6), (12, 20)]:
                part.label = f"{label}, here L = {lag}, K = {k}"
                given = part.call(lag, k, outputs=names)[place]
                reach = next(n for n in range(1, 99) if lag in range(n))
                seen = sum(j - lag in range(k) for j in range(k))  # the loss at place j
                slips = (
                    {"lag": lag, "one-too-many": lag + 2},
                    {"all": k, "one-loss-short": seen - 1, "one-loss-more": seen + 1}
                    | {"negative": k - lag, "share": seen / k},
                )[place]
                part.expect(given, (reach, seen)[place], mistakes=slips, rtol=1e-9)
            part.label = label


@exercise(
    "When is one step enough?",
    section=ENOUGH,
    points=2,
    kind="choose",
    mistakes={
        "a": "Dropping the terms that vanish does not cure vanishing: what a distant step should"
        " learn from a loss, it now learns not at all.",
        "b": "K changes the gradient, not the forward pass. The state still holds the past, and W"
        " still learns what to make of it; what K = 1 does not teach is what to *store*.",
        "c": "No rate turns one vector into another: the dropped terms may point elsewhere, even"
        f" the other way. {WRONG_WAY}",
        "e": "It did work, and can be repeated: on text whose next character depends on a few"
        " before it. What does not follow is that it works for long lags.",
    },
)
def one_step(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "d")


@exercise(
    "Clip the norm, keep the direction",
    section=CLIPPING,
    points=3,
    kind="implement",
    mistakes={
        "elementwise": "Each entry is clipped by itself, which turns the gradient. Scale all"
        " entries by one factor, so that only the length changes.",
        "each-array": "Each array is scaled by its own norm, which turns the gradient as a whole."
        " One norm is taken over all arrays together.",
        "squared": "The square root of the sum of squares is missing.",
        "norms-added": "The norms of the arrays are added. It is their squares that add up.",
        "largest": "This scales by the largest entry, not by the norm.",
        "inverted": "The factor is upside down: threshold / norm, below 1.",
        "unit": "The gradient is scaled to norm 1; it should have the norm of the threshold.",
        "always": "A gradient below the threshold is scaled up. It should stay as it is.",
        "nan": "0/0: a gradient of zeros has norm 0. It is below the threshold and stays.",
    },
)
def clip(attempt):
    # Squares add up to 5² and 12², all together to 13²; and 13 and 84 make 85.
    arrays = [np.array([[1.0, -2.0], [2.0, 4.0]]), np.array([8.0, -8.0, 4.0])]
    more = [np.array([[[84.0]]]), *arrays]

    def judge(part, unit, arrays, norms, threshold):
        norm = round(sum(n**2 for n in norms) ** 0.5)
        gradients, c = [unit * a for a in arrays], unit * threshold
        factor = threshold / norm
        given = part.call(gradients, c, outputs=("first", "second", "third")[: len(arrays)])
        wrong = []
        for array, own in zip(gradients, norms, strict=True):
            slips = {
                "elementwise": np.clip(array, -c, c),
                "each-array": array * min(1, threshold / own) if own else array,
                "always": array * factor if norm > 0 else array,
                "squared": array * min(1, factor / (norm * unit)),
                "norms-added": array * min(1, threshold / sum(norms)),
                "largest": array * min(1, c / max(np.max(np.abs(a)) for a in gradients)),
                "inverted": array / factor,
                "unit": array / (norm * unit),
            }
            wrong.append(slips)
        made = {  # in all arrays: one alone may look like another slip
            slug
            for slug in wrong[0]
            if all(diagnose(value, slips[slug]) for value, slips in zip(given, wrong, strict=True))
        }
        for array, value, slips in zip(gradients, given, wrong, strict=True):
            slips = {slug: slip for slug, slip in slips.items() if slug in made}
            part.expect(value, array * min(1, factor), mistakes=slips)

    with attempt.part("above the threshold", weight=2) as part:
        judge(part, 0.37, arrays, (5, 12), 4)
        judge(part, 0.11, more, (84, 5, 12), 17)
        judge(part, 1.7, arrays[:1], (5,), 3)
    with attempt.part("at the threshold, below it, and zero") as part:
        judge(part, 0.37, arrays, (5, 12), 26)
        judge(part, 0.11, arrays, (5, 12), 13)
        zeros = [np.zeros((2, 2)), np.zeros(3)]
        for value in zip(zeros, part.call(zeros, 1.5, outputs=("first", "second")), strict=True):
            part.expect(value[1], value[0])


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
