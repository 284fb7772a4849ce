"""Checks for the exercises on residual networks.

Right values are slopes of a forward function by complex steps, coefficients of a polynomial, or the
inputs from which a block's outputs were made. Wrong ones come from the same slopes with other
gradients sent along the two paths. Layers of equal and of unequal width, and batches of one.
"""

import numpy as np

from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import diagnose, slope, vjp

FLOW = "Section: “How does a gradient flow back through a skip?”."
COPY = "Section: “Why does the add not change the gradient?”."
JOIN = "Section: “What operation joins the two paths?”."
MEET = "Section: “Is the gradient not changed when the two meet again?”."
WEIGHTS = "Section: “How are the weights in the block updated?”."
INVERSE = "Section: “Why pass x along instead of inverting F?”."
PATHS = "Section: “All the paths”."
SHORTCUTS = "Section: “Shortcuts that are not the identity”."
PROFILE = "Section: “Plain and residual, layer by layer”."
SHATTERED = "Section: “Shattered gradients”."

SKIP_FORGOTTEN = "The skip is forgotten: this is the block's part, through J_F, alone. What came"
SKIP_FORGOTTEN += " along the skip is added to it."
BLOCK_FORGOTTEN = "The block is forgotten: this is what came along the skip alone. x also goes into"
BLOCK_FORGOTTEN += " F, and what comes back through J_F is added."
MULTIPLIED = "What comes along the two paths is multiplied. Along one path the local derivatives"
MULTIPLIED += f" are multiplied; different paths are added. {MEET}"
HALVED = "The gradient is halved. An add copies it whole to both paths, since each input of a sum"
HALVED += f" has slope 1; where they meet again it is summed. Nothing is shared or averaged. {COPY}"
FROM_X = "The weights in F get the gradient at x, where both paths have met again. They sit on one"
FROM_X += (
    f" path, above that point, and need the gradient that arrives at the block's output. {WEIGHTS}"
)


def relu(z):
    """ReLU, fit for complex steps."""
    return np.where(z.real > 0, z, 0)


def _random(seed, *shapes):
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]


# --- one add ----------------------------------------------------------------------------------


@exercise(
    "Back through an add",
    section=FLOW,
    points=3,
    kind="implement",
    mistakes={
        "halved": HALVED,
        "other-input": "The gradient is multiplied with the other input, as at a product. At a sum"
        f" both slopes are 1. {JOIN}",
        "one-way": "The gradient is sent to one of the two inputs only. A sum has slope 1 in each:"
        f" both get all of it. {COPY}",
        "not-yet-at-f": "This has gone through f = w x² already. Asked is what the add hands to f,"
        f" before f's own derivative. {COPY}",
        "skip-forgotten": SKIP_FORGOTTEN,
        "block-forgotten": BLOCK_FORGOTTEN,
        "multiplied": MULTIPLIED,
        "g-forgotten": "This is a local derivative alone. Multiply it by what arrives.",
        "weights-get-skip": "w is given what goes down the skip. It gets what arrives at f, times"
        f" the slope of f with respect to w, x². {WEIGHTS}",
        "weights-from-x": FROM_X,
        "unreduced": "w is used by every example, so what they send back is added over axis 0.",
    },
)
def add_backward(attempt):
    names = ("at_skip", "at_f", "gx", "gw")
    cases = [_random(seed, (n, d), d, (n, d)) for seed, n, d in [(1, 4, 3), (2, 1, 2), (3, 3, 3)]]
    with attempt.part("what the add hands to its two inputs") as part:
        for x, w, g in cases:
            given, f = part.call(x, w, g, outputs=names), w * x**2
            either = {"halved": g / 2, "one-way": 0 * g, "g-forgotten": np.ones_like(g)}
            slips = either | {"other-input": g * f}
            part.expect(given[0], vjp(g, lambda s, f=f: s + f, x), mistakes=slips)
            slips = either | {"other-input": g * x}
            slips["not-yet-at-f"] = vjp(g, lambda x, w=w: w * x**2, x)
            part.expect(given[1], vjp(g, lambda f, x=x: x + f, f), mistakes=slips)
    with attempt.part("all that reaches x") as part:
        for x, w, g in cases:
            block = vjp(g, lambda x, w=w: w * x**2, x)
            right = vjp(g, lambda x, w=w: x + w * x**2, x)
            slips = {"skip-forgotten": block, "block-forgotten": g, "multiplied": g * block}
            slips |= {"halved": right / 2, "g-forgotten": right / g}
            part.expect(part.call(x, w, g, outputs=names)[2], right, mistakes=slips)
    with attempt.part("all that reaches w") as part:
        for x, w, g in cases:
            at_x = vjp(g, lambda x, w=w: x + w * x**2, x)

            def to_w(v, x=x, w=w):
                return vjp(v, lambda w: x + w * x**2, w)

            slips = {"halved": to_w(g) / 2, "weights-from-x": to_w(at_x)}
            slips |= {"weights-get-skip": g.sum(axis=0), "g-forgotten": to_w(np.ones_like(g))}
            given = part.call(x, w, g, outputs=names)[3]
            part.expect(given, to_w(g), batch=len(x), reduction="sum", mistakes=slips)


