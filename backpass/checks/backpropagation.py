"""Checks for the exercises on backpropagation.

Right values are slopes of a forward function, by complex steps. Wrong ones come from the same: a
derivation with one slip is the right vector–Jacobian product of another function, or at another
point. The inputs tell mistakes apart: a batch of another size than any layer, and a net whose
layers are equally wide, where a slip gives numbers that elsewhere would not multiply.
"""

from functools import cache

import numpy as np

from backpass.checks.attempt import Wrong
from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import diagnose, numerical_gradient, slope, vjp

GRAPH = "Section: “One formula at a time, with numbers”."
WHICH = "Section: “Why add, which value, what zeroing means”."
LAYERS = "Section: “Two layers, in matrices”."
OWN = "Section: “Is it an error of its own?”."
TAPE = "Section: “A tape in 60 lines”."
CHECKING = "Section: “Checking a gradient”."
COST = "Section: “What a gradient costs”."
EQUAL = "Section: “All weights equal”."


def _error(o, t):
    """Half the squared error, the mean over the examples."""
    return np.sum((o - t) ** 2) / 2 / len(o)


def _net(n, d, h, k):
    """Inputs, targets and parameters of a two-layer net, the same at every run."""
    draw = np.random.default_rng(4).uniform
    x, t, w1, b1, w2, b2 = (draw(-1, 1, s) for s in [(n, d), (n, k), (d, h), h, (h, k), k])
    return x, t, 1.5 * w1, b1, 1.5 * w2, b2


def _call(attempt, part, *args, **options):
    """``part.call``, with the exercise's own words, if it has any, for how an answer stopped."""
    try:
        return part.call(*args, **options)
    except Wrong as wrong:
        single = "zip()" in wrong.message or "AxisError" in wrong.message  # see the tape's rules
        slug = "no-tuple" if single else wrong.mistake
        told = attempt.exercise.mistakes.get(slug)
        part.require(told is None, told, slug)
        raise


# --- by hand ----------------------------------------------------------------------------------


@exercise(
    "Where two paths meet",
    section=GRAPH,
    points=2,
    kind="implement",
    mistakes={
        "p-overwritten": "This has only what came through q. The value p is used twice, in q and in"
        " E: what comes back along the two paths is added, +=.",
        "q-path-forgotten": "This has only what came straight from E = p q. The value p also went"
        " into q, and what comes back from there is added, +=.",
        "multiplied": "What comes along two paths is multiplied. Along one path the local"
        " derivatives are multiplied; different paths are added.",
        "a-overwritten": "This has only what came through p, but a is also used in q: +=.",
        "p-path-forgotten": "This has only what came through q, but a is also a factor of p: +=.",
        "too-early": "p passed its gradient on before the second part had arrived. First all"
        " that use p (E and q), then p itself.",
        "local-only": "This is the local derivative of p alone: multiply it by what arrives at p.",
        "local-forgotten": "What comes back through q lacks the local derivative of a², 2a.",
    },
)
def two_paths(attempt):
    def each(part, label):
        for a, b in [(1.5, -2.0), (0.7, 1.9), (-1.3, 0.4)]:
            part.label = f"{label}, here at a = {a:g}, b = {b:g}"
            p, dp = a * b, float(slope(lambda p, a=a: p * (p + a**2), np.array(a * b)))
            yield a, b, p, p + a**2, dp, part.call(a, b, outputs=("dp", "da", "db"))
        part.label = label

    with attempt.part("") as part:
        for _, _, p, q, dp, given in each(part, "∂E/∂p"):
            slips = {"p-overwritten": p, "q-path-forgotten": q, "multiplied": p * q}
            part.expect(given[0], dp, mistakes=slips)
    with attempt.part("") as part:
        for a, b, p, q, dp, given in each(part, "∂E/∂a and ∂E/∂b"):
            part.require(diagnose(given[0], dp), "They can only be right once ∂E/∂p is.")
            right = slope(lambda x: x[0] * x[1] * (x[0] * x[1] + x[0] ** 2), np.array([a, b]))
            via_q = right[0] - b * dp
            slips = {"a-overwritten": b * dp, "p-path-forgotten": via_q, "too-early": b * q + via_q}
            slips |= {"local-only": b, "local-forgotten": b * dp + p}
            part.expect(given[1], right[0], mistakes=slips)
            part.expect(given[2], right[1], mistakes={"too-early": a * q, "local-only": a})


