"""Where in somebody's own code an exception arose."""

import linecache
import sysconfig
from pathlib import Path
from types import TracebackType


def own_step(error: BaseException) -> TracebackType | None:
    """The last step of an exception's traceback in the user's own code, if there is any.

    Own is what stands neither in the standard library, nor in an installed package, nor here.
    """
    paths = sysconfig.get_paths()
    foreign = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    foreign += [f"{Path(__file__).parents[1]}/", "<frozen", "<__array_function__"]
    found, step = None, error.__traceback__
    while step is not None:
        if not step.tb_frame.f_code.co_filename.startswith(tuple(foreign)):
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
