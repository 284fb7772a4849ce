"""A sheet that is worked in its page: which cells are run, and what is shown of them.

This module runs in the reader's browser, where there is no book: it imports Python's own modules,
the checks, and the printer that Jupyter shows results with.

In Jupyter a learner runs cells in some order and keeps what they leave behind. Here each press of a
button begins anew: of what stands above, the cells run that define what is used (imports, given
cells, the learner's own earlier answers), as after “restart and run all”; then the cells of the
exercise. So no result depends on what was pressed before, and an answer that does not end is in
nobody's way but of those that use it. What checks remember of a learner (what was told before, the
last points) they go on remembering.
"""

import ast
import contextlib
import io
import linecache
import re
import traceback
import warnings
from collections.abc import Callable, Iterator

from IPython.lib.pretty import pretty

from backpass import scopes
from backpass.checks import Score
from backpass.checks.deadline import Clock, TimeUp

#: The name of a cell's source in tracebacks begins so.
OWN = "your answer"

#: What a cell is called that is none of the learner's answers; in a chapter all are called so.
OTHERS, PAGE = "the sheet", "the page"


class Unit:
    """Statements that are run together: a cell, or one statement of the cell with the imports.

    ``binds`` are the names that they give a value to, ``uses`` those that they look up.
    """

    def __init__(self, cell: dict, source: str, body: list[ast.stmt], *, alone: bool) -> None:
        self.cell, self.source, self.body = cell, source, body
        self.uses = _used(body)
        self.binds = set().union(*(_names(statement)[1] for statement in body))
        self.brings = bool(body) and all(
            isinstance(one, ast.Import | ast.ImportFrom) for one in body
        )
        #: What has an effect and no name, such as ``np.set_printoptions(…)``.
        self.always = alone and isinstance(body[0], ast.Expr) and bool(self.uses)