SHARED = {
    "phi-forgotten": "φ′ is forgotten: this is the error at the activations h. The chain rule goes"
    " on through h = tanh z to the pre-activations z.",
    "phi-at-activation": "φ′ is taken at the activation, 1 − tanh²(h). It belongs at the"
    " pre-activation, 1 − tanh²(z), which is 1 − h².",
    "phi-of-z": "The derivative is written 1 − z². With the pre-activation it is 1 − tanh²(z), with"
    " the activation 1 − h².",
    "sigmoid-slope": "h (1 − h) is for the logistic function; the derivative of tanh is 1 − h².",
    "not-transposed": "W₂ is not transposed. What a hidden unit sends out through w_jk comes back"
    " through the same w_jk: δ₂ W₂ᵀ.",
    "weights-forgotten": "The outputs' errors come back without the weights they went through.",
    "sign": "All signs are reversed, as with t − o; a step against it would climb.",
    "factor": "The loss has a factor ½, which cancels the 2 of the square.",
}


@exercise(
    "The error of a hidden unit",
    section=LAYERS,
    points=3,
    kind="derive",
    mistakes=SHARED
    | {
        "both-phi-forgotten": "Both φ′ are forgotten, that of the outputs and that of the hidden"
        " units: the errors o − t have only gone through the weights.",
        "output-phi-forgotten": "The φ′ of the outputs is forgotten: ∂E/∂y is not o − t alone,"
        " because o = tanh y.",
        "one-path": "Each hidden unit gets back the error of one output only. It feeds both, so"
        " both come back, and are added.",
        "wrong-delta": "These are the errors of the outputs, ∂E/∂y. The question is about the"
        " layer below, ∂E/∂z.",
        "own-target": "The hidden units are given the targets t as their own. Nobody says what"
        f" h should be: its error comes back from the outputs. {OWN}",
        "zeros": "To SymPy h1, o1 and the others are symbols that know nothing of z1 and z2: to"
        " let it differentiate, write E out in z and w.",
        "shape": "Two expressions are wanted, one for each hidden unit.",
    },
)
def hidden_delta(attempt):
    with attempt.part("its values at three points") as part:
        for z, w, t in [
            ([0.2, -0.6], [[0.9, -0.4], [0.3, 1.2]], [0.5, -0.8]),
            ([-1.1, 0.3], [[-0.7, 0.2], [1.5, 0.6]], [0.1, 0.9]),
            ([0.8, 1.4], [[0.4, 1.1], [-0.3, 0.5]], [-0.6, 0.2]),
        ]:
            z, w, t = np.array(z), np.array(w), np.array(t)
            h = np.tanh(z)
            y = h @ w
            o = np.tanh(y)

            def back(delta, w=w, h=h):
                return vjp(delta, lambda h: h @ w, h)

            delta = vjp(o - t, np.tanh, y)
            at_h = {  # ∂E/∂h as various derivations have it
                "output-phi-forgotten": back(o - t),
                "not-transposed": back(delta, w.T),
                "weights-forgotten": delta.sum() * np.ones(2),
                "one-path": np.diag(w) * delta,
                "own-target": h - t,
            }
            vectors = {"z": z, "h": h, "y": y, "o": o, "t": t, "w1": w[0], "w2": w[1]}
            at = {f"{name}{i}": float(v[i - 1]) for name, v in vectors.items() for i in (1, 2)}
            part.expect(
                part.numbers(attempt.value, at),
                vjp(back(delta), np.tanh, z),
                mistakes={slug: vjp(v, np.tanh, z) for slug, v in at_h.items()}
                | {
                    "phi-forgotten": back(delta),
                    "phi-at-activation": vjp(back(delta), np.tanh, h),
                    "phi-of-z": back(delta) * (1 - z**2),
                    "sigmoid-slope": back(delta) * h * (1 - h),
                    "both-phi-forgotten": back(o - t),
                    "wrong-delta": delta,
                },
            )


