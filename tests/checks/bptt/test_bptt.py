"""Backpropagation through time: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.bptt.answers import h_of, x_of

from backpass.checks.bptt import bptt
from backpass.tape import Value, tanh


def through_time(
    local=lambda g, t, T: g,
    delta=lambda g, carry, N, t: (g + carry) * (1 - N[t + 1] ** 2),
    back=lambda delta, W: delta @ W.T,
    kept=lambda g, delta, a: (1 - a) * g,
    past=None,
    back_leak=lambda a: a,
    to_u=lambda X, H, t: X[t],
    to_w=lambda X, H, t: H[t],
    use=lambda t, T: True,
    scale=lambda X: 1 / X.shape[1],
    over=lambda X: 1,
    bias=lambda delta: delta.sum(axis=0),
    error=lambda H, Y, t: H[t + 1] - Y[t],
    to_y=lambda H, N: H,
    order=lambda T: reversed(range(T)),
    times=lambda a: a,
    slope_at=None,
    tanh_met=False,
):
    """Backpropagation through time with one thing changed; N has what comes out of tanh."""

    def answer(X, Y, h0, U, W, b, a):
        H, N, T = [h0], [h0], len(X)
        for x in X:
            N.append(np.tanh(x @ U + H[-1] @ W + b))
            H.append((1 - a) * H[-1] + a * N[-1])
        dU, dW, db, carry = 0 * U, 0 * W, 0, 0
        a = back_leak(a)
        for t in order(T):
            own = local(error(to_y(H, N), Y, t) * scale(X), t, T)
            d = times(a) * delta(own, carry, H if slope_at == "state" else N, t)
            if use(t, T):
                met = to_w(X, N if tanh_met else H, t)
                dU, dW = dU + to_u(X, H, t).T @ d, dW + met.T @ d
                db = db + bias(d)
            carry = back(d, W) + (past(own, carry, d, a, W) if past else kept(own + carry, d, a))
        return dU / over(X), dW / over(X), db / over(X)

    return answer


def if_square(wrong, right):
    """The wrong inputs where they fit: where there are as many inputs as units."""
    return lambda X, H, t: (wrong if X.shape[2] == H[t].shape[1] else right)(X, H, t)


def net_on_tape(X, Y, h0, U, W, b, a):
    U, W, b = Value(U), Value(W), Value(b)
    h, loss = Value(h0), Value(0.0)
    for x, target in zip(X, Y, strict=True):
        h = h * (1 - a) + tanh(x @ U + h @ W + b) * a
        loss = loss + ((h - target) * (h - target)).sum() / (2 * len(h0))
    loss.backward()
    return U.grad, W.grad, b.grad


def row_by_row(X, Y, h0, U, W, b, a):
    total = [np.zeros_like(p) for p in (U, W, b)]
    for n in range(len(h0)):
        one = through_time()(X[:, [n]], Y[:, [n]], h0[[n]], U, W, b, a)
        total = [a + c / len(h0) for a, c in zip(total, one, strict=True)]
    return total


WRONG = {
    "not-transposed": through_time(back=lambda d, W: d @ W),
    "h-current": through_time(to_w=lambda X, H, t: H[t + 1]),
    "averaged": through_time(over=len),
    "carry-and-slope": through_time(delta=lambda g, carry, N, t: g),
    "carry-dropped": through_time(back=lambda d, W: 0.0, kept=lambda g, d, a: 0.0),
    "last-step": through_time(use=lambda t, T: t == T - 1),
    "overwritten": through_time(use=lambda t, T: t == 0),
    "first-lost": through_time(use=lambda t, T: t > 0),
    "h0-ignored": lambda X, Y, h0, *p: through_time()(X, Y, 0 * h0, *p),
    "local-dropped": through_time(local=lambda g, t, T: g * (t == T - 1)),
    "other-rule": through_time(to_u=if_square(h_of, x_of)),
    "phi-forgotten": through_time(delta=lambda g, carry, N, t: g + carry),
    "phi-not-carried": through_time(delta=lambda g, carry, N, t: g * (1 - N[t + 1] ** 2) + carry),
    "phi-at-activation": through_time(
        delta=lambda g, carry, N, t: (g + carry) * (1 - np.tanh(N[t + 1]) ** 2)
    ),
    "phi-previous": through_time(delta=lambda g, carry, N, t: (g + carry) * (1 - N[t] ** 2)),
    "weights-forgotten": through_time(back=lambda d, W: d),
    "summed": through_time(scale=lambda X: 1),
    "all-entries": lambda X, Y, *p: through_time(scale=lambda X: 1 / Y[0].size)(X, Y, *p),
    "unreduced": through_time(bias=lambda d: d),
    "last-lost": through_time(order=lambda T: reversed(range(T - 1))),
    "bias-forgotten": lambda *args: through_time()(*args[:-2], 0 * args[-2], args[-1]),
    "shifted": through_time(error=lambda H, Y, t: H[t] - Y[t]),
    "other-step": through_time(to_w=lambda X, H, t: H[t - 1]),
    "phi-carried-only": through_time(delta=lambda g, carry, N, t: g + carry * (1 - N[t + 1] ** 2)),
    "phi-other": through_time(delta=lambda g, carry, N, t: (g + carry) * (1 - N[t + 1])),
    "over-steps": through_time(scale=lambda X: 1 / len(X)),
    "n-each-step": through_time(
        delta=lambda g, carry, N, t: (g + carry / len(N[0])) * (1 - N[t + 1] ** 2)
    ),
    "carry-kept": through_time(kept=lambda g, d, a: g),
    "leak-ignored": lambda *args: through_time()(*args[:-1], 1.0),
    "leak-exchanged": lambda *args: through_time()(*args[:-1], 1 - args[-1]),
    "leak-not-carried": through_time(kept=lambda g, d, a: 0.0),
    "delta-kept": through_time(kept=lambda g, d, a: (1 - a) * d),
    "leak-forgotten": through_time(times=lambda a: 1.0),
    "slope-of-state": through_time(slope_at="state"),
    "chapters-way-back": through_time(
        slope_at="state", kept=lambda g, d, a: 0.0, times=lambda a: 1.0
    ),
    "forwards": through_time(order=range),
    "part-kept": through_time(past=lambda own, carry, d, a, W: (1 - a) * carry),
    "leak-twice": through_time(times=lambda a: a * a),
    "two-leaks": through_time(back_leak=lambda a: 1 - a),
    "error-of-tanh": through_time(to_y=lambda H, N: N),
    "carry-unbent": through_time(
        past=lambda own, carry, d, a, W: (1 - a) * (own + carry) + (a * (own + carry) - d) @ W.T
    ),
    "tanh-for-state": through_time(tanh_met=True),
}

RIGHT = [
    through_time(),
    net_on_tape,
    row_by_row,
    through_time(bias=lambda delta: delta.sum(axis=0, keepdims=True)),
]

#: Answers that are right on most inputs.
NEARLY = [
    lambda X, *p: through_time(over=lambda X: 1.00001)(X, *p),
    through_time(bias=lambda d: d.sum(axis=0) * (len(d) > 1)),
    through_time(use=lambda t, T: t < 4),
    through_time(bias=lambda d: d.sum(axis=int(d.shape[0] == d.shape[1]))),
    through_time(to_w=if_square(x_of, h_of)),
]


class TestBptt(contract.Exercise):
    check = bptt
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert bptt(through_time(to_w=lambda X, H, t: H[t + 1])) == 3
    assert bptt(through_time(bias=lambda d: d.mean(axis=0))) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (through_time(error=lambda H, Y, t: H[t + 1] - Y[t - 1]), "shifted"),
        (through_time(delta=lambda g, c, N, t: (g + c) * N[t + 1] * (1 - N[t + 1])), "phi-other"),
        (through_time(delta=lambda g, c, N, t: (g + c) * (1 - N[t + 1] ** 2) ** 2), "phi-other"),
        (through_time(to_u=lambda X, H, t: X[t - 1]), "other-step"),
        (lambda *args: through_time()(*args)[::-1], "order"),
        (through_time(past=lambda own, carry, d, a, W: (1 - a) * own), "part-kept"),
        (
            through_time(past=lambda own, carry, d, a, W: (1 - a) * (own + carry) + carry),
            "carry-kept",
        ),
        (
            through_time(
                delta=lambda g, c, N, t: (
                    (g + c) * (1 - (0.6 * N[t + 1]) ** 2)
                    if len(N) == 6
                    else (g + c) * (1 - N[t + 1] ** 2)
                )
            ),
            "phi-other",
        ),
        (through_time(slope_at="state", kept=lambda g, d, a: 0.0), "chapters-way-back"),
        (through_time(kept=lambda g, d, a: 0.0, times=lambda a: 1.0), "chapters-way-back"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert set(bptt(answer).mistakes) == {mistake}


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug",
    ["leak-forgotten", "slope-of-state", "carry-dropped", "not-transposed", "phi-forgotten",
     "summed", "bias-forgotten", "leak-twice", "n-each-step"],
)  # fmt: skip
def test_a_slip_in_delta_costs_the_gradient_of_u_alone(slug):
    score = bptt(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))
    assert sum("(right for your dU" in line for line in score.feedback) == 2


def test_the_chapters_own_functions_are_told_as_such():
    """Its ``forward`` begins from a state of zero, and knows of no leak."""

    def chapters(X, Y, h0, U, W, b, a):
        return through_time()(X, Y, 0 * h0, U, W, b, 1.0)

    score = bptt(chapters)
    assert (score, score.mistakes) == (0, ("leak-ignored",))


def test_who_adds_up_wrongly_everywhere_loses_all_of_it():
    for slug in ("overwritten", "last-step"):
        assert bptt(WRONG[slug]) == 0


def test_a_factor_is_said_to_be_that_of_what_it_counts():
    told = bptt(lambda *args: [g / 5 for g in through_time()(*args)]).feedback[0]
    assert "length of axis" not in told
