"""What a piece of Python uses, and what of that is let through: lists, never of tricks.

All that is let through leads, attribute by attribute, to no module but those that are listed, to no
frame, and to nothing that looks on while an answer runs.
"""

from __future__ import annotations

import ast
import builtins
import collections
import inspect
import pkgutil
import re
import symtable
import sys
import types
import warnings
from collections.abc import Iterator
from functools import cached_property, lru_cache, partial
from importlib import import_module

import numpy as np

from backpass import scopes
from backpass.checks import watched
from backpass.course.handed_in.statements import (
    BUILTINS,
    parse,
)
from backpass.tape import Value


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONTAINERS = "Counter OrderedDict defaultdict deque namedtuple"
_TYPING = "Any Callable Iterable Iterator Mapping Optional Sequence Union"

#: The modules that may be imported, each with what may be taken of it, ``""`` for all that it
#: offers. None of these evaluates text, as SymPy does, or sets an attribute by its name.
MODULES = {
    "__future__": "annotations",
    "backpass.gradcheck": "check_gradient diagnose numerical_gradient relative_error slope vjp",
    "backpass.tape": "",
    "cmath": "",
    "collections": _CONTAINERS,
    "collections.abc": "Callable Iterable Iterator Mapping Sequence",
    "contextlib": "nullcontext suppress",
    "copy": "copy deepcopy",
    "dataclasses": "dataclass field replace",
    "functools": "cache lru_cache partial reduce",
    "itertools": "",
    "math": "",
    "numbers": "Integral Number Real",
    "numpy": "",
    "numpy.fft": "",
    "numpy.linalg": "",
    "numpy.random": "beta binomial choice default_rng exponential gamma normal permutation poisson"
    " rand randint randn random seed shuffle standard_normal uniform",
    "numpy.typing": "ArrayLike NDArray",
    "operator": "add eq ge getitem gt itemgetter le lt matmul mod mul ne neg pow sub truediv",
    "random": "choice gauss randint random sample seed shuffle uniform",
    "scipy": "special",
    "scipy.special": "erf erfinv expit gammaln log_expit log_softmax logit logsumexp softmax xlogy",
    "statistics": "fmean mean median pstdev stdev",
    "typing": _TYPING,
    "warnings": "catch_warnings filterwarnings simplefilter",
}

#: Of these only what is named may be taken, since modules are in them that are not on the list.
IN_PARTS = {"backpass.gradcheck", "backpass.tape", "scipy"}

#: What NumPy offers that reads and writes files, looks into memory, or lies open otherwise.
NOT_OF_NUMPY = _words(
    "asmatrix bit_generator bmat char chararray ctypes ctypeslib dump dumps f2py from_dlpack"
    " fromfile fromregex genfromtxt get_bit_generator get_include getfield geterrcall info load"
    " loadtxt matrix memmap ndarray nditer nested_iters rec recarray record resize save savetxt"
    " savez savez_compressed sctypeDict set_bit_generator seterrcall setfield setflags"
    " show_config show_runtime test tofile type types typing"
)

#: Python's own functions and kinds of things that are let through, besides its exceptions.
OF_PYTHON = _words(
    "Ellipsis False None NotImplemented True __name__ abs all any bin bool bytes callable chr"
    " classmethod complex dict divmod enumerate filter float format frozenset hash int isinstance"
    " issubclass iter len list map max min next object ord pow print range repr reversed round set"
    " slice sorted staticmethod str sum super tuple zip"
) | {
    name for name, one in vars(builtins).items()
    if isinstance(one, type) and issubclass(one, BaseException)
}  # fmt: skip

#: Of these no name may be something else: what stands behind them is read as theirs.
FIXED = frozenset(["dict", "isinstance", "list", "tuple"])

#: What IPython keeps for whoever runs cells: what they said and came to, and ways out.
_IPYTHON = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iod]h|In|Out|exit|quit")

