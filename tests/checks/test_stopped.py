"""What a library says of an error is told in terms of the answer's own line."""

import numpy as np
import pytest

from backpass.checks.stopped import explained, told
from backpass.tape import Value

X, W, G, ROW = np.ones((5, 3)), np.ones((2, 4)), np.ones((5, 2)), np.ones(4)


def raised(run):
    try:
        run()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def product():
    return X @ W


def product_of_a_product():
    return (X * 2 + 1).T @ W.T


def product_of_two_batches():
    return X @ X


def product_of_a_transpose():
    return X @ G


def product_by_dot():
    return X.dot(W)


def product_by_function():
    return np.dot(np.tanh(X), W)


def product_of_what_was_called():
    return (lambda: X)() @ W


def product_with_number():
    scale = 2.0
    return X @ scale


def sums():
    z = X + W
    return z


def row_for_column():
    return X - X.sum(axis=1)


def row_for_column_by_function():
    return np.exp(X) / np.sum(np.exp(X), 1)


def difference_of_a_truth():
    from sympy import Symbol

    return (1 == 1) - Symbol("o")


def sums_in_place():
    z = np.zeros(3)
    z += X
    return z


def stored():
    z = np.zeros(3)
    z[:] = ROW
    return z


def asked():
    if X > 0:
        return X


def unpacked():
    a, b = np.ones(3)
    return a, b


def unpacked_one():
    a, b = 3.0
    return a, b


def nothing(x):
    pass


def none_used():
    return nothing(X)[0]


def none_added():
    return nothing(X) + 1


def value_indexed():
    return Value(X)[0]


def number_called():
    rate = 0.1
    return rate(3)


def array_called():
    return X(0)


def function_indexed():
    return np.zeros[3]


def too_few():
    return nothing()


def too_many():
    return nothing(1, 2)


def out_of_bounds():
    return X[5, 0]


def too_many_indices():
    return ROW[0, 1]


def half_an_index():
    return ROW[len(ROW) / 2]


def half_a_size():
    return np.zeros(len(ROW) / 2)


def before():
    total += 1  # noqa: F821
    total = 0
    return total


def misspelt():
    return wieghts  # noqa: F821


def not_imported():
    return sp.Symbol("x")  # noqa: F821


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (product, "`X` has shape (5, 3) and `W` (2, 4). In A @ B, A must have as many columns"),
        (
            product_of_two_batches,
            "There is `X.T @ X`, of shape (3, 3) and `X @ X.T`, of shape (5, 5)",
        ),
        (product_of_a_transpose, "There is `X.T @ G`, of shape (3, 2)"),
        (product_of_a_product, "`(X * 2 + 1).T` has shape (3, 5) and `W.T` (4, 2). In A @ B"),
        (product_by_dot, "`X` has shape (5, 3) and `W` (2, 4)"),
        (product_by_function, "`np.tanh(X)` has shape (5, 3) and `W` (2, 4)"),
        (product_of_what_was_called, "In A @ B, A must have as many columns as B has rows"),
        (product_with_number, "`X` has shape (5, 3) and `scale` (). `@` is for arrays"),
        (sums, "`X` has shape (5, 3) and `W` (2, 4). NumPy lines shapes up"),
        (row_for_column, "and `X.sum(axis=1)` (5,). NumPy lines"),
        (row_for_column, "in a column, (5, 1): keepdims=True leaves it so"),
        (row_for_column_by_function, "and `np.sum(np.exp(X), 1)` (5,). NumPy lines"),
        (difference_of_a_truth, "int(…) makes them 1 and 0"),
        (sums_in_place, "keep the shape on the left, (3,), but the result has (5,3)"),
        (stored, "An array of shape (4,) does not fit into a place of shape (3,)"),
        (asked, "ask for one yes or no"),
        (unpacked, "On the left stand 2 names, and on the right there are more"),
        (unpacked_one, "there is one thing (of type float)"),
        (none_used, "None: does a function that you call lack its `return`?"),
        (none_added, "None: does a function that you call lack its `return`?"),
        (
            value_indexed,
            "What stands before [ ] `Value(X)` is a Value, and has none: its array is `.data`",
        ),
        (number_called, "What stands before ( ) `rate` is no function, but of type float"),
        (array_called, "What stands before ( ) `X` is an array: its entries are in [ ]"),
        (function_indexed, "What stands before [ ] is a function `np.zeros`: call it with ( )"),
        (too_few, "It is called without 'x'."),
        (too_many, "It is called with 2 arguments; it has 1."),
        (out_of_bounds, "counted from 0 to one less than 5"),
        (too_many_indices, "It has 1 axes, and here 2 indices"),
        (half_an_index, "An index is a whole number"),
        (half_a_size, "A whole number is needed there"),
        (before, "total gets its value within this function, but only after this line"),
        (misspelt, "No cell that was run defines wieghts"),
        (not_imported, "The first cell imports sp: run it first"),
    ],
)
def test_an_error_is_explained(run, said):
    error = raised(run)
    assert said in explained(error)
    text = told("f", error)
    kind = type(error).__name__
    if isinstance(error, ValueError):  # what it means comes first
        assert text.startswith(f"f stopped with {kind} (line ")
        assert text.index(said) < text.index(str(error).strip())
    else:
        assert text.startswith(f"f stopped with {kind}: ")
        assert text.endswith(explained(error))
    assert "(line " in text


def test_what_a_library_said_stays():
    text = told("f", raised(product))
    assert "matmul: Input operand 1 has a mismatch" in text
    assert "“return X @ W”). `X` has shape (5, 3)" in text


def test_other_errors_are_told_as_they_are():
    def stops():
        raise RuntimeError("my own words")

    error = raised(stops)
    assert explained(error) == ""
    assert told("f", error).startswith("f stopped with RuntimeError: my own words (line ")
    assert told("f", KeyError()).startswith("f stopped with KeyError.")
    assert told("f", ValueError("matmul: operands have a mismatch in its core dimension"))


def test_nothing_of_an_answer_is_run_again_to_see_its_shape():
    calls = []

    class Counting(np.ndarray):
        def __mul__(self, other):
            calls.append(1)
            return np.ndarray.__mul__(self.view(np.ndarray), other)

    def counted():
        Z = X.view(Counting)
        return (Z * 2) @ W

    assert "In A @ B" in explained(raised(counted))
    assert len(calls) == 1


def test_code_without_its_text_is_explained_too():
    scope = {"X": X, "W": W}
    exec("def f():\n    return X @ W", scope)
    said = "The left side has 3 columns and the right one 2 rows. In A @ B"
    assert explained(raised(scope["f"])).startswith(said)
    scope["W"] = W[0]
    exec("def f():\n    return X + W", scope)
    assert explained(raised(scope["f"])).startswith("The shapes are (5,3) and (4,).")
