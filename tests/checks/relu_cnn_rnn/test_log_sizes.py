"""A product of different matrices, or of one: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import log_sizes


def sizes(
    turn=lambda i, m: i // m,
    count=lambda k, m: k,
    start=lambda n: n**-0.5,
    act=lambda x, w: x @ w,
    told=np.log,
    order=lambda turns: turns,
):
    """The logarithms of the sizes with one thing changed."""

    def answer(ws, k, m):
        nets, number, n, _ = ws.shape
        x = np.full((nets, 1, n), start(n))
        takes = turn if turn.__code__.co_argcount == 3 else lambda i, m, k: turn(i, m)
        turns = [min(takes(i, m, k), number - 1) for i in range(count(k, m))]
        for i in order(turns):
            x = act(x, ws[:, i])
        return told(np.linalg.norm(x, axis=(1, 2)))

    return answer


def of_powers(ws, k, m):
    n = ws.shape[-1]
    found = []
    for net in ws:
        whole, rest = divmod(k, m)
        powers = [np.linalg.matrix_power(w, m) for w in net[:whole]]
        product = np.linalg.multi_dot([np.eye(n), *powers, np.eye(n)])
        product = product @ np.linalg.matrix_power(net[whole % len(net)], rest)
        found.append(np.log(np.linalg.norm(np.full(n, n**-0.5) @ product)))
    return found


def norm_of_product(ws, k, m):
    products = np.broadcast_to(np.eye(ws.shape[-1]), ws[:, 0].shape)
    for i in range(k):
        products = products @ ws[:, i // m]
    return np.log(np.linalg.norm(products, 2, axis=(1, 2)))


WRONG = {
    "always-new": sizes(turn=lambda i, m: i),
    "always-one": sizes(turn=lambda i, m: 0),
    "taking-turns": sizes(turn=lambda i, m: i % m),
    "m-matrices": sizes(turn=lambda i, m, k: i // (k // m)),
    "too-early": sizes(turn=lambda i, m: (i + 1) // m),
    "first-once": sizes(turn=lambda i, m: -(-i // m)),
    "once-each": sizes(turn=lambda i, m: i, count=lambda k, m: k // m),
    "too-many": sizes(count=lambda k, m: k * m),
    "not-cut": sizes(count=lambda k, m: -(-k // m) * m),
    "one-more": sizes(count=lambda k, m: k + 1),
    "cut-short": sizes(count=lambda k, m: k // m * m),
    "one-missing": sizes(count=lambda k, m: k - 1),
    "reversed": sizes(order=lambda turns: turns[::-1]),
    "from-the-left": sizes(act=lambda x, w: x @ w.mT),
    "no-logarithm": sizes(told=lambda size: size),
    "base-10": sizes(told=np.log10),
    "squared": sizes(told=lambda size: np.log(size**2)),
    "start-of-ones": sizes(start=lambda n: 1.0),
    "norm-of-product": norm_of_product,
    "product-of-norms": lambda ws, k, m: sum(
        np.log(np.linalg.norm(ws[:, i // m], 2, axis=(1, 2))) for i in range(k)
    ),
    "one-net": lambda ws, k, m: np.full(len(ws), sizes()(ws, k, m)[0]),
    "shape": sizes(told=lambda size: np.log(np.linalg.norm(size))),
}

RIGHT = [sizes(), of_powers]

NEARLY = [
    sizes(start=lambda n: 3**-0.5),
    lambda ws, k, m: np.resize(sizes()(ws, k, m)[:5], len(ws)),
    lambda ws, k, m: sizes()(ws, k, 1 if m == 1 else k),
    lambda *args: sizes()(*args) + 1e-5,
]


class TestLogSizes(contract.Exercise):
    check = log_sizes
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(("slug", "points"), [("always-new", 1), ("always-one", 1)])
def test_what_the_chapter_has_gives_a_point(slug, points):
    score = log_sizes(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,))


@pytest.mark.parametrize("slug", ["taking-turns", "m-matrices", "too-early", "once-each"])
def test_which_matrix_acts_is_told_by_one_name_in_all_cases(slug):
    assert log_sizes(WRONG[slug]).mistakes == (slug,)


def test_the_norm_of_the_product_may_be_that_of_all_its_entries():
    def answer(ws, k, m):
        product = ws[:, 0]
        for i in range(1, k):
            product = product @ ws[:, i // m]
        return np.log(np.linalg.norm(product, axis=(1, 2)))

    assert log_sizes(answer).mistakes == ("norm-of-product",)


@pytest.mark.parametrize(
    "slug", ["no-logarithm", "base-10", "squared", "start-of-ones", "from-the-left"]
)
def test_a_slip_in_the_sizes_costs_the_first_case_alone(slug):
    score = log_sizes(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,))


def test_a_slip_in_the_sizes_does_not_hide_which_matrix_acts():
    assert log_sizes(sizes(told=np.log10, turn=lambda i, m: i)) == 0
