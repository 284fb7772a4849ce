"""Code that reaches into the package that checks it: who grades is told, and looks at it.

Such code is not in plain ``sight``, and what is seen of an answer that is does not suffer from it.
But a person should know who wrote it; no rule sees all ways to do that, and these are the plain
ones.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

#: What a sheet has no use for, and by which one reaches whoever runs it.
TOOLS = {
    "ctypes": None,
    "gc": {"get_objects", "get_referrers", "get_referents"},
    "inspect": {"stack", "currentframe", "getouterframes"},
    "sys": {"settrace", "setprofile", "modules", "_getframe", "_current_frames"},
    "threading": {"settrace", "setprofile"},
}

#: Modules of the package, below which a sheet imports nothing but a chapter's checks.
OURS = ("backpass.checks", "backpass.course", "backpass.gradcheck")


@lru_cache(maxsize=2048)  # a class has the same cells many times
def prying(source: str, chapter: str) -> tuple[str, ...]:
    """What of the package, or of whoever runs it, a cell reaches for; nothing if it is no Python.

    The import of the ``chapter``'s checks, with which each sheet begins, is no such thing.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = [*_imported(tree, chapter), *_used(tree)]
    return tuple(dict.fromkeys(found))


def _imported(tree: ast.AST, chapter: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if node.module == "backpass.gradcheck":
                continue  # what it offers to everybody
        else:
            continue
        for name in names:
            allowed = f"backpass.checks.{chapter}"
            ours = name in OURS or name.startswith(tuple(f"{one}." for one in OURS))
            if ours and name != allowed and not name.startswith(f"{allowed}."):
                yield name
            module, _, what = name.partition(".")
            if module in TOOLS and (TOOLS[module] is None or what in TOOLS[module]):
                yield name


def _used(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ast.Name(module), what) if what in (TOOLS.get(module) or ()):
                yield f"{module}.{what}"