class Sheet:
    """A notebook, of exercises unless it is a `Chapter`; ``cells`` are those of its JSON.

    ``tell`` is called with the name of a cell before it runs, and with whether it is to end soon:
    an import may take long.
    """

    #: Names whose use, as a statement, has no effect that is seen here.
    idle: frozenset[str] = frozenset()
    others = OTHERS

    def __init__(
        self, cells: list[dict], tell: Callable[[str, bool], None] = lambda name, soon: None
    ) -> None:
        self.cells = [dict(cell, source="".join(cell["source"])) for cell in cells]
        self.tell = tell
        self._found: dict[tuple[str, bool], tuple[str, list[Unit]]] = {}
        heading = ""
        for cell in self.cells:
            if cell["cell_type"] != "code":
                found = re.findall(r"^## (.*?)(?: \([\d½ ]+ points?\))?$", cell["source"], re.M)
                heading = found[-1] if found else heading
            cell["title"] = heading

    def needed(self, name: str, action: str, answers: dict[str, str]) -> str:
        """The source of all that a press of this button runs, to see what it imports."""
        return "\n".join(
            ast.unparse(ast.Module(unit.body, [])) for unit in self._plan(name, action, answers)[0]
        )

    def press(self, name: str, action: str, answers: dict[str, str]) -> dict:
        """Run the exercise whose answer is the cell ``name``, and tell what came of it.

        ``action`` is ``"run"`` (the answer, then what tries it), ``"check"``, or ``"hint"``, a
        check that is asked for the way out. ``answers`` has the learner's text for each cell that
        was edited. Returns ``outputs``, a list of ``{"kind", "text", "html"?}`` with the kinds
        ``stream``, ``result`` and ``error``; a check also gives ``points``, ``maximum`` and
        ``html``, its words, if it came to an end.
        """
        before, own = self._plan(name, action, answers)
        space, notes = {"__name__": "__main__"}, []
        for unit in before[: len(before) - len(own)]:
            *_, error = self._run(unit, space)
            if error is not None and _is_answer(unit.cell):
                notes.append(
                    f"Your answer to “{unit.cell['title']}”, which is used here, does not run:"
                    f" {type(error).__name__}: {error}"
                )
        outputs, found = [], {}
        for unit in own:
            printed, value, error = self._run(unit, space)
            last = unit is own[-1]
            if isinstance(value, Score) and last and action != "run":
                found = {
                    "points": float(value),
                    "maximum": value.maximum,
                    "html": value._repr_html_(),
                    "hint": "hint=True" in " ".join(value.feedback),
                }
            elif action == "run" or error is not None:
                outputs += [{"kind": "stream", "text": printed}] * bool(printed)
                outputs += shown(value)
            if error is not None:
                outputs.append({"kind": "error", "text": _told(error)})
                break
        outputs += [{"kind": "stream", "text": note} for note in notes]
        return {"outputs": outputs, **found}

    def _plan(self, name: str, action: str, answers: dict[str, str]) -> tuple[list, list]:
        """The units that a press runs, and of these the exercise's own, which are the last."""
        cells = [
            cell | {"source": answers.get(cell["id"], cell["source"]), "stub": cell["source"]}
            for cell in self.cells
        ]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        start = next(place for place, cell in enumerate(code) if cell["id"] == name)
        end = next(place for place in range(start, len(code)) if _is_check(code[place]))
        between = code[start + 1 : end]
        tried = [cell for cell in between if not _is_given(cell)]
        wanted = [code[start], *(between if action == "run" else [])]
        if action != "run":
            # What tries the answer is left out; what the check is given besides, is not.
            used = set().union(*(unit.uses for unit in self._units(code[end])))
            for cell in between:
                unit = next(iter(self._units(cell)), None)
                if cell not in tried or (unit and unit.binds & used):
                    wanted.append(cell)
            wanted.append(_asking(code[end]) if action == "hint" else code[end])
        own = [unit for cell in wanted for unit in self._units(cell)]
        return [*(unit for unit, _ in self._before(code[:start], own)), *own], own

    def _before(self, cells: list[dict], own: list[Unit]) -> list[tuple[Unit, set[str]]]:
        """The units of these cells that have to run before those of the exercise, or of a cell,
        each with the names that are taken from it.
        """
        above = [
            unit
            for place, cell in enumerate(cells)
            if not _is_check(cell)
            for unit in self._units(cell, split=place == 0)
        ]
        uses = set().union(*(unit.uses for unit in own))
        before = []
        for unit in reversed(above):
            if (unit.always and not unit.uses & self.idle) or unit.binds & uses:
                before.insert(0, (unit, unit.binds & uses))
                uses = (uses - unit.binds) | unit.uses
        return before

    def _units(self, cell: dict, split: bool = False) -> list[Unit]:
        """`_units` of the cell, found anew where its source has changed since the last press."""
        source, units = self._found.get((cell["id"], split), (None, []))
        if source != cell["source"]:
            units = list(_units(cell, split))
            self._found[cell["id"], split] = cell["source"], units
        return units

    def _run(self, unit: Unit, space: dict) -> tuple[str, object, BaseException | None]:
        """What the unit printed, the value of its last expression, and what it raised."""
        own = f" to “{unit.cell['title']}”" if _is_answer(unit.cell) else ""
        file = f"{OWN}{own}" if own else f"{self.others} ({unit.cell['id']})"
        linecache.cache[file] = (len(unit.source), None, unit.source.splitlines(True), file)
        self.tell(unit.cell["id"], not unit.brings)
        printed, value = io.StringIO(), None
        # A check has a clock of its own, and words for what is too long.
        clock = contextlib.nullcontext() if unit.brings or _is_check(unit.cell) else Clock()
        try:
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                warnings.catch_warnings(),
                clock,
            ):
                # As Jupyter: what others will take out of their libraries is theirs to know.
                warnings.simplefilter("default")
                for kind in (DeprecationWarning, PendingDeprecationWarning):
                    warnings.simplefilter("ignore", kind)
                warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
                body = unit.body or ast.parse(unit.source, file).body
                last = body[-1] if body else None
                if isinstance(last, ast.Expr) and not unit.source.rstrip().endswith(";"):
                    body = body[:-1]
                else:
                    last = None
                exec(compile(ast.Module(body, []), file, "exec"), space)
                if last is not None:
                    value = eval(compile(ast.Expression(last.value), file, "eval"), space)
        except TimeUp:
            return printed.getvalue(), None, _Long("It ran for 10 s and was stopped.")
        except (Exception, SystemExit) as error:
            return printed.getvalue(), None, error
        return printed.getvalue(), value, None