@exercise(
    "The backward pass of a two-layer net",
    section=LAYERS,
    points=5,
    kind="implement",
    mistakes=SHARED
    | {
        "wrong-delta": "Made with the δ of the other layer: W₁ and b₁ need ∂E/∂Z₁, W₂ and b₂"
        " need ∂E/∂Y.",
        "wrong-input": "X stands where H belongs: ∂E/∂W is (what came into *this* layer)ᵀ δ.",
        "pre-activations": "Z₁ stands where H = tanh(Z₁) belongs: the second layer saw H.",
        "unreduced": "The bias is added to every example, so its gradient is the sum over the"
        " examples: δ.sum(axis=0).",
        "averaged-twice": "δ has the 1/n of the mean in it already: sum it over the examples,"
        " do not take its mean, and do not divide again.",
        "summed": "The loss is the mean over the n examples: divide δ₂ by n.",
        "all-entries": "Divided by all n·k entries, as np.mean does: the mean runs over the n"
        " examples only.",
        "shape": "A gradient has the shape of what it is the gradient of: a bias's is (units,).",
    },
)
def backward_pass(attempt):
    names = ("dW1", "db1", "dW2", "db2")
    for place, weight in enumerate((2, 1, 1, 1)):
        with attempt.part(names[place], weight=weight) as part:
            for sizes in [(5, 3, 3, 3), (5, 3, 4, 2)]:
                net = _net(*sizes)
                right, wrong = _deltas(place < 2, *net)
                part.expect(
                    part.call(*net, outputs=names)[place],
                    _parameter(place, *right),
                    batch=sizes[0],
                    mistakes={slug: _parameter(place, *slip) for slug, slip in wrong.items()},
                )


def _deltas(first, x, t, w1, b1, w2, b2):
    """(δ, what came into the layer), for the first or the second layer; and the wrong pairs."""
    z = x @ w1 + b1
    h = np.tanh(z)
    o = h @ w2 + b2
    delta_2 = slope(lambda o: _error(o, t), o)
    back = vjp(delta_2, lambda h: h @ w2, h)
    right = delta_1, _ = vjp(back, np.tanh, z), x
    wrong = {"phi-forgotten": (back, x), "phi-of-z": (back * (1 - z**2), x)}
    wrong["phi-at-activation"] = vjp(back, np.tanh, h), x
    wrong["sigmoid-slope"] = back * h * (1 - h), x
    if w2.shape[0] == w2.shape[1] and first:  # else these are products that NumPy refuses
        turned = vjp(delta_2, lambda h: h @ w2.T, h)
        wrong["not-transposed"] = vjp(turned, np.tanh, z), x
        wrong["weights-forgotten"] = vjp(delta_2, np.tanh, z), x
        wrong["wrong-delta"] = delta_2, x
    if not first:
        right, wrong = (delta_2, h), {"pre-activations": (delta_2, z)}
        if h.shape == x.shape == o.shape:
            wrong |= {"wrong-delta": (delta_1, h), "wrong-input": (delta_2, x)}
    return right, wrong | {"all-entries": (right[0] / o.shape[1], right[1])}


def _parameter(place, delta, inputs):
    """The gradient of W (at an even place) or b in X W + b, from δ and X."""
    if place % 2:
        return vjp(delta, lambda b: b + 0 * delta, np.zeros(delta.shape[1]))
    return vjp(delta, lambda w: inputs @ w, np.zeros((inputs.shape[1], delta.shape[1])))


