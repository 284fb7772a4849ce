"""What a chapter's own functions bring, pasted as they stand into its exercises.

``python tests/checks/pasted.py`` prints the points, per chapter, and where they come from.
"""

import ast
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "helpers"), str(TESTS), str(TESTS.parent)]

from places import ROOT  # noqa: E402

from backpass import notebooks  # noqa: E402
from backpass.checks import Exercise, chapters  # noqa: E402


def functions(chapter: str) -> dict[str, Callable]:
    """A chapter's functions by name, with what they need of its imports and constants.

    The chapter itself does not run: what is computed there is missing, and so are functions that
    take it for a default.
    """
    cells = notebooks.read(ROOT / "chapters" / f"{chapter}.ipynb").cells
    names, found = {}, {}
    for node in ast.parse("\n".join(c.source for c in cells if c.cell_type == "code")).body:
        function = isinstance(node, ast.FunctionDef) and not node.decorator_list
        if function or isinstance(node, ast.Import | ast.ImportFrom) or _plain(node):
            with suppress(NameError):
                exec(compile(ast.Module([node], []), chapter, "exec"), names)
                found |= {node.name: names[node.name]} if function else {}
    return found


def _plain(node: ast.stmt) -> bool:
    """Does the statement give a name to a number, a text, a function or some of these?"""
    calls = (ast.Call, ast.Subscript, ast.BinOp, ast.ListComp)
    value = node.value if isinstance(node, ast.Assign) else None
    if isinstance(value, ast.Lambda):
        return True
    return value is not None and not any(isinstance(n, calls) for n in ast.walk(value))


def points(check: Exercise, pasted: dict[str, Callable]) -> tuple[float, str]:
    """The most that one of the functions brings, and its name."""
    scores = {name: float(check(function)) for name, function in pasted.items()}
    best = max(scores, key=scores.get)
    return scores[best], best


def main() -> None:
    for chapter, exercises in chapters().items():
        pasted = functions(chapter)
        found = {slug: points(check, pasted) for slug, check in exercises.items()}
        total, most = sum(p for p, _ in found.values()), sum(e.points for e in exercises.values())
        tries = len(pasted) * len(exercises)
        print(f"{chapter}: {total:g} of {most:g} points, of {tries} pasted functions")
        for slug, (brought, name) in found.items():
            if brought:
                print(f"  {slug}: {name} brings {brought:g} of {exercises[slug].points:g}")


if __name__ == "__main__":
    main()
