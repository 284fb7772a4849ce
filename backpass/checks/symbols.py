"""SymPy's expressions, as the numbers that they are at a point.

SymPy takes a second to import, and only some checks need it: it is imported where it is used.
"""

import numpy as np
from numpy.typing import NDArray

from backpass.checks.deadline import TimeUp
from backpass.checks.elsewhere import Expression
from backpass.checks.errors import Wrong
from backpass.gradcheck.plain import described, shown


def is_symbolic(value: object) -> bool:
    """Is this one of SymPy's objects?"""
    return any(str(kind.__module__).partition(".")[0] == "sympy" for kind in type(value).__mro__)


def entries(value: object) -> NDArray:
    """What a list, a matrix or whatever else holds, as an array of objects."""
    if is_symbolic(value):
        if hasattr(value, "tolist"):  # a matrix, an array
            value = value.tolist()
        elif hasattr(value, "__iter__"):  # a tuple
            value = list(value)
    return np.array(value, dtype=object)


def worked_out(expression: object) -> object:
    """An expression, or a matrix of them, with derivatives, integrals and sums carried out, and
    with nothing held back.
    """
    if isinstance(expression, Expression):
        return expression  # that is done where it lives
    import sympy

    if isinstance(expression, sympy.MatrixExpr):
        expression = expression.as_explicit()
    unfinished = (sympy.Derivative, sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit)
    if expression.has(*unfinished, sympy.Subs, sympy.UnevaluatedExpr):
        return expression.doit()
    return expression


def numbers(expression: object, at: dict | list) -> NDArray:
    """The values of an expression, or of a matrix or a list of them, at a point.

    ``at`` maps the names of symbols to numbers; for a list of such dicts the values are stacked
    along a new first axis. Symbols are known by name, whatever their assumptions. A matrix of one
    row or one column, or what it is as a list, is a vector, since SymPy has no other. Raises
    ``Wrong``.
    """
    points = at if isinstance(at, list) else [at]
    known = is_symbolic(expression)
    if isinstance(expression, str | dict) or (callable(expression) and not known):
        raise Wrong(f"A SymPy expression is expected, not {described(expression)}", "type")
    if known:
        expression = worked_out(expression)
    found = entries(expression)
    if found.ndim == 2 and 1 in found.shape:
        found = found.ravel()
    finished: dict[tuple, object] = {}  # an integral takes long, and is the same at all points
    values = []
    for point in points:
        here = np.empty(found.shape, complex)
        for where, entry in np.ndenumerate(found):
            here[where] = _value(entry, point, where, finished)
        values.append(here if np.any(here.imag) else here.real)
    return np.stack(values) if isinstance(at, list) else values[0]


def _value(entry: object, at: dict, where: tuple, finished: dict) -> complex:
    """The value of one expression at a point; ``Wrong`` if it has none.

    What is ``finished`` by the index ``where``, for an earlier point, need not be worked out again.
    """
    if isinstance(entry, Expression):
        return entry.value(at)
    import sympy

    if entry is ...:
        raise Wrong("One of the entries is still open.")
    if isinstance(entry, list | tuple):
        raise Wrong(f"One SymPy expression is expected, not {len(entry)} together.", "type")
    if isinstance(entry, str | dict) or (callable(entry) and not is_symbolic(entry)):
        raise Wrong(f"A SymPy expression is expected, not {described(entry)}", "type")
    try:
        entry = sympy.sympify(entry, strict=True)
        if isinstance(entry, sympy.core.relational.Relational | sympy.logic.boolalg.BooleanAtom):
            text = f"{shown(entry)} is an equation, true or false. Give what stands on its right."
            raise Wrong(text, "type")
        if where not in finished:
            finished[where] = worked_out(entry)
        entry = finished[where]
        names = {symbol: symbol.name for symbol in entry.free_symbols}
        if unknown := sorted(set(names.values()) - set(at)):
            text = f"The answer contains {', '.join(unknown)}; it should be written in "
            raise Wrong(f"{text}{', '.join(at)}.", "symbols")
        # evalf(subs=…) would put the numbers in anew at every node.
        put_in = {symbol: sympy.N(at[name], 50) for symbol, name in names.items()}
        value = complex(entry.xreplace(put_in).evalf(30))
        if np.isnan(value):
            raise ValueError
        return value
    except (Wrong, KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # somebody else's object may do anything
        text = f"{shown(entry)} does not become a number when its symbols do."
        raise Wrong(f"The answer cannot be evaluated: {text}", "type") from None