# --- the tape ---------------------------------------------------------------------------------


NO_TUPLE = (
    "The backward rule returns a tuple with one gradient for each input. With one input it is of"
    " one entry: `(ga,)`, with the comma."
)


@exercise(
    "An operation for the tape",
    section=TAPE,
    points=4,
    kind="implement",
    mistakes={
        "overwritten": "A row that was taken several times gets only one of its gradients."
        " Neither ga[index] = g nor ga[index] += g adds them up: NumPy reads ga[index], adds,"
        " and stores, once for each place. np.add.at goes one by one.",
        "g-forgotten": "The gradient g that arrives is not used: these numbers say how often"
        " each row was taken.",
        "gathered": "This takes rows of g, as the forward pass takes rows of A. Backward goes"
        " the other way: row i of g belongs to row index[i] of A.",
        "no-scatter": "g itself is returned. Row i of g belongs to row index[i] of A, and a"
        " gradient has the shape of what it is the gradient of.",
        "no-tuple": NO_TUPLE,
        "zeros": "No gradient reaches A. The rows must know that they came from A: operation(…)(A)"
        " tells them, Value(A.data[index]) does not.",
        "mutated": "The backward rule writes into the array a itself. That is the table: after"
        " one backward pass its values are lost. Start from np.zeros_like(a).",
    },
)
def tape_operation(attempt):
    names, draw = ("rows", "gradient", "table"), np.random.default_rng(5).uniform

    def judge(part, index, shape):
        table, index, v = draw(-1, 1, shape), np.array(index), draw(-1, 1, (len(index), shape[1]))
        rows, gradient, after = _call(attempt, part, table, index, v, outputs=names)
        part.expect(rows, table[index])
        unharmed = np.shape(after) == shape and np.array_equal(after, table)
        part.require(unharmed, attempt.exercise.mistakes["mutated"], "mutated")
        once = np.zeros(shape)
        once[index] = v
        mistakes = {
            "overwritten": once,
            "g-forgotten": vjp(np.ones_like(v), lambda a: a[index], table),
            "no-scatter": v,
        }
        if len(v) == shape[0]:
            mistakes["gathered"] = v[index]
        part.expect(gradient, vjp(v, lambda a: a[index], table), mistakes=mistakes)

    with attempt.part("no row is taken twice") as part:
        judge(part, [2, 0, 3, 1], (4, 3))
        judge(part, [3, 1], (4, 3))
    with attempt.part("rows are taken several times", weight=3) as part:
        judge(part, [2, 0, 2, 2], (4, 3))
        judge(part, [1, 0, 1, 2, 1], (3, 2))


# --- differences ------------------------------------------------------------------------------


