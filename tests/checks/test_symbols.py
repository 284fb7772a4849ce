"""SymPy's expressions are judged by their numbers, worked out or not."""

import numpy as np
import pytest
import sympy as sp
from ids import named

from backpass.checks import symbols
from backpass.checks.errors import Wrong

x, y, k = sp.symbols("x y k")
AT = {"x": 0.5, "y": -2.0}


@pytest.mark.parametrize(
    "expression",
    [
        2 * x * y, sp.Derivative(x**2 * y, x), sp.diff(x**2 * y, x), sp.Integral(2 * y, (x, 0, x)),
        sp.Subs(2 * x * y, y, y), sp.Symbol("x", real=True) * 2 * y, -2, -2.0, sp.Integer(-2),
        x * sp.Symbol("y", real=True) + sp.Symbol("x", positive=True) * y, np.array(-2.0),
        sp.Sum(x * y, (k, 1, 2)), sp.Limit(2 * x * y + k, k, 0), sp.UnevaluatedExpr(2 * x) * y,
    ],
    ids=named,
)  # fmt: skip
def test_a_value_is_that_of_the_expression_worked_out(expression):
    assert symbols.numbers(expression, AT) == pytest.approx(-2.0, rel=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        [x, 2 * y], (x, 2 * y), sp.Matrix([x, 2 * y]), sp.Matrix([[x, 2 * y]]),
        sp.Array([x, 2 * y]), sp.Tuple(x, 2 * y), sp.ImmutableMatrix([x, 2 * y]),
        [[x], [2 * y]], [[x, 2 * y]], sp.Array([[x], [2 * y]]),
        np.array([x, 2 * y]), [x, sp.Derivative(y**2, y)],
    ],
    ids=named,
)  # fmt: skip
def test_a_vector_may_be_a_list_a_matrix_or_an_array(expression):
    assert symbols.numbers(expression, AT).tolist() == [0.5, -4.0]


def test_matrices_keep_their_shape_and_points_are_stacked():
    matrix = sp.Matrix([[x, y], [1, x * y]])
    points = [AT, {"x": 2.0, "y": 1.0}]
    assert symbols.numbers(matrix, AT).tolist() == [[0.5, -2], [1, -1]]
    assert symbols.numbers(matrix.tolist(), points).shape == (2, 2, 2)
    assert symbols.numbers(sp.MatMul(matrix, sp.eye(2)), AT).shape == (2, 2)
    assert symbols.numbers(sp.sqrt(y), AT).dtype == complex


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (x * sp.Symbol("q"), "contains q; it should be written in x, y"),
        (sp.Function("g")(x), "does not become a number"), ("2*x", "the text '2*x'"),
        (sp.zoo, "does not become a number"), (sp.nan, "does not become a number"),
        (sp.Eq(x, y), "is an equation, true or false. Give what stands on its right"),
        (sp.true, "is an equation"), ({"a": x}, "a dictionary with the keys"),
        (lambda: x, "the function <lambda>"), (object(), "cannot be evaluated"),
        (None, "cannot be evaluated"), ([x, None], "cannot be evaluated"),
        ([x, "2*x"], "not the text '2*x'"), ([x, lambda: x], "not the function <lambda>"),
        ([x, (x, y)], "One SymPy expression is expected, not 2"),
    ],
    ids=named,
)  # fmt: skip
def test_what_has_no_value_is_told(expression, said):
    with pytest.raises(Wrong) as error:
        symbols.numbers(expression, AT)
    assert said in error.value.message


def test_other_objects_are_not_symbolic():
    assert symbols.is_symbolic(sp.Function("g")(x))
    for value in (1.0, None, sp, int, np.ones(2), object()):
        assert not symbols.is_symbolic(value)
