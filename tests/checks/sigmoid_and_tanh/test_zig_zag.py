"""The zig-zag and its cure, put together: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.sigmoid_and_tanh import zig_zag
from backpass.checks.sigmoid_and_tanh.zig_zag import centre, largest_rates


def descent(
    share=0.9,
    inputs=lambda X, centre: centre(X, X)[0],
    limits=lambda rates: rates,
    over=lambda t: len(t),
    factor=1,
    bias=True,
    one_by_one=False,
    half=2,
    first=0,
    parts=lambda own: own,
):
    """The whole, with one thing changed."""

    def answer(X, t, steps, goal, *given):
        own_centre, own_rates = parts(given)
        paths, needed = [], []
        for x, limit in zip((X, inputs(X, own_centre)), limits(own_rates(X)), strict=True):
            w, b, path = np.zeros(x.shape[1]), 0.0, []
            for _ in range(steps + 1):
                path.append([*w, b])
                e = (x @ w + b - t) / over(t) * factor
                w = w - share * limit * (x.T @ e)
                if one_by_one:
                    e = (x @ w + b - t) / over(t)
                b = b - share * limit * e.sum() * bias
            paths.append(np.array(path))
            errors = paths[-1][:, :-1] @ x.T + paths[-1][:, -1:] - t
            needed.append(np.argmax(np.mean(errors**2, axis=1) / half <= goal) + first)
        return *paths, tuple(needed)

    return answer


def instead(X, t, steps, goal, centre, largest_rates):
    """All by itself, as if nothing had been written before."""
    own = (zig_centre, lambda X: tuple(2 * len(X) / np.linalg.norm(ones(x), 2) ** 2
                                       for x in (X, X - X.mean(axis=0))))  # fmt: skip
    return descent()(X, t, steps, goal, *own)


def ones(x):
    return np.c_[x, np.ones(len(x))]


def zig_centre(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0)


WRONG = {
    "parts-ignored": instead,
    "at-the-limit": descent(share=1),
    "one-rate": descent(limits=lambda rates: (rates[0],) * 2),
    "rate-of-centred": descent(limits=lambda rates: (rates[1],) * 2),
    "not-centred": descent(inputs=lambda X, centre: X),
    "bias-stays": descent(bias=False),
    "sum-of-examples": descent(over=lambda t: 1),
    "other-factor": descent(factor=2),
    "one-by-one": descent(one_by_one=True),
    "without-half": descent(half=1),
    "counted-from-one": descent(first=1),
    "bias-first": lambda *args: tuple(
        np.roll(path, 1, axis=1) if np.ndim(path) == 2 else path for path in descent()(*args)
    ),
    "counts-exchanged": lambda *args: (*descent()(*args)[:2], descent()(*args)[2][::-1]),
    "shape": lambda *args: tuple(
        path[1:] if np.ndim(path) == 2 else path for path in descent()(*args)
    ),
}
RIGHT = [descent(), lambda *args: list(descent()(*args)), lambda *args: tuple(descent()(*args))]
NEARLY = [
    lambda X, t, steps, goal, *own: descent()(X, t, steps, goal, centre, largest_rates),
    lambda *args: (*descent()(*args)[:2], (6, 3)),
]


class TestZigZag(contract.Exercise):
    check = zig_zag
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_half_of_the_points_need_the_parts():
    assert zig_zag(instead) == 4


def beyond(scale):
    """Right, but that the steps are counted, past the path if need be, until another loss."""

    def answer(X, t, steps, goal, *own):
        needed = descent()(X, t, 30 * steps, goal / scale(X), *own)[2]
        return *descent()(X, t, steps, goal, *own)[:2], needed

    return answer


@pytest.mark.slow
@pytest.mark.parametrize("scale", [lambda X: 2, len, lambda X: 2 * len(X)])
def test_the_steps_to_another_loss_are_named_also_beyond_the_path(scale):
    score = zig_zag(beyond(scale))
    assert (score, score.mistakes) == (5, ("without-half",)), score.feedback


def test_steps_are_right_for_paths_that_are_not():
    told = zig_zag(descent(share=0.7)).feedback
    assert any("right for your" in text for text in told), told


def test_a_wrong_path_is_not_right_for_anything():
    told = zig_zag(descent(share=0.7)).feedback
    assert all(text.startswith("✗") for text in told if " path with " in text), told
    assert zig_zag(descent(share=0.7)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "points"),
    {
        "at-the-limit": 4,
        "one-rate": 5,
        "without-half": 5,
        "bias-first": 4,
        "counts-exchanged": 5,
        "bias-stays": 4,
        "not-centred": 3,
    }.items(),
)
def test_a_slip_costs_the_points_of_the_part_that_shows_it_first(slug, points):
    score = zig_zag(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,)), score.feedback


def test_centre_may_be_called_by_the_names_of_the_sheet():
    by_name = descent(inputs=lambda X, centre: centre(X_train=X, X_test=X)[0])
    assert zig_zag(by_name) == zig_zag(descent())
