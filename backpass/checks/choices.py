"""A word chosen, or a number predicted: what is right is not told, only what led elsewhere."""

from collections.abc import Mapping, Sequence

import numpy as np

from backpass.checks import forms
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.safely import is_placeholder
from backpass.gradcheck.plain import shown

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def chosen(
    value: object, right: str, wrong: Mapping[str, str], sentences: Mapping[str, str]
) -> None:
    """Raise ``Wrong`` unless ``value`` is the word ``right``, in any case, in brackets or not.

    ``wrong`` maps each other word to a slug, of which ``sentences`` has what to say.
    """
    words = ", ".join(sorted([right, *wrong]))
    if not isinstance(value, str):
        raise Wrong(f"Answer with one of the words {words}, as text in quotes.", "type")
    word = str.strip(value, " \t\n.:()'\"").lower()
    if word in wrong:
        sentence = sentences[wrong[word]]
        where, fix = f"Not {shown(word)}.", getattr(sentence, "fix", "")
        raise Wrong(sentence, wrong[word], where=where, fix=fix)
    if word != right:
        raise Wrong(f"{shown(word)} is not one of the choices: {words}.", "type")


#: What stands for a judgment.
TRUE, FALSE = {"true", "t", "yes"}, {"false", "f", "no"}


def judgments(value: object, letters: Sequence[str]) -> dict[str, bool | None]:
    """Whether each of the sentences, by its letter, is taken to be true, None where that is open or
    left out; ``Wrong`` if none of them is in it.

    ``value`` is a dictionary of truth values, or as many in the order of the letters.
    """
    example = ", ".join(f'"{letter}": True' for letter in letters[:2])
    text = f"Say of each sentence, {', '.join(letters)}, whether it is True or False:"
    text += f" {{{example}, …}}."
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple) and len(value) == len(letters):
        value = dict(zip(letters, value, strict=True))
    if not isinstance(value, Mapping):
        raise Wrong(text, "type")
    given = {str(letter).strip().lower(): told for letter, told in value.items()}
    if not any(letter in given for letter in letters):
        raise Wrong(f"{text} Nothing is said of {', '.join(letters)}.", "type")
    given = {letter: given.get(letter, ...) for letter in letters}
    if all(is_placeholder(given[letter]) for letter in letters):
        raise NotAttempted("")
    return {letter: _judgment(given[letter], letter) for letter in letters}


def _judgment(value: object, letter: str) -> bool | None:
    if is_placeholder(value):
        return None
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, str) and word in TRUE | FALSE:
        return word in TRUE
    if isinstance(word, bool | np.bool_):
        return bool(word)
    raise Wrong(f"Of {letter} say True or False, not {shown(value)}.", "type")


def compared(what: str, predicted: object, value: object) -> str:
    """How a prediction and a measurement compare, in a sentence."""
    if _is_number(predicted) and _is_number(value):
        gap = _apart(float(predicted), float(value))
        return f"{what}: you predicted {_told(predicted)}, it is {_told(value)}{gap}."
    same = str(predicted).strip().lower() == str(value).strip().lower()
    text = f"{what}: you predicted {_quoted(predicted)}, it is"
    return f"{text} so." if same else f"{text} {_quoted(value)}."


def _told(number: float) -> str:
    """A number as in a sentence: four digits, thousands parted, a real minus."""
    whole = 1e4 <= abs(number) < 1e15
    return (f"{number:,.0f}" if whole else f"{number:.4g}").replace("-", "−")


def _quoted(value: object) -> str:
    return _told(value) if _is_number(value) else f"“{str(value)[:80]}”"


def _apart(predicted: float, value: float) -> str:
    if not (np.isfinite(predicted) and np.isfinite(value)) or predicted == value:
        return ", exactly" * (predicted == value)
    if min(predicted, value) > 0 and not 0.5 < (ratio := predicted / value) < 2:
        large, many = ratio > 1, max(ratio, 1 / ratio)
        return f", {_told(float(f'{many:.3g}'))} times {'less' if large else 'more'}"
    gap = _told(float(f"{abs(value - predicted):.3g}"))
    return f", {gap} {'more' if value > predicted else 'less'}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def entry(value: object, name: str, names: Sequence[str]) -> float:
    """The number under ``name`` in a value that has one for each of the ``names``."""
    text = f"Give {NUMBERS[len(names)]} numbers, one for each of {', '.join(names)}."
    try:
        found = forms.several(value, names, [()] * len(names))
    except forms.OtherForm:
        raise Wrong(text, "shape") from None
    number = dict(zip(names, found, strict=True))[name]
    if not (isinstance(number, np.ndarray | np.number) and np.shape(number) == ()):
        raise Wrong(text, "shape")
    if np.isnan(number) or np.iscomplexobj(number):
        raise Wrong(f"{text} {name} is {shown(number.item())}.", "type")
    return number.item()


def alike(value: float, number: float, near: float = 0) -> bool:
    """Are these the same number, or less than ``near`` apart?"""
    return value == number or abs(value - number) < near


def counted(names: Sequence[str]) -> str:
    """``Three expressions (a, b, c)``."""
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    return f"{number.capitalize()} expressions ({', '.join(names)})"
