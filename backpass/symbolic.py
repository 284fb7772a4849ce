"""Prove an identity with SymPy, show it, and carry the formula over to NumPy.

``prove(lhs, rhs)`` is the book's ∎: it shows ``lhs = rhs`` with a mark, and unless SymPy reduces
``lhs − rhs`` to zero, the cell that calls it fails, and with it the tests and the build.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import product

import numpy as np
import sympy as sp
from IPython.display import display
from sympy.core.function import AppliedUndef

__all__ = ["NotProved", "lambdify", "prove", "symbols_vector"]


#: One side of an equation.
Side = sp.Expr | sp.MatrixBase | float

#: What is taken as true: a relation, several joined by ``&``, or one that SymPy has evaluated.
Condition = sp.logic.boolalg.Boolean | bool


class NotProved(AssertionError):
    """SymPy could not reduce the difference of two sides to zero."""


#: Formulas longer than this, in characters of LaTeX, take two lines; none is longer than the last.
LINE, PAGE = 120, 420


class Proof:
    """What was proved, as a notebook shows it."""

    def __init__(self, lhs: Side, rhs: Side, says: str = "") -> None:
        self.lhs, self.rhs, self.says = lhs, rhs, says
        left, right = (sp.latex(side) for side in (lhs, rhs))
        split = r"\\[0.5ex] &\quad = " if len(left + right) > LINE else " = "
        self.formula = says or f"{left}{split}{right}"
        self.shown = bool(says) or (left != right and len(self.formula) <= PAGE)

    def __repr__(self) -> str:
        if not self.shown:
            return "✓ proved by SymPy"
        return f"{self.says or f'{self.lhs} = {self.rhs}'}   ✓ proved by SymPy"

    def _repr_latex_(self) -> str:
        mark = r"{\small\checkmark\ \textsf{proved by SymPy}}"
        if not self.shown:
            return rf"$\displaystyle {mark}$"
        return (
            rf"$\displaystyle \begin{{aligned}} & {self.formula} \\[0.5ex] & {mark} "
            r"\end{aligned}$"
        )


def prove(
    lhs: Side, rhs: Side, *, given: Condition | Iterable[Condition] = (), says: str = ""
) -> None:
    """Show that ``lhs = rhs``, once SymPy has proved it.

    Parameters
    ----------
    lhs, rhs : SymPy expressions, or matrices of one shape
        Unevaluated derivatives and sums on either side are carried out first, and stay as they
        were written in the formula that is shown.
    given : relation or iterable of relations
        Conditions to take as true, such as ``j <= K`` where a sum runs over ``1 … K``. One that
        SymPy knows to hold already adds nothing.
    says : str
        The same in the chapter's notation, as LaTeX. It is shown instead where the formula is too
        long to read, or says nothing because SymPy evaluates both sides as they are written.
        Without it such a formula is left out, and only the mark is shown.

    Raises
    ------
    NotProved
        With a point where the two sides differ, if one is found that fits all assumptions of the
        symbols and what is ``given``; otherwise with what is left of their difference: the identity
        may still hold, but it is not proved.
    ValueError
        If the shapes of two matrices differ, or if what is ``given`` cannot hold.
    TypeError
        If what is ``given`` is no condition.
    """
    lhs, rhs = _sympify(lhs), _sympify(rhs)
    shapes = [getattr(side, "shape", ()) for side in (lhs, rhs)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"prove: the left side has shape {shapes[0]}, the right side {shapes[1]}.")
    given = _conditions(given)
    for index in product(*map(range, shapes[0])):
        left, right = (lhs[index], rhs[index]) if index else (lhs, rhs)
        try:
            difference = _reduce(left - right, given)
        except Exception as error:  # SymPy gives up in many ways; none of them is a proof
            raise NotProved(f"SymPy fails on the difference: {error!r}.") from error
        if difference != 0:
            raise NotProved(_explain(left, right, difference, index, given))
    display(Proof(lhs, rhs, says))


def symbols_vector(name: str, n: int, **assumptions: bool) -> sp.Matrix:
    """An (n, 1) Matrix of the symbols ``name_1 … name_n``, real unless said otherwise."""
    return sp.Matrix(sp.symbols(f"{name}_1:{n + 1}", **({"real": True} | assumptions)))


def lambdify(
    arguments: Sequence[sp.Symbol | sp.MatrixBase], expression: sp.Expr | sp.MatrixBase
) -> Callable[..., np.ndarray]:
    """``sympy.lambdify`` to NumPy in float64, with vectors given and returned as 1-D arrays.

    ``arguments`` is a list of symbols and of (n, 1) matrices; the function returned takes a
    number or an array for each. A column comes back with shape (n,), any other matrix with its
    own shape. It raises TypeError where the value is complex.
    """
    column = isinstance(expression, sp.MatrixBase) and expression.shape[1] == 1
    body = list(expression) if column else expression
    names = [list(a) if isinstance(a, sp.MatrixBase) else a for a in arguments]
    function = sp.lambdify(names, body, modules="numpy", cse=True)

    def real(*values):
        found = np.asarray(function(*values))
        if found.dtype.kind == "c":
            raise TypeError(f"lambdify: {expression} has a complex value there, and gives floats.")
        return found.astype(float)

    return real


def _conditions(given):
    """The conditions one by one."""
    alone = isinstance(given, bool | str | sp.Basic)
    found = []
    for one in [given] if alone else given:
        condition = sp.true if one is True else sp.false if one is False else one
        if not isinstance(condition, sp.logic.boolalg.Boolean) or isinstance(condition, sp.Symbol):
            raise TypeError(f"prove: given wants conditions such as j <= K, and {one!r} is none.")
        found += sp.And.make_args(condition)
    if sp.And(*found) == sp.false:
        raise ValueError("prove: what is given never holds, and anything would follow from it.")
    return found


def _sympify(side):
    side = sp.sympify(side)
    return side.as_immutable() if isinstance(side, sp.MatrixBase) else side


# From cheap to dear; the first that reaches 0 ends the proof.
_STEPS = (
    sp.expand,
    lambda e: sp.expand(sp.together(e)),
    sp.simplify,
    lambda e: sp.simplify(e.rewrite(sp.exp)),
    lambda e: sp.simplify(sp.expand_log(sp.powsimp(sp.expand(e)), force=False)),
)


def _reduce(difference, given):
    difference = difference.doit()
    for step in (lambda e: e, *_STEPS):
        difference = step(difference)
        for condition in given:
            for form in (condition, getattr(condition, "reversed", condition)):
                difference = difference.subs(form, sp.true)
        if difference == 0:
            return difference
    return difference


#: What is not told as a number unless SymPy works it out: its approximation may be far off.
_OPEN = (sp.Integral, sp.Sum, sp.Product, sp.Limit, sp.Derivative, sp.Subs)

#: How many points are looked at, and how many are drawn for each of them, or for a symbol, at most.
POINTS, DRAWN = 10, 500


def _explain(left, right, difference, index, given):
    where = f"Entry {index}: " if index else ""
    for point in _points(left, right, given):
        a, b = (_value_at(side, point) for side in (left, right))
        if a is not None and b is not None and abs(a - b) > 1e-9 * (1 + abs(a) + abs(b)):
            at = ", ".join(f"{s} = {_number(complex(value))}" for s, value in point.items())
            sides = f"they are {_number(a)} and {_number(b)}"
            return f"{where}the sides differ: at {at or 'every point'} {sides}."
    return f"{where}SymPy leaves {difference}. True perhaps, but not proved."


def _points(left, right, given):
    """Yield values of the symbols that fit all that is known of them.

    There are none for a whole family of symbols, nor for a function that is only named.
    """
    condition, sides = sp.And(*given), (left, right)
    free = sorted(set().union(*(one.free_symbols for one in (*sides, condition))), key=str)
    families = any(one.has(sp.Indexed, AppliedUndef) for one in sides)
    if families or not all(isinstance(symbol, sp.Symbol) for symbol in free):
        return
    draw = random.Random(0)  # a fixed seed: the same failure reads the same each time
    for number in range(POINTS if free else 1):
        for _ in range(DRAWN):
            point = {symbol: _value(symbol, draw, number < POINTS / 2) for symbol in free}
            if None in point.values():
                return
            if _holds(condition, point):
                yield point
                break


def _value(symbol, draw, plain):
    """A number of which all is true that is assumed of the symbol; None if none is found.

    A ``plain`` one is a fraction, if that may be.
    """
    for i in range(DRAWN):
        most = draw.choice((2, 40))
        a, b = (sp.Integer(draw.randint(-most, most)) for _ in range(2))
        kinds = [a, a / 10, b / 10]
        if not plain or i > DRAWN / 2:
            kinds += [a * sp.sqrt(2) / 10, a * sp.pi / 10, a * sp.I / 10, (a + b * sp.I) / 10]
        value = draw.choice(kinds)
        if all(getattr(value, f"is_{name}") is so for name, so in symbol.assumptions0.items()):
            return value
    return None


def _holds(condition, point):
    try:
        return condition.subs(point) == sp.true
    except TypeError:  # complex numbers have no order
        return False


def _value_at(side, point):
    """The number that a side is at a point, or None where it has none that can be relied on."""
    try:
        if not all(map(_counts_up, side.subs(point).atoms(sp.Sum, sp.Product))):
            return None
        value = side.doit().subs(point).doit()
        if value.has(*_OPEN):
            return None
        value = complex(value.evalf(30))
    except Exception:  # SymPy gives up in many ways; none of them is a value
        return None
    return value if np.isfinite(value) else None


def _counts_up(total):
    """Does a sum go from one whole number to another? What is meant is open if it goes down."""
    numbers = [limits for _, *limits in total.limits if all(one.is_number for one in limits)]
    whole = all(one.is_integer or one.is_infinite for limits in numbers for one in limits)
    return whole and all(low <= high + 1 for low, high in numbers)


def _number(value):
    return f"{value:.6g}" if value.imag else f"{value.real:.6g}"
