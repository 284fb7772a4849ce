"""An answer stopped with an exception: what to say of it, in terms of the answer's own line.

Libraries speak of themselves ("gufunc signature (n?,k),(k,m?)->(n?,m?)"). Where arrays do not fit
together, what met there and what that means comes first; what they say stays behind it, so that it
can be searched for.
"""

import ast
import linecache
import re
from collections.abc import Callable
from types import TracebackType

import numpy as np

from backpass.gradcheck.lines import own_line, own_step


def told(name: str, error: BaseException) -> str:
    """What happened to the function ``name``: the exception, its line, and what it means."""
    text, kind = " ".join(str(error).split())[:300], type(error).__name__
    line, meaning = own_line(error), explained(error)
    if meaning and isinstance(error, ValueError):
        return f"{name} stopped with {kind}{line}. {meaning} (In full: “{text}”.)"
    said = f"{name} stopped with {kind}{f': {text}' if text else ''}{line}."
    return f"{said} {meaning}" if meaning else said


def explained(error: BaseException) -> str:
    """What a library's error means where it arose, in a sentence or two, or ``""``."""
    text, place = " ".join(str(error).split()), Place(own_step(error))
    for kind, pattern, explain in EXPLAINED:
        if isinstance(error, kind) and (found := re.search(pattern, text)):
            return explain(found, place)
    return ""


def _of_text(text: str) -> str:
    """What an error itself tells of the shapes that met, or ``""``."""
    if found := re.search(r"size (\d+) is different from (\d+)", text):
        return f"The left side has {found[2]} columns and the right one {found[1]} rows."
    if found := re.search(r"shapes (\(.*?\)) (?:and )?(\(.*?\))", text):
        return f"The shapes are {found[1]} and {found[2]}."
    return ""


class Place:
    """The expression that raised, in the answer's own code, and what its parts were."""

    #: What an explanation may have gaps for.
    TELLS = ("base", "shapes", "row_or_column", "fitting")

    def __init__(self, step: TracebackType | None) -> None:
        self.names, self.node = {}, None
        if step is not None:
            frame = step.tb_frame
            self.names = frame.f_globals | frame.f_locals
            self.node = _node(step)

    @property
    def sides(self) -> list[tuple[str, tuple[int, ...]]]:
        """The two sides of an operation, each with its shape; none if that cannot be known."""
        match self.node:
            case ast.BinOp(left, _, right) | ast.AugAssign(left, _, right):
                pass
            case ast.Call(ast.Attribute(_, "dot" | "matmul"), [left, right]):
                pass
            case ast.Call(ast.Attribute(left, "dot"), [right]):
                pass
            case _:
                return []
        values = [_value(node, self.names) for node in (left, right)]
        if any(value is None for value in values):
            return []
        return [(ast.unparse(node), np.shape(value))
                for node, value in zip((left, right), values, strict=True)]  # fmt: skip

    @property
    def shapes(self) -> str:
        """``X has shape (4, 3) and W (2, 5).``, of the two sides of an operation, or ``""``."""
        if not (sides := self.sides):
            return ""
        (left, a), (right, b) = sides
        return f"`{left}` has shape {a} and `{right}` {b}."

    @property
    def fitting(self) -> str:
        """With which transposes a product of two matrices exists, and what shape it then has."""
        if [len(shape) for _, shape in self.sides] != [2, 2]:
            return ""
        (left, a), (right, b) = self.sides
        left, right = _bracketed(left), _bracketed(right)
        ways = {
            f"{left}.T @ {right}": (a[::-1], b),
            f"{left} @ {right}.T": (a, b[::-1]),
            f"{right} @ {left}": (b, a),
        }
        ways = {text.replace(".T.T", ""): shapes for text, shapes in ways.items()}
        fits = [f"`{text}`, of shape ({first[0]}, {second[1]})"
                for text, (first, second) in ways.items() if first[1] == second[0]]  # fmt: skip
        if not fits:
            return ""
        return f" There is {' and '.join(fits)}: which has the shape of what you want?"

    @property
    def row_or_column(self) -> str:
        """What to do if one side has a number for each row of the other."""
        shapes = sorted((shape for _, shape in self.sides), key=len)
        if [len(shape) for shape in shapes] != [1, 2] or shapes[0][0] != shapes[1][0]:
            return ""
        n = shapes[0][0]
        return (
            f" One number for each of the {n} rows is to stand in a column, ({n}, 1):"
            " keepdims=True leaves it so, and [:, None] makes it one."
        )

    @property
    def base(self) -> str:
        """What stands before the brackets that were opened, with a space before it, or ``""``."""
        match self.node:
            case ast.Subscript(value) | ast.Call(value):
                return f" `{ast.unparse(value)}`"
        return ""


