"""Names that another cell of the notebook gave to something else, in an answer that goes wrong."""

import builtins
import dis
import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

from backpass.checks.elsewhere import Elsewhere
from backpass.gradcheck.plain import shown

#: The modules that a name may stand for, and what a learner calls the first of them.
MODULES = {
    "np": ("NumPy", {"numpy"}),
    "numpy": ("NumPy", {"numpy"}),
    "sp": ("SymPy", {"sympy", "scipy"}),
    "sympy": ("SymPy", {"sympy"}),
    "plt": ("Matplotlib", {"matplotlib.pyplot"}),
    "math": ("Python's math", {"math"}),
}


def shadowed(function: object) -> str:
    """What to say of a name that ``function`` uses and that is not what it should be, or ``""``."""
    if isinstance(function, Elsewhere):
        return function.shadowed
    function = _plain_function(function)
    for name in _names(function, set()) if function is not None else ():
        if name not in function.__globals__:
            continue
        value = function.__globals__[name]
        who = f"`{name}` is {_described(value)} in your notebook, not"
        if name in MODULES:
            known, modules = MODULES[name]
            if not (isinstance(value, ModuleType) and value.__name__ in modules):
                return f"{who} {known}: another cell gave it the name. Run the first cell again."
        elif callable(getattr(builtins, name, None)) and not callable(value):
            return (
                f"{who} Python's function: another cell gave it the name. Take another one"
                f" there, and run `del {name}` once."
            )
    return ""


def _described(value: object) -> str:
    return f"the module {value.__name__}" if isinstance(value, ModuleType) else shown(value)


def _plain_function(function: object) -> FunctionType | None:
    """The function written in Python within a method, a partial or a decorated one."""
    while not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__") and not isinstance(function, type):
            function = inspect.unwrap(function)
            break
        elif inspect.ismethod(function):
            function = function.__func__
        else:
            break
    return function if isinstance(function, FunctionType) else None


def _names(function: Callable, seen: set) -> Iterator[str]:
    """The global names that a function uses, then those of the notebook's functions it calls."""
    if function in seen:
        return
    seen.add(function)
    names = _loaded(function.__code__)
    yield from names
    for name in names:
        other = function.__globals__.get(name)
        if isinstance(other, FunctionType) and other.__globals__ is function.__globals__:
            yield from _names(other, seen)


@functools.lru_cache(1000)
def _loaded(code: CodeType) -> list[str]:
    """The names that the code looks up, each once; they are asked for at each part that is wrong,
    and to take code apart is slow.
    """
    found = [
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    ]
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return list(dict.fromkeys([*found, *(name for one in inner for name in _loaded(one))]))
