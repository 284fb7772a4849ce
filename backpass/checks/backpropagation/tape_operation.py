"""An operation for the tape."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import NO_TUPLE, NO_TUPLE_STOPS
from backpass.gradcheck import vjp

NONE_TWICE = [((4, 3), [2, 0, 3, 1]), ((4, 3), [3, 1])]  # the table's shape, the rows taken
SEVERAL_TIMES = [((4, 3), [2, 0, 2, 2]), ((3, 2), [1, 0, 1, 2, 1])]


@exercise(
    "An operation for the tape",
    section="Section: “A tape in 60 lines”.",
    points=4,
    kind="implement",
    mistakes={
        "no-tuple": NO_TUPLE,
        "zeros": "No gradient reaches A. The rows must know that they came from A: operation(…)(A)"
        " tells them, Value(A.data[index]) does not.",
        "mutated": "The backward rule writes into the array a itself. That is the table: after"
        " one backward pass its values are lost. Start from np.zeros_like(a).",
    },
    stops=NO_TUPLE_STOPS,
)
def tape_operation(attempt):
    draw = np.random.default_rng(5).uniform
    for label, weight, cases in [
        ("no row is taken twice", 1, NONE_TWICE),
        ("rows are taken several times", 3, SEVERAL_TIMES),
    ]:
        with attempt.part(label, weight=weight) as part:
            for shape, index in cases:
                table, index = draw(-1, 1, shape), np.array(index)
                v = draw(-1, 1, (len(index), shape[1]))
                args, known = [table, index, v], [v, table, index]
                right = {"rows": table[index], "gradient": sent_back(*known), "table": table}
                part.outputs(args, right, "rows")
                _, _, after = part.call(*args, outputs=right)
                if np.shape(after) != shape or not np.array_equal(after, table):
                    part.blame("mutated")
                part.outputs(args, right, "gradient", of=lambda *_, known=known: known)


def sent_back(v: np.ndarray, table: np.ndarray, index: np.ndarray) -> np.ndarray:
    """What arrives at the table (rows, d) when v (n, d) arrives at the rows table[index]."""
    return vjp(v, lambda a: a[index], table)


@tape_operation.mistake(
    "A row that was taken several times gets only one of its gradients. Neither ga[index] = g nor"
    " ga[index] += g adds them up: NumPy reads ga[index], adds, and stores, once for each place."
    " np.add.at goes one by one."
)
def overwritten(v, table, index):
    ga = np.zeros_like(table)
    ga[index] = v
    return ga


@tape_operation.mistake(
    "The gradient g that arrives is not used: these numbers say how often each row was taken."
)
def g_forgotten(v, table, index):
    return sent_back(np.ones_like(v), table, index)


@tape_operation.mistake(
    "This takes rows of g, as the forward pass takes rows of A. Backward goes the other way: row i"
    " of g belongs to row index[i] of A."
)
def gathered(v, table, index):
    return v[index] if len(v) == len(table) else None  # elsewhere g may have no such row


@tape_operation.mistake(
    "g itself is returned. Row i of g belongs to row index[i] of A, and a gradient has the shape"
    " of what it is the gradient of."
)
def no_scatter(v, table, index):
    return v