# --- one block --------------------------------------------------------------------------------


def _block(p, act=relu):
    """The output of F, without the skip; ``p`` has X, W1, W2 and perhaps b1 and b2."""
    return act(p["X"] @ p["W1"] + p.get("b1", 0)) @ p["W2"] + p.get("b2", 0)


def _back(p, at_skip, at_block):
    """The gradients of all in ``p``, if these two arrive at the two inputs of the add."""
    found = slope(lambda q: np.sum(at_block * _block(q)), p)
    return found | {"X": found["X"] + at_skip}


def _unmasked(p, at_skip, at_block):
    """``_back`` with the ReLU's derivative left out, its forward pass left in."""
    kept = relu(p["X"] @ p["W1"] + p.get("b1", 0))
    plain = slope(lambda q: np.sum(at_block * _block(q, lambda z: z)), p)
    plain["W2"] = vjp(at_block, lambda w: kept @ w, p["W2"])
    return plain | {"X": plain["X"] + at_skip}


def _untransposed(p, g):
    """``_back`` where both matrices are square and neither is transposed."""
    on = p["X"] @ p["W1"] + p["b1"] > 0
    turned = vjp(g, lambda z: (on * z) @ p["W2"].T, 0 * g)
    found = {"X": g + vjp(turned, lambda x: x @ p["W1"].T, p["X"]), "b1": turned.sum(axis=0)}
    return found | {"W1": vjp(turned, lambda w: p["X"] @ w, p["W1"])}


def _expect(part, names, given, right, wrong, batch):
    """Judge those of the results that the part's label names, ``dX`` being that of ``X``."""
    for d_name, value in zip(names, given, strict=True):
        name = d_name[1:]
        if d_name in part.label:
            slips = {slug: slip[name] for slug, slip in wrong.items() if name in slip}
            part.expect(value, right[name], batch=batch, reduction="sum", mistakes=slips)


MASKING = "The ReLU's derivative is forgotten: where its input is negative nothing comes back."


