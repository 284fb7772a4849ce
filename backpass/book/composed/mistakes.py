"""The instructor's table: every mistake that the checks name, what is told of it, and an answer.

On a page ``{mistakes} bptt`` becomes a section with a table for each exercise of the chapter. Names
and sentences are those of the checks. The answers are those with which the tests try them, as they
stand there. A line that says how many there are opens the table. The student edition has none of
it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from backpass.book.text.further import further
from backpass.checks import Exercise, chapters
from backpass.checks.markup import marked

HEAD = ("mistake", "what a learner is told", "an answer that is told so")
LEFT_OUT = "The student edition leaves this table out: its answers show too much of the right ones."


class Mistakes(SphinxDirective):
    """``{mistakes} chapter``: a section for each of the chapter's exercises."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.config.backpass_edition == "student":
            return [nodes.paragraph("", LEFT_OUT)]
        chapter, sections = self.arguments[0], []
        for slug, exercise in chapters()[chapter].items():
            answers, paths = found(Path(self.env.srcdir, "tests", "checks", chapter), slug)
            for path in paths:
                self.env.note_dependency(str(path))
            points = "1 point" if exercise.points == 1 else f"{exercise.points:g} points"
            title = nodes.title("", f"{exercise.title} ({exercise.kind}, {points})")
            count = len(exercise.mistakes)
            line = "1 mistake" if count == 1 else f"{count} mistakes"
            rows = further("", table(exercise, answers), named=line)
            section = nodes.section("", title, rows, names=[f"{chapter} {slug}"])
            self.state.document.note_implicit_target(section)
            sections.append(section)
        return sections


def found(folder: Path, slug: str) -> tuple[dict[str, str], list[Path]]:
    """The answers with which an exercise's mistakes are tried, as code, by the mistake's name.

    Where they were found comes with them: the exercise's tests, and what the chapter's share. For
    the name of a function stands the function itself.
    """
    paths = [folder / f"test_{slug}.py", folder / "answers.py"]
    paths = [path for path in paths if path.exists()]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    functions = {
        node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    answers: dict[str, str] = {}
    for name, value in (entry for tree in trees for entry in _entries(tree)):
        whole = functions.get(value.id, value) if isinstance(value, ast.Name) else value
        answers.setdefault(name, ast.unparse(whole))
    return answers, paths


def _entries(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What the dictionaries of a module hold under texts, first that which is called WRONG."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    for node in sorted(assigned, key=lambda node: "WRONG" not in ast.unparse(node.targets[0])):
        pairs = [(getattr(node.targets[0], "slice", None), node.value)]  # WRONG["late"] = late
        for part in ast.walk(node.value):
            pairs += zip(part.keys, part.values, strict=True) if isinstance(part, ast.Dict) else ()
        for key, value in pairs:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def table(exercise: Exercise, answers: dict[str, str]) -> nodes.table:
    """The table of an exercise, with a row for each of its mistakes."""
    group = nodes.tgroup("", cols=len(HEAD))
    group += [nodes.colspec(colwidth=width) for width in (15, 45, 40)]
    group += nodes.thead("", _row(*([nodes.Text(text)] for text in HEAD)))
    body = nodes.tbody()
    answers = misjudged(exercise) | answers
    for slug, sentence in exercise.mistakes.items():
        answer = answers.get(slug, repr(slug))  # of a choice the name is the answer
        told = [*_words(f"{sentence} {sentence.fix}".strip())]
        if "\n" in answer:  # below the words, in the width of both columns
            row = _row([_code(slug)], told)
            row[0]["morerows"] = row[1]["morecols"] = 1
            row["classes"] = ["above"]
            body += row
            body += _row([nodes.literal_block(answer, answer)])
            body[-1][0]["morecols"] = 1
        else:
            body += _row([_code(slug)], told, [_code(answer)])
    group += body
    return nodes.table("", group, classes=["mistakes"])


def misjudged(exercise: Exercise) -> dict[str, str]:
    """For each mistake about a sentence that is judged, the judgment that makes it."""
    exercise(None)  # now it has said which sentences there are
    return {slug: f'"{letter}": {not true}' for letter, (true, slug) in exercise.judged.items()}


def _row(*cells: list[nodes.Node]) -> nodes.row:
    """Words stand in a cell by themselves: paragraphs around them would be thousands of parts."""
    return nodes.row("", *(nodes.entry("", *cell) for cell in cells))


def _code(text: str) -> nodes.literal:
    return nodes.literal(text, text)


def _words(sentence: str) -> Iterator[nodes.Node]:
    """A sentence with its `code` and *stress*, and without the section that it sends to."""
    text = re.sub(r"\s*Section: “[^”]*”\.", "", sentence)
    make = {"em": nodes.emphasis, "sub": nodes.subscript, "sup": nodes.superscript}
    for kind, words in marked(text):
        if kind in make:
            yield make[kind]("", words)
        else:
            yield _code(words) if kind else nodes.Text(words)


def setup(app: Sphinx) -> None:
    app.add_directive("mistakes", Mistakes)
