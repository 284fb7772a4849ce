"""What the text of a cell is as Python: its statements, what each makes, and what it needs.

Nothing is run. Text that is no Python as it stands is read as Jupyter reads it (lines for IPython,
prompts, a cell that is indented as a whole), and mended where an editor put look-alikes in it.
"""

from __future__ import annotations

import ast
import builtins
import html
import re
import symtable
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

from backpass import scopes

#: More than anybody writes into a cell; what is longer is not looked into.
LONGEST = 200_000

#: Names that are there before anything runs.
BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "get_ipython", "display"}

#: What may have happened when one of them is called cannot be read off the text.
_OPAQUE = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__"}

_BLOCKS = (ast.For, ast.While, ast.With, ast.If, ast.Try, ast.TryStar, ast.Match)

_SPACES = {code: " " for code in (0xA0, 0x202F, 0x3000, *range(0x2000, 0x200B))}
_SPACES |= dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0xAD), "")
_SIGNS = dict.fromkeys(map(ord, "“”„"), '"') | dict.fromkeys(map(ord, "‘’‚"), "'")
_SIGNS |= dict.fromkeys(map(ord, "−–"), "-")

_DEFINES = re.compile(r"@|(?:async +)?def |class ")
_MAKES = re.compile(r"@|(?:async +)?def |class |import |from |[\w, ()*]+=[^=]")

_HELP = re.compile(r"\?{1,2}[\w.*]+|[\w.*]+\?{1,2}")

#: How many unfinished merges are looked at: each is looked for to the end of the text.
MOST_MARKS = 50

