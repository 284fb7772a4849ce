"""Checks for the exercises on sigmoid and tanh.

Right values are slopes of a forward function, by complex steps, eigenvalues of a matrix that is
written out, the outputs of a net that is run, or data. Wrong ones are the same of another function
or at another point. The inputs have means, some of them are square, where a slip along the wrong
axis gives numbers that elsewhere would not broadcast, and some batches hold one example.
"""

import numpy as np

from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import diagnose, slope, vjp

ZIGZAG = "Section: “The zig-zag”."
ONE = "Section: “One example, two orthants”."
BATCH = "Section: “What a batch can do”."
VALLEY = "Section: “A mean makes a narrow valley”."
HIDDEN = "Section: “Hidden activations have means”."
TWICE = "Section: “The same net twice”."
SLOPE = "Section: “Slope or centring?”."
LECUN = "Section: “LeCun's tanh”."
REMEDIES = "Section: “Remedies, measured”."


def _sigma(z):
    """The logistic function, also of complex numbers, without overflow."""
    return (1 + np.tanh(z / 2)) / 2


def _uniform(seed, *shapes):
    """Arrays of these shapes, the same at every run."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]


# --- signs --------------------------------------------------------------------------------------


@exercise(
    "Predict: how many directions?",
    section=BATCH,
    points=2,
    kind="predict",
    mistakes={
        "free": "The gradient of one example is ∂L/∂f times its inputs: one number times positive"
        f" ones, so all components have the sign of that number. {ONE}",
        "one-orthant": f"∂L/∂f may have either sign, and the whole gradient turns with it. {ONE}",
        "batch-cures": "A sum of vectors of one orthant stays in that orthant, however many"
        " they are. It is not the size of the batch that counts, but the signs of its δ.",
        "batch-useless": "The gradient is a difference of two positive vectors, weighed by the"
        " two δ. Such a difference can have any signs.",
        "only-new": "The two old orthants are still there: one example may outweigh the other.",
        "products": "Count patterns of the sum: it has one sign for each of the five weights.",
        "signs-fixed": "The inputs are not all positive, but their signs are fixed: the pattern is"
        f" that of x or its opposite. What frees it are signs that vary between examples. {ONE}",
        "groups": f"The two groups do not turn separately: both are multiplied by one ∂L/∂f. {ONE}",
    },
)
def predict_signs(attempt):
    cases = [
        (2, {32: "free", 1: "one-orthant"}),
        (2, {32: "batch-cures", 1: "one-orthant"}),
        (32, {2: "batch-useless", 30: "only-new", 4: "products", 64: "products"}),
        (2, {32: "signs-fixed", 1: "one-orthant", 4: "groups", 8: "groups", 12: "groups"}),
    ]
    for place, (letter, (right, wrong)) in enumerate(zip("abcd", cases, strict=True)):
        with attempt.part(f"case {letter}") as part:
            given = attempt.value
            four = isinstance(given, np.ndarray) and given.shape == (4,)
            part.require(four, "Give four numbers, one for each case.", "shape")
            slug = wrong.get(given[place])
            part.require(slug is None, attempt.exercise.mistakes.get(slug), slug)
            part.require(given[place] == right, "No: it is a whole number between 1 and 32.")


# --- two derivatives and a layer --------------------------------------------------------------

ONE_MINUS_TANH = f"tanh′ is 1 − tanh², not 1 − tanh: the square is missing. {TWICE}"
SLOPES = {
    "slope-is-value": "This has σ itself for its derivative: σ′ = σ(1 − σ), the factor 1 − σ is"
    f" missing. {TWICE}",
    "at-value": "The derivative is taken at the output, as σ′(σ(z)) or tanh′(tanh(z)). It belongs"
    f" at the pre-activation z. {TWICE}",
    "input-for-output": "z (1 − z), or 1 − z², has the input where the output belongs. These"
    f" short forms are written in σ(z) and tanh(z). {TWICE}",
}


@exercise(
    "Two slopes",
    section=TWICE,
    points=2,
    kind="implement",
    mistakes=SLOPES
    | {
        "one-minus-tanh": ONE_MINUS_TANH,
        "wrong-rule": "The two rules are mixed up: σ has σ(1 − σ), tanh has 1 − tanh².",
        "other-function": "This is the derivative of the other function: σ′ comes first.",
        "complement": "This is 1 − σ; the factor σ is missing.",
        "not-squared": "This is 1/cosh(z), whose square is wanted.",
        "factor": "If it came from tanh(z) = 2σ(2z) − 1: both 2s count, the one outside and, by"
        " the chain rule, the one inside.",
        "nan": "For large |z| an exponential overflows, and inf/inf is NaN. Write σ with exp(−z)"
        " once, or with tanh.",
    },
)
def slopes(attempt):
    for place, (label, f, other) in enumerate(
        [("σ′", _sigma, np.tanh), ("tanh′", np.tanh, _sigma)]
    ):
        with attempt.part(label) as part:
            for z in [np.array([0.4, -1.3, 2.2, 0.0, -0.1]), np.array([[800.0, -3], [0.7, -800]])]:
                given = part.call(z, outputs=("σ′", "tanh′"))[place]
                y, short = f(z), [lambda y: y * (1 - y), lambda y: 1 - y**2]
                slips = {
                    "at-value": vjp(np.ones_like(z), f, y),
                    "input-for-output": short[place](z),
                    "wrong-rule": short[1 - place](y),
                    "other-function": vjp(np.ones_like(z), other, z),
                }
                slips |= [
                    {"slope-is-value": y, "complement": 1 - y},
                    {"one-minus-tanh": 1 - y, "not-squared": np.sqrt(1 - y**2)},
                ][place]
                part.expect(given, vjp(np.ones_like(z), f, z), mistakes=slips)


@exercise(
    "Back through a sigmoid layer",
    section=BATCH,
    points=4,
    kind="implement",
    mistakes=SLOPES
    | {
        "slope-forgotten": "σ′ is forgotten: G is the gradient at the outputs A, and the chain"
        f" rule goes on through A = σ(Z) to Z. {TWICE}",
        "bias-forgotten": "The bias is left out of Z = XW + b, so σ′ is taken at another place.",
        "transposed": "For a batch of rows ∂L/∂W = Xᵀδ, of the shape of W; δᵀX is its transpose.",
        "inputs-not-transposed": "Xδ stands where Xᵀδ belongs. Entry (i, j) of ∂L/∂W sums x_i δ_j"
        " over the examples, the rows of both.",
        "weights-not-transposed": "δW stands where δWᵀ belongs: an error goes back along the"
        " weights by which its value came.",
        "wrong-rule": "1 − a² is the slope of tanh; the sigmoid has a (1 − a).",
        "averaged": "Divided by the number of examples. G is the gradient of the whole loss"
        " already, with the 1/n of the mean in it if there is one: sum over the examples.",
        "over-units": "The bias's gradient is summed over the units. There is one for each unit:"
        " sum δ over the examples, axis=0.",
        "unreduced": "The bias is added to every example, so its gradient is the sum over the"
        " examples.",
    },
)
def layer_backward(attempt):
    names = ("dW", "db", "dX")
    for place, weight in enumerate((2, 1, 1)):
        with attempt.part(names[place], weight=weight) as part:
            for n, d, k in [(3, 3, 3), (5, 3, 2), (1, 2, 4)]:
                x, w, b, g = _uniform(8, (n, d), (d, k), k, (n, k))
                given = part.call(2 * x, 2 * w, b, g, outputs=names)[place]
                slips, right = _layer(place, 2 * x, 2 * w, b, g)
                part.expect(given, right, batch=n, mistakes=slips, reduction="sum")


def _layer(place, x, w, b, g):
    """The slips and the right gradient of W, b or X (at places 0, 1, 2) for A = σ(XW + b)."""
    z = x @ w + b
    a = _sigma(z)
    delta = vjp(g, _sigma, z)

    def along(delta):
        layers = [(lambda w: x @ w, w), (lambda b: b + 0 * z, b), (lambda x: x @ w, x)]
        return vjp(delta, *layers[place])

    slips = {
        "slope-is-value": g * a,
        "at-value": vjp(g, _sigma, a),
        "input-for-output": g * z * (1 - z),
        "wrong-rule": g * (1 - a**2),
        "slope-forgotten": g,
        "bias-forgotten": vjp(g, _sigma, x @ w),
    }
    slips = {slug: along(slip) for slug, slip in slips.items()}
    if len(x) == x.shape[1] and place == 0:
        slips["inputs-not-transposed"] = x @ delta
    if w.shape == w.T.shape and place == 2:
        slips["weights-not-transposed"] = delta @ w
    if place == 1:
        slips["over-units"] = delta.sum(axis=1)
    return slips, along(delta)


@exercise(
    "Repair: whose argument?",
    section=TWICE,
    points=3,
    kind="repair",
    mistakes=SLOPES
    | {
        "both": "Both slopes are still taken at the wrong place: compare what each function asks"
        " for with what it is given.",
        "tanh-at-output": "tanh_slope asks for the pre-activation and is given the output: this is"
        " 1 − tanh²(Y), where Y is tanh(Z2) already.",
        "tanh-of-input": "1 − z² has the pre-activation where the output belongs.",
        "one-minus-tanh": ONE_MINUS_TANH,
        "slope-forgotten": "A slope is missing: the errors must come back through both functions.",
    },
)
def repair_argument(attempt):
    names = ("dW1", "db1", "dW2", "db2")
    x, t, *parameters = net = _uniform(6, (5, 3), (5, 2), (3, 4), 4, (4, 2), 2)

    def loss(p):
        y = np.tanh(_sigma(x @ p["dW1"] + p["db1"]) @ p["dW2"] + p["db2"])
        return np.sum((y - t) ** 2) / 2 / len(x)

    right = slope(loss, dict(zip(names, parameters, strict=True)))
    hidden = _sigma(x @ parameters[0] + parameters[1])
    inner, outer = _deltas(*net)
    for first, inputs, deltas, weight in [(2, hidden, outer, 1), (0, x, inner, 2)]:
        pair = names[first : first + 2]
        with attempt.part(" and ".join(pair), weight=weight) as part:
            given = part.call(*net, outputs=names)[first:]
            for name, value in zip(pair, given[:2], strict=True):
                slips = {
                    slug: inputs.T @ delta if "W" in name else delta.sum(axis=0)
                    for slug, delta in deltas.items()
                }
                part.expect(value, right[name], batch=len(x), mistakes=slips)


def _deltas(x, t, w1, b1, w2, b2):
    """What slips make of δ in the hidden and in the output layer of tanh(σ(X W₁ + b₁) W₂ + b₂)."""
    z1 = x @ w1 + b1
    h = _sigma(z1)
    z2 = h @ w2 + b2
    g = (np.tanh(z2) - t) / len(x)

    def back(delta):
        return vjp(delta, lambda h: h @ w2, h)

    outer = {
        "tanh-at-output": vjp(g, np.tanh, np.tanh(z2)),
        "tanh-of-input": g * (1 - z2**2),
        "one-minus-tanh": g * (1 - np.tanh(z2)),
        "slope-forgotten": g,
    }
    v = back(vjp(g, np.tanh, z2))
    inner = {slug: vjp(back(delta), _sigma, z1) for slug, delta in outer.items()}
    inner |= {
        "both": back(outer["tanh-at-output"]) * z1 * (1 - z1),
        "slope-is-value": v * h,
        "at-value": vjp(v, _sigma, h),
        "input-for-output": v * z1 * (1 - z1),
        "slope-forgotten": v,
    }
    return inner, outer


@exercise(
    "From sigmoid to tanh",
    section=TWICE,
    points=4,
    kind="implement",
    mistakes={
        "W1-not-halved": "W1 is not halved: σ(z) = ½ + ½ tanh(z/2), with z/2 inside.",
        "b1-not-halved": "b1 is not halved: all of z = xW1 + b1 is, the bias too.",
        "W2-once": "W2 is halved once. It is halved for what comes in, ½ tanh, and again for what"
        " goes into the second tanh, z/2.",
        "second-not-halved": "The second layer gets its z right, but its tanh needs z/2: halve W2"
        " and b2 once more.",
        "all-halved": "Each array is halved, and that is all. But ½ + ½ tanh has a ½ that moves on"
        " through W2 and W3 into the next biases, and a ½ in front, besides that in z/2.",
        "b2-not-halved": "b2 is not halved as a whole: it is part of the z/2 in the second tanh.",
        "b2-not-shifted": "The ½ of the first hidden layer is lost. Through W2 it adds a constant"
        " to each z of the second.",
        "b2-shift-not-halved": "b2 is halved, but not what is added to it: z/2 halves all of z.",
        "b2-shift-halved-again": "What is added to b2 is halved once too often: is it the sums of"
        " the *old* W2?",
        "W3-not-halved": "W3 is not halved: σ(z) = ½ + ½ tanh(z/2), with ½ before the tanh.",
        "doubled": "Everything is the wrong way round: tanh(z) = 2σ(2z) − 1 makes a sigmoid net"
        " of a tanh net. You need σ(z) = ½ + ½ tanh(z/2).",
        "unchanged": "The hidden layers are as they were, so the nets differ as σ and tanh do.",
        "b3-not-shifted": "The ½ of the second hidden layer is lost. It passes through W3 and adds"
        " a constant to each output: that belongs into b3.",
        "b3-halved": "The old b3 is halved. It stands outside σ and stays as it is.",
        "shift-not-halved": "b3 gets all of the column sums of W3; it is half of them.",
        "shift-quartered": "b3 gets a quarter of the column sums of the old W3: take half of the"
        " sums before W3 is halved.",
        "shift-reversed": "The shift of b3 has the wrong sign: σ is tanh moved *up*.",
        "shift-by-half": "Half is added to each output. It is added to each hidden unit, and gets"
        " to an output through the weights W3.",
        "shift-other-axis": "b3 gets sums over the outputs. One output sums over the hidden"
        " units, the rows of W3: axis=0.",
        "shape": "The new net has the shapes of the old one.",
    },
)
def as_tanh_net(attempt):
    def outputs(part, seed, sizes, slips):
        """What the old net, the new one, and those with a slip compute."""
        n, d, h, k, out = sizes
        shapes = [(n, d), (d, h), h, (h, k), k, (k, out), out]
        x, *old = [2 * a for a in _uniform(seed, *shapes)]
        new = part.call(*old, outputs=("W1", "b1", "W2", "b2", "W3", "b3"))
        same = all(np.shape(a) == a_old.shape for a, a_old in zip(new, old, strict=True))
        part.require(same, attempt.exercise.mistakes["shape"], "shape")
        kind = np.result_type(np.float32, *new)  # the answer's precision, so that float32 shows
        given, slips = _run(np.tanh, x, new).astype(kind), slips(*old)
        return given, _run(_sigma, x, old), {n: _run(np.tanh, x, net) for n, net in slips.items()}

    cases = [(12, (6, 3, 4, 4, 4)), (13, (6, 2, 5, 3, 1)), (14, (6, 4, 1, 2, 3))]
    with attempt.part("how the outputs differ between inputs", weight=2) as part:
        for case in cases:
            given, right, slips = outputs(part, *case, _hidden_slips)
            slips = {slug: slip[1:] - slip[0] for slug, slip in slips.items()}
            part.expect(given[1:] - given[0], right[1:] - right[0], mistakes=slips)
    with attempt.part("the outputs themselves", weight=2) as part:
        for case in cases:
            given, right, slips = outputs(part, *case, _output_slips)
            follows = diagnose(given[1:] - given[0], right[1:] - right[0])
            part.require(follows, "They can only be right once their differences are.")
            part.expect(given, right, mistakes=slips)


def _run(f, x, net):
    """The outputs of a net with two hidden layers."""
    w1, b1, w2, b2, w3, b3 = net
    return f(f(x @ w1 + b1) @ w2 + b2) @ w3 + b3


def _hidden_slips(w1, b1, w2, b2, w3, b3):
    first, shift = [w1 / 2, b1 / 2], w2.sum(axis=0) / 4
    second, last = [w2 / 4, b2 / 2 + shift], [w3 / 2, b3]
    return {
        "W1-not-halved": [w1, b1 / 2, *second, *last],
        "b1-not-halved": [w1 / 2, b1, *second, *last],
        "W2-once": [*first, w2 / 2, b2 / 2 + shift, *last],
        "second-not-halved": [*first, w2 / 2, b2 + 2 * shift, *last],
        "all-halved": [w / 2 for w in (w1, b1, w2, b2, w3, b3)],
        "b2-not-halved": [*first, w2 / 4, b2 + 2 * shift, *last],
        "b2-not-shifted": [*first, w2 / 4, b2 / 2, *last],
        "b2-shift-not-halved": [*first, w2 / 4, b2 / 2 + 2 * shift, *last],
        "b2-shift-halved-again": [*first, w2 / 4, b2 / 2 + shift / 2, *last],
        "W3-not-halved": [*first, *second, w3, b3],
        "doubled": [2 * w1, 2 * b1, 4 * w2, 2 * b2 - 8 * shift, 2 * w3, b3],
        "unchanged": [w1, b1, w2, b2, w3, b3],
    }


def _output_slips(w1, b1, w2, b2, w3, b3):
    half = [w1 / 2, b1 / 2, w2 / 4, b2 / 2 + w2.sum(axis=0) / 4, w3 / 2]
    sums = w3.sum(axis=0)
    biases = {
        "b3-not-shifted": b3,
        "b3-halved": (b3 + sums) / 2,
        "shift-not-halved": b3 + sums,
        "shift-quartered": b3 + sums / 4,
        "shift-reversed": b3 - sums / 2,
        "shift-by-half": b3 + 0.5,
    }
    if w3.shape == w3.T.shape:
        biases["shift-other-axis"] = b3 + w3.sum(axis=1) / 2
    return {slug: [*half, bias] for slug, bias in biases.items()}


# --- the valley -------------------------------------------------------------------------------


@exercise(
    "The price of a mean",
    section=VALLEY,
    points=4,
    kind="derive",
    mistakes={
        "means-forgotten": "The covariance is taken for the second moment. The curvature is"
        " covariance + mean · meanᵀ, and the means are still there.",
        "not-centred": "The means are still in it. Centred inputs have the second moment Cov.",
        "width-forgotten": "The number d of inputs is missing: m² times the matrix of ones has the"
        " eigenvalue d m².",
        "mean-not-squared": "The mean enters the second moment squared: E[x_i x_j] = c + m².",
        "correlation-forgotten": "This is for uncorrelated inputs, c = 0. Off the diagonal the"
        f" covariance holds c, which both eigenvalues feel. {HIDDEN}",
        "own-pair": "An input has d − 1 others, not d: a row of the covariance sums to"
        " v + (d − 1) c.",
        "smallest-is-v": "v is not the smallest eigenvalue here: for entries that sum to 0, the"
        " others' c is lacking, which leaves v − c.",
        "largest-only": "This is the largest eigenvalue. Divide by the smallest.",
        "upside-down": "This is the smallest over the largest; the condition number is ≥ 1.",
        "bias-ignored": "This is as without the bias: its input of 1 adds a row and a column, with"
        " m beside x and 1 on the diagonal.",
        "bias-as-input": "The bias is counted as one more input like the others. Its input is 1"
        " always: mean 1, variance 0, no correlation.",
        "bias-added": "The bias's 1 is added to the eigenvalue. That is the trace, the sum of the"
        " *two* eigenvalues that mix equal entries and bias.",
        "smaller-root": "Of the two eigenvalues that mix equal entries and bias this is the smaller"
        " one.",
        "shape": "Three expressions are wanted.",
    },
)
def price_of_a_mean(attempt):
    labels = [("as they are", 1), ("centred", 1), ("the largest eigenvalue with a bias", 2)]
    for place, (label, weight) in enumerate(labels):
        with attempt.part(label, weight=weight) as part:
            for d, m, v, c in [(7, 0.6, 1.7, 0.3), (10, -0.7, 0.04, 0.01), (4, 0.5, 0.3, 0.2)]:
                given = part.numbers(attempt.value, {"d": d, "m": m, "v": v, "c": c})
                part.require(given.shape == (3,), attempt.exercise.mistakes["shape"], "shape")
                right, slips = _valley(place, d, m, v, c)
                own = np.real_if_close(given[place])  # another entry may be complex
                part.expect(own, right, mistakes=slips, rtol=1e-9)


def _valley(place, d, m, v, c):
    """What is asked about d inputs of mean m, variance v and covariance c, and its slips."""

    def ends(m, v, c, d=d, bias=False):
        covariance = v * np.eye(d) + c * (1 - np.eye(d))
        if bias:
            covariance = np.pad(covariance, (0, 1))
        mean = np.append(np.full(d, m), [1.0] * bias)
        return np.linalg.eigvalsh(covariance + np.outer(mean, mean))[[0, -1]]

    bottom, top = ends(m, v, c)
    low, high = ends(0, v, c)
    if place == 2:
        least, most = ends(m, v, c, bias=True)
        slips = {"bias-ignored": top, "bias-as-input": ends(m, v, c, d + 1)[1]}
        slips |= {"bias-added": top + 1, "means-forgotten": max(high, 1)}
        slips |= {"correlation-forgotten": ends(m, v, 0, bias=True)[1]}
        return most, slips | {"smaller-root": high / most}  # their product is free of m
    slips = [
        {
            "means-forgotten": high / low,
            "width-forgotten": (high + m * m) / low,
            "mean-not-squared": (high + d * m) / low,
            "correlation-forgotten": (v + d * m * m) / v,
        },
        {"not-centred": top / bottom, "correlation-forgotten": 1.0},
    ][place]
    least, most = [(bottom, top), (low, high)][place]
    slips |= {"own-pair": (most + c) / least, "smallest-is-v": most / v}
    return most / least, slips | {"largest-only": most, "upside-down": least / most}


WRONG_MEANS = {
    "wrong-axis": "The mean of each example is taken away (axis=1). Each *input* has a mean, over"
    " the examples: axis=0.",
    "row-means": "The mean of row i is taken away from column i: with axis=1 it is a mean over the"
    " inputs of one example, and NumPy lays it along the columns. It should be axis=0.",
    "grand-mean": "One mean of all numbers is taken away; each input has its own.",
    "scaled": "The inputs are divided by their standard deviation too, as in np.corrcoef. That is"
    " often good, but here only the means are to go.",
}


@exercise(
    "How fast may it learn?",
    section=VALLEY,
    points=4,
    kind="implement",
    mistakes=WRONG_MEANS
    | {
        "lambda-min": "The smallest eigenvalue stands in the limit. The steepest direction diverges"
        " first: 2/λmax. The smallest says how long the flattest takes.",
        "one-over": "This is 1/λmax, the rate that settles the steepest direction in one step. Up"
        " to 2/λmax it still shrinks there, from alternating sides. (If it came from 2XᵀX/n: the ½"
        f" of the loss cancels the 2 of the square.) {ZIGZAG}",
        "squared": "λmax is squared. The error is multiplied by 1 − ηλ at each step.",
        "singular-value": "This has the largest singular value of X. Its square, divided by n, is"
        " the eigenvalue of XᵀX/n.",
        "trace": "The trace is the sum of all eigenvalues; the limit has the largest only.",
        "centred": "This is the limit for centred inputs, which comes second. The unit sees X as"
        f" it is, with its means: what counts is the second moment, not the covariance. {HIDDEN}",
        "not-centred": "This is the limit for X as it is: the second moment in place of the"
        " covariance. The means must be taken away before the products are averaged.",
        "n-forgotten": "The loss is the mean over the n examples, so its Hessian is XᵀX/n.",
        "bessel": "Divided by n − 1, as np.cov does unless told otherwise. The loss is a mean"
        " over n examples, so its Hessian has 1/n.",
        "eigenvalue": "This is λmax itself; the limit is 2/λmax.",
    },
)
def largest_rates(attempt):
    def limits(x, n):
        """Of what has the Hessian XᵀX/n, by slip."""
        found = np.linalg.eigvalsh(x.T @ x / n)
        with np.errstate(all="ignore"):
            return {
                "": 2 / found[-1],
                "lambda-min": 2 / found[0],
                "one-over": 1 / found[-1],
                "squared": 2 / found[-1] ** 2,
                "singular-value": 2 / np.sqrt(found[-1] * n),
                "trace": 2 / found.sum(),
                "n-forgotten": 2 / found[-1] / n,
                "eigenvalue": found[-1],
            }

    for place, label in enumerate(("X as it is", "X centred")):
        with attempt.part(label) as part:
            for n, d, means in [(4, 4, 1.0), (9, 3, -2.0), (7, 5, 0.5)]:
                (x,) = _uniform(13, (n, d))
                x = x + means + np.linspace(0, 1, d)
                c = x - x.mean(axis=0)
                slips = limits([x, c][place], n)
                right = slips.pop("")
                slips["bessel"] = limits([x, c][place], n - 1)[""]
                if place:
                    by_row, by_all = x - x.mean(axis=1, keepdims=True), x - x.mean()
                    slips |= {"not-centred": limits(x, n)[""], "wrong-axis": limits(by_row, n)[""]}
                    slips |= {"grand-mean": limits(by_all, n)[""]}
                    slips |= {"scaled": limits(c / c.std(axis=0), n)[""]}
                    if n == d:
                        slips["row-means"] = limits(x - x.mean(axis=1), n)[""]
                else:
                    slips["centred"] = limits(c, n)[""]
                given = part.call(x, outputs=("as it is", "centred"))[place]
                part.expect(given, right, mistakes=slips)


# --- which experiment, which constants --------------------------------------------------------


@exercise(
    "Which experiment?",
    section=SLOPE,
    points=2,
    kind="choose",
    mistakes={
        "a": "Between σ and tanh several things change at once: mean, slope, range, and how soon it"
        " saturates. Whatever comes out, you do not know which of them did it.",
        "b": "This changes the slope and the mean: at 0, σ is ½ and 4σ is 2. It tells what a"
        " steeper and larger activation does among those that are not centred.",
        "d": "Both of these are centred. What differs is the slope, and with it the range: this"
        " pair answers the other question.",
        "e": "This changes neither the mean of the activations nor their slope. It asks whether the"
        " rate was well chosen.",
    },
)
def experiment(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": σ and σ − ½ have the same slope everywhere and differ by a constant"


#: b: the amplitude, the slope at 0 and where the second derivative is smallest, to 15 digits.
CONSTANTS = {
    0.9: (1.39606725303001, 1.25646052772701, 0.731643276069343),
    2 / 3: (1.71590470857554, 1.14393647238369, 0.987718422693613),
    1.7: (1.06905099750129, 1.8173866957522, 0.387340557919064),
}


@exercise(
    "LeCun's constants",
    section=LECUN,
    points=3,
    kind="derive",
    mistakes={
        "upside-down": "This is tanh(b); the amplitude must bring it back up to 1.",
        "b-forgotten": "The amplitude is taken from tanh(1). At x = 1 it is tanh(b).",
        "only-lecun": "This is right for b = 2/3 only. Write it for any b.",
        "approximate": "A rounded number is in it: keep sqrt(3), atanh and the like as they are.",
        "amplitude-only": "The slope at 0 is the amplitude times the inner derivative b.",
        "inner-only": "The slope at 0 is b times the amplitude.",
        "not-divided": "This is where bx should be: divide by b.",
        "multiplied": "bx has this value at the extremum, so x is that divided by b.",
        "not-rooted": "tanh² is 1/3 there, not tanh: take the root first.",
        "zeros": "At 0 the second derivative is 0. Its extrema are where the third one is.",
        "sign": "That is the extremum on the other side. Give the one with x > 0.",
        "shape": "Three expressions are wanted: amplitude, slope at 0, place.",
    },
)
def lecun_constants(attempt):
    labels = ("the amplitude", "the slope at 0", "the extremum of f″")
    for place, label in enumerate(labels):
        with attempt.part(label) as part:
            for b, right in CONSTANTS.items():
                given = part.numbers(attempt.value, {"b": b})
                part.require(given.shape == (3,), attempt.exercise.mistakes["shape"], "shape")
                amplitude, _, extremum = right
                own = np.real_if_close(given[place])  # another entry may be complex
                far = b == 2 / 3 or np.abs(own - CONSTANTS[2 / 3][place]) > 1e-4
                part.require(far, attempt.exercise.mistakes["only-lecun"], "only-lecun")
                slips = [
                    {"upside-down": np.tanh(b), "b-forgotten": 1 / np.tanh(1)},
                    {"amplitude-only": amplitude, "inner-only": b},
                    {"not-divided": b * extremum, "multiplied": b * b * extremum}
                    | {"not-rooted": np.arctanh(1 / 3) / b},
                ][place]
                part.expect(own, right[place], mistakes=slips, rtol=1e-9)


# --- remedies ---------------------------------------------------------------------------------


@exercise(
    "A shift for each input",
    section=REMEDIES,
    points=2,
    kind="derive",
    mistakes={
        "shift-forgotten": "∂f/∂w_i is all that w_i multiplies, x_i + b_i and not x_i alone.",
        "ordinary-bias": "This is ∂L/∂f, as for a bias that is added to f. Here b_i reaches f"
        " through w_i, and comes back multiplied by it.",
        "input-for-weight": "∂f/∂b_i is what multiplies b_i: that is w_i, not x_i.",
        "whole-input": "∂f/∂b_i is w_i; this has x_i + b_i, which belongs to w_i.",
        "weight-for-input": "∂f/∂w_i is what multiplies w_i: that is x_i + b_i, not w_i.",
        "all-weights": "Each b_i is multiplied by its own weight only, not by the sum of all.",
        "error-forgotten": "This is the local derivative of f. The chain rule multiplies it by"
        " ∂L/∂f = f − t.",
        "sign": "All signs are reversed, as with t − f.",
        "factor": "The loss has a factor ½, which cancels the 2 of the square.",
        "zeros": "To SymPy f is a symbol that knows nothing of the others: to let it"
        " differentiate, write f out.",
        "shape": "Four expressions are wanted, in the order w1, w2, b1, b2.",
    },
)
def shifted_inputs(attempt):
    for label, along in [("∂L/∂w1, ∂L/∂w2", slice(0, 2)), ("∂L/∂b1, ∂L/∂b2", slice(2, 4))]:
        with attempt.part(label) as part:
            for seed in (1, 2, 3):
                x, b, w, t = _uniform(seed, 2, 2, 2, ())
                f = np.sum(w * (x + b))
                vectors = {"x": x, "b": b, "w": w}
                at = {f"{name}{i}": float(v[i - 1]) for name, v in vectors.items() for i in (1, 2)}
                given = part.numbers(attempt.value, at | {"f": float(f), "t": float(t)})
                part.require(given.shape == (4,), attempt.exercise.mistakes["shape"], "shape")
                right = slope(
                    lambda p, x=x, t=t: (np.sum(p[:2] * (x + p[2:])) - t) ** 2 / 2,
                    np.concatenate([w, b]),
                )
                slips = {"shift-forgotten": x, "weight-for-input": w}
                if along.start:
                    slips = {"ordinary-bias": np.ones(2), "all-weights": w + w[::-1]}
                    slips |= {"input-for-weight": x, "whole-input": x + b}
                slips = {slug: (f - t) * slip for slug, slip in slips.items()}
                slips["error-forgotten"] = right[along] / (f - t)
                part.expect(np.real_if_close(given[along]), right[along], mistakes=slips)


@exercise(
    "Centre, then test",
    section=REMEDIES,
    points=3,
    kind="implement",
    mistakes=WRONG_MEANS
    | {
        "test-forgotten": "The test set is not centred. The net was trained on shifted inputs, so"
        " it must be given inputs shifted by the same amount.",
        "train-forgotten": "The training set is not centred.",
        "own-mean": "The test set is centred with its own mean. A single example would then always"
        " be 0, and every answer would depend on its neighbours: use the training set's mean.",
        "pooled-mean": "The mean is taken over training and test set together. The test set must"
        " have no part in training, and new examples will come one at a time.",
        "added": "The mean is added: take it away.",
        "median": "This takes the median away; the mean is asked for.",
    },
)
def centre(attempt):
    for place, (label, weight) in enumerate([("the training set", 1), ("the test set", 2)]):
        with attempt.part(label, weight=weight) as part:
            for n, k, d in [(4, 4, 4), (5, 1, 3), (2, 6, 3)]:
                train, test = _uniform(15, (n, d), (k, d))
                train, test = train + np.linspace(1, 3, d), test + np.linspace(2, 1, d)
                given = part.call(train, test, outputs=("train", "test"))[place]
                x, mean = (train, test)[place], train.mean(axis=0)
                slips = {
                    ("train-forgotten", "test-forgotten")[place]: x,
                    "pooled-mean": x - np.vstack([train, test]).mean(axis=0),
                    "wrong-axis": x - x.mean(axis=1, keepdims=True),
                    "grand-mean": x - train.mean(),
                    "scaled": (x - mean) / train.std(axis=0),
                    "added": x + mean,
                    "median": x - np.median(train, axis=0),
                }
                if n == d:
                    slips["row-means"] = x - train.mean(axis=1)
                if place:
                    slips["own-mean"] = test - test.mean(axis=0)
                part.expect(given, x - mean, mistakes=slips)


@exercise(
    "Repair: the mean moves too",
    section=REMEDIES,
    points=3,
    kind="repair",
    mistakes={
        "mean-constant": "The batch mean is treated as a constant. It contains every z, so moving"
        " one moves all centred values: subtracting the mean forwards asks for subtracting the"
        " mean of δ backwards.",
        "own-share-only": "Each example's own share 1/n in the mean is there, but not its effect on"
        " the other examples: it is the mean of δ over the batch that is to be subtracted.",
        "sum-subtracted": "The sum of δ is subtracted; each z has a share of 1/n in the mean.",
        "wrong-axis": "The mean of δ is taken over the units. Forwards the mean ran over the"
        " examples, so it does backwards: axis=0.",
        "grand-mean": "One mean of all of δ is subtracted; each unit has its own.",
        "added": "The mean of δ is added. In z − mean it has a minus.",
        "forward-mean": "The mean of Z is subtracted from δ. It is δ's own mean that goes:"
        " centring, taken backwards, is centring again.",
        "too-early": "The gradient is centred before it has come through tanh. Backwards the order"
        " is reversed: first tanh′, then the centring.",
    },
)
def repair_centring(attempt):
    for place, (name, weight) in enumerate([("dW", 2), ("dX", 1)]):
        with attempt.part(name, weight=weight) as part:
            for n, d, k in [(6, 3, 2), (3, 3, 3)]:
                x, t, w, b = _uniform(16, (n, d), (n, k), (d, k), k)
                x = x + 1
                given = part.call(x, t, w, b, outputs=("dW", "dX"))[place]
                right, slips = _centred(place, x, t, w, b)
                part.expect(given, right, batch=n, mistakes=slips)


def _centred(place, x, t, w, b):
    """The gradient of W or X through tanh(Z − mean Z + b), and its slips."""

    def loss(x, w):
        z = x @ w
        return np.sum((np.tanh(z - z.mean(axis=0) + b) - t) ** 2) / 2 / len(x)

    z = x @ w
    c = z - z.mean(axis=0) + b
    g = (np.tanh(c) - t) / len(x)
    delta = vjp(g, np.tanh, c)
    mean = delta.mean(axis=0)
    slips = {
        "mean-constant": delta,
        "own-share-only": delta * (1 - 1 / len(x)),
        "sum-subtracted": delta - delta.sum(axis=0),
        "wrong-axis": delta - delta.mean(axis=1, keepdims=True),
        "grand-mean": delta - delta.mean(),
        "added": delta + mean,
        "forward-mean": delta - z.mean(axis=0),
        "too-early": vjp(g - g.mean(axis=0), np.tanh, c),
    }
    if place:
        right = slope(lambda x: loss(x, w), x)
        return right, {slug: slip @ w.T for slug, slip in slips.items()}
    return slope(lambda w: loss(x, w), w), {slug: x.T @ slip for slug, slip in slips.items()}


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
