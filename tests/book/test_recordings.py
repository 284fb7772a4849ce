"""What the built book replays: every state of every explorer ran, and says what it shows."""

import re

import pytest
from picture import BRACKETS, recordings
from places import ROOT

from backpass.explore.recording import BUDGET

#: What is not as in print: a power of ten as Python writes it, a thousand without a comma.
RAW = re.compile(r"(?<![\w.,])(?:\d[\d.]*e[-+−]?\d+|\d{4,}(?!\w))")
NUMBER = re.compile(r"[-−]?[\d.,]+(e[-−]?\d+)?\D?")
#: One of what is counted, told as if it were several.
ONE = re.compile(
    r"(?<![\w.,/−-])1 (steps|starts|points|weights|evaluations|examples|units|layers|blocks)\b"
)
#: How many sentences they are where some states say the same: a first step of every run, a state in
#: which a control does nothing yet.
ALIKE = {
    "A bus with three blocks, stepped forward and backward": 43,
    "A small network, stepped forward and backward": 126,
    "Condition number against width and mean": 130,
    "Descent at a wall, clipped by norm": 7,
    "Four hidden units that start nearly equal": 217,
    "From logits to probabilities and the gradient": 155,
    "Labels that learn": 212,
    "Outputs, targets, and what moves the one towards the other": 23,
    "Three steps unrolled, forward and backward": 37,
    "Three ways to compute the loss as the logits grow": 456,
}
CHAPTERS = sorted(path.stem for path in ROOT.glob("chapters/*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_state_is_there_and_its_sentence_tells_it_apart(book, chapter):
    found = list(recordings(book / "chapters" / f"{chapter}.html"))
    written = (ROOT / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8")
    assert len(found) == len(re.findall(r'^ *"@explore\(', written, re.MULTILINE)) > 0
    for recording in found:
        sentences, states = recording["sentences"], 1
        for control in recording["controls"]:
            states *= len(control["values"])
        assert 1 <= states <= BUDGET
        assert len(sentences) == len(recording["states"]) == states
        assert all(sentence.strip().endswith((".", "!", "?")) for sentence in sentences)
        title = recording["title"]
        assert len(set(sentences)) == ALIKE.get(title, states), title


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_value_can_be_told_in_an_address(book, chapter):
    for recording in recordings(book / "chapters" / f"{chapter}.html"):
        for control in recording["controls"]:
            told = {str(value).replace("−", "-").strip() for value in control["values"]}
            assert len(told) == len(control["values"]), control
            assert "" not in told


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_of_sentences_and_controls_are_as_in_print(book, chapter):
    for recording in recordings(book / "chapters" / f"{chapter}.html"):
        beside = (text for control in recording["controls"] for text in control["texts"])
        told = [*recording["sentences"], *beside]
        wrong = (one for one in told if RAW.search(one) or BRACKETS.search(one))
        assert list(wrong) == [], recording["title"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_one_is_not_told_in_the_plural(book, chapter):
    for recording in recordings(book / "chapters" / f"{chapter}.html"):
        wrong = (one for one in recording["sentences"] if ONE.search(one))
        assert list(wrong) == [], recording["title"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_sentence_starts_as_one_does_and_no_size_is_told_to_eight_digits(book, chapter):
    for recording in recordings(book / "chapters" / f"{chapter}.html"):
        starts = (one for one in recording["sentences"] if re.match(r"[a-z]{2,}[\s,:;]", one))
        assert list(starts) == [], recording["title"]
        numbers = (n for one in recording["sentences"] for n in re.findall(r"\d[\d.,]*", one))
        sizes = (re.sub(r"\D", "", number).strip("0") for number in numbers)
        assert [size for size in sizes if len(size) > 7] == [], recording["title"]


#: What is no text for a reader, or is code.
UNREAD = re.compile(r"<(pre|code|svg|math)\b.*?</\1>|<[^>]*>", re.S)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_powers_of_ten_are_as_in_print_on_the_whole_page(book, chapter):
    page = (book / "chapters" / f"{chapter}.html").read_text(encoding="utf-8")
    text = UNREAD.sub(" ", page[page.index("<main") : page.index("</main>")])
    assert [text[m.start() - 30 : m.end()] for m in re.finditer(r"\d[eE][-+−]?\d", text)] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_choice_among_numbers_is_a_slider(book, chapter):
    """Numbers are ordered: a menu hides what grows with them."""
    for recording in recordings(book / "chapters" / f"{chapter}.html"):
        menus = [one for one in recording["controls"] if one["kind"] == "choice"]
        numbers = [one for one in menus if all(map(NUMBER.fullmatch, one["texts"]))]
        assert numbers == [], recording["title"]
