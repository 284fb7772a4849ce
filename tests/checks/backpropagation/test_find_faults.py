"""Synthesis: three faults in a net without a label. See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import find_faults, suspect

WAYS = {
    "right": lambda g, n: g,
    "sign": lambda g, n: -g,
    "summed": lambda g, n: g / n,
    "transposed": lambda g, n: g.T,
}


def finding(
    off=lambda g, right: np.abs(g - right) > 1e-4 * np.linalg.norm(right),
    word=lambda kind: kind,
    mend=lambda wrong, undone, g: np.where(wrong, undone, g),
    ways=WAYS,
    at=lambda p, q: q,
    asked=lambda differences, loss, p, name: differences(
        lambda v: loss({**p, name: v}), p[name], 1e-5
    ),
    told=lambda wrong: wrong,
):
    """An answer with one thing changed."""

    def answer(differences, loss, gradient, p, q, n):
        found, elsewhere = gradient(p), gradient(at(p, q))
        wrong, kinds, mended = {}, {}, {}
        for name in p:
            right, g = asked(differences, loss, p, name), found[name]
            close = 1e-4 * np.linalg.norm(right)
            really = np.abs(g - right) > close
            wrong[name] = told(off(g, right))
            for kind, undo in WAYS.items():
                if kind == "transposed" and g.shape != g.T.shape:
                    continue
                if np.abs(np.where(really, undo(g, n), g) - right).max() < close:
                    break
            kinds[name] = word(kind)
            mended[name] = mend(really, ways[kind](elsewhere[name], n), elsewhere[name])
        return wrong, kinds, mended

    return answer


def by_own_differences(differences, loss, p, name):
    gradient, x = np.zeros_like(p[name]), p[name]
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += 1e-5
        behind[i] -= 1e-5
        gradient[i] = (loss({**p, name: ahead}) - loss({**p, name: behind})) / 2e-5
    return gradient


def elsewhere_by_differences(differences, loss, gradient, p, q, n):
    wrong, kinds, _ = finding()(differences, loss, gradient, p, q, n)
    slopes = {
        name: differences(lambda v, name=name: loss({**q, name: v}), q[name], 1e-5) for name in q
    }
    return wrong, kinds, slopes


def in_lists(*args):
    return tuple(list(one.values()) for one in finding()(*args))


def calling_every_net(kind):
    return lambda *args: (*finding()(*args)[:1], dict.fromkeys(args[3], kind), finding()(*args)[2])


WRONG = {
    "differences-unused": finding(asked=by_own_differences),
    "differences-elsewhere": elsewhere_by_differences,
    "other-word": finding(word=lambda kind: "factor" if kind == "summed" else kind),
    "unseen": finding(word=lambda kind: "right" if kind == "summed" else kind),
    "accused": lambda *args: (
        finding()(*args)[0],
        {
            name: "sign" if kind == "right" and name == "W" and args[1] and len(set(kinds)) > 1
            else kind
            for kinds in [list(finding()(*args)[1].values())]
            for name, kind in finding()(*args)[1].items()
        },
        finding()(*args)[2],
    ),
    "other-kind": finding(word=lambda kind: "sign" if kind == "summed" else kind),
    "last-digit": finding(off=lambda g, right: np.ones(g.shape, bool)),
    "inverted": finding(told=lambda wrong: ~wrong),
    "whole-parameter": finding(told=lambda wrong: np.full(wrong.shape, wrong.any())),
    "one-side": finding(off=lambda g, right: g - right > 1e-4 * np.linalg.norm(right)),
    "absolute": finding(off=lambda g, right: np.abs(g - right) > 1e-3),
    "too-wide": finding(off=lambda g, right: np.abs(g - right) > 0.03 * np.abs(right).max()),
    "not-mended": finding(mend=lambda wrong, undone, g: g),
    "at-first-point": finding(at=lambda p, q: p),
    "undone-everywhere": finding(mend=lambda wrong, undone, g: undone),
    "multiplied": finding(ways=WAYS | {"summed": lambda g, n: g * n}),
}  # fmt: skip

RIGHT = [finding(), in_lists, finding(told=lambda wrong: wrong.tolist())]

#: Right on most nets.
NEARLY = [
    finding(off=lambda g, right: np.abs(g - right) > 1e-8),
    calling_every_net("right"),
    finding(mend=lambda wrong, undone, g: undone + 1e-3),
]


class TestFindFaults(contract.Exercise):
    check = find_faults
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
def test_two_points_for_each_of_the_three_questions():
    assert find_faults(WRONG["inverted"]) == 4
    assert find_faults(WRONG["other-kind"]) == 4
    assert find_faults(WRONG["multiplied"]) == 4


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 0.3, 0.1, 0.03, 0.01])
def test_a_limit_that_is_too_wide_costs_the_entries_and_not_what_follows(part):
    def answer(differences, loss, gradient, p, q, n):
        _, kinds, _ = finding()(differences, loss, gradient, p, q, n)
        wrong, mended, elsewhere = {}, {}, gradient(q)
        for name, x in p.items():
            right = differences(lambda v, name=name: loss({**p, name: v}), x, 1e-5)
            wrong[name] = np.abs(gradient(p)[name] - right) > part * np.abs(right).max()
            undone = WAYS[kinds[name]](elsewhere[name], n)
            mended[name] = np.where(wrong[name], undone, elsewhere[name])
        return wrong, kinds, mended

    score = find_faults(answer)
    assert score.mistakes[0] == "too-wide"
    assert score == 4 or part > 0.1  # where a whole parameter is passed over, it is not mended


@pytest.mark.slow
@pytest.mark.parametrize("part", [1e-3, 1e-6, 1e-9])
def test_any_sensible_part_of_the_largest_slope_will_do(part):
    limit = finding(off=lambda g, right: np.abs(g - right) > part * np.abs(right).max())
    assert find_faults(limit) == 6


def test_who_finds_nothing_off_and_mends_nothing_has_no_points():
    def answer(differences, loss, gradient, p, q, n):
        differences(lambda v: loss({**p, "W": v}), p["W"], 1e-5)
        nothing = {name: np.zeros(np.shape(x), bool) for name, x in p.items()}
        return nothing, dict.fromkeys(p, "right"), gradient(q)

    assert find_faults(answer) == 0


def test_a_vector_does_not_come_as_a_row():
    def mended(wrong, undone, g):
        return np.atleast_2d(np.where(wrong, undone, g))

    score = find_faults(finding(mend=mended))
    assert (score, score.mistakes) == (4, ("shape",))


def test_a_limit_that_does_not_go_with_the_loss_is_named_at_a_large_and_at_a_small_one():
    for limit in (1e-7, 1e-3):
        answer = finding(off=lambda g, right, limit=limit: np.abs(g - right) > limit)
        assert find_faults(answer).mistakes == ("absolute",)


def test_who_gives_differences_a_dictionary_hears_what_they_take():
    answer = finding(asked=lambda differences, loss, p, name: differences(loss, p, 1e-5))
    assert "one array, and that array, not a dictionary" in find_faults(answer).feedback[0]


def test_the_suspect_has_three_faults_that_can_be_found_and_mended():
    def differences(f, x, h):
        return by_own_differences(None, lambda p: f(p["x"]), {"x": x}, "x")

    other = {name: value + 0.2 for name, value in suspect.start.items()}
    wrong, kinds, mended = finding()(
        differences, suspect.loss, suspect.gradient, suspect.start, other, suspect.n
    )
    assert kinds == {"A": "transposed", "b": "right", "C": "sign", "d": "summed"}
    assert wrong["C"].all(axis=0).tolist() == [False, True, False]
    assert (wrong["A"] == ~np.eye(4, dtype=bool)).all()
    for name in other:
        right = by_own_differences(None, suspect.loss, other, name)
        assert np.allclose(mended[name], right, atol=1e-8)


def by_limit(limit, n_of=lambda n: n, whole=False):
    """An answer that judges entries and kinds alike by a limit, of the largest slope."""

    def answer(differences, loss, gradient, p, q, n):
        wrong, kinds, mended = {}, {}, {}
        here, there, n = gradient(p), gradient(q), n_of(n)
        for name, x in p.items():
            right = differences(lambda v, name=name: loss({**p, name: v}), x, 1e-5)
            close, g = limit(right), here[name]
            off = np.abs(g - right) > close
            off = np.full(x.shape, off.any()) if whole else off
            kinds[name] = "right"
            for kind, undo in WAYS.items():
                square = g.shape == g.T.shape and g.ndim == 2
                if kind != "transposed" or square:
                    undone = np.abs(undo(g, n) - right)
                    if off.any() and np.all(undone[off] <= close):
                        kinds[name] = kind
            mended[name] = np.where(off, WAYS[kinds[name]](there[name], n), there[name])
            wrong[name] = off
        return wrong, kinds, mended

    return answer


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (by_limit(lambda right: 1e-12 * np.abs(right).max()), "last-digit"),
        (by_limit(lambda right: 0), "last-digit"),
        (by_limit(lambda right: 1e-7), "absolute"),
        (by_limit(lambda right: 1e-4 * np.abs(right).max(), whole=True), "whole-parameter"),
    ],
)
def test_a_limit_that_spoils_all_costs_the_entries_alone(answer, slug):
    score = find_faults(answer)
    assert (score, score.mistakes) == (4, (slug,))
    assert "but for what is told above" in score.feedback[1]


def test_an_n_of_ones_own_costs_the_kinds_and_not_what_is_mended():
    score = find_faults(
        by_limit(lambda right: 1e-4 * np.abs(right).max(), n_of=lambda n: suspect.n)
    )
    assert (score, score.mistakes) == (4, ("unseen",))


def test_a_slip_of_the_limit_does_not_hide_what_else_is_wrong():
    narrow = by_limit(lambda right: 1e-12 * np.abs(right).max())

    def unmended(differences, loss, gradient, p, q, n):
        wrong, kinds, _ = narrow(differences, loss, gradient, p, q, n)
        return wrong, kinds, gradient(q)

    assert find_faults(unmended) == 2
    assert find_faults(lambda *args: (*narrow(*args)[:2], narrow(*args)[0])) == 2


def test_another_word_for_right_is_no_sign_of_differences_of_ones_own():
    score = find_faults(finding(word=lambda kind: None if kind == "right" else kind))
    assert (score, score.mistakes) == (4, ("other-word",))
