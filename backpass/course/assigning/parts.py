"""A part of a sheet: the cells of some exercises, and what these need of the others.

A sheet is sections, each with a heading. One without points, such as a worked example, leads to
the exercise that follows it. What a cell needs are the names that it uses, each from the cell that
defines it last before. What only the book's own answer uses is no need: another may do without.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backpass import scopes
from backpass.course.assignment import Cell

_HEADING = re.compile(r"#{2,3} ")
#: Roles of cells with code in them.
CODE = ("given", "answer", "check", "free")
_EXAMPLE = re.compile(r"\bworked example\b", re.IGNORECASE)


@dataclass
class Part:
    """What is kept of a sheet.

    ``cells`` are the places of its cells. ``needed`` has the exercises that were not asked for, by
    slug, each with the one that uses its answer. ``left_out`` has the places of cells of a kept
    exercise, such as a picture, that show the answer to one that is not.
    """

    cells: list[int] = field(default_factory=list)
    needed: dict[str, str] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)
    helped: dict[str, list[str]] = field(default_factory=dict)


def part(cells: Sequence[Cell], solved: Sequence[str], slugs: Iterable[str]) -> Part:
    """The part of a sheet with the exercises ``slugs``; ``solved`` has its cells' solved texts."""
    sheet = _Sheet(cells, solved)
    for slug in slugs:
        sheet.keep(slug)
    return sheet.part()


class _Sheet:
    def __init__(self, cells: Sequence[Cell], solved: Sequence[str]) -> None:
        self.cells = cells
        code = [cell.source if cell.role in CODE else "" for cell in cells]
        self.needs = _needs(code)
        answers = [text if cell.role == "answer" else own
                   for cell, text, own in zip(cells, solved, code, strict=True)]  # fmt: skip
        self.uses = _needs(answers)
        self.kept: set[int] = set()
        self.wanted: dict[str, str] = {}  # an exercise, and who needs it
        self.sections, self.section_of = _sections(cells)
        self.slugs = {cell.slug: i for i, cell in enumerate(cells) if cell.slug}
        self.last = max(self.slugs.values())
        self.kept |= {*self.sections[0], *range(self.last + 1, len(cells))}

    def keep(self, slug: str, needed_by: str = "") -> None:
        """An exercise with what leads to it and what it needs."""
        if slug in self.wanted:
            self.wanted[slug] = self.wanted[slug] and needed_by
            return
        self.wanted[slug] = needed_by
        place = self.slugs[slug]
        section = self.section_of[place]
        here = [i for i in self.sections[section] if i <= self.last]
        for i in (*self._leading(section), *here):
            if not self._optional(i, place):
                self._keep(i, slug)

    def part(self) -> Part:
        left = []
        for slug in self.wanted:
            place = self.slugs[slug]
            for i in self.sections[self.section_of[place]]:
                if i not in self.kept:
                    if self._foreign(i) <= self.wanted.keys():
                        self._keep(i, slug)
                    else:
                        left.append(i)
        needed = {slug: other for slug, other in self.wanted.items() if other}
        helped = {slug: sorted(there) for slug in self.wanted if (there := self._helped(slug))}
        return Part(sorted(self.kept), needed, sorted(left), helped)

    def _helped(self, slug: str) -> set[str]:
        """The exercises that the book's own answer uses and that are not kept."""
        here = self.sections[self.section_of[self.slugs[slug]]]
        answers = [i for i in here if self.cells[i].role == "answer"]
        used = {j for i in answers for j in self.uses[i] if self.cells[j].role == "answer"}
        return {self._owner(j) for j in used} - self.wanted.keys() - {""}

    def _keep(self, i: int, slug: str) -> None:
        if i in self.kept:
            return
        self.kept.add(i)
        for j in self.needs[i]:
            owner = self._owner(j)
            if owner and owner != slug and self.cells[j].role == "answer":
                self.keep(owner, slug)
            else:
                self._keep(j, slug)

    def _owner(self, i: int) -> str:
        """The exercise in whose section a cell is; an answer is there before its check."""
        after = [s for s, place in self.slugs.items()
                 if self.section_of[place] == self.section_of[i] and place >= i]  # fmt: skip
        return after[0] if after else ""

    def _optional(self, i: int, check: int) -> bool:
        """Without it the exercise is whole: a picture, or what prepares something later."""
        cell = self.cells[i]
        return cell.role in ("free", "given") and ("@picture(" in cell.source or i > check)

    def _foreign(self, i: int) -> set[str]:
        """The exercises whose answers a cell needs, by way of others too."""
        found, seen, waiting = set(), set(), [i]
        while waiting:
            j = waiting.pop()
            if j in seen:
                continue
            seen.add(j)
            if self.cells[j].role == "answer":
                found.add(self._owner(j))
            else:
                waiting += self.needs[j]
        return found - {""}

    def _leading(self, section: int) -> list[int]:
        """The cells before an exercise that lead to it, and the example that its text names."""
        found: list[int] = []
        before = section - 1
        while before > 0 and not self._graded(before):
            found += self.sections[before]
            before -= 1
        here = " ".join(self.cells[i].source for i in self.sections[section])
        if not found and _EXAMPLE.search(here) and "**Worked example" not in here:
            while before > 0 and self._graded(before):
                before -= 1
            found += self.sections[before] if before > 0 else ()
        return sorted(found)

    def _graded(self, section: int) -> bool:
        return any(self.cells[i].slug for i in self.sections[section])


def _sections(cells: Sequence[Cell]) -> tuple[list[list[int]], list[int]]:
    """The places of the cells of each section, and the section of each cell."""
    sections: list[list[int]] = [[]]
    section_of = []
    for i, cell in enumerate(cells):
        if cell.role == "text" and _HEADING.match(cell.source):
            sections.append([])
        sections[-1].append(i)
        section_of.append(len(sections) - 1)
    return sections, section_of


def _needs(sources: Sequence[str]) -> list[list[int]]:
    """For each cell the cells from which its names come."""
    defined: dict[str, int] = {}
    needs = []
    for i, source in enumerate(sources):
        uses, makes = names(source)
        needs.append(sorted({defined[name] for name in uses if name in defined}))
        defined |= dict.fromkeys(makes, i)
    return needs


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell's code takes from other cells, and those that it defines."""
    try:
        uses, makes = scopes.names(source)
    except SyntaxError:
        return set(), set()
    return uses - makes - set(dir(builtins)), makes
