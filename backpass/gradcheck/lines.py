"""Where in somebody's own code an exception arose."""

import linecache
import os
import sys
import sysconfig
from collections.abc import Iterable
from types import ModuleType, TracebackType

#: What the names of files begin with that are none of anybody's own.
_GENERATED = ("<frozen", "<__array_function__")


def _foreign(here: str, others: Iterable[str], path: ModuleType) -> tuple[str, ...]:
    """What the files begin with that belong to the package of ``here`` or lie in ``others``."""
    package = path.dirname(path.dirname(here))
    return tuple(path.join(path.normcase(folder), "") for folder in (*others, package))


_PATHS = sysconfig.get_paths()
_FOREIGN = _GENERATED + _foreign(
    __file__,
    (
        # In a browser these paths begin with two slashes, and the library lies in a zip.
        *(_PATHS[key].replace("//", "/") for key in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(path for path in sys.path if path.endswith(".zip")),
    ),
    os.path,
)


def is_own(file: str) -> bool:
    """Is code of this file the user's own?

    It is if it stands neither in the standard library, nor in an installed package, nor here.
    """
    return not os.path.normcase(file).startswith(_FOREIGN)


def own_step(error: BaseException) -> TracebackType | None:
    """The last step of an exception's traceback in the user's own code, if there is any."""
    found, step = None, error.__traceback__
    while step is not None:
        if is_own(step.tb_frame.f_code.co_filename):
            found = step
        step = step.tb_next
    return found


def own_line(error: BaseException) -> str:
    """Where in the user's own code it arose: ``' (line 3, “return 1 / z”)'`` or ``""``."""
    step = own_step(error)
    if step is None:
        return ""
    source = linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno).strip()
    return f" (line {step.tb_lineno}, “{source}”)" if source else f" (line {step.tb_lineno})"
