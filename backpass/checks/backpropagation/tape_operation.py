"""An operation for the tape."""

import numpy as np

from backpass.checks import Part, exercise
from backpass.checks.backpropagation._inputs import NO_TUPLE, RULE_SHAPE, judge_rules
from backpass.checks.closest import closest
from backpass.checks.watched import Rule
from backpass.gradcheck import vjp

# The table's shape, the rows taken. In the first case the numbers of rows that are taken are also
# places of rows in g, and there are more rows in the table.
NONE_TWICE = [((5, 3), [2, 0, 1]), ((4, 3), [2, 0, 3, 1]), ((4, 3), [3, 1])]
SEVERAL_TIMES = [((5, 3), [2, 0, 2, 2]), ((3, 2), [1, 0, 1, 2, 1])]


@exercise(
    "An operation for the tape",
    section="Section: “A tape in 60 lines”.",
    points=4,
    kind="implement",
    exact=True,
    mistakes={
        "no-tuple": NO_TUPLE,
        "rule-shape": RULE_SHAPE,
        "zeros": (
            "No gradient reaches A: the rows do not know that they came from A.",
            "Make them by operation(…)(A), which tells them; Value(A.data[index]) does not.",
        ),
        "mutated": (
            "The backward rule writes into the array a itself. That is the table: after one"
            " backward pass its values are lost.",
            "Start from np.zeros_like(a).",
        ),
        "into-grad": (
            "The rule writes into A.grad itself. The tape adds there what the rule *returns*, and"
            " hands it on to the values that A came from; what is written past it never gets"
            " there.",
            "Start from np.zeros_like(a), and return that.",
        ),
    },
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
                v = draw(-3, 3, (len(index), shape[1]))
                args, known = [table, index, v], [v, table, index]
                right = {"rows": table[index], "gradient": sent_back(*known), "table": table}
                rules = part.watch(*args).rules
                judge_taking(part, rules, known, right["gradient"])
                part.outputs(args, right, ["rows"])
                *_, after = part.call(*args, outputs=right)
                if written_into(rules, table) or (not rules and not np.array_equal(after, table)):
                    part.blame("mutated", OTHER_TABLE)
                part.outputs(
                    args, right, ["gradient"], of=lambda _, given, known=known: [*known, given]
                )
                if not np.allclose(arrived(rules, shape), right["gradient"]):
                    part.blame("into-grad", IN_GRAD)


OTHER_TABLE = "After one backward pass the table itself holds other numbers."
IN_GRAD = "What stands in A.grad has not come there as it should."


def judge_taking(part: Part, rules: list[Rule], known: list[np.ndarray], right: np.ndarray) -> None:
    """End the part if what the rule of the rows gave has another shape, or is told of itself."""
    v, table, _ = known
    own = [
        rule for rule in rules if len(rule.inputs) == 1 and rule.inputs[0].data.shape == table.shape
    ]
    for rule in own:
        if isinstance(rule.parts, tuple | list) and len(rule.parts) == 1:
            given = rule.parts[0]
            if np.shape(given) == v.shape != table.shape:
                part.expect(np.asarray(given), right, of=[*known, np.asarray(given)])
            elif np.shape(given) == table.shape and given is rule.inputs[0].grad:
                part.blame("into-grad", IN_GRAD)
    judge_rules(part, rules)


def written_into(rules: list[Rule], table: np.ndarray) -> bool:
    """Does a value of the table's shape no longer hold the table?"""
    values = (value for _, inputs in rules for value in inputs if not value.inputs)
    same = [np.array_equal(v.data, table) for v in values if v.data.shape == table.shape]
    return bool(same) and not any(same)


def arrived(rules: list[Rule], shape: tuple[int, ...]) -> np.ndarray:
    """What the rules returned for values of the table's shape, added up."""
    found = np.zeros(shape)
    for rule in rules:
        for given, value in zip(rule.parts, rule.inputs, strict=True):
            if value.data.shape == shape and not value.inputs:
                found = found + given
    return found


def sent_back(v: np.ndarray, table: np.ndarray, index: np.ndarray) -> np.ndarray:
    """What arrives at the table (rows, d) when v (n, d) arrives at the rows table[index]."""
    return vjp(v, lambda a: a[index], table)


@tape_operation.mistake(
    "A row that was taken several times gets only one of its gradients: NumPy reads ga[index],"
    " adds, and stores, once for each place.",
    "np.add.at goes one by one: np.add.at(ga, index, g).",
)
def overwritten(v, table, index, given):
    last, first = np.zeros_like(table), np.zeros_like(table)
    last[index] = v
    first[index[::-1]] = v[::-1]
    return closest(given, last, first)


@tape_operation.mistake(
    "The gradients of a row that was taken several times are averaged.",
    "Add them up: a change of that row of A changes each of the rows that were taken from it.",
)
def averaged(v, table, index, given):
    counts = np.bincount(index, minlength=len(table))
    return sent_back(v, table, index) / np.maximum(counts, 1)[:, None]


@tape_operation.mistake(
    "What arrives is divided by the number of rows that were taken.",
    "Add it as it is: a mean, if there is one, is in g already.",
)
def over_rows(v, table, index, given):
    if len(index) == 2:
        return None  # half of it may be so for another reason
    return sent_back(v, table, index) / len(index)


@tape_operation.mistake(
    "The gradient g that arrives is not used: these numbers say how often each row was taken.",
    "Add row i of g, and not 1, to row index[i].",
)
def g_forgotten(v, table, index, given):
    return sent_back(np.ones_like(v), table, index)


@tape_operation.mistake(
    "What arrives is multiplied by values of A, as if taking a row were a product.",
    "Its derivative is 1: hand g on as it is.",
)
def values_multiplied(v, table, index, given):
    values = [sent_back(v * table[index], table, index)]
    if v.shape == table.shape:
        values.append(v * table[index])
    return closest(given, *values)


@tape_operation.mistake(
    "y, the rows that were taken, or a stands where g is meant.",
    "The rule's arguments come in the order g, y, a, whatever they are called.",
)
def arguments_exchanged(v, table, index, given):
    return sent_back(table[index], table, index)


@tape_operation.mistake(
    "This takes rows of g, as the forward pass takes rows of A. Backward goes the other way.",
    "Row i of g belongs to row index[i] of A: add it there.",
)
def gathered(v, table, index, given):
    if index.max() >= len(v):
        return None  # g has no such row
    rows = v[index][: len(table)]
    return closest(given, v[index], np.pad(rows, ((0, len(table) - len(rows)), (0, 0))))


@tape_operation.mistake(
    "Row k of g is added to row k of A, but the rows of g are counted by their places in index, 0"
    " to n − 1.",
    "Row i of g belongs to row index[i] of A.",
)
def same_row(v, table, index, given):
    if v.shape == table.shape and len(set(index)) == len(index):
        return None  # it is g as a whole
    more = len(table) - len(v)
    forms = [np.pad(v, ((0, more), (0, 0)))] if more > 0 else []
    if index.max() < len(v):  # else g has no such row
        forms.append(sent_back(v[index], table, index))
    return closest(given, *forms)


@tape_operation.mistake(
    "g itself is returned, which has the shape of the rows and not of the table.",
    "Add row i of g to row index[i] of an array like A.",
)
def no_scatter(v, table, index, given):
    return v


@tape_operation.mistake(
    "The values of A, or ones, are in it besides.",
    "What is added to begins from zeros, np.zeros_like(a).",
)
def begun_elsewhere(v, table, index, given):
    right = sent_back(v, table, index)
    return closest(given, right + table, right + 1)


@tape_operation.mistake(
    "The decimals are cut off in an array of integers.",
    "Begin with np.zeros_like(a), which has the type of a.",
)
def integer(v, table, index, given):
    return sent_back(np.trunc(v), table, index)


@tape_operation.mistake("It is added up twice.", "Once is enough: one np.add.at, no loop about it.")
def twice(v, table, index, given):
    return 2 * sent_back(v, table, index)