#: What a class may define with two underscores, and what may be read of a thing.
METHODS = frozenset(
    f"__{name}__"
    for name in _words(
        "abs add bool call contains enter eq exit float floordiv ge getitem gt hash iadd"
        " imul init isub iter itruediv le len lt matmul mod mul ne neg next pos post_init pow radd"
        " repr reversed rmatmul rmul rpow rsub rtruediv setitem str sub truediv"
    )
)
READABLE = _words("__init__ __name__ __doc__ _asdict _fields _make _replace")

#: What may be set of a thing although the libraries know an attribute of this name.
SETTABLE = frozenset(["data", "grad"])

#: The kinds of nodes that are looked into; another kind is not let through.
_NODES = (
    ast.Module, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign,
    ast.AnnAssign, ast.For, ast.While, ast.If, ast.With, ast.Raise, ast.Try, ast.Assert, ast.Import,
    ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Expr, ast.Pass, ast.Break, ast.Continue,
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield, ast.YieldFrom,
    ast.Compare, ast.Call, ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute,
    ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice, ast.comprehension,
    ast.ExceptHandler, ast.arguments, ast.arg, ast.keyword, ast.alias, ast.withitem, ast.Match,
    ast.match_case, ast.MatchValue, ast.MatchSingleton, ast.MatchSequence, ast.MatchMapping,
    ast.MatchStar, ast.MatchAs, ast.MatchOr, ast.expr_context, ast.boolop, ast.operator,
    ast.unaryop, ast.cmpop,
)  # fmt: skip

#: What things that come into reach are: their attributes are known, and let through or not.
_KINDS = (
    np.ndarray, np.float64, np.int64, np.bool_, np.complex128, np.str_, np.dtype, np.ufunc,
    np.random.Generator, np.finfo, np.iinfo, np.errstate, np.flatiter, np.broadcast, np.poly1d,
    np.vectorize, str, bytes, int, float, complex, list, tuple, dict, set, frozenset, range, slice,
    collections.Counter, collections.OrderedDict, collections.defaultdict, collections.deque,
    partial, Value,
)  # fmt: skip
#: The same of things that nobody has to look into.
_INNER = (
    object, type, property, staticmethod, BaseException, AttributeError, ImportError, OSError,
    SystemExit, StopIteration, UnicodeDecodeError, types.ModuleType, types.FunctionType,
    types.BuiltinFunctionType, types.MethodType, types.FrameType, types.CodeType,
    types.TracebackType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType,
    types.CellType, types.MappingProxyType, types.MemberDescriptorType, memoryview,
    lru_cache(int), cached_property(int), np.zeros(1).flags, Value(0.0), watched.Watched(),
    watched._Counted, watched.Rule,
)  # fmt: skip