@exercise(
    "Central differences",
    section=CHECKING,
    points=3,
    kind="implement",
    mistakes={
        "not-halved": "Divided by h, but from x − h to x + h it is 2h.",
        "forward": "These are forward differences, (f(x + h) − f(x)) / h.",
        "backward": "These are backward differences, (f(x) − f(x − h)) / h.",
        "parentheses": "… / 2 * h divides by 2 and then multiplies by h: write … / (2 * h).",
        "h-ignored": "The step h is not used; these are the slopes for a far smaller one.",
        "not-restored": "An entry that was moved is not put back before the next is moved.",
        "all-at-once": "All entries are moved together, which gives one slope along the"
        " diagonal. Move one entry at a time.",
        "sign": "f(x − h) − f(x + h) is the wrong way round.",
        "mutated": "It changes x, and whoever gave you x still needs it. (Adding h and taking it"
        " away again need not give back exactly what was there.) Work on a copy.",
        "shape": "One slope for each entry of x, in the shape of x.",
    },
)
def central_differences(attempt):
    def f(x):
        return np.exp(x).sum() + np.prod(x)

    def differences(method, x, h):
        return numerical_gradient(f, x, method, h)

    def staying(x, h):
        """When every entry stays at x − h afterwards."""
        found, x = np.zeros_like(x), x.copy()
        for i in np.ndindex(x.shape):
            found[i] = differences("central", x, h)[i]
            x[i] -= h
        return found

    entries = np.array([0.3, -1.2, 0.8, 1.7, -0.4, 0.9])
    for label, shape, h, weight in [
        ("x a vector, h = 0.1", 6, 0.1, 2),
        ("x a matrix, h = 0.02", (2, 3), 0.02, 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            x = entries.reshape(shape)
            right, ahead = differences("central", x, h), differences("forward", x, h)
            along = numerical_gradient(lambda s, x=x: f(x + s), np.array(0.0), "central", h)
            mistakes = {
                "not-halved": 2 * right,
                "parentheses": h**2 * right,
                "forward": ahead,
                "backward": 2 * right - ahead,
                "h-ignored": slope(f, x),
                "not-restored": staying(x, h),
                "all-at-once": np.full_like(x, along),
            }
            part.expect(_call(attempt, part, f, x, h), right, mistakes=mistakes)


@exercise(
    "How small a step?",
    section=CHECKING,
    points=2,
    kind="choose",
    mistakes={
        "a": "So it would be with exact numbers. In float64 the next number after 1 is"
        " 1 + 2.2e-16: x + h is rounded back to x, and the difference is 0.",
        "b": "That is best for *forward* differences, whose truncation falls only like h."
        " Central ones suffer from rounding there: about ε/h ≈ 1e-8.",
        "d": "Rounding is no trouble there, but truncation is: about h²/6 times the third"
        " derivative, some 1e-5.",
        "e": "There x + h is x and the difference is 0. Such a step is for the *complex* step,"
        " which subtracts nothing.",
    },
)
def step_size(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": near ε^(1/3), where truncation, h², and rounding, ε/h, are alike in size"


@exercise(
    "What differences cost",
    section=COST,
    points=3,
    kind="predict",
    mistakes={
        "base-forgotten": "f(x) itself is needed too, once for all entries.",
        "base-each-time": "f(x) is the same for every entry: once is enough.",
        "base-not-needed": "Central differences never use f(x).",
        "one-sided": "Every entry is moved twice, to x + h and to x − h.",
        "seconds": "These are seconds; an hour has 3600.",
        "minutes": "These are minutes; an hour has 60.",
        "forward-only": "That is for forward differences; the question is about central ones.",
    },
)
def cost(attempt):
    names = ("passes_forward", "passes_central", "hours_central")
    for place, label in enumerate(("forward differences", "central differences", "their time")):
        with attempt.part(label) as part:
            for n, seconds, ahead, central, hours in [
                (1000, 0.0018, 1001, 2000, 0.001),
                (25_000_000, 0.036, 25_000_001, 50_000_000, 500.0),
            ]:
                slips = (
                    {"base-forgotten": n, "base-each-time": 2 * n},
                    {"one-sided": n, "forward-only": ahead, "base-not-needed": 2 * n + 1},
                    {"seconds": 3600 * hours, "minutes": 60 * hours, "one-sided": hours / 2}
                    | {"forward-only": hours * ahead / central}
                    | {"base-not-needed": hours * (central + 1) / central},
                )
                part.label = f"{label}, here for n = {n:,}, {seconds:g} s a pass"
                given = part.call(n, seconds, outputs=names)[place]
                right = (ahead, central, hours)[place]
                part.expect(given, right, mistakes=slips[place], rtol=1e-9)
            part.label = label


# --- three loops to repair --------------------------------------------------------------------

X, T = _net(5, 3, 1, 1)[:2]
START = {"W": np.array([[0.9], [-0.5], [0.4]]), "b": np.array([0.3])}
RATE, STEPS = 0.4, 4


def _run(loss, start, gradient=slope, rate=RATE, steps=STEPS):
    """Gradient descent: the parameters after it, and ``losses``, each taken before its step.

    ``start`` and what ``gradient(loss, p)`` gives are dicts by the names of the parameters.
    """
    p, losses = dict(start), []
    for _ in range(steps):
        losses.append(loss(p))
        g = gradient(loss, p)
        p = {name: p[name] - rate * g[name] for name in p}
    return p | {"losses": np.array(losses)}


def _carrying(*names):
    """A gradient to which, for these parameters, those of earlier steps are still added."""
    past = []

    def gradient(loss, p):
        past.append(slope(loss, p))
        return past[-1] | {name: sum(g[name] for g in past) for name in names}

    return gradient


def _judge_loop(attempt, args, right, wrong):
    with attempt.part(f"{', '.join(right)} after {STEPS} steps") as part:
        given = _call(attempt, part, *args, RATE, STEPS, outputs=tuple(right))
        for name, value in zip(right, given, strict=True):
            mistakes = {slug: slip[name] for slug, slip in wrong.items()}
            part.expect(value, right[name], mistakes=mistakes)


@exercise(
    "Repair: gradients of yesterday",
    section=WHICH,
    points=3,
    kind="repair",
    mistakes={
        "not-zeroed": "The gradients of earlier steps are still in W.grad and b.grad: backward"
        " adds. Set both to zero before each backward pass; once before the loop is not enough.",
        "bias-not-zeroed": "W.grad is zeroed now; b.grad still adds up.",
        "weights-not-zeroed": "b.grad is zeroed now; W.grad still adds up.",
        "zeroed-too-soon": "Nothing moves: the gradients are zeroed after backward, but before"
        " the step that needs them.",
    },
)
def repair_zeroing(attempt):
    def loss(p):
        return np.mean((np.tanh(X @ p["W"] + p["b"]) - T) ** 2)

    wrong = {
        "not-zeroed": _run(loss, START, _carrying("W", "b")),
        "bias-not-zeroed": _run(loss, START, _carrying("b")),
        "weights-not-zeroed": _run(loss, START, _carrying("W")),
        "zeroed-too-soon": _run(loss, START, rate=0),
    }
    _judge_loop(attempt, [X, T, *START.values()], _run(loss, START), wrong)


@exercise(
    "Repair: one matrix, three layers",
    section=WHICH,
    points=3,
    kind="repair",
    mistakes={
        "overwritten": "Only the gradient from the lowest layer is left: each layer's replaces"
        " that of the layer above. W is used three times, so three parts are added, +=.",
        "top-layer-only": "Only the gradient from the top layer is used. W is used in the"
        " layers below too, and their parts are added, +=.",
        "averaged": "The three parts are averaged. They are added: W moves in all three layers"
        " at once.",
        "not-reset": "dW is set to zero once, before the training loop, so gradients of earlier"
        " steps stay in it. Start each backward pass from zero.",
        "stepped-within": "W takes its step inside the backward pass, so the layers below get"
        " their error through weights that have moved already. First all of dW, then one step.",
    },
)
def repair_accumulation(attempt):
    x, t, w = _net(5, 3, 3, 3)[:3]

    def loss(p):
        return _error(np.tanh(np.tanh(np.tanh(x @ p["W"]) @ p["W"]) @ p["W"]), t)

    def parts(w, rate=0.0):
        """What each layer gives to ∂E/∂W, the top one first; W moves by the rate in between."""
        hs = [x]
        for _ in range(3):
            hs.append(np.tanh(hs[-1] @ w))
        v, back, found = slope(lambda h: _error(h, t), hs.pop()), w, []
        for h in reversed(hs):
            delta = vjp(v, np.tanh, h @ w)
            found.append(vjp(delta, lambda w, h=h: h @ w, w))
            v = vjp(delta, lambda h, w=back: h @ w, h)
            back = back - rate * found[-1]
        return found

    def run(chosen, rate=0.0):
        return _run(loss, {"W": w}, lambda loss, p: {"W": chosen(parts(p["W"], rate))})

    wrong = {
        "overwritten": run(lambda found: found[2]),
        "top-layer-only": run(lambda found: found[0]),
        "averaged": run(lambda found: sum(found) / 3),
        "not-reset": _run(loss, {"W": w}, _carrying("W")),
        "stepped-within": run(sum, rate=RATE),
    }
    _judge_loop(attempt, [x, t, w], _run(loss, {"W": w}), wrong)


@exercise(
    "Repair: whose value?",
    section=WHICH,
    points=3,
    kind="repair",
    mistakes={
        "self-value": "The rule uses a, what went in. The derivative σ(1 − σ) is written in"
        " what came out: y (1 − y).",
        "first-a-left": "y (1 − y): of the two a only the second is y now.",
        "second-a-left": "y (1 − y): of the two a only the first is y now.",
        "no-tuple": NO_TUPLE,
        "rule-at-output": "The derivative is taken at the output, σ′(y). It belongs at a; and"
        " since y is σ(a) already, σ′(a) is y (1 − y).",
        "g-forgotten": "g is missing. A rule returns the gradient that arrives, times the local"
        " derivative.",
        "derivative-forgotten": "The rule hands g on as it came, without the derivative.",
        "tanh-rule": "1 − y² is for tanh. The logistic function has y (1 − y).",
    },
)
def repair_value(attempt):
    def logistic(a):
        return 1 / (1 + np.exp(-a))

    def loss(p):
        return _error(logistic(X @ p["W"] + p["b"]), T)

    def run(rule):
        def gradient(loss, p):
            a = X @ p["W"] + p["b"]
            delta = rule(slope(lambda y: _error(y, T), logistic(a)), logistic(a), a)
            return {"W": _parameter(0, delta, X), "b": _parameter(1, delta, X)}

        return _run(loss, START, gradient)

    wrong = {
        "self-value": run(lambda g, y, a: g * a * (1 - a)),
        "first-a-left": run(lambda g, y, a: g * a * (1 - y)),
        "second-a-left": run(lambda g, y, a: g * y * (1 - a)),
        "rule-at-output": run(lambda g, y, a: vjp(g, logistic, y)),
        "g-forgotten": run(lambda g, y, a: y * (1 - y)),
        "derivative-forgotten": run(lambda g, y, a: g),
        "tanh-rule": run(lambda g, y, a: g * (1 - y**2)),
    }
    _judge_loop(attempt, [X, T, *START.values()], _run(loss, START), wrong)


# --- equal weights ----------------------------------------------------------------------------


@exercise(
    "Predict: how many hidden units are left?",
    section=EQUAL,
    points=2,
    kind="predict",
    mistakes={
        "separates": "What would tell them apart? Units whose incoming and outgoing weights are"
        " equal compute the same h and get the same δ, so they take the same step.",
        "stuck": "Equal incoming weights do not keep units equal: δ_j contains the outgoing"
        " weight of unit j, and here these differ.",
        "groups": "Look at one group by itself, then at what tells the two groups apart.",
        "batch-noise": "The noise of a mini-batch is the same for all units: each of them sees"
        " the same examples and gets the same δ for them.",
    },
)
def predict_units(attempt):
    cases = [
        (1, {n: "separates" for n in range(2, 7)}),
        (6, {1: "stuck"}),
        (2, {1: "groups", 3: "groups", 4: "groups", 6: "separates"}),
        (1, {n: "batch-noise" for n in range(2, 7)}),
    ]
    for place, (letter, (right, wrong)) in enumerate(zip("abcd", cases, strict=True)):
        with attempt.part(f"case {letter}") as part:
            given = attempt.value
            four = isinstance(given, np.ndarray) and given.shape == (4,)
            part.require(four, "Give four numbers, one for each case.", "shape")
            slug = wrong.get(given[place])
            part.require(slug is None, attempt.exercise.mistakes.get(slug), slug)
            part.require(given[place] == right, "No: it is a whole number between 1 and 6.")


#: What they are, steps, (w_in, b, w_out) of six hidden units, how many of them are distinct after
#: the steps, and what comes out of counting something else.
STARTS = [
    (
        "two groups",
        5,
        ((0.5, 0.1, 0.5),) * 3 + ((-0.2, 0, 0.3),) * 3,
        2,
        {"rows-counted": 3, "entries-counted": 6, "no-twin": 0},
    ),
    ("all equal", 5, ((0.5, 0, 0.5),) * 6, 1, {"rows-counted": 3, "no-twin": 0}),
    (
        "equal incoming weights",
        0,
        tuple((0.4, *pair) for pair in [(0, 5), (0, 5), (0, 7), (0, 9), (1, 5), (1, 7)]),
        5,
        {"outgoing-ignored": 2, "bias-ignored": 3, "incoming-only": 1, "no-twin": 4},
    ),
]


@exercise(
    "Then measure",
    section=EQUAL,
    points=3,
    kind="predict",
    mistakes={
        "outgoing-ignored": "Only incoming weights and biases are compared. To be the same, two"
        " units need equal outgoing weights too.",
        "bias-ignored": "The biases of the hidden units are not compared.",
        "incoming-only": "Only the incoming weights are compared; a unit also has a bias and"
        " outgoing weights.",
        "rows-counted": "These are rows of W1, and a row belongs to an input. A hidden unit is"
        " a column of W1.",
        "entries-counted": "These are the distinct numbers in W1; count whole units.",
        "climbs": "The parameters move up the gradient: the step is subtracted.",
        "no-twin": "These are the units without a twin. A group of equal units counts as one.",
        "too-early": "This is the loss before the last step; take it after.",
        "outgoing-frozen": "W2 and b2 do not move; they are trained as well.",
        "in-turn": "The first layer gets its error through a W2 that has moved already. Take"
        " all gradients at one point, then step.",
        "summed": "The steps are those of a summed loss; the mean divides by n.",
    },
)
def measure_units(attempt):
    for label, judged, weight in [("how many units", 0, 1), ("the loss", 1, 2)]:
        with attempt.part(label, weight=weight) as part:
            for case, steps, units, distinct, miscounts in STARTS:
                part.label = f"{label}, here {case}, {steps} steps"
                start, loss, slips = _trained(steps, units)
                given = part.call(X, T, *start, 0.1, steps, outputs=("units", "loss"))
                right, wrong = [(distinct, miscounts), (loss, slips)][judged]
                part.expect(given[judged], right, mistakes=wrong)
            part.label = label


@cache
def _trained(steps, units):
    """The start, the loss after the last step, and the losses that come of slips."""
    w_in, b, w_out = np.array(units, dtype=float).T
    start = {"W1": np.tile(w_in, (3, 1)), "b1": b, "W2": w_out[:, None], "b2": np.zeros(1)}

    def loss(p):
        return _error(np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"], T)

    def frozen(loss, p):
        return {name: g * name.endswith("1") for name, g in slope(loss, p).items()}

    def in_turn(loss, p):
        g, o = slope(loss, p), np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        delta, w2 = slope(lambda o: _error(o, T), o), p["W2"] - 0.1 * g["W2"]

        def below(q):
            return np.sum(delta * (np.tanh(X @ q["W1"] + q["b1"]) @ w2))

        return g | slope(below, {name: p[name] for name in ("W1", "b1")})

    def last(gradient=slope, rate=0.1, steps=steps):
        return _run(loss, start, gradient, rate, steps + 1)["losses"][-1]

    slips = {"outgoing-frozen": last(frozen), "in-turn": last(in_turn)}
    slips |= {"summed": last(rate=0.1 * len(X)), "climbs": last(rate=-0.1)}
    slips |= {"too-early": last(steps=steps - 1)} if steps else {}
    return start.values(), last(), slips


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
