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


class NotProved(AssertionError):
    """SymPy could not reduce the difference of two sides to zero."""


#: Formulas longer than this, in characters of LaTeX, take two lines; none is longer than the last.
LINE, PAGE = 120, 420


class Proof:
    """What was proved, as a notebook shows it."""

    def __init__(self, lhs: Side, rhs: Side, says: str = ""):
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


def prove(lhs: Side, rhs: Side, *, given: sp.Rel | Iterable[sp.Rel] = (), says: str = "") -> None:
    """Show that ``lhs = rhs``, once SymPy has proved it.

    Parameters
    ----------
    lhs, rhs : SymPy expressions, or matrices of one shape
        Unevaluated derivatives and sums on either side are carried out first, and stay as they
        were written in the formula that is shown.
    given : relation or iterable of relations
        Conditions to take as true, such as ``j <= K`` where a sum runs over ``1 … K``.
    says : str
        The same in the chapter's notation, as LaTeX. It is shown instead where the formula is too
        long to read, or says nothing because SymPy evaluates both sides as they are written.
        Without it such a formula is left out, and only the mark is shown.

    Raises
    ------
    NotProved
        With a point where the two sides differ, if one is found; otherwise with what is left of
        their difference: the identity may still hold, but it is not proved.
    ValueError
        If the shapes of two matrices differ.
    """
    lhs, rhs = _sympify(lhs), _sympify(rhs)
    shapes = [getattr(side, "shape", ()) for side in (lhs, rhs)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"prove: the left side has shape {shapes[0]}, the right side {shapes[1]}.")
    given = [given] if isinstance(given, sp.core.relational.Relational) else list(given)
    for index in product(*map(range, shapes[0])):
        left, right = (lhs[index], rhs[index]) if index else (lhs, rhs)
        try:
            difference = _reduce(left - right, given)
        except Exception as error:  # SymPy gives up in many ways; none of them is a proof
            raise NotProved(f"SymPy fails on the difference: {error!r}.") from error
        if difference != 0:
            raise NotProved(_explain(left, right, difference, index))
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
    own shape.
    """
    column = isinstance(expression, sp.MatrixBase) and expression.shape[1] == 1
    body = list(expression) if column else expression
    names = [list(a) if isinstance(a, sp.MatrixBase) else a for a in arguments]
    function = sp.lambdify(names, body, modules="numpy", cse=True)
    return lambda *values: np.asarray(function(*values), dtype=float)


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
            for form in (condition, condition.reversed):
                difference = difference.subs(form, sp.true)
        if difference == 0:
            return difference
    return difference


def _explain(left, right, difference, index):
    where = f"Entry {index}: " if index else ""
    unfinished = f"{where}SymPy leaves {difference}. True perhaps, but not proved."
    # No numbers can be put in for a whole family of symbols, nor for a function that is only named.
    if difference.has(sp.Indexed) or any(side.has(AppliedUndef) for side in (left, right)):
        return unfinished
    free = sorted(left.free_symbols | right.free_symbols, key=str)
    draw = random.Random(0)  # a fixed seed: the same failure reads the same each time
    for _ in range(10):
        point = {s: _value(s, draw) for s in free}
        a, b = (complex(sp.sympify(side).doit().subs(point)) for side in (left, right))
        if abs(a - b) > 1e-9 * (1 + abs(a)):
            at = ", ".join(f"{s} = {float(value):g}" for s, value in point.items()) or "every point"
            return f"{where}the sides differ: at {at} they are {_number(a)} and {_number(b)}."
    return unfinished


def _value(symbol, draw):
    tenths = draw.randint(1, 40) * (1 if symbol.is_nonnegative else draw.choice((1, -1)))
    return sp.Integer(tenths) if symbol.is_integer else sp.Rational(tenths, 10)


def _number(value):
    return f"{value:.6g}" if value.imag else f"{value.real:.6g}"
