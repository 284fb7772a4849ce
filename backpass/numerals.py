"""Numbers as a reader sees them: in sentences, in pictures and beside sliders, as in print.

Python writes -0.5, -0.00, 1e-05, 1000 and inf; in print they are −0.5, 0.00, 10⁻⁵, which no line
parts, 1,000 and ∞. Neither does a line part 1 : 2 or 1 ± 2. What is put together from values writes
1 + -0.5 or 1 − (0.5): in print a number is in brackets behind an operator if it is negative.
"""

import math
import re
from functools import partial
from numbers import Integral

__all__ = ["LOWERED", "RAISED", "indexed", "printed", "short", "together"]

#: A hyphen in front of a number, that joins it to nothing: not those of "2-3-1" and "1e-05".
_HYPHEN = re.compile(r"(?<![\w.)\]])-(?=\.?\d|∞)")
#: What Python calls infinite; not np.inf.
_INFINITE = re.compile(r"(?<![\w.])inf(?!\w)")
#: The sign of a number that is shown as zero.
_SIGN_OF_ZERO = re.compile(r"(?<![\w.)\]])−(?=0(?:\.0*)?(?!\w|[.,]\d))")
#: A factor, and the power of ten that follows it; the zeroth and the first are no powers in print.
_POWER = re.compile(r"(?<![\w.,])(\d(?:\.\d+)?)e([-+−]?)0*(\d+)(?![\w.,]\d|\w)")
#: The digits before the point of a number of a thousand or more; in brackets stands a year.
_LONG = re.compile(r"(?<![\w.,])\d{4,}(?!\w|,\d|\.\d+\.\d)(?<!\(\d{4}(?=\)))")
#: The number of one letter: W_1; layer_1 is a name.
_INDEX = re.compile(r"(?<=[^\W\d_])(?<![^\W_]{2})_(\d+)(?!\w)")
#: Between two numbers, that no line parts: 1 : 2, 0.94 ± 0.01.
_RATIO = re.compile(r"(?<=\d) ([:±]) (?=\d)")
#: The spaces around a sign of calculation in running text: “σ − ½”, “3 × 3”, “1 + |w|”.
_SIGN = re.compile(r"(?<=[\w¼½¾)|‖]) (?=[−+×·] [\w¼½¾(|‖])|(?<=[\w¼½¾)|‖] [−+×·]) (?=[\w¼½¾(|‖])")
#: Around a sign that compares, if a short number or name follows: “κ = 25”, “K = ℓ”; what is tied
#: for long does not fit its line.
_AFTER = r"(?:[\d−±√∛½⅓¼¾]\S{0,7}|\S{1,2})(?!\S)"
_COMPARED = re.compile(rf"(?<=\S) (?=[=≈<>≤≥] {_AFTER})|(?<=\S [=≈<>≤≥]) (?={_AFTER})")
#: Between two numbers in brackets, “(0, 2)”.
_PAIR = re.compile(r"(\([−\d.]{1,5},) (?=[−\d.]{1,5}\))")
#: A hyphen within a number, before it or before a name, and between initials: 1e-9, -1, T.-Y. Liu,
#: L-BFGS-B.
_JOINED = re.compile(
    r"(?<=\de)-(?=\d)|(?<![\w\-])-(?=\w)|(?<=\b[A-Z]\.)-(?=[A-Z]\.)"
    r"|(?<=\b[A-Z])-(?=[A-Z]{2})|(?<=[A-Z]{2})-(?=[A-Z\d]+\b)"
)
#: Behind the stroke of a quotient, “1/λmax”, “∂E/∂z”; not of a path or of two words.
_QUOTIENT = re.compile(r"(?<![\w/.:])((?:[∂√]?\w{1,2}|\d+)/)(?=[∂√(]|\w)(?!\w+/)")
#: Behind an operator: a number with a sign of its own, and one in brackets that has none.
_SECOND_SIGN = re.compile(
    r"(?<=[+−·×][ \N{NO-BREAK SPACE}])(−\d++(?:[.,]\d++)*+"
    r"(?:\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}10[⁻⁰¹²³⁴-⁹]++)?)(?!\w)"
)
_NO_SIGN = re.compile(
    r"(?<=[+−·×][ \N{NO-BREAK SPACE}])\((?!\d{4}\))(\d++(?:[.,]\d++)*+)\)(?![\w(⁰¹²³⁴-⁹])"
)
#: Digits and their sign, raised; digits, lowered.
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def printed(text: str, *, gap: str = _NO_BREAK, grouped: bool = True) -> str:
    """A text whose numbers Python wrote, as in print.

    Parameters
    ----------
    text : str
    gap : str
        What stands around the dot before a power of ten; nothing where there is little room.
    grouped : bool
        Whether whole numbers get commas. Where one may be a name or a page, it stays as it is;
        a year also stays in brackets.
    """
    text = _HYPHEN.sub("−", _INFINITE.sub("∞", text))
    text = _SIGN_OF_ZERO.sub("", _POWER.sub(partial(_power, gap), text))
    text = _NO_SIGN.sub(r"\1", _SECOND_SIGN.sub(r"(\1)", text))
    text = _RATIO.sub(rf"{_NO_BREAK}\1{_NO_BREAK}", text)
    return _LONG.sub(lambda found: f"{int(found[0]):,}", text) if grouped else text


def indexed(name: str) -> str:
    """A name whose letters have their numbers as indices, ∂E/∂W₁ for ∂E/∂W_1."""
    return _INDEX.sub(lambda found: found[1].translate(LOWERED), name)


def together(text: str) -> str:
    """The text, in which no line parts what is calculated or compared, a ratio or a pair."""
    for spaces in (_SIGN, _COMPARED):
        text = spaces.sub(_NO_BREAK, text)
    text = _RATIO.sub(rf"{_NO_BREAK}\1{_NO_BREAK}", text)
    text = _JOINED.sub("-\N{WORD JOINER}", text)
    text = _QUOTIENT.sub("\\1\N{WORD JOINER}", text)
    return _PAIR.sub(rf"\1{_NO_BREAK}", text)


def short(value: float, *, among_powers: bool = False) -> str:
    """A number to three significant digits, a whole one in full; NaN is a dash.

    Among powers of ten, with which it is compared, it is one too if it has zeros to count: if it is
    below 0.1, or 1,000 and more.
    """
    plain = range(-1, 3) if among_powers else range(-3, 5)
    if isinstance(value, Integral):
        text = f"{int(value):,}"
    elif not math.isfinite(value):
        text = "–" if math.isnan(value) else f"{float(value):.0f}".replace("inf", "∞")
    elif value == 0:
        text = "0"
    else:
        digits, power = f"{float(value):.2e}".split("e")
        if int(power) in plain:
            text = f"{float(f'{value:.2e}'):,.{max(0, 2 - int(power))}f}"
        else:
            text = f"{digits} · 10{str(int(power)).translate(RAISED)}"
    return text.replace("-", "−")


def _power(gap, found):
    factor, sign, power = found.groups()
    if power == "0" or (power == "1" and sign in ("", "+")):
        digits = max(0, len(factor) - 2 - int(power))
        return f"{float(factor) * 10 ** int(power):.{digits}f}"
    ten = f"10{(sign.strip('+').replace('−', '-') + power).translate(RAISED)}"
    return ten if factor == "1" else f"{factor}{gap}·{gap}{ten}"