class Chapter(Sheet):
    """A chapter's notebook, each of whose cells can be run, and run again when it was changed.

    What cells leave behind stays, as in Jupyter. Before a cell runs, those above it run that define
    what it uses, if they have not run, or not as they are now.
    """

    idle = frozenset({"plt", "style"})  # nothing is drawn
    others = PAGE

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self._space = {"__name__": "__main__"}
        self._ran: dict[Unit, int] = {}  # when
        self._owners: dict[str, Unit] = {}  # by the name that it has given a value to

    def needed(self, name: str, action: str, answers: dict[str, str]) -> str:
        """The source of all that the cell needs, to see what it imports."""
        return "\n".join(
            ast.unparse(ast.Module(unit.body, []))
            for unit in [*self._above(name, answers), *self._own(name, answers)]
        )

    def press(self, name: str, action: str, answers: dict[str, str]) -> dict:
        """Run the cell ``name``; ``action`` is ``"run"``.

        Returns ``outputs`` as a sheet does, and ``same``: whether they are those in the notebook.
        """
        outputs = []
        for unit in self._above(name, answers):
            *_, error = self._run(unit, self._space)
            if error is not None:
                outputs.append({"kind": "error", "text": _told(error)})
                return {"outputs": outputs, "same": False}
        for unit in self._own(name, answers):
            printed, value, error = self._run(unit, self._space)
            outputs += [{"kind": "stream", "text": printed}] * bool(printed)
            outputs += shown(value)
            if error is not None:
                outputs.append({"kind": "error", "text": _told(error)})
        return {"outputs": outputs, "same": _words(outputs) == _words(self._given(name))}

    def _code(self, answers: dict[str, str]) -> list[dict]:
        return [
            cell | {"source": answers.get(cell["id"], cell["source"]), "stub": cell["source"]}
            for cell in self.cells
            if cell["cell_type"] == "code"
        ]

    def _own(self, name: str, answers: dict[str, str]) -> list[Unit]:
        code = self._code(answers)
        place = next(place for place, cell in enumerate(code) if cell["id"] == name)
        return self._units(code[place], split=place == 0)

    def _above(self, name: str, answers: dict[str, str]) -> list[Unit]:
        """What has to run before the cell, and has not run as it is now."""
        code = self._code(answers)
        place = next(place for place, cell in enumerate(code) if cell["id"] == name)
        before = self._before(code[:place], self._own(name, answers))
        stale = []
        for unit, names in before:
            used = [one for one, _ in before if one.binds & unit.uses and one is not unit]
            since = self._ran.get(unit, 0)
            if (
                not since
                or any(self._owners.get(name) is not unit for name in names)
                or any(one in stale or self._ran.get(one, 0) > since for one in used)
            ):
                stale.append(unit)
        return stale

    def _run(self, unit: Unit, space: dict) -> tuple[str, object, BaseException | None]:
        found = super()._run(unit, space)
        self._ran.pop(unit, None)
        if found[2] is None:  # else it runs again before what needs it
            self._ran[unit] = max(self._ran.values(), default=0) + 1
        self._owners |= dict.fromkeys(unit.binds, unit)
        return found

    def _given(self, name: str) -> list[dict]:
        """What the notebook has of the cell's outputs, as a press would tell them."""
        (cell,) = [cell for cell in self.cells if cell["id"] == name]
        texts = [one.get("text") or one["data"]["text/plain"] for one in cell["outputs"]]
        return [{"text": "".join(text)} for text in texts]


