import json
import sys
from operator import add, matmul, mul, sub, truediv
from pathlib import Path

import autograd.numpy as independent
import numpy as np
import pytest
from autograd import grad
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from backpass import tape
from backpass.gradcheck import numerical_gradient
from backpass.tape import Value, operation

SHAPES = ((), (1,), (3,), (1, 3), (2, 1), (2, 3), (3, 2), (4, 2, 3), (4, 3, 2))
BINARY = {"add": add, "sub": sub, "mul": mul, "div": truediv}
UNARY = {"exp": independent.exp, "log": independent.log, "tanh": independent.tanh}
UNARY["relu"] = lambda a: independent.maximum(a, 0)


def tame(name, a, tanh):
    """What goes into an operation, kept where it and its slope are moderate."""
    if name == "log":
        return tanh(a) + 1.5
    return tanh(a) if name == "exp" else a


@st.composite
def graphs(draw):
    """A graph as a list of steps; an operand is the place of any value before it."""
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    leaves, steps = list(shapes), []
    for _ in range(draw(st.integers(1, 12))):
        a, b = (draw(st.integers(0, len(shapes) - 1)) for _ in "ab")
        choices = [*UNARY, "transpose", "mean", "total"]
        choices += [f"total {axis}" for axis in range(len(shapes[a]))]
        choices += 2 * [name for name in BINARY if broadcast(shapes[a], shapes[b]) is not None]
        choices += 4 * ["matmul"] * (result_shape("matmul", shapes[a], shapes[b]) is not None)
        name = draw(st.sampled_from(choices))
        steps.append((name, a, b))
        shapes.append(result_shape(name, shapes[a], shapes[b]))
    return leaves, steps, draw(st.integers(0, 2**32 - 1))


def result_shape(name, a, b):
    """The shape of what a step gives, or None if the operands do not fit."""
    if name in BINARY:
        return broadcast(a, b)
    if name == "matmul":
        fits = min(len(a), len(b)) > 1 and a[-1] == b[-2]
        stack = broadcast(a[:-2], b[:-2]) if fits else None
        return None if stack is None else (*stack, a[-2], b[-1])
    if name == "transpose":
        return a[::-1]
    if name in ("mean", "total"):
        return ()
    if name.startswith("total"):
        axis = int(name.split()[1])
        return (*a[:axis], 1, *a[axis + 1 :])
    return a


def broadcast(a, b):
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def on_tape(leaves, steps):
    values = list(leaves)
    for name, i, j in steps:
        a, b = values[i], values[j]
        if name in BINARY:
            b = tape.tanh(b) + 2.0 if name == "div" else b
            y = BINARY[name](a, b)
        elif name == "matmul":
            y = a @ b
        elif name == "transpose":
            y = a.T
        elif name.startswith("total "):
            y = a.sum(axis=int(name.split()[1]))
        elif name in ("mean", "total"):
            y = getattr(tape, name)(a)
        else:
            y = getattr(tape, name)(tame(name, a, tape.tanh))
        values.append(tape.tanh(y) if name in ("mul", "matmul", "total") else y)
    # Every value counts, so no step is idle.
    return tape.total(values[-1]) + sum((tape.mean(v) for v in values[1:]), tape.mean(values[0]))


def on_autograd(leaves, steps):
    values = list(leaves)
    for name, i, j in steps:
        a, b = values[i], values[j]
        if name in BINARY:
            b = independent.tanh(b) + 2.0 if name == "div" else b
            y = BINARY[name](a, b)
        elif name == "matmul":
            y = matmul(a, b)
        elif name == "transpose":
            y = independent.transpose(a)
        elif name.startswith("total "):
            y = independent.sum(a, axis=int(name.split()[1]), keepdims=True)
        elif name in ("mean", "total"):
            y = (independent.mean if name == "mean" else independent.sum)(a)
        else:
            y = UNARY[name](tame(name, a, independent.tanh))
        values.append(independent.tanh(y) if name in ("mul", "matmul", "total") else y)
    means = [independent.mean(v) for v in values[1:]]
    return independent.sum(values[-1]) + sum(means, independent.mean(values[0]))


@settings(max_examples=examples(200))
@given(graphs())
def test_random_graphs_agree_with_an_independent_differentiator(graph):
    shapes, steps, seed = graph
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in shapes]
    leaves = [Value(array) for array in arrays]
    loss = on_tape(leaves, steps)
    loss.backward()
    assert loss.data == pytest.approx(on_autograd(arrays, steps), rel=1e-12, abs=1e-12)
    theirs = grad(lambda leaves: on_autograd(leaves, steps))(arrays)
    for leaf, expected in zip(leaves, theirs, strict=True):
        assert leaf.grad.shape == leaf.data.shape
        np.testing.assert_allclose(leaf.grad, expected, rtol=1e-9, atol=1e-9)


# --- the text of the chapter ------------------------------------------------------------------


def lines(text):
    return [one for one in text.splitlines() if one.strip() and not one.startswith("# fmt:")]


def test_the_chapter_and_the_module_hold_the_same_code():
    notebook = json.loads((ROOT / "chapters" / "backpropagation.ipynb").read_text())
    cells = [c for c in notebook["cells"] if "tape" in c["metadata"].get("tags", [])]
    shown = lines("\n".join("".join(cell["source"]) for cell in cells))
    module = lines(Path(tape.__file__).read_text())
    assert shown == module[module.index("class Value:") :]
    assert len(shown) <= 60