@exercise(
    "The backward pass of a residual block",
    section=WEIGHTS,
    points=5,
    kind="implement",
    mistakes={
        "skip-forgotten": f"{SKIP_FORGOTTEN} {FLOW}",
        "block-forgotten": f"{BLOCK_FORGOTTEN} {FLOW}",
        "multiplied": MULTIPLIED,
        "halved": HALVED,
        "skip-halved": HALVED,
        "block-halved": HALVED,
        "weights-from-x": FROM_X,
        "weights-get-skip": "G itself stands where δ₁ belongs. G goes down the skip as it is; to W₁"
        " and b₁ it comes through W₂ and the ReLU.",
        "added-to-weights": "G comes down the skip and is added to δ₁ before W₁ gets its gradient."
        " The skip ends at x: nothing of it reaches the inside of the block.",
        "mask-forgotten": MASKING,
        "mask-at-output": "The ReLU's mask is put on G, with the signs of Y. The ReLU stands inside"
        f" the block, before the add: its mask is where Z₁ > 0. {SHORTCUTS}",
        "pre-activations": "Z₁ stands where H = relu(Z₁) belongs: W₂ saw H.",
        "wrong-input": "X stands where H belongs: ∂L/∂W₂ is (what came into W₂)ᵀ G.",
        "not-transposed": "The weights are not transposed on the way back: G W₂ᵀ, then δ₁ W₁ᵀ.",
        "averaged": "G has every factor of the loss in it already, the 1/n of a mean too: the"
        " gradients of weights and biases are sums over the examples.",
        "unreduced": "A bias is added to every example: sum what comes back over axis 0.",
    },
)
def block_backward(attempt):
    names = ("dX", "dW1", "db1", "dW2", "db2")
    for label, weight in [("dX", 2), ("dW1", 1), ("dW2", 1), ("db1 and db2", 1)]:
        with attempt.part(label, weight=weight) as part:
            for n, d, h in [(5, 3, 3), (5, 3, 4), (1, 4, 2), (3, 3, 3)]:
                x, w1, b1, w2, b2, g = _random(6, (n, d), (d, h), h, (h, d), d, (n, d))
                p = {"X": x, "W1": w1, "b1": b1, "W2": w2, "b2": b2}
                right, z = _back(p, g, g), x @ w1 + b1
                y = x + _block(p)
                wrong = {
                    "skip-forgotten": {"X": right["X"] - g},
                    "block-forgotten": {"X": g},
                    "multiplied": {"X": g * (right["X"] - g)},
                    "halved": {name: value / 2 for name, value in right.items()},
                    "skip-halved": {"X": right["X"] - g / 2},
                    "block-halved": {"X": (right["X"] + g) / 2},
                    "mask-forgotten": _unmasked(p, g, g),
                    "mask-at-output": _back(p, g * (y > 0), g * (y > 0)),
                    "pre-activations": {"W2": vjp(g, lambda w, z=z: z @ w, w2)},
                }
                wrong["weights-from-x"] = _back(p, g, right["X"]) | {"X": right["X"]}
                if h == d:
                    each = {**p, "b1": b1 + 0 * x}  # a bias of its own for every example
                    delta = _back(each, g, g)["b1"]
                    wrong["wrong-input"] = {"W2": vjp(g, lambda w, x=x: x @ w, w2)}
                    wrong["not-transposed"] = _untransposed(p, g)
                    for slug, at_z in [("weights-get-skip", g), ("added-to-weights", g + delta)]:
                        into_w1 = vjp(at_z, lambda w, x=x: x @ w, w1)
                        wrong[slug] = {"W1": into_w1, "b1": at_z.sum(axis=0)}
                given = part.call(*p.values(), g, outputs=names)
                _expect(part, names, given, right, wrong, n)


