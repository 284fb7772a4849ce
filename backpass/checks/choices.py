"""A word chosen, or a number predicted: what is right is not told, only what led elsewhere."""

from collections.abc import Mapping, Sequence

import numpy as np

from backpass.checks import forms
from backpass.checks.errors import Wrong
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
        raise Wrong(sentences[wrong[word]], wrong[word])
    if word != right:
        raise Wrong(f"{shown(word)} is not one of the choices: {words}.", "type")


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
