"""What a page needs to show a piece: as the kernel draws it, or recorded state by state."""

import hashlib
import html
import json
import math
from collections.abc import Iterable

from backpass.explore.controls import Control
from backpass.explore.errors import ExplorerError
from backpass.explore.piece import Piece
from backpass.explore.svg import PREFIX, elements

#: The most states that one explorer may record.
BUDGET = 600


def describe(piece: Piece, controls: Iterable[Control], note: str = "") -> dict:
    """All that the page knows before a state, as JSON: title, controls, note."""
    return {
        "id": PREFIX,
        "title": piece.title,
        "controls": [one.as_json() for one in controls],
        "note": note,
    }


def figure(
    piece: Piece, definitions: dict[str, str] | None = None, layer: str = "", sentence: str = ""
) -> str:
    """One state as the HTML that explorer.js takes up, and that stands without it.

    Ten points of the figure are at most one em of the page, so letters of both agree in size.
    """
    title = html.escape(piece.title)
    shared, background = piece.stage.background
    return (
        f'<figure class="explorer" id="{PREFIX}"><div class="picture">'
        f'<svg role="img" aria-label="{title}" aria-describedby="{PREFIX}-sentence" '
        f'viewBox="0 0 {piece.stage.width:g} {piece.stage.height:g}" '
        f'style="stroke-linejoin: round; max-width: {piece.stage.width / 10:g}em">'
        f'{defs(shared | (definitions or {}))}<g class="background">{background}</g>'
        f'<g class="layer">{layer}</g></svg></div>'
        f'<figcaption id="{PREFIX}-sentence" aria-live="polite">{html.escape(sentence)}'
        "</figcaption></figure>"
    )


def defs(definitions: dict[str, str]) -> str:
    """The definitions as an element that a layer or a picture can hold."""
    return f"<defs>{''.join(definitions.values())}</defs>" if definitions else ""


def record(piece: Piece) -> dict:
    """Run every state that the piece keeps; return a dict, all of it JSON.

    Beside what :func:`describe` tells: ``defs`` (markup), ``states`` (the layers' markup) and
    ``sentences`` in the order of ``piece.grid()``, and ``figure``, the HTML of the state where it
    starts, background and all. ``id`` is a hash of all this, and what every id in it begins with.
    Raises ExplorerError if the states are too many, if one fails, if one drawn again differs, or
    if there is nothing to see.
    """
    _check_budget(piece)
    shots = [_shoot(piece, values) for values in piece.grid()]
    first = list(piece.grid()).index(piece.start)
    if _shoot(piece, piece.start) != shots[first]:
        raise ExplorerError(
            f"{piece.title}: the state {piece.say(piece.start)}, drawn twice, differs. A state may "
            "depend on nothing but the controls: start random numbers from a seed inside."
        )
    sentences, definitions, states = zip(*shots, strict=True)
    if piece.stage.empty and not any(states):
        raise ExplorerError(
            f"{piece.title}: nothing is drawn, neither before the decorator nor in any state. "
            "Draw on the axes that the function is given."
        )
    shared = dict(piece.stage.background[0])
    for each in definitions:
        shared |= each
    recording = describe(piece, piece.kept, _note(piece)) | {
        "defs": "".join(shared.values()),
        "states": states,
        "sentences": sentences,
        "figure": figure(piece, definitions[first], states[first], sentences[first]),
    }
    return json.loads(named(json.dumps(recording)))


def pack(recording: dict) -> dict:
    """What a page must load of a recording, to replay it: each element that its states hold, once.

    ``parts`` are these elements, ``states`` the places of each state's among them; ``defs`` and
    ``sentences`` are as they were.
    """
    places = {}
    states = [
        [places.setdefault(one, len(places)) for one in elements(state)]
        for state in recording["states"]
    ]
    kept = {key: recording[key] for key in ("defs", "sentences")}
    return kept | {"parts": list(places), "states": states}


def named(text: str) -> str:
    """The markup with ids of its own, made of what it says."""
    return text.replace(PREFIX, f"explorer-{hashlib.sha256(text.encode()).hexdigest()[:10]}")


def _shoot(piece, values):
    try:
        return piece.shoot(values)
    except Exception as error:
        raise ExplorerError(
            f"{piece.title}: the state {piece.say(values)} cannot be drawn. "
            f"{' '.join(piece.explain(error))}"
        ) from error


def _check_budget(piece):
    sizes = [len(one.values) for one in piece.kept]
    if math.prod(sizes) > BUDGET:
        counts = " × ".join(f"{one.name} {n}" for one, n in zip(piece.kept, sizes, strict=True))
        longest = max(piece.kept, key=lambda one: len(one.values)).name
        raise ExplorerError(
            f"{piece.title}: {counts} makes {math.prod(sizes)} states, and a book keeps at most "
            f"{BUDGET} of one explorer. Take larger steps, or name the values to keep: "
            f"explore(ax, recorded={{{longest!r}: [...]}}, ...)."
        )


def _note(piece):
    thinned = [
        f"{len(kept.values)} of {len(whole.values)} values of {kept.label}"
        for kept, whole in zip(piece.kept, piece.controls, strict=True)
        if kept != whole
    ]
    if not thinned:
        return ""
    return f"Recorded at {' and '.join(thinned)}; in Jupyter every value is live."
