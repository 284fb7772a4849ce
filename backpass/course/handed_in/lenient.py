"""A notebook as it came back, whatever an editor, a platform or a cloud did to its file.

What is read is made anew, cell by cell, in nbformat 4.5: text, kind, id, the names that nbgrader
gave, and pictures in Markdown. Outputs are left out, and nothing else is believed.
"""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from typing import Any

from nbformat import NotebookNode, v4

from backpass.course.errors import Ungradable
from backpass.course.handed_in.statements import sides

#: What a notebook may have, in bytes, in cells, and in brackets (a bomb of lists has more).
MOST_BYTES = 20_000_000
MOST_CELLS = 5_000
MOST_BRACKETS = 1_000_000

_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
]

#: How files begin that are something else.
_OTHERS = [
    (b"%PDF", "a PDF"),
    (b"PK\3\4", "a zip or an office document"),
    (b"{\\rtf", "a text in RTF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"<", "a web page"),
]

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def read(content: bytes, name: str) -> tuple[NotebookNode, list[str]]:
    """The notebook that ``content`` is, and a sentence for each thing that was mended.

    ``name`` is what messages call it. Raises Ungradable for what is no notebook.
    """
    notes: list[str] = []
    text = _text(content, name, notes)
    try:
        raw = _json(text, name, notes)
    except Ungradable:
        raw = _of_the_east(content, name, notes)
        if raw is None:
            raise
    given = _cells(raw, name)
    if len(given) > MOST_CELLS:
        raise Ungradable(f"{name} has {len(given)} cells; up to {MOST_CELLS} are read.")
    made = [_cell(cell) for cell in given if isinstance(cell, dict)]
    if len(made) < len(given):
        notes.append("What stood among the cells and is none was left out.")
    if not any(cell.source.strip() for cell in made):
        raise Ungradable(f"{name} is an empty notebook: no cell has any text.")
    _own_ids(made)
    marked = [str(number) for number, cell in enumerate(made, 1) if sides(cell.source)]
    if marked:
        notes.append(
            f"Cell {', '.join(marked)} holds the marks of a merge that was not finished (<<<<<<<)."
        )
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = v4.new_notebook(cells=made, metadata=metadata)
    notebook.nbformat_minor = 5
    return notebook, notes


def _text(content: bytes, name: str, notes: list[str]) -> str:
    """Decoded: as UTF-8 where it is that, and as cp1252 where it is not."""
    if len(content) > MOST_BYTES:
        raise Ungradable(too_large(name, len(content)))
    start = content[:200].lstrip(codecs.BOM_UTF8 + b" \r\n\t")
    if not content.strip(b"\0 \r\n\t"):
        raise Ungradable(f"{name} is empty.")
    for mark, kind in _OTHERS:
        if start.startswith(mark) and not start.startswith(b"<<<<<<<"):
            raise Ungradable(f"{name} is not a notebook: it is {kind}.")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            if encoding != "utf-8-sig":
                notes.append("It was saved as UTF-16 or UTF-32, and read so.")
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        notes.append("Some of it is not UTF-8; that was read as cp1252 (Windows).")
    text = content.decode(errors="surrogateescape")
    return re.sub(r"[\udc80-\udcff]+", _of_windows, text)


def _of_windows(found: re.Match) -> str:
    raw = found[0].encode("ascii", errors="surrogateescape")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _of_the_east(content: bytes, name: str, notes: list[str]) -> Any:
    """A notebook in an encoding in which a letter may hold the byte of a backslash; or None."""
    for encoding in ("gb18030", "shift_jis", "big5"):
        with suppress(UnicodeDecodeError, Ungradable):
            raw = _json(content.decode(encoding), name, [])
            notes[:] = [f"It is not UTF-8; it was read as {encoding}."]
            return raw
    return None


def too_large(name: str, size: int) -> str:
    """The reason for what is larger than a notebook."""
    return (
        f"{name} has {size / 1e6:.0f} MB; a notebook of up to {MOST_BYTES / 1e6:.0f} MB is read."
        " Its outputs can be cleared, and it can be handed in again."
    )


def _json(text: str, name: str, notes: list[str]) -> Any:
    text = text.strip("\ufeff\0 \r\n\t")
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise Ungradable(f"{name} is not a notebook: it nests and lists more than one can.")
    try:
        raw, end = json.JSONDecoder(strict=False).raw_decode(text)
    except json.JSONDecodeError as error:
        if (versions := sides(text)) or "<<<<<<<" in text:
            return _merged(versions, name, notes)
        if error.pos >= len(text) - 1 or error.msg.startswith("Unterminated"):
            why = "it ends in the middle, as if the upload was cut off"
        elif text[:1] not in ("{", "["):
            why = "it does not begin as one"
        else:
            why = f"{error.msg} in line {error.lineno}"
        raise Ungradable(f"{name} is not a readable notebook: {why}.") from None
    except RecursionError:
        raise Ungradable(f"{name} is not a notebook: it is nested too deep.") from None
    except (ValueError, MemoryError):
        raise Ungradable(f"{name} is not a readable notebook.") from None
    if text[end:].strip():
        notes.append("What stands in the file after the notebook's end was left out.")
    return raw


def _merged(versions: tuple[str, str] | None, name: str, notes: list[str]) -> Any:
    """A file with the marks of a merge, if they part nothing but outputs and counts."""
    told = f"{name} holds the marks of a merge that was not finished (<<<<<<<)"
    try:
        both = [json.loads(text, strict=False) for text in versions or ()]
        cells = [[_cell(cell) for cell in _cells(raw, name)] for raw in both]
    except (ValueError, RecursionError, AttributeError, Ungradable):
        both, cells = [], []
    texts = [[(cell.cell_type, cell.source) for cell in side] for side in cells]
    if not both or texts[0] != texts[1]:
        raise Ungradable(f"{told}, and nobody can tell which version counts.")
    notes.append(f"{told}. Both versions have the same text, so it was read all the same.")
    return both[1]


def _cells(raw: Any, name: str) -> list:
    """The cells of a notebook of format 4, or of the sheets of an older one."""
    if isinstance(raw, dict) and isinstance(raw.get("content"), dict):  # as a server gives it
        raw = raw["content"]
    if isinstance(raw, dict) and isinstance(raw.get("cells"), list):
        return raw["cells"]
    if isinstance(raw, dict) and isinstance(raw.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in raw["worksheets"] if isinstance(sheet, dict)]
        return [cell for cells in sheets if isinstance(cells, list) for cell in cells]
    raise Ungradable(f"{name} is not a notebook: it has no list of cells.")


def _cell(raw: dict) -> NotebookNode:
    kind, source = raw.get("cell_type"), _source(raw)
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    if kind == "heading":  # of format 3
        level = raw.get("level") if isinstance(raw.get("level"), int) else 1
        kind, source = "markdown", f"{'#' * min(max(level, 1), 6)} {source}"
    if kind not in ("code", "markdown", "raw"):
        kind = "code" if "outputs" in raw or "input" in raw else "raw"
    # Not by v4.new_code_cell and its like, which validate each; the notebook is, as a whole.
    cell = NotebookNode(cell_type=kind, metadata=NotebookNode(), source=source)
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    mark = metadata.get("nbgrader")
    if isinstance(mark, dict) and isinstance(mark.get("grade_id"), str):
        cell.metadata["nbgrader"] = NotebookNode(grade_id=mark["grade_id"])
    # Colab and Deepnote keep a cell's id where they keep all else.
    names = raw.get("id"), metadata.get("id"), metadata.get("cell_id"), metadata.get("name")
    cell.id = next((one for one in names if isinstance(one, str) and _ID.fullmatch(one)), "")
    if kind != "code" and (pictures := _attachments(raw.get("attachments"))):
        cell["attachments"] = pictures
    return cell


def _source(raw: dict) -> str:
    """The text of a cell, with the line ends of Unix and without what no text can hold."""
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        whole = any(line.endswith(("\n", "\r")) for line in lines[:-1])
        source = ("" if whole else "\n").join(lines)
    if not isinstance(source, str):
        return ""
    source = re.sub(r"\r\n?", "\n", source).replace("\0", "")
    source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _unscrambled(source.removeprefix("\ufeff"))


def _unscrambled(text: str) -> str:
    """What was UTF-8 and was read as cp1252 when it was saved: “Î´” is “δ”."""
    if text.isascii():
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode()
        except UnicodeError:
            continue
    return text


def _attachments(raw: Any) -> dict[str, NotebookNode]:
    """The pictures that were put into a Markdown cell, by name."""
    found = {}
    for name, forms in raw.items() if isinstance(raw, dict) else ():
        if isinstance(forms, dict):
            kept = {str(mime): data for mime, data in forms.items() if isinstance(data, str)}
            found[name] = NotebookNode(kept)
    return found


def _own_ids(cells: list[NotebookNode]) -> None:
    """Give a cell without an id, or with another's, one by its place."""
    seen = {cell.id for cell in cells}
    given: set[str] = set()
    for number, cell in enumerate(cells, 1):
        if not cell.id or cell.id in given:
            cell.id = f"cell-{number}"
            while cell.id in seen:
                cell.id += "x"
        given.add(cell.id)
        seen.add(cell.id)
