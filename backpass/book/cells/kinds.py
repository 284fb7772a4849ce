"""What a cell is for, read from its code: what the page leaves open and what it folds.

Open is what the chapter teaches. Folded are imports, figures, proofs, checks, tables, recorded
runs, measurements that only call what other cells define, and what nothing but these uses.
Where the code does not tell, the author's tag `hide-input` does.
"""

import ast
from collections.abc import Iterable, Sequence
from enum import StrEnum

from backpass.scopes import names

#: Calls of the package by which a cell is known.
DRAWS = {"plt.subplots", "draw.canvas"}
PROVES, AGREES, TABULATES = "prove", "agree", {"evidence", "table"}

#: A call and its result say more than a line that names them.
SHORT = 2


class Kind(StrEnum):
    """Why a cell is folded; the value is how the line before it says so."""

    IMPORTS = "imports"
    RECORD = "the recorded run"
    SETUP = "set-up"
    HELPER = "a helper"
    PROOF = "the proof"
    CHECKS = "checks"
    RUN = "the measurement"
    TABLE = "the table"
    FIGURE = "the figure"
    PICTURE = "the picture, drawn where the sheet is run"


class Cell:
    """A code cell: its text, and whether its author folds it.

    ``kind`` is None as long as the cell is open.
    """

    def __init__(self, source: str, tagged: bool = False) -> None:
        self.source, self.tagged, self.kind = source, tagged, None
        try:
            self.tree = ast.parse(source)
        except SyntaxError:  # a magic, or not Python
            self.source, self.tree = "", ast.Module([], [])
        self.uses, self.binds = names(self.source)
        nodes = list(ast.walk(self.tree))
        self.calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        self.defines = [
            node.name for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
        ]
        # What only checks use may still be what a chapter is about, if it is a function.
        functions = any(isinstance(node, ast.FunctionDef | ast.Lambda) for node in nodes)
        self.loops = any(isinstance(node, ast.For) for node in self.tree.body)
        statements = [node for node in nodes if isinstance(node, ast.stmt)]
        self.proofs = sum(_calls(statement, PROVES) for statement in statements)
        self.checks = sum(map(_checks, statements))
        loops = [node for node in statements if isinstance(node, ast.For | ast.While)]
        self.repeats = any(_checks(node) for loop in loops for node in ast.walk(loop))
        self.teaches = functions and not self.checks

    @property
    def shows(self) -> bool:
        """Whether it prints, or displays the value of its last line."""
        last = self.tree.body[-1] if self.tree.body else None
        value = isinstance(last, ast.Expr) and not (_calls(last, PROVES) or _calls(last, AGREES))
        return "print" in self.calls or value

    def own_kind(self) -> Kind | None:
        """What its own code tells."""
        body = self.tree.body
        imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
        if imports and all(node in imports or isinstance(node, ast.Expr) for node in body):
            return Kind.IMPORTS
        decorators = [name for node in body for name in getattr(node, "decorator_list", ())]
        by = {ast.unparse(one).partition("(")[0] for one in decorators}
        if "picture" in by:
            return Kind.PICTURE
        if self.calls & DRAWS or "explore" in by:
            return Kind.FIGURE
        if TABULATES & self.calls:
            return Kind.TABLE
        if self.proofs:
            return Kind.PROOF
        if any(call.endswith(".read_text") for call in self.calls):
            return Kind.RECORD
        if self.checks and not self.defines and not self.shows:
            return Kind.CHECKS
        return None

    def sheet_kind(self) -> Kind | None:
        """What is folded on a sheet: imports, with the helpers below them, and pictures."""
        body = self.tree.body
        if body and isinstance(body[0], ast.Import | ast.ImportFrom):
            beside = ast.Import | ast.ImportFrom | ast.Expr | ast.FunctionDef | ast.ClassDef
            return Kind.IMPORTS if all(isinstance(node, beside) for node in body) else None
        return Kind.PICTURE if self.own_kind() == Kind.PICTURE else None


def _calls(statement: ast.AST, name: str) -> bool:
    """Whether a statement is nothing but this call (and perhaps a name for its value)."""
    value = getattr(statement, "value", None)
    return (
        isinstance(statement, ast.Expr | ast.Assign)
        and isinstance(value, ast.Call)
        and ast.unparse(value.func) == name
    )


def _checks(node: ast.AST) -> bool:
    """Whether a statement makes sure of something."""
    return isinstance(node, ast.Assert) or _calls(node, AGREES)


def users(cells: Sequence[Cell], place: int, names: Iterable[str]) -> list[Cell]:
    """The later cells that use one of the names that the cell at ``place`` gives to something."""
    found, names = [], set(names)
    for cell in cells[place + 1 :]:
        if names & cell.uses:
            found.append(cell)
        names -= cell.binds
    return found


def classify(cells: Sequence[Cell]) -> None:
    """Set the kind of each cell of a chapter, in their order."""
    ours = set()  # what the chapter defines, and what that gives
    for place, cell in enumerate(cells):
        cell.kind = cell.own_kind()
        if cell.kind is None and cell.tagged:
            shown = Kind.RUN if cell.shows else Kind.SETUP
            cell.kind = Kind.HELPER if cell.defines else shown
        elif cell.kind is None and cell.shows and len(cell.source.splitlines()) > SHORT:
            runs = cell.loops or cell.defines or cell.uses & ours
            if runs and not users(cells, place, cell.defines):
                cell.kind = Kind.RUN
        if cell.defines or cell.kind == Kind.RUN or (cell.uses & ours and not cell.teaches):
            ours |= cell.binds
    # From the last to the first: a cell that is folded may have been all that another was for.
    for place, cell in reversed([*enumerate(cells)]):
        if cell.kind is None and not cell.shows:
            served = {user.kind for user in users(cells, place, cell.binds)}
            if served == {Kind.FIGURE}:
                cell.kind = Kind.FIGURE
            elif None not in served and (served or cell.checks) and not cell.teaches:
                cell.kind = Kind.CHECKS if cell.checks else Kind.SETUP


def _helpers(*names: str) -> str:
    *first, last = names
    return f"the helpers {', '.join(first)} and {last}" if first else f"the helper {last}"


def describe(cells: Iterable[Cell]) -> str:
    """The line that stands for folded cells: what they are, each once, and what they check."""
    cells = list(cells)
    parts = []
    for kind in dict.fromkeys(cell.kind for cell in cells):
        if kind == Kind.PROOF:
            count = sum(cell.proofs for cell in cells)
            parts.append(kind.value if count == 1 else f"{count} proofs")
        elif kind not in (Kind.HELPER, Kind.CHECKS) and (kind != Kind.SETUP or len(cells) == 1):
            parts.append(kind.value)
        if kind in (Kind.HELPER, Kind.IMPORTS):
            names = [name for cell in cells if cell.kind == kind for name in cell.defines]
            parts += [_helpers(*names)] if names else []
    checks = sum(cell.checks for cell in cells)
    if any(cell.repeats for cell in cells):
        parts.append("checks: all hold")
    elif checks:
        parts.append("1 check: holds" if checks == 1 else f"{checks} checks: all hold")
    return ", ".join(parts) or Kind.SETUP