@exercise(
    "What do the weights in the block get?",
    section=WEIGHTS,
    points=2,
    kind="choose",
    mistakes={
        "a": "The add does not choose a way: it copies. All of the upstream gradient goes down the"
        " skip, and all of it goes into the block.",
        "b": f"Nothing is shared out at an add: each input has slope 1. {COPY}",
        "d": "I + J_F is for x, where the two paths meet. The weights sit on one path, and the"
        " skip's 1 does not depend on them.",
        "e": "The formula is the same, but not its numbers: with skips above, another G arrives,"
        " and with skips below, another x went in.",
    },
)
def choose_weights(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": the skip adds no term and takes none away"


# --- two backward passes to repair ------------------------------------------------------------


@exercise(
    "Repair: the ReLU has moved",
    section=SHORTCUTS,
    points=3,
    kind="repair",
    mistakes={
        "before-add": "This is still the backward pass of x + relu(F(x)): its mask is where F > 0,"
        " and on the block's path only. Now the ReLU comes after the add.",
        "skip-unmasked": "The block's path is masked now, the skip's is not. The ReLU stands above"
        " the add, so its mask comes before the gradient is copied to the two paths.",
        "block-unmasked": "The skip's path is masked now, the block's is not. The mask comes before"
        " the gradient is copied to the two paths.",
        "unmasked": "The ReLU after the add is not in it: where S = X + F is negative nothing comes"
        " back, on either path.",
        "mask-of-block": "The mask is still taken where F > 0. The ReLU sees the sum, S = X + F.",
        "old-mask": "The block's path has two masks: the new one, and still that where F > 0. No"
        " ReLU is left on F.",
        "mask-of-input": "The mask is taken where X > 0. The ReLU sees the sum, S = X + F.",
        "masked-at-x": "The mask is put on the sum at x, on the wrong side of the add. Going back,"
        " the ReLU comes first, then the add.",
        "masked-twice": "The sum at x is masked as well. The mask comes before the gradient is"
        " copied; what the two paths bring back to x is added, and that is all.",
        "skip-forgotten": f"{SKIP_FORGOTTEN} {FLOW}",
        "inner-mask-forgotten": "The mask of the ReLU *inside* the block has got lost.",
    },
)
def repair_mask(attempt):
    names = ("dX", "dW1", "dW2")
    for label, weight in [("dX", 2), ("dW1 and dW2", 1)]:
        with attempt.part(label, weight=weight) as part:
            for n, d, h in [(6, 3, 4), (6, 3, 3), (1, 5, 4)]:
                x, w1, w2, g = _random(502, (n, d), (d, h), (h, d), (n, d))
                p = {"X": x, "W1": w1, "W2": w2}
                on, old = x + _block(p) > 0, g * (_block(p) > 0)
                right = slope(lambda q, g=g: np.sum(g * relu(q["X"] + _block(q))), p)
                plain = _back(p, g, g)
                wrong = {
                    # Where slips give the weights the same numbers, one of them speaks for all.
                    "before-add": {"X": _back(p, g, old)["X"]},
                    "skip-unmasked": _back(p, g, g * on),
                    "block-unmasked": {"X": _back(p, g * on, g)["X"]},
                    "unmasked": plain,
                    "mask-of-block": _back(p, old, old),
                    "old-mask": _back(p, g * on, old * on),
                    "mask-of-input": _back(p, g * (x > 0), g * (x > 0)),
                    "masked-at-x": {"X": plain["X"] * on},
                    "masked-twice": {"X": _back(p, g, g * on)["X"] * on},
                    "skip-forgotten": {"X": right["X"] - g * on},
                    "inner-mask-forgotten": _unmasked(p, g * on, g * on),
                }
                given = part.call(*p.values(), g, outputs=names)
                _expect(part, names, given, right, wrong, n)


def _stack(x, ws, g, passed=lambda g, back: g + back(g), late=False, at_sum=False):
    """Back through blocks x + tanh(x W): the gradients of X and all W, with one rule changed."""
    xs, dws = [x], []
    for w in ws:
        xs.append(xs[-1] + np.tanh(xs[-1] @ w))
    for x, w, above in zip(xs[-2::-1], ws[::-1], xs[:0:-1], strict=True):

        def through(v, w=w, x=x, above=above):
            return v * (1 - above**2) if at_sum else vjp(v, np.tanh, x @ w)

        def back(v, w=w, x=x, through=through):
            return vjp(through(v), lambda x: x @ w, x)

        below = passed(g, back)
        dws.append(vjp(through(below if late else g), lambda w, x=x: x @ w, w))
        g = below
    return {"X": g, "W": np.array(dws[::-1])}


@exercise(
    "Repair: the weights of a stack",
    section=WEIGHTS,
    points=3,
    kind="repair",
    mistakes={
        "weights-from-x": FROM_X,
        "skip-forgotten": f"{SKIP_FORGOTTEN} {FLOW}",
        "block-forgotten": f"{BLOCK_FORGOTTEN} {FLOW}",
        "halved": HALVED,
        "multiplied": MULTIPLIED,
        "first-order": "Every block sends back the gradient of the very top. This is the product of"
        f" the I + J_l truncated to first order: paths through several blocks are lost. {PATHS}",
        "slope-at-sum": "1 − x² is taken with the block's output x + tanh(x W). The derivative of"
        " tanh is 1 − T², with T the value of tanh alone, before the add.",
    },
)
def repair_stack(attempt):
    for label, weight in [("dW", 2), ("dX", 1)]:
        with attempt.part(label, weight=weight) as part:
            for n, d, blocks in [(4, 3, 3), (1, 2, 2), (3, 3, 1)]:
                x, ws, g = _random(5, (n, d), (blocks, d, d), (n, d))

                def top(q):
                    x = q["X"]
                    for w in q["W"]:
                        x = x + np.tanh(x @ w)
                    return x

                right = slope(lambda q, g=g, top=top: np.sum(g * top(q)), {"X": x, "W": ws})
                wrong = {
                    "weights-from-x": _stack(x, ws, g, late=True),
                    "skip-forgotten": _stack(x, ws, g, lambda g, back: back(g)),
                    "block-forgotten": _stack(x, ws, g, lambda g, back: g),
                    "halved": _stack(x, ws, g, lambda g, back: (g + back(g)) / 2),
                    "multiplied": _stack(x, ws, g, lambda g, back: g * back(g)),
                    "first-order": _stack(x, ws, g, lambda g, back, top=g: g + back(top)),
                    "slope-at-sum": _stack(x, ws, g, at_sum=True),
                }
                names = "dX", "dW"
                _expect(part, names, part.call(x, ws, g, outputs=names), right, wrong, n)


# --- shortcuts that are scaled ----------------------------------------------------------------


@exercise(
    "A shortcut times λ",
    section=SHORTCUTS,
    points=3,
    kind="derive",
    mistakes={
        "power-low": "λ stands with one power too few: every block that is passed by the shortcut"
        " gives one factor λ.",
        "power-high": "λ stands with one power too many. A path takes either the shortcut of a"
        " block, which gives λ, or the block, which gives j.",
        "three": "This is for three blocks; the first answer is for L of them.",
        "once": "λ stands there once; every block's shortcut gives a factor λ.",
        "unscaled": "The shortcut is multiplied by λ here; with 1 in its place it is the identity.",
        "added": "What belongs to successive blocks is added. Along one path the factors are"
        " multiplied; only different paths are added.",
        "skip-forgotten": "Only the path through all three blocks is there; the skips are"
        f" forgotten. {FLOW}",
        "block-forgotten": "Only the path along all shortcuts is there; the blocks are forgotten."
        f" {FLOW}",
        "first-order": "The product is truncated to first order: paths through two and three blocks"
        f" are missing. {PATHS}",
        "block-scaled": "λ is on both paths. It stands at x only: x_l = λ x_{l−1} + f_l(x_{l−1}).",
        "wrong-path": "λ is on the block's path. It stands at x: x_l = λ x_{l−1} + f_l(x_{l−1}).",
        "one-path": f"This is one path of three: any of the three blocks can be the one. {PATHS}",
        "with-shortcut": "The path through no block at all is in it too.",
        "two-blocks": f"These are the paths through two blocks; exactly one is asked for. {PATHS}",
        "shape": "Three expressions are wanted.",
    },
)
def scaled_shortcut(attempt):
    points = [(0.7, 5, (0.3, -0.8, 1.7)), (1.3, 4, (-1.1, 0.6, 0.4)), (0.4, 7, (0.5, 1.2, -0.9))]
    labels = "the shortcuts alone, over L blocks", "all of three blocks", "exactly one of three"
    for place, label in enumerate(labels):
        with attempt.part(label) as part:
            for lam, depth, j in points:
                at = {"lam": lam, "L": depth} | {f"j{i}": v for i, v in enumerate(j, 1)}
                given = part.numbers(attempt.value, at)
                meaning = attempt.exercise.mistakes["shape"]
                part.require(np.shape(given) == (3,), meaning, "shape")
                right, wrong = _scaled(place, lam, depth, np.array(j))
                own = np.real_if_close(given[place])  # another entry may be complex
                part.expect(own, right, mistakes=wrong)


def _scaled(place, lam, depth, j):
    """The derivative that is asked for at a place, and what slips make of it."""

    def chain(x, lam=lam, j=j):
        for slope_of_f in j:
            x = lam * x + slope_of_f * x
        return x

    def derivative(lam=lam, j=j):
        return float(slope(lambda x: chain(x, lam, j), np.array(0.5)))

    alone = derivative(lam, np.zeros(depth))
    if place == 0:
        wrong = {"power-low": alone / lam, "power-high": alone * lam, "once": lam}
        wrong["three"] = derivative(j=0 * j)
        return alone, wrong | {"unscaled": 1.0, "added": lam * depth}
    shortcut, one = derivative(j=0 * j), float(slope(lambda e: chain(1.0, j=e * j), np.array(0.0)))
    if place == 1:
        return derivative(), {
            "skip-forgotten": derivative(0.0),
            "block-forgotten": shortcut,
            "first-order": shortcut + one,
            "unscaled": derivative(1.0),
            "added": 3 * lam + j.sum(),
            "block-scaled": derivative(j=lam * j),
            "wrong-path": derivative(1.0, lam * j),
        }
    two = derivative() - shortcut - one - derivative(0.0)
    return one, {
        "power-low": one / lam,
        "power-high": one * lam,
        "unscaled": j.sum(),
        "one-path": one * j[0] / j.sum(),
        "with-shortcut": one + shortcut,
        "two-blocks": two,
    }


@exercise(
    "Predict: fifty blocks",
    section=SHORTCUTS,
    points=2,
    kind="predict",
    mistakes={
        "one-block": "So it would be after one block. There are fifty, and the factors multiply.",
        "not-log": "That is the factor itself; its log₁₀ was asked for.",
        "natural": "That is the natural logarithm; a power of ten was asked for. Divide by ln 10.",
        "leading-digit": "That is the exponent in scientific notation, as in 5·10⁻³. Asked is the"
        " nearest whole number to log₁₀, the nearest power of ten.",
        "sign": "Factors below 1 make it smaller: the power of ten is negative.",
        "cannot-shrink": "The 1 of the skip is not a floor: a block's own part can point against"
        f" it, I + J with J = −0.1 I. {MEET}",
        "largest": "That is the largest it can become; the smallest is asked for.",
        "skip-forgotten": "That is without the skips: 0.1 for each block. With them each factor is"
        f" I + J. {MEET}",
        "skip-counted": "That is with skips. Here there are none: a block's factor is J alone."
        f" {MEET}",
    },
)
def predict_fifty(attempt):
    shrink, grow = 50 * np.log10(0.9), 50 * np.log10(1.1)
    cases = [
        (shrink, {"one-block": 0, "natural": -5.27, "leading-digit": -3, "sign": 2.3}),
        (50 * np.log10(0.5), {"one-block": 0, "natural": -34.7, "leading-digit": -16, "sign": 15}),
        (shrink, {"cannot-shrink": 0, "natural": -5.27, "leading-digit": -3, "largest": grow}),
        (-50.0, {"one-block": -1, "natural": -115.1, "sign": 50, "skip-counted": grow}),
    ]
    cases[2][1]["skip-forgotten"] = -50
    for place, (letter, (right, slips)) in enumerate(zip("abcd", cases, strict=True)):
        with attempt.part(f"case {letter}") as part:
            given = attempt.value
            four = isinstance(given, np.ndarray) and given.shape == (4,)
            part.require(four and given.dtype.kind in "iuf", "Give four powers of ten.", "shape")
            value = given[place]
            part.require(not 0 < value < 0.5, attempt.exercise.mistakes["not-log"], "not-log")
            right_one = abs(value - round(right)) < 0.5
            for slug, wrong in slips.items():
                told = attempt.exercise.mistakes[slug]
                part.require(right_one or not abs(value - wrong) < 0.5, told, slug)
            part.require(right_one, "No. Multiply fifty factors, then take log₁₀ of the product.")


@exercise(
    "Which of these is so?",
    section=PROFILE,
    points=2,
    kind="choose",
    mistakes={
        "a": "Whether it vanishes is a matter of the weights. With variance 2/d a plain net of any"
        " depth keeps the gradient's size, on average.",
        "b": "A block of full size adds to the gradient a part as large as the skip's and nearly"
        " orthogonal to it. So the squared norm doubles at every block: it explodes.",
        "d": "With λ below 1 the stream settles at a size in proportion to β, so the block's share"
        " in it does not depend on β. From there on the gradient grows at the same rate.",
        "e": "It is not the skip alone. Where the blocks are centred but not scaled, neighbouring"
        f" slopes of a residual net hardly correlate after 50 layers. {SHATTERED}",
    },
)
def choose_profile(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": normalising divides by √c = 0.83 there, and so does its backward pass"


# --- all the paths ----------------------------------------------------------------------------


def _coefficients(f, degree):
    """The coefficients of a polynomial ``f``, of numbers or arrays, from its values on a circle."""
    roots = np.exp(2j * np.pi * np.arange(degree + 1) / (degree + 1))
    return np.fft.fft([f(root) for root in roots], axis=0).real / (degree + 1)


@exercise(
    "The gradient, sorted by path length",
    section=PATHS,
    points=4,
    kind="implement",
    mistakes={
        "first-order": "Truncated to first order: paths through two and more blocks are missing."
        " They are what makes the product differ from 1 + ΣJ.",
        "skip-forgotten": "Only the longest path is there, through every block.",
        "block-forgotten": "Only the path along all skips is there, through no block at all.",
        "same-block-twice": "A path goes through one block several times: parts[k] was made from a"
        " parts[k − 1] that had this block in it already. Take all of them from the old ones.",
        "other-order": "The blocks come in the wrong order. Going back, the last block J[L − 1] is"
        " the first that the gradient meets; matrices do not commute.",
        "wrong-side": "J is transposed. Row i of J belongs to output i, so g, one entry for each"
        " output, stands on its left: g @ J.",
        "cumulative": "Row k holds the paths of length up to k; exactly k is asked for.",
        "upside-down": "The rows are upside down: row 0 is the path through no block.",
        "averaged": "Divided by the number of paths of each length: the gradient is the sum.",
        "shape": "One row for each length from 0 to L, that is L + 1 rows.",
    },
)
def by_length(attempt):
    for label, sizes, weight in [
        ("one block", [(1, 3)], 1),
        ("several blocks", [(2, 3), (4, 3), (3, 4)], 3),
    ]:
        with attempt.part(label, weight=weight) as part:
            for blocks, d in sizes:
                j, g = _random(blocks, (blocks, d, d), d)
                right, wrong = _by_length(j, g)
                part.expect(part.call(j, g), right, mistakes=wrong)


def _by_length(j, g):
    """The gradient at the bottom by path length, and what slips make of it."""
    blocks = len(j)

    def sort(j):
        def product(e):
            v = g
            for block in j[::-1]:
                v = v + e * (v @ block)
            return v

        return _coefficients(product, blocks)

    right, k = sort(j), np.arange(blocks + 1)[:, None]
    twice = [g] + [0 * g] * blocks
    for block in j[::-1]:
        for row in range(1, blocks + 1):
            twice[row] = twice[row] + twice[row - 1] @ block
    paths = np.polynomial.polynomial.polypow([1, 1], blocks)[:, None]
    return right, {
        "first-order": right * (k < 2),
        "skip-forgotten": right * (k == blocks),
        "block-forgotten": right * (k == 0),
        "other-order": sort(j[::-1]),
        "wrong-side": sort(j.transpose(0, 2, 1)),
        "same-block-twice": np.array(twice),
        "cumulative": np.cumsum(right, axis=0),
        "upside-down": right[::-1],
        "averaged": right / paths,
    }


@exercise(
    "How much lies between two lengths?",
    section=PATHS,
    points=3,
    kind="implement",
    mistakes={
        "high-excluded": "The longest length is left out: range(low, high) ends before high.",
        "low-excluded": "The shortest length is left out.",
        "percent": "This is in percent; a share lies between 0 and 1.",
        "equal-lengths": "Every length is given the same weight. There is one path of length 0, but"
        " L over k of length k.",
        "unnormalised": "This is the sum over these lengths; divide it by that over all lengths.",
        "j-ignored": "These are paths only, as for j = 1. A path through k blocks carries jᵏ.",
        "j-once": "A path through k blocks has a factor j for each of them: jᵏ, not j.",
        "paths-counted-below": "Below the line stand paths, 2^L. All that they carry is (1 + j)^L.",
        "other-blocks": "The power of j is L − k, as if skips carried it. A skip has factor 1.",
    },
)
def path_share(attempt):
    for label, cases, weight in [
        ("paths alone, j = 1", [(5, 1, 3, 1.0), (54, 5, 17, 1.0), (54, 19, 35, 1.0)], 2),
        ("what they carry", [(6, 2, 3, 0.25), (54, 5, 17, 0.1), (110, 10, 34, 0.3)], 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            for blocks, low, high, j in cases:
                part.label = f"{label}, here {blocks} blocks, lengths {low} to {high}, j = {j:g}"
                right, wrong = _share(blocks, low, high, j)
                part.expect(part.call(blocks, low, high, j), right, mistakes=wrong)
            part.label = label


def _share(blocks, low, high, j):
    k = np.arange(blocks + 1)
    within = (low <= k) & (k <= high)
    paths = np.polynomial.polynomial.polypow([1.0, 1.0], blocks)
    carried = np.polynomial.polynomial.polypow([1.0, j], blocks)

    def share(weights, among=within):
        return weights[among].sum() / weights.sum()

    right = share(carried)
    wrong = {
        "high-excluded": share(carried, within & (k < high)),
        "low-excluded": share(carried, within & (k > low)),
        "percent": 100 * right,
        "equal-lengths": share(np.ones(blocks + 1)),
        "unnormalised": carried[within].sum(),
    }
    if j != 1:
        wrong["j-ignored"] = share(paths)
        wrong["j-once"] = j * paths[within].sum() / carried.sum()
        wrong["paths-counted-below"] = carried[within].sum() / paths.sum()
        wrong["other-blocks"] = share(carried[::-1])
    return right, wrong


# --- inverting --------------------------------------------------------------------------------


@exercise(
    "A block that can be undone",
    section=INVERSE,
    points=3,
    kind="implement",
    mistakes={
        "outputs-forgotten": "relu(Y₂ A) is taken away from Y₁. What had been added was relu(X₂ A):"
        " find X₂ first.",
        "wrong-half": "relu(X₁ B) is taken away from Y₂. What had been added was relu(Y₁ B), and Y₁"
        " is given.",
        "added": "What was added on the way forward is added once more; it is taken away.",
        "forward": "This is the forward pass, applied to its own outputs.",
        "block-forgotten": "These are the outputs as they were given: only the skips are undone.",
        "exchanged": "The two halves are exchanged.",
    },
)
def undo_block(attempt):
    for place, name, weight in [(1, "X2", 1), (0, "X1", 2)]:
        with attempt.part(name, weight=weight) as part:
            for seed, (n, p, q) in enumerate([(5, 3, 3), (4, 2, 5), (1, 4, 2), (3, 3, 3)]):
                x1, x2, a, b = _random(seed, (n, p), (n, q), (q, p), (p, q))
                a, b = 3 * a, 3 * b
                y1 = x1 + relu(x2 @ a)
                y2 = x2 + relu(y1 @ b)
                wrong = {
                    "block-forgotten": (y1, y2),
                    "outputs-forgotten": (y1 - relu(y2 @ a), x2),
                    "wrong-half": (x1, y2 - relu(x1 @ b)),
                    "added": (y1 + relu(x2 @ a), y2 + relu(y1 @ b)),
                    "forward": (y1 + relu(y2 @ a), y2 + relu((y1 + relu(y2 @ a)) @ b)),
                    "exchanged": (x2, x1) if p == q else (y1, y2),
                }
                wrong = {slug: halves[place] for slug, halves in wrong.items()}
                given = part.call(y1, y2, a, b, outputs=("X1", "X2"))
                part.expect(given[place], (x1, x2)[place], mistakes=wrong)


@exercise(
    "A block that cannot be undone",
    section=INVERSE,
    points=3,
    kind="derive",
    mistakes={
        "same-input": "The two inputs are the same, or nearly. Two different ones are wanted.",
        "f-collides": "F gives both the same, but the block is x + F(x), and the skip keeps them"
        " apart. F has to take back just the difference of the inputs.",
        "differ": "The block tells them apart: their outputs differ.",
        "nothing-upstream": "g is zero. The question is of a gradient that arrives and is lost.",
        "block-only": "Only the block's part, g J_F, is zero; g itself still comes down the skip."
        f" {MEET}",
        "wrong-side": "(I + J_F) g is zero: that is a step forward. Going back, g stands on the"
        f" left, g (I + J_F). {FLOW}",
        "survives": "This g arrives at x: g (I + J_F) is not zero.",
        "kink": "At this x the ReLU of a hidden unit is just at 0, where it has no derivative. Move"
        " x a little.",
        "shape": "W1 is (2, h), W2 is (h, 2), with h from 1 to 50; x, other, g have 2 entries.",
    },
)
def no_way_back(attempt):
    told = attempt.exercise.mistakes

    def made(part):
        given = part.call(outputs=("W1", "W2", "x", "other", "g"))
        numbers = all(isinstance(a, np.ndarray) and a.dtype.kind in "iuf" for a in given)
        part.require(numbers, "Five arrays of numbers are wanted.", "type")
        w1, w2, *vectors = given
        fits = w1.ndim == 2 and w1.shape == w2.shape[::-1] and w1.shape[0] == 2
        fits = fits and 0 < w1.shape[1] <= 50 and all(v.shape == (2,) for v in vectors)
        part.require(fits, told["shape"], "shape")
        given = [a.astype(float) for a in given]
        sane = all(np.all(np.isfinite(a) & (np.abs(a) < 1000)) for a in given)
        part.require(sane, "Finite numbers are wanted, below 1000 in size.", "nan")
        return given

    with attempt.part("two inputs, one output", weight=2) as part:
        w1, w2, x, other, _ = made(part)
        apart = np.max(np.abs(x - other))
        part.require(apart > 1e-3, told["same-input"], "same-input")
        f, f_other = (relu(v @ w1) @ w2 for v in (x, other))
        small = 1e-9 * apart
        if np.max(np.abs(x + f - other - f_other)) > small:
            same = np.max(np.abs(f - f_other)) <= small
            slug = "f-collides" if same else "differ"
            part.require(False, told[slug], slug)
    with attempt.part("a gradient that does not arrive") as part:
        w1, w2, x, _, g = made(part)
        size = np.max(np.abs(g))
        part.require(size > 1e-3, told["nothing-upstream"], "nothing-upstream")
        used = w1.any(axis=0) & w2.any(axis=1)
        part.require(np.all(np.abs(x @ w1)[used] > 1e-6), told["kink"], "kink")
        on = x @ w1 > 0  # around x the block is linear

        def f(x):
            return (x @ w1 * on) @ w2

        block = vjp(g, f, x)
        if np.max(np.abs(g + block)) > 1e-9 * size:
            forward = [slope(lambda x, i=i: (x + f(x))[i], x) @ g for i in (0, 1)]
            slug = "wrong-side" if diagnose(forward, np.zeros(2), atol=1e-9 * size) else "survives"
            slug = "block-only" if np.max(np.abs(block)) <= 1e-9 * size else slug
            part.require(False, told[slug], slug)


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