#: A cell that begins so is of another language, or only written to a file.
_FOREIGN = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun|debug|script +false|python3?)\b)\w+")
_FENCE = re.compile(r" {0,3}(```+|~~~+)([^`]*)")
_PROMPT = re.compile(r"^[ \t]*(?:>>> ?|\.\.\.(?: |$)|In \[\d*\]: ?|\.{3,}: ?)", re.MULTILINE)
_NUMBERED = re.compile(r"\s*(\d{1,5})(?:[:.)|\u2502]|(?=\s|$))(?: ?[|\u2502])?[ \t]?(.*)")
_MARKS = re.compile(
    r"^<{7}[^\n]*\n(.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}[^\n]*\n(.*?)^>{7}[^\n]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell, with the comments before it.

    It ``binds`` names, and ``changes`` those whose values it may alter besides; it needs names
    ``now``, when it runs, and ``later``, when the functions in it are called.
    """

    text: str
    node: ast.stmt
    binds: frozenset[str] = field(default=frozenset())
    changes: frozenset[str] = field(default=frozenset())
    now: frozenset[str] = field(default=frozenset())
    later: frozenset[str] = field(default=frozenset())
    opaque: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """What it needs, at once or later."""
        return self.now | self.later

    @cached_property  # a class has the same statements many times
    def code(self) -> str:
        """A text that it shares with others that are the same code."""
        return dump(self.node)


@lru_cache(maxsize=1024)  # a class has the same cells many times
def parse(text: str) -> ast.Module | None:
    """The tree of a text, or None if it is no Python."""
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():  # of its own escapes a text may warn
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def same(one: str, other: str) -> bool:
    """Are two texts the same code, but for layout, comments, and letters lost by an encoding?"""
    if one == other:
        return True
    one, other = ascii_only(one), ascii_only(other)
    if one.split() == other.split():
        return True
    trees = parse(one), parse(other)
    return None not in trees and dump(trees[0]) == dump(trees[1])


def dump(node: ast.AST) -> str:
    """A text that two trees share if they are the same code."""
    try:
        return ast.dump(node)
    except RecursionError:
        return f"{id(node)}"


def ascii_only(text: str) -> str:
    """The text with one question mark for letters that encodings disagree on."""
    return re.sub(r"(?:[^\x00-\x7f]|\?)+", "?", text)


def sides(text: str) -> tuple[str, str] | None:
    """Both versions of a text with the marks of a merge; None if it has none."""
    marks = re.findall(r"^<{7}", text, re.MULTILINE)
    if not 0 < len(marks) <= MOST_MARKS or not _MARKS.search(text):
        return None
    return _MARKS.sub(r"\1", text), _MARKS.sub(r"\2", text)


def foreign(text: str) -> bool:
    """Is it a cell that Jupyter does not run as Python?"""
    return bool(_FOREIGN.match(text))


def fenced(text: str) -> str:
    """The code between the fences of a Markdown text, or ``""``."""
    return "\n\n".join("\n".join(block).strip("\n") for block in _by_fences(text)[0])


def _by_fences(text: str) -> tuple[list[list[str]], list[str]]:
    """The lines of each block between fences, and the lines beside them."""
    lines = text.split("\n")
    fences = [_FENCE.fullmatch(line) for line in lines]
    ends = {found[1]: i for i, found in enumerate(fences) if found and not found[2].strip(" \t")}
    blocks, beside, fence = [], [], ""
    for i, (line, found) in enumerate(zip(lines, fences, strict=True)):
        if fence and found and found[1] == fence and not found[2].strip(" \t"):
            fence = ""
        elif fence:
            blocks[-1].append(line)
        elif found and ends.get(found[1], 0) > i:
            blocks.append([])
            fence = found[1]
        else:
            beside.append(line)
    return blocks, beside


@lru_cache(maxsize=1024)
def plain(text: str) -> tuple[str, str]:
    """The text as Python, and words for what was mended beyond what Jupyter itself does.

    A text that is no Python in any reading comes back as it is.
    """
    if parse(text) is not None:
        return text, ""
    found, said = text, []
    for change, words in _READINGS:
        other = change(found)
        if other == found or not other.strip():
            continue
        found = other
        said += [words] if words else []
        if parse(found) is not None:
            return found, " and ".join(said)
    return text, ""


def _even(text: str) -> str:
    """The text without tabs, whose width an editor chose."""
    return next((found for n in (4, 8) if parse(found := text.expandtabs(n))), text.expandtabs(4))


def _alone_fenced(text: str) -> str:
    """The code between fences, if there is none beside."""
    beside = any(_DEFINES.match(line) for line in _by_fences(text)[1])
    return text if beside else fenced(text)


def _no_magics(text: str) -> str:
    """The text with ``pass`` for lines of IPython's; those before all else stand as far in as that,
    for what was indented as a whole.
    """
    lines, first, begun = [], [], False
    for line in text.split("\n"):
        bare = line.strip()
        margin = line[: len(line) - len(line.lstrip())]
        if bare[:1] in ("%", "!") or _HELP.fullmatch(bare):
            first += [] if begun else [len(lines)]
            line = f"{margin}pass"
        elif bare and not begun:
            begun = True
            for place in first:
                lines[place] = f"{margin}pass"
        lines.append(line)
    return textwrap.dedent("\n".join(lines)) if first else "\n".join(lines)


def _no_numbers(text: str) -> str:
    """The text without the numbers of its lines, if each has one: they go up by one a line, and
    empty lines may have been lost.
    """
    found, before = [], None
    for place, line in enumerate(text.split("\n")):
        if not line.strip():
            found.append("")
            continue
        numbered = _NUMBERED.fullmatch(line)
        number = int(numbered[1]) if numbered else -1
        if before is None:
            before = place - 1, number - 1
        if number < 0 or number - before[1] not in (1, place - before[0]):
            return text
        before = place, number
        found.append(numbered[2])
    return textwrap.dedent("\n".join(found))


def _dedent(text: str) -> str:
    """As IPython does: by as much as the first line is indented."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    width = len(first) - len(first.lstrip())
    return "\n".join(re.sub(rf"^\s{{0,{width}}}", "", line) for line in text.split("\n"))


_READINGS = (
    (textwrap.dedent, ""),
    (_dedent, ""),
    (_no_magics, ""),
    (lambda text: _PROMPT.sub("", text), ""),
    (_no_numbers, "the numbers of its lines"),
    (lambda text: text.translate(_SPACES), "spaces that are none to Python"),
    (lambda text: text.translate(_SIGNS), "typographic quotes and signs"),
    (_even, "tabs among spaces"),
    (lambda text: re.sub(r"^ {0,3}> ?", "", text, flags=re.MULTILINE), "the marks of a quotation"),
    (html.unescape, "the escapes of a web page"),
    (_alone_fenced, "the fences around it"),
)


def salvaged(text: str) -> str:
    """What of a text that is no Python as a whole defines something by itself.

    A definition ends where a line is not further in than its first.
    """
    lines = _dedent(text).split("\n")[:5000]
    depths = [len(line) - len(line.lstrip()) if line.strip() else None for line in lines]
    found, done = [], 0
    for start, depth in enumerate(depths):
        bare = lines[start].lstrip()
        if depth is None or start < done or not (_DEFINES if depth else _MAKES).match(bare):
            continue
        for end in _ends(lines, depths, start):
            chunk = plain("\n".join(lines[start:end]))[0]
            tree = parse(chunk)
            if tree and any(not isinstance(node, ast.Expr) for node in tree.body):
                found.append(chunk.rstrip())
                done = end
                break
    return "\n\n".join(found)


def _ends(lines: list[str], depths: list[int | None], start: int) -> list[int]:
    """The lines before which what begins at ``start`` may end."""
    later = range(start + 1, len(lines))
    outer = (i for i in later if depths[i] is not None and depths[i] <= depths[start])
    ends = [i for i in islice(outer, 16) if lines[i].lstrip()[0] not in "#)]}"]
    return [*ends[:8], len(lines)]


@lru_cache(maxsize=1024)
def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text, which together are all of it; none if it is no Python."""
    tree = parse(text)
    if tree is None:
        return ()
    lines, found, start = text.split("\n"), [], 0
    groups: list[list[ast.stmt]] = []
    for node in tree.body:  # what shares a line stays together
        if groups and node.lineno <= groups[-1][-1].end_lineno:
            groups[-1].append(node)
        else:
            groups.append([node])
    for group in groups:
        end = len(lines) if group is groups[-1] else group[-1].end_lineno
        piece = "\n".join(lines[start:end])
        if group is not groups[0]:
            piece = piece.lstrip("\n")
        found.append(_statement(piece, group))
        start = end
    return tuple(found)


def names_in(expression: str) -> set[str]:
    """The names in an expression."""
    tree = parse(expression)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()


def needed_now(found: Iterable[Statement]) -> set[str]:
    """What statements, run one after the other, need of what was there before."""
    needs, own = set(), set()
    for statement in found:
        needs |= statement.now - own
        own |= statement.binds
    return needs


def needed(found: Iterable[Statement]) -> set[str]:
    """What statements need from elsewhere, at once or when what they define is called."""
    found = list(found)
    own = {name for statement in found for name in statement.binds}
    return needed_now(found) | {name for statement in found for name in statement.later} - own


def _statement(text: str, group: list[ast.stmt]) -> Statement:
    binds, now, later = set(), set(), set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _names(scopes.table(text), True, binds, now, later)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    if len(group) > 1 or isinstance(group[0], _BLOCKS):
        now -= binds  # a loop's own variable is there when it is read
    changes, opaque = set(binds), False
    for node in _at_once(group):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            changes.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if isinstance(node.value.func, ast.Attribute):
                changes.add(_root(node.value.func))
        elif isinstance(node, ast.Name):
            opaque = opaque or node.id in _OPAQUE
        elif isinstance(node, ast.ImportFrom):
            opaque = opaque or any(alias.name == "*" for alias in node.names)
    changes.discard("")
    frozen = (frozenset(names) for names in (binds, changes, now - BUILTINS, later - BUILTINS))
    return Statement(text, group[0], *frozen, opaque=opaque)


def _at_once(group: list[ast.stmt]) -> Iterator[ast.AST]:
    """All that runs with the statements, not what is in functions."""
    left = list(group)
    while left:
        node = left.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            left += node.decorator_list
        elif not isinstance(node, ast.Lambda):
            left += ast.iter_child_nodes(node)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names(table: symtable.SymbolTable, at_once: bool, binds: set, now: set, later: set) -> None:
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if top and (symbol.is_assigned() or symbol.is_imported()):
            binds.add(name)
        if symbol.is_referenced() and (top or symbol.is_global()):
            (now if at_once else later).add(name)
        if not top and symbol.is_declared_global() and symbol.is_assigned():
            (binds if at_once else later).add(name)  # a walrus in a comprehension
    for child in table.get_children():
        here = at_once and (child.get_type() == "class" or child.get_name() == "genexpr")
        _names(child, here, binds, now, later)