def beyond(text: str, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """What a piece of Python uses that is not let through, in words."""
    tree = parse(text)
    if tree is None:
        yield "what is no Python"
        return
    for name in sorted(_global_reads(text)):
        if (name in BUILTINS and name not in OF_PYTHON) or _IPYTHON.fullmatch(name):
            yield f"`{name}`"
    kinds = _looked_at(tree)
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            yield f"`{type(node).__name__.lower()}`"
        yield from _names(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
            if node.names[0].name == "*" and tree.body != [node]:
                yield "an import of all among other things"
        elif (
            isinstance(node, ast.Attribute) and id(node) not in kinds and not _attribute(node, own)
        ):
            yield f"`.{node.attr}`"
        elif isinstance(node, ast.ClassDef) and node.keywords:
            yield f"`{node.keywords[0].arg}=`"


def _names(node: ast.AST) -> Iterator[str]:
    """What a node binds, or reads, that is named as Python's own machinery is."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        found, known = [node.id], OF_PYTHON
    else:
        kinds = {
            ast.Name: ["id"], ast.arg: ["arg"], ast.FunctionDef: ["name"], ast.ClassDef: ["name"],
            ast.alias: ["asname"], ast.ExceptHandler: ["name"], ast.MatchAs: ["name"],
            ast.MatchStar: ["name"], ast.MatchMapping: ["rest"],
        }  # fmt: skip
        found = [getattr(node, one) or "" for one in kinds.get(type(node), ())]
        if isinstance(node, ast.Global | ast.Nonlocal):
            found = node.names
        known = METHODS if isinstance(node, ast.FunctionDef) else frozenset()
    for name in found:
        if name.startswith("__") and name.endswith("__") and name not in known:
            yield f"`{name}`"
        elif name in FIXED and known is not OF_PYTHON:
            yield f"another `{name}`"


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            bound = alias.name if alias.asname else alias.name.partition(".")[0]
            if not {alias.name, bound} <= MODULES.keys() - IN_PARTS:
                yield f"`import {alias.name}`"
        elif node.level or node.module not in MODULES:
            yield f"`from {'.' * node.level}{node.module or ''} import`"
        elif alias.name != "*" and alias.name not in offered(node.module):
            yield f"`{node.module}.{alias.name}`"


def _attribute(node: ast.Attribute, own: frozenset[str]) -> bool:
    """Is an attribute let through?"""
    if isinstance(node.ctx, ast.Load):
        return node.attr in attributes()[0] or node.attr in own
    return node.attr in SETTABLE or node.attr in own


def _looked_at(tree: ast.AST) -> set[int]:
    """The places where the class of arrays is only looked at: its call would look into memory."""
    found: list[ast.AST | None] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name("isinstance"), [_, kind], []):
                found += kind.elts if isinstance(kind, ast.Tuple) else [kind]
            case ast.arg() | ast.AnnAssign():
                found += _in_annotation(node.annotation)
            case ast.FunctionDef():
                found += _in_annotation(node.returns)
    return {id(one) for one in found if isinstance(one, ast.Attribute) and one.attr == "ndarray"}


def _in_annotation(node: ast.expr | None) -> Iterator[ast.expr]:
    """What stands in an annotation where nobody but Python gets it."""
    match node:
        case ast.Attribute():
            yield node
        case ast.Subscript(ast.Name(name), inner) if name in FIXED:
            for one in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                yield from _in_annotation(one)
        case ast.BinOp(left, ast.BitOr(), right):
            yield from _in_annotation(left)
            yield from _in_annotation(right)


@lru_cache(maxsize=64)
def offered(module: str) -> frozenset[str]:
    """What may be taken of a module."""
    if MODULES[module]:
        return frozenset(MODULES[module].split())
    found = import_module(module)
    names = getattr(found, "__all__", None) or [n for n in vars(found) if not n.startswith("_")]
    modules = {name for name in names if inspect.ismodule(getattr(found, name, None))}
    return frozenset(name for name in names if name[:2] != "__") - modules - NOT_OF_NUMPY


@lru_cache(maxsize=1)
def attributes() -> tuple[frozenset[str], frozenset[str]]:
    """The names of attributes that may be read, and all those that what is in reach has."""
    allowed = {"args", "fft", "linalg", "random", "special"} | READABLE | set(vars(Value(0.0)))
    known = {part for name in sys.modules for part in name.split(".")} | sys.stdlib_module_names
    known |= {found.name for found in pkgutil.iter_modules(np.__path__)}
    for name in MODULES:
        if name.startswith("scipy"):  # it may not be there
            allowed |= set(MODULES[name].split())
            continue
        module = import_module(name)
        allowed |= offered(name)
        known |= set(dir(module))
        for one in [*vars(module).values(), *(getattr(module, name) for name in offered(name))]:
            known |= set(dir(one))
    for kind in _KINDS:
        allowed |= {name for name in dir(kind) if not name.startswith("_")} - NOT_OF_NUMPY
    for one in (*_KINDS, *_INNER):
        known |= set(dir(one))
    return frozenset(allowed), frozenset(known)


def _global_reads(text: str) -> set[str]:
    """The names that a piece of code may read of the notebook's, or of Python's own."""
    found: set[str] = set()

    def look(table: symtable.SymbolTable) -> None:
        function = table.get_type() == "function"
        for symbol in table.get_symbols():
            if symbol.is_global() or (not function and symbol.is_referenced()):
                found.add(symbol.get_name())
        for child in table.get_children():
            look(child)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        look(scopes.table(text))
    return found
