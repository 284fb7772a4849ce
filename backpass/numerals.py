"""Numbers as a reader sees them: in sentences, in pictures and beside sliders, as in print.

Python writes -0.5, -0.00 and 1e-05; in print they are −0.5, 0.00 and 10⁻⁵, which no line parts.
"""

import re

__all__ = ["RAISED", "printed", "signed"]

#: A hyphen in front of a number, that joins it to nothing: not those of "2-3-1" and "1e-05".
_HYPHEN = re.compile(r"(?<![\w.)\]])-(?=\.?\d)")
#: The sign of a number that is shown as zero.
_SIGN_OF_ZERO = re.compile(r"(?<![\w.)\]])−(?=0(?:\.0*)?(?!\w|[.,]\d))")
#: A factor, and the power of ten that follows it.
_POWER = re.compile(r"(?<![\w.,])(\d(?:\.\d+)?)e([-+−]?)0*(\d+)(?![\w.,]\d|\w)")
#: Digits and their sign, raised.
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def printed(text: str) -> str:
    """A text whose numbers Python wrote, with minus signs, no signed zero, and powers of ten."""
    return _POWER.sub(_power, signed(text))


def signed(text: str) -> str:
    """The same where there is no room for powers of ten, as in a drawing: only the signs."""
    return _SIGN_OF_ZERO.sub("", _HYPHEN.sub("−", text))


def _power(found):
    factor, sign, power = found.groups()
    ten = f"10{(sign.strip('+').replace('−', '-') + power).translate(RAISED)}"
    return ten if factor == "1" else f"{factor}{_NO_BREAK}·{_NO_BREAK}{ten}"
