"""Synthesis: four ways back in one picture. See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import four_paths

NAMES = "layers", "steps", "held", "counter"


def paths(
    told=np.log,
    size=np.linalg.norm,
    turn=lambda path: path[::-1],
    a=0.0,
    matrix=lambda ws: ws[0],
    steps=None,
    bound=lambda u_range, L: u_range(0.5, 2.0, L, 0, 1.0)[1],
    diagonal=lambda u, m, ws: u * np.eye(m),
    j=lambda a, w, d: w * d,
    leak=1.0,
    start=np.eye,
    own=None,
    finish=lambda found: found,
):
    """The four paths with one thing changed."""

    def answer(layer_errors, rnn_gradients, u_range, counterexamples, ws, h, g):
        if own:
            layer_errors, rnn_gradients, u_range = own
        L, (n, m) = len(ws), h.shape

        def path(errors):
            return turn(told([size(one) for one in errors]))

        def through_time(w):
            no_input = np.zeros((L, n, 1)), h, w, np.zeros((1, m)), np.zeros(m)
            return path(rnn_gradients(*no_input, g)[3])

        J = j(*counterexamples())
        one = start(len(J))
        layers = path(layer_errors(h, list(ws), g, a))
        return finish((
            layers,
            layers if steps else through_time(matrix(ws)),
            through_time(diagonal(bound(u_range, L), m, ws)),
            path(layer_errors(one, [J] * L, one, leak)),
        ))  # fmt: skip

    return answer


def written_inline():
    """The first three functions, as anybody may have written them."""

    def layer_errors(X, Ws, G, a):
        H, slopes, errors = X, [], [G]
        for W in Ws:
            slopes.append(np.where(H @ W > 0, 1, a))
            H = slopes[-1] * (H @ W)
        for W, slope in zip(Ws[::-1], slopes[::-1], strict=True):
            errors.insert(0, errors[0] * slope @ W.T)
        return errors

    def rnn_gradients(X, h0, W, V, b, dh):
        return 0 * W, 0 * V, 0 * b, layer_errors(h0, [W] * len(X), dh, 0.0)

    def u_range(smallest, largest, T, silent, a):
        return [(bound / a**silent) ** (1 / T) for bound in (smallest, largest)]

    return layer_errors, rnn_gradients, u_range


WRONG = {
    "forwards": paths(turn=lambda path: path),
    "no-logarithm": paths(told=np.array),
    "base-10": paths(told=np.log10),
    "squared": paths(size=lambda one: np.sum(np.square(one))),
    "averaged-rows": paths(size=lambda one: np.linalg.norm(one, axis=-1).mean()),
    "spectral": paths(size=lambda one: np.linalg.norm(one, 2)),
    "own-functions": paths(own=written_inline()),
    "leaky-layers": paths(a=1.0),
    "other-matrix": paths(matrix=lambda ws: ws[-1]),
    "different-in-time": paths(steps="layers"),
    "smallest-u": paths(bound=lambda u_range, L: u_range(0.5, 2.0, L, 0, 1.0)[0]),
    "bound-for-u": paths(bound=lambda u_range, L: 2.0),
    "other-steps": paths(bound=lambda u_range, L: u_range(0.5, 2.0, L + 1, 0, 1.0)[1]),
    "full-matrix": paths(diagonal=lambda u, m, ws: u * ws[0]),
    "slopes-forgotten": paths(j=lambda a, w, d: w),
    "rows-scaled": paths(j=lambda a, w, d: np.diag(d) @ w),
    "first-example": paths(j=lambda a, w, d: a),
    "masked-again": paths(leak=0.0),
    "normalised": paths(finish=lambda found: [path - path[0] for path in found]),
    "other-size": paths(size=lambda one: np.sqrt(np.mean(one**2))),
    "power-for-u": paths(diagonal=lambda u, m, ws: u ** len(ws) * np.eye(m)),
    "ones-for-unit": paths(diagonal=lambda u, m, ws: u * np.ones((m, m))),
    "other-start": paths(start=lambda m: np.ones((1, m))),
    "shape": paths(finish=lambda found: [path[1:] for path in found]),
}

RIGHT = [
    paths(),
    paths(j=lambda a, w, d: w @ np.diag(d)),
    paths(finish=lambda found: dict(zip(NAMES, found, strict=True))),
]

NEARLY = [
    paths(bound=lambda u_range, L: 2 ** (1 / L)),
    paths(diagonal=lambda u, m, ws: u * np.eye(m) + 1e-3),
]


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (paths(bound=lambda u_range, L: u_range(0.5, 2.0, L - 1, 0, 1.0)[1]), "other-steps"),
        (paths(bound=lambda u_range, L: u_range(2.0, 0.5, L, 0, 1.0)[1]), "smallest-u"),
        (paths(bound=lambda u_range, L: 2 ** (1 / L)), "own-functions"),
        (paths(j=lambda a, w, d: a * d), "first-example"),
        (paths(size=lambda one: np.abs(one).max()), "other-size"),
        (paths(start=lambda m: np.ones((m, m))), "other-start"),
    ],
)
def test_names_a_slip_in_other_forms(answer, slug):
    assert four_paths(answer).mistakes == (slug,)


class TestFourPaths(contract.Exercise):
    check = four_paths
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_each_way_back_is_paid_by_itself():
    assert four_paths(WRONG["smallest-u"]) == 4
    assert four_paths(WRONG["rows-scaled"]) == 4
    assert four_paths(WRONG["other-matrix"]) == 4


def test_it_cannot_be_had_without_the_parts_that_are_handed_in():
    assert four_paths(WRONG["own-functions"]) == 0


def test_what_a_part_does_not_take_is_told_with_the_learners_line():
    score = four_paths(paths(diagonal=lambda u, m, ws: u))
    assert score < 6
    assert any("(" in text for text in score.feedback)


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug",
    ["forwards", "no-logarithm", "base-10", "squared", "spectral", "normalised", "other-size"],
)
def test_a_slip_in_the_norms_costs_the_first_part_alone(slug):
    score = four_paths(WRONG[slug])
    assert (score, score.mistakes) == (4, (slug,))
    assert "but for what is told above" in score.feedback[2]


def test_a_slip_in_the_norms_does_not_hide_another():
    of_w = {"j": lambda a, w, d: w}
    assert four_paths(paths(told=np.log10, **of_w)) == 2
    assert four_paths(paths(own=written_inline(), told=np.log10)) == 0
