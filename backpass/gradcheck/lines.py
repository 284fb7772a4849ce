"""Where in somebody's own code an exception arose."""

import linecache
import sysconfig
from pathlib import Path


def own_line(error: BaseException) -> str:
    """Where in the user's own code it arose: ``' (line 3, “return 1 / z”)'`` or ``""``.

    Own is what stands neither in the standard library, nor in an installed package, nor here.
    """
    paths = sysconfig.get_paths()
    foreign = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    foreign += [f"{Path(__file__).parents[1]}/", "<frozen", "<__array_function__"]
    found, step = "", error.__traceback__
    while step is not None:
        name, number = step.tb_frame.f_code.co_filename, step.tb_lineno
        if not name.startswith(tuple(foreign)):
            source = linecache.getline(name, number).strip()
            found = f" (line {number}, “{source}”)" if source else f" (line {number})"
        step = step.tb_next
    return found