# --- what the exercises rely on ---------------------------------------------------------------


def test_a_value_used_twice_gets_both_contributions():
    x = Value([2.0, -3.0])
    (x * x + x).sum().backward()
    assert x.grad.tolist() == [5.0, -5.0]


def test_gradients_add_up_over_calls_and_over_losses():
    x = Value(3.0)
    y, z = x * x, 2 * x
    y.backward()
    y.backward()
    z.backward()
    assert x.grad == 2 * 6 + 2
    x.grad[...] = 0
    z.backward()
    assert x.grad == 2


def test_a_deep_chain_needs_no_deep_stack():
    depth = 3000
    x = Value([1.0, 2.0])
    y = x
    for _ in range(depth):
        y = y * 1.0 + 0.5
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        y.sum().backward()
    finally:
        sys.setrecursionlimit(limit)
    assert x.grad.tolist() == [1.0, 1.0]


def test_each_value_is_visited_once_however_many_paths_lead_to_it():
    visits = []
    twice = operation(lambda a: a + a, lambda g, y, a: (visits.append(1), (2 * g,))[1])
    x = Value(1.0)
    y = x
    for _ in range(30):
        y = twice(y) + y
    y.backward()
    assert x.grad == 3.0**30
    assert len(visits) == 30


def test_the_order_does_not_depend_on_how_values_are_reached():
    a = Value(2.0)
    b = a * 3.0  # used early and late
    c = b * b
    (c * b + a).backward()  # 27 a³ + a
    assert a.grad == 27 * 3 * 4 + 1


def test_backward_from_an_array_is_a_vector_jacobian_product():
    rng = np.random.default_rng(0)
    x, M, v = Value(rng.normal(size=(2, 3))), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    tape.tanh(x @ M).backward(v)
    expected = numerical_gradient(lambda x: np.sum(v * np.tanh(x @ M)), x.data)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-7)


@pytest.mark.parametrize(("value", "v"), [([1.0, 2.0], 1.0), ([[1.0]], 1.0), (1.0, [1.0])])
def test_backward_refuses_a_row_of_another_shape(value, v):
    with pytest.raises(ValueError, match="shape"):
        Value(value).backward(v)


def test_arrays_and_numbers_stand_on_either_side():
    x = Value([[1.0, 2.0]])
    array = np.array([[3.0], [4.0]])
    for y in (array * x, x * array, 1 - x, x / 2, 2 / x, array @ x, np.float64(2) * x, -x):
        assert isinstance(y, Value)
    assert (-x).data.tolist() == [[-1.0, -2.0]]
    (2 / x - array).sum().backward()
    assert x.grad.tolist() == [[-4.0, -1.0]]


def test_a_value_keeps_its_own_copy():
    array = np.array([1.0, 2.0])
    x = Value(array)
    x.data -= 1
    x.grad += 5
    assert array.tolist() == [1.0, 2.0]
    assert Value([1, 2]).data.dtype == float


def test_gradients_share_no_memory():
    x, y = Value([1.0, 2.0]), Value([3.0, 4.0])
    z = x + y
    z.sum().backward()
    x.grad *= 10
    assert y.grad.tolist() == z.grad.tolist() == [1.0, 1.0]


def test_vectors_are_no_matrices():
    x = Value([1.0, 2.0])
    with pytest.raises(ValueError, match="ndim"):
        (np.eye(2) @ x).sum().backward()


def test_an_operation_can_be_added():
    square = operation(np.square, lambda g, y, a: (2 * g * a,))
    x = Value([1.0, -2.0])
    square(x).sum().backward()
    assert x.grad.tolist() == [2.0, -4.0]


def test_a_rule_must_hand_back_one_gradient_per_input():
    wrong = operation(lambda a, b: a * b, lambda g, y, a, b: (g * b,))
    with pytest.raises(ValueError, match="zip"):
        wrong(Value(1.0), Value(2.0)).backward()


@pytest.mark.parametrize("shape", [(), (1,), (1, 3), (2, 3)])
def test_a_rule_that_forgets_its_tuple_is_told(shape):
    bare = operation(np.square, lambda g, y, a: 2 * g * a)  # with one row, zip() would not see it
    with pytest.raises(TypeError, match="a tuple with one gradient per input"):
        bare(Value(np.ones(shape))).sum().backward()


def test_a_mean_is_over_all_entries_and_takes_no_axis():
    x = Value(np.ones((2, 3)))
    with pytest.raises(TypeError, match="axis"):
        x.mean(axis=0)
    assert x.sum(axis=0).data.shape == (1, 3)


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1)])
def test_a_sum_takes_its_axis_by_place_or_by_name(axis):
    x = Value([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for y in (x.sum(axis), x.sum(axis=axis)):
        np.testing.assert_array_equal(y.data, np.sum(x.data, axis=axis, keepdims=True))
        x.grad[...] = 0
        y.backward(2 * np.ones(y.data.shape))
        np.testing.assert_array_equal(x.grad, 2 * np.ones((2, 3)))


def test_a_value_shows_its_numbers_and_no_address():
    x = Value([1.0, 2.0])
    x.sum().backward()
    assert repr(x) == "Value([1. 2.], grad=[1. 1.])"