def _node(step: TracebackType) -> ast.AST | None:
    """The expression, or the assignment, at which a step of a traceback stands."""
    code = step.tb_frame.f_code
    positions = list(code.co_positions())
    if not 0 <= step.tb_lasti // 2 < len(positions):
        return None
    first, last, begin, end = positions[step.tb_lasti // 2]
    if None in (first, last, begin, end):
        return None
    lines = [linecache.getline(code.co_filename, n) for n in range(first, last + 1)]
    lines = [line.encode() for line in lines]
    if not all(lines):
        return None
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][begin:]
    try:
        (statement,) = ast.parse(b"".join(lines).decode()).body
    except (SyntaxError, ValueError):
        return None
    return statement.value if isinstance(statement, ast.Expr) else statement


def _bracketed(text: str) -> str:
    """The text of an expression, in brackets if an operation is in it."""
    inside = isinstance(ast.parse(text, mode="eval").body, ast.BinOp | ast.UnaryOp)
    return f"({text})" if inside else text


#: What is worked out again to see its shape: it changes nothing.
_OPERATIONS = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide,
    ast.MatMult: np.matmul, ast.Pow: np.power,
}  # fmt: skip
_REDUCTIONS = ("sum", "mean", "max", "min", "argmax", "std", "var")


def _value(node: ast.AST, names: dict) -> object:
    """The value of names and simple operations on arrays, or None if it takes more than that."""
    try:
        with np.errstate(all="ignore"):
            return _worked_out(node, names)
    except Exception:
        return None


def _worked_out(node: ast.AST, names: dict) -> object:
    def value(node):
        found = _worked_out(node, names)
        if type(found) is not np.ndarray and not isinstance(found, np.number | float | int):
            raise TypeError  # its operations may do anything
        return found

    match node:
        case ast.Name(name):
            return names[name]
        case ast.Constant(constant):
            return constant
        case ast.Attribute(inner, "T" | "real" | "imag" as name):
            return getattr(value(inner), name)
        case ast.UnaryOp(ast.USub(), inner):
            return -value(inner)
        case ast.BinOp(left, op, right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](value(left), value(right))
        case ast.Call(ast.Attribute(ast.Name(module), name), [inner], []) if names[module] is np:
            function = getattr(np, name)
            return function(value(inner)) if isinstance(function, np.ufunc) else None
        case ast.Call(ast.Attribute(inner, name), places, keywords) if name in _REDUCTIONS:
            if isinstance(inner, ast.Name) and names[inner.id] is np:
                inner, *places = places
            places = [ast.literal_eval(place) for place in places]
            options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
            return getattr(np, name)(value(inner), *places, **options)
    return None


def _sentence(text: str) -> Callable[[re.Match, Place], str]:
    """An explanation with gaps for the groups of the pattern and for what :class:`Place` tells."""

    def explain(found, place):
        known = {name: getattr(place, name) for name in Place.TELLS}
        known["shapes"] = known["shapes"] or _of_text(found.string)
        return text.format(*found.groups(), **known).strip()

    return explain


_product = _sentence(
    "{shapes} In A @ B, A must have as many columns as B has rows: is a transpose missing, or one"
    " too many?{fitting}"
)