def _words(outputs: list[dict]) -> list[str]:
    """What is told, however it is laid out."""
    return " ".join(one["text"] for one in outputs).split()


class _Long(Exception):
    """What ran too long."""


def shown(value: object) -> list[dict]:
    """What Jupyter shows of the value of a cell's last expression."""
    if value is None:
        return []
    html = ""
    try:
        text = pretty(value)
        if hasattr(value, "_repr_html_") and not isinstance(value, type):
            html = value._repr_html_()
        elif type(value).__module__.startswith("sympy") and hasattr(value, "_repr_latex_"):
            from sympy import mathml  # the value brought SymPy along

            html = f"<math display='block'>{mathml(value, printer='presentation')}</math>"
    except Exception as error:
        text = f"It cannot be shown ({type(error).__name__}: {error})."
    return [{"kind": "result", "text": text} | ({"html": html} if html else {})]


def _is_answer(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _is_check(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def _is_given(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader")) and not _is_answer(cell)


def _asking(check: dict) -> dict:
    """The check's cell, asked for a hint."""
    tree = ast.parse(check["source"])
    call = tree.body[-1].value
    call.keywords.append(ast.keyword("hint", ast.Constant(True)))
    return check | {"source": ast.unparse(tree)}


def _units(cell: dict, split: bool = False) -> Iterator[Unit]:
    """The cell as one unit, or, of the cell with the imports, each statement, each name alone.

    Source that is no Python is a unit too, of the names that its stub has: who runs it is told why.
    """
    source = cell["source"]
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        unit = Unit(cell, source, ast.parse(cell["stub"]).body, alone=False)
        unit.body = []
        yield unit
        return
    if not split:
        yield Unit(cell, source, body, alone=False)
        return
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                one = ast.parse(ast.unparse(statement)).body[0]
                one.names = [alias]
                yield Unit(cell, source, [ast.copy_location(one, statement)], alone=True)
        else:
            yield Unit(cell, source, [statement], alone=True)


def _used(body: list[ast.stmt]) -> set[str]:
    """The names that these statements look up and have not given a value to before."""
    used, bound = set(), set()

    def walk(statements):
        for one in statements:
            match one:
                case ast.For(target, iterated, inner, other):
                    use(ast.Expr(iterated))
                    bound.update(_names(ast.Assign([target], ast.Constant(0)))[1])
                    walk([*inner, *other])
                case ast.If(test, inner, other) | ast.While(test, inner, other):
                    use(ast.Expr(test))
                    walk([*inner, *other])
                case _:
                    use(one)

    def use(statement):
        looked_up, given = _names(statement)
        used.update(looked_up - bound)
        bound.update(given)

    walk(body)
    return used


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names of the sheet that a statement looks up, and those that it gives a value to.

    A function's own names are none of them, nor those of a comprehension.
    """
    top = scopes.table(ast.unparse(ast.fix_missing_locations(ast.Module([statement], []))))
    used = {one.get_name() for one in top.get_symbols() if one.is_referenced()}
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    changed = (node.target for node in ast.walk(statement) if isinstance(node, ast.AugAssign))
    used |= {target.id for target in changed if isinstance(target, ast.Name)} & bound
    tables = top.get_children()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for one in table.get_symbols():
            if one.is_global():
                (bound if one.is_assigned() else used).add(one.get_name())
    return used, bound


def _told(error: BaseException) -> str:
    """An exception as Python tells it, of which only the sheet's own lines are told."""
    if isinstance(error, _Long):
        return str(error)
    steps = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if step.filename.startswith((OWN, OTHERS, PAGE))
    ]
    lines = [
        f"{step.filename}, line {step.lineno}" + f", in {step.name}" * (step.name != "<module>")
        + f"\n    {step.line}"
        for step in steps
    ]  # fmt: skip
    text = "".join(traceback.format_exception_only(error)).rstrip()
    return "\n".join([*lines, re.sub(r'^  File "([^"]*)", ', r"\1, ", text, flags=re.M)])
