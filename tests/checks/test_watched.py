"""How an answer comes to its result is seen while it is run."""

import sys
from contextlib import suppress

import numpy as np
import pytest

from backpass.checks.watched import watching, weighing
from backpass.tape import Value, operation


def steps(answer, n):
    with watching() as seen:
        answer(np.ones((n, 3)))
    return seen.steps


def by_for(X):
    total = np.zeros(3)
    for x in X:
        total += x
    return total


def by_while(X):
    total, i = np.zeros(3), 0
    while i < len(X):
        total, i = total + X[i], i + 1
    return total


@pytest.mark.parametrize(
    "answer",
    [
        by_for,
        by_while,
        lambda X: sum(2 * x for x in X),
        lambda X: [2 * x for x in X],
        lambda X: np.apply_along_axis(lambda x: 2 * x, 1, X),
        lambda X: list(map(lambda x: 2 * x, X)),
    ],
)
def test_a_loop_takes_more_steps_for_more_examples(answer):
    assert steps(answer, 9) > steps(answer, 3) > 0


@pytest.mark.parametrize(
    "answer",
    [
        lambda X: X.T @ X,
        lambda X: np.einsum("ni,nj->ij", X, X).sum(),
        lambda X: [np.linalg.norm(X @ W) for W in (np.eye(3), np.ones((3, 3)))],
    ],
)
def test_what_is_done_for_all_examples_at_once_takes_as_many_steps_for_more(answer):
    assert steps(answer, 9) == steps(answer, 3) > 0


def operations(answer, n):
    with watching() as seen:
        answer(seen.counting(np.ones((n, 3))))
    return seen.operations


@pytest.mark.parametrize(
    "answer",
    [
        by_for,
        by_while,
        lambda X: np.array([np.tanh(x) for x in X]),
        lambda X: sum(np.outer(x, x) for x in X),
        lambda X: np.vstack([np.exp(X[i : i + 1]) for i in range(len(X))]),
    ],
)
def test_operations_in_a_loop_are_counted(answer):
    assert operations(answer, 9) > operations(answer, 3) > 0


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (lambda X: X.T @ X + 1, 2),
        (lambda X: np.concatenate([X, X]) * X.sum(), 3),
        (lambda X: [[float(x) for x in row] for row in X], 0),
        (lambda X: X.tolist(), 0),
        (lambda X: np.add(X, 1, out=X), 1),
        (lambda X: np.divmod(X, 2), 1),
    ],
)
def test_what_is_no_operation_is_not_counted(answer, count):
    assert operations(answer, 9) == operations(answer, 3) == count


def test_counted_arrays_give_the_same():
    X = np.arange(6.0).reshape(2, 3)
    with watching() as seen:
        counted = seen.counting(X)
        counted = np.einsum("ni,mi->nm", np.exp(counted), counted) @ counted
    assert np.allclose(np.asarray(counted), np.exp(X) @ X.T @ X)
    assert seen.counting("text") == "text"


def test_the_rules_of_the_tape_are_seen_with_what_they_give():
    double = operation(lambda a: 2 * a, lambda g, y, a: 2 * g)  # no tuple
    x = Value(np.ones(3))
    with watching() as seen, pytest.raises(TypeError):
        double(x).sum().backward()
    total, doubled = seen.rules
    assert [np.shape(part) for part in total.parts] == [(3,)]
    assert np.array_equal(doubled.parts, [2, 2, 2])
    assert doubled.inputs == (x,)
    assert seen.automatic


def test_a_rule_that_raises_gives_nothing():
    broken = operation(lambda a: 2 * a, lambda g, y: (g,))
    with watching() as seen, pytest.raises(TypeError):
        broken(Value(np.ones(3))).backward(np.ones(3))
    assert seen.rules == []


def test_numpy_does_not_differentiate_by_itself():
    with watching() as seen:
        np.linalg.norm(np.ones((3, 3)))
    assert not seen.automatic


def test_whoever_traced_before_goes_on():
    def mine(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(mine)
    try:
        with watching():
            pass
        assert sys.gettrace() is mine
    finally:
        sys.settrace(before)


def test_memory_is_weighed():
    with watching() as seen, weighing(seen):
        np.ones((300, 300)).sum()
    assert 300 * 300 * 8 <= seen.bytes < 2 * 300 * 300 * 8


def test_results_keep_their_names():
    with watching() as seen:
        found = np.linalg.eigh(seen.counting(np.eye(2)))
    assert np.array_equal(np.asarray(found.eigenvalues), [1, 1])


def deep(n):
    return deep(n + 1)


@pytest.mark.parametrize("quiet", [lambda: sys.settrace(None), lambda: deep(0)])
def test_it_is_known_if_tracing_ends(quiet):
    with watching() as seen, suppress(RecursionError):
        quiet()
    assert "tracing is turned off" in seen.lost
    with watching() as seen:
        by_for(np.ones((3, 3)))
    assert seen.lost == ""