#: The exception, a pattern in its text, and what it means.
EXPLAINED: list[tuple[type, str, Callable[[re.Match, Place], str]]] = [
    (ValueError, r"matmul: .*mismatch in its core dimension", _product),
    (ValueError, r"shapes \(.*\) and \(.*\) not aligned", _product),
    (ValueError, r"matmul: .*does not have enough dimensions",
     _sentence("{shapes} `@` is for arrays: numbers are multiplied with `*`.")),
    (ValueError, r"operands could not be broadcast",
     _sentence("{shapes} NumPy lines shapes up from their right ends; there two sizes must be"
               " equal, or one of them 1.{row_or_column}")),
    (ValueError, r"non-broadcastable output operand with shape (\(.*?\)) .* shape (\(.*\))",
     _sentence("`+=` and its like keep the shape on the left, {0}, but the result has {1}.")),
    (ValueError, r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*\))",
     _sentence("An array of shape {0} does not fit into a place of shape {1}.")),
    (ValueError, r"inhomogeneous shape",
     _sentence("What is to become one array is of different lengths.")),
    (ValueError, r"setting an array element with a sequence",
     _sentence("A single entry takes a number, and here several stand on the right.")),
    (ValueError, r"truth value of an array",
     _sentence("`if`, `and` and `or` ask for one yes or no, and an array has many: use `&`, `|`,"
               " np.where, or .all() and .any().")),
    (ValueError, r"not enough values to unpack \(expected (\d+), got (\d+)\)",
     _sentence("On the left stand {0} names, and on the right there are {1} things.")),
    (ValueError, r"too many values to unpack \(expected (\d+)",
     _sentence("On the left stand {0} names, and on the right there are more things.")),
    (TypeError, r"cannot unpack non-iterable (\w+) object",
     _sentence("On the left stand several names, and on the right there is one thing (of type"
               " {0}).")),
    (TypeError, r"'(NoneType)' object",
     _sentence("Something here is None: does a function that you call lack its `return`?")),
    (TypeError, r"'NoneType' and|and 'NoneType'",
     _sentence("Something here is None: does a function that you call lack its `return`?")),
    (TypeError, r"unsupported operand.*'bool' and|unsupported operand.*and 'bool'",
     _sentence("True and False are no numbers to SymPy: int(…) makes them 1 and 0.")),
    (TypeError, r"'builtin_function_or_method' object is not subscriptable",
     _sentence("What stands before [ ] is a function{base}: call it with ( ).")),
    (TypeError, r"'Value' object is not subscriptable",
     _sentence("What stands before [ ]{base} is a Value, and has none: its array is `.data`, and"
               " the functions within operation(…) are given arrays.")),
    (TypeError, r"'(\w+)' object is not subscriptable",
     _sentence("What stands before [ ]{base} is of type {0}, and has no entries.")),
    (TypeError, r"'(?:numpy\.)?ndarray' object is not callable",
     _sentence("What stands before ( ){base} is an array: its entries are in [ ], a product needs"
               " `*` or `@`.")),
    (TypeError, r"'([\w.]+)' object is not callable",
     _sentence("What stands before ( ){base} is no function, but of type {0}: was its name given"
               " to something else, or is a `*` missing?")),
    (TypeError, r"missing \d+ required (?:positional|keyword-only) arguments?: (.*)",
     _sentence("It is called without {0}.")),
    (TypeError, r"takes (.*) positional arguments? but (\d+) (?:was|were) given",
     _sentence("It is called with {1} arguments; it has {0}.")),
    (IndexError, r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
     _sentence("The places there are counted from 0 to one less than {2}.")),
    (IndexError, r"too many indices for array: array is (\d+)-dimensional, but (\d+) were indexed",
     _sentence("It has {0} axes, and here {1} indices stand in [ ].")),
    (IndexError, r"only integers, slices|arrays used as indices must be of integer",
     _sentence("An index is a whole number: // divides without a remainder.")),
    (TypeError, r"only integer scalar arrays can be converted|as an integer|sequence of integers",
     _sentence("A whole number is needed there: // divides without a remainder, int(…) rounds.")),
    (UnboundLocalError, r"variable '?(\w+)'?",
     _sentence("{0} gets its value within this function, but only after this line.")),
    (NameError, r"name '(np|sp|plt|math)' is not defined",
     _sentence("The first cell imports {0}: run it first.")),
    (NameError, r"name '(\w+)' is not defined",
     _sentence("No cell that was run defines {0}: is it spelt so, and was its cell run?")),
]  # fmt: skip
