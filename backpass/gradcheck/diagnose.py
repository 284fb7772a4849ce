"""Compare an answer with the right one and name the mistake.

Use it as ``from backpass.gradcheck import diagnose``. Nothing here knows a formula: a mistake is
recognised by the values it would give, worked out from the right values themselves.
"""

import warnings
from dataclasses import dataclass
from html import escape

import numpy as np

from backpass.gradcheck.mistakes import GENERIC, fitting, largest
from backpass.gradcheck.plain import NotNumbers, apart, plain


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What is wrong with an answer; true when nothing is.

    ``ok``: is the answer right? ``mistake``: a slug (the keys of ``GENERIC``, or the caller's);
    None if it is right or no known mistake fits; two made at once are joined by a plus, as in
    ``"sign+summed"``. ``where``: the index of the entry that the message quotes, or None.
    ``message``: what to tell the person. ``also``: other slugs that fit the same values.
    """

    ok: bool
    mistake: str | None = None
    where: tuple | None = None
    message: str = ""
    also: tuple = ()

    def __bool__(self):
        return self.ok

    def __repr__(self):
        slug = f"[{self.mistake}] " if self.mistake else ""
        return f"{'✓' if self.ok else '✗'} {slug}{self.message}"

    def _repr_html_(self):
        return f"<p style='white-space:pre-wrap'>{escape(repr(self))}</p>"


def diagnose(
    answer,
    expected,
    *,
    batch=None,
    mistakes=None,
    examples=None,
    reduction=None,
    rtol=None,
    atol=None,
):
    """Say whether ``answer`` is ``expected`` and, if not, which mistake gives just such values.

    Parameters
    ----------
    answer : anything; numbers in any form NumPy can read are compared, all else is described.
    expected : the right array. If it comes from finite differences use ``check_gradient``, which
        knows their error.
    batch : the number of examples that went in; without it sums and averages are not told apart.
    mistakes : dict from a slug to the values that a known wrong derivation gives, or to
        ``(values, hint)``. These are tried before the generic ones. With ``(None, hint)`` the hint
        stands for the explanation of the generic mistake of that slug, or follows it if it has
        facts to tell, such as the two shapes. ``{n}`` in a hint becomes the batch.
    examples : the right values for each example alone, shape ``(batch, *expected.shape)``. With
        them an answer made from one example only, or from all but one, is recognised too.
    reduction : ``"mean"`` or ``"sum"``, how ``expected`` puts the examples together. Without it
        (and without ``examples``) a factor of 1/batch is read as ``averaged-twice``, or else as
        ``averaged``.
    rtol, atol : an entry is right if it differs by at most ``atol + rtol * |expected|``. The
        default ``rtol``, 1e-7, lies above what central differences reach (1e-9 for a well-scaled
        function) and another order of summation does (1e-13). One rounding to float32 costs up to
        6e-8, so float32 is looked for on its own: a float32 answer is never right. The default
        ``atol``, 1e-10 of the largest entry, is for entries that are zero up to rounding. If
        ``expected`` is float32 both are wider (1e-4, 1e-6) and float32 is right; an ``rtol`` above
        1e-6 asks for no precision either. ``atol`` may be an array of the shape of ``expected``.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError, TypeError
        for faults of the question (``expected``, ``batch``, ``mistakes``), never of the answer.
    """
    e, known = plain(expected), {}
    for slug, value in (mistakes or {}).items():
        value, hint = value if isinstance(value, tuple) else (value, None)
        if "+" in slug:
            raise ValueError(f"a plus joins two slugs; {slug!r} cannot be one")
        known[slug] = (None if value is None else plain(value), hint)
    if batch is None and examples is not None:
        batch = len(examples)
    if batch is not None and (batch != int(batch) or batch < 1):
        raise ValueError(f"batch is the number of examples, 1 or more, not {batch}")
    if reduction not in (None, "mean", "sum"):
        raise ValueError(f'reduction is "mean" or "sum", not {reduction!r}')
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mean of no numbers
        right = _Right(e, batch, known, examples, reduction, rtol, atol)
        try:
            return right.judge(plain(answer))
        except NotNumbers as error:
            return right.say("type", c=error)


class _Right:
    """The right values, how near an answer must come, and the wrong values to be expected."""

    def __init__(self, e, batch, known, examples, reduction, rtol, atol):
        double = e.dtype.kind not in "fc" or np.finfo(e.dtype).eps < 1e-10
        self.e = e.astype(complex if e.dtype.kind == "c" else float)
        self.batch, self.n, self.known, self.examples = batch, batch or 1, known, None
        self.size = np.max(np.abs(self.e), initial=0, where=np.isfinite(self.e)) or 1.0
        self.rtol = (1e-7 if double else 1e-4) if rtol is None else rtol
        self.atol = (1e-10 if double else 1e-6) * self.size if atol is None else atol
        self.strict = double and self.rtol <= 1e-6
        if examples is not None:
            self.examples = plain(examples).astype(self.e.dtype)
            if self.examples.shape != (self.n, *e.shape):
                raise ValueError(f"examples: shape {self.examples.shape}, not {(self.n, *e.shape)}")
            mean = self.close(self.examples.mean(0), self.e).all()
            reduction = reduction or ("mean" if mean else "sum")
        self.reduction = reduction

    def close(self, a, e, rtol=None, atol=None):
        """Entry by entry: is ``a`` within the tolerance of ``e``? NaN equals NaN here."""
        rtol, atol = self.rtol if rtol is None else rtol, self.atol if atol is None else atol
        near = np.isfinite(e) & (np.abs(a - e) <= atol + rtol * np.abs(e))
        return near | (a == e) | (np.isnan(a) & np.isnan(e))

    def meaning(self, slug, **facts):
        """The sentences for a slug: the caller's hint and, where it has facts, the generic one."""
        said, n = [], str(self.batch or "n")
        for part in slug.split("+"):
            values, hint = self.known.get(part, (None, None))
            foreseen = values is not None and "known" in facts
            generic = "" if foreseen else GENERIC[part].replace("{n}", n)
            if hint is None or "{" in generic:
                said.append(generic.format(**facts) or f"It is the known mistake “{part}”.")
            if hint is not None:
                hint = hint.replace("{n}", n)
                said.append(hint + "." * hint[-1:].isalnum())
        return " ".join(["Several things at once."] * ("+" in slug) + said)

    def say(self, slug, where=None, a=None, more="", also=(), **facts):
        """The diagnosis: what the slug means, the two values at ``where``, and ``more``."""
        said = [self.meaning(slug, **facts)]
        if a is not None:
            said.append(self.quote(a, where))
        said += [more] * bool(more)
        for other, facts in also:
            said.append(f"Or, with the same numbers, “{other}”: {self.meaning(other, **facts)}")
        return Diagnosis(False, slug, where, " ".join(said), tuple(other for other, _ in also))

    def quote(self, a, where):
        """Yours and the right one, with as many digits as it takes to see the difference."""
        yours, right = apart(a[where], self.e[where])
        return f"{_at(where)}yours is {yours}, right is {right}."

    def judge(self, a):
        """Diagnose a plain array, the most telling explanation first."""
        given, e = a.dtype, self.e
        if given.kind == "c" and e.dtype.kind != "c":
            return self.judge_complex(a)
        a = a.astype(e.dtype)
        if a.shape != e.shape:
            # A diagnosis of something wrong is false, so no `or` here.
            found = self.known_as(a, given)
            found = self.judge_nonfinite(a) if found is None else found
            return self.judge_shape(a) if found is None else found
        right, low = self.close(a, e), self.low(a, given)
        if right.all() and not low:
            alone = " With a batch of 1 a sum and an average are the same." * (self.batch == 1)
            return Diagnosis(True, message="Right." + alone)
        off = np.where(right, -1.0, np.abs(a - e) / (self.atol + self.rtol * np.abs(e)))
        where = largest(np.nan_to_num(off, nan=1e300))
        rough = 2e-2 if low == "float16" else 1e-5
        if low and self.close(a, e, rough, rough / 10 * self.size).all():
            return self.say("precision", where, a, c=3 if low == "float16" else 7, dtype=low)
        found = self.known_as(a, given, rough if low else None, where)
        found = self.judge_nonfinite(a) if found is None else found
        if found is not None:
            return found
        if self.strict and self.close(a, e, 1e-4).all():
            digits = int(-np.log10(np.max((np.abs(a - e) / np.abs(e))[~right])))
            return self.say("approximate", where, a, c=digits)
        difference = a - e
        if e.size > 2 and self.close(difference, difference[where]).all():
            side = "large" if difference[where].real > 0 else "small"
            return self.say("offset", where, a, c=f"{side} by {abs(difference[where]):.6g}")
        wrong = ~right
        if 1 <= wrong.sum() <= e.size / 2:
            return self.judge_entries(a, wrong, where)
        text = f"Not right, and not one of the recognised mistakes. {self.quote(a, where)}"
        if e.size > 1:
            text += f" {wrong.sum()} of {e.size} entries differ, this one the most."
        return Diagnosis(False, None, where, text)

    def low(self, a, given):
        """Name the low precision that the values show, by their type or by all being float32."""
        if not self.strict:
            return ""
        if given.kind in "fc" and np.finfo(given).eps > 1e-10:
            return given.name
        if a.dtype.kind == "c" or not (a == a.astype(np.float32)).all():
            return ""
        # Round numbers (11 bits or fewer) are in float32 too and prove nothing, nor does an error
        # that finite differences could have made.
        round_ = np.frexp(a)[0] * 2**11 % 1 == 0
        return "float32" if (~round_ & ~self.close(a, self.e, 1e-9)).any() else ""

    def known_as(self, a, given, rough=None, where=None):
        """The mistake that gives just the values ``a``, or None."""
        rtol = rough or max(self.rtol, min(10 * self.rtol, 1e-6))
        atol = rough / 10 * self.size if rough else np.max(self.atol)
        fits = fitting(self, a, given.kind in "iu", rtol, atol)
        if not fits:
            return None
        slug, facts = fits.pop(0)
        # What else the values may mean; but what the caller foresaw needs no generic company.
        own, also = slug in self.known and "known" in facts, {}
        for other, more in fits:
            if other.count("+") == slug.count("+") and not (own and "known" not in more):
                also.setdefault(other, more)
        also.pop(slug, None)
        if a.shape == self.e.shape:
            return self.say(slug, where, a, also=list(also.items())[:2], **facts)
        more = GENERIC["shape"].format(yours=a.shape, right=self.e.shape)
        return self.say(slug, more=more, also=list(also.items())[:2], **facts)

    def judge_complex(self, a):
        """A complex answer where a real one is expected."""
        if np.all(np.abs(a.imag) <= 1e-12 * np.max(np.abs(a), initial=0)):
            found = self.judge(a.real)
            more = "The imaginary part is zero: take `.real`."
            return self.say("complex", more=more) if found else found
        where = largest(a.imag)
        return self.say(
            "complex",
            where,
            more=f"{_at(where)}yours is {a[where]:.6g}; the right answer has no imaginary part.",
        )

    def judge_nonfinite(self, a):
        """NaN or infinity where none belongs, or None."""
        bad = ~np.isfinite(a)
        if a.shape == self.e.shape:
            bad &= ~self.close(a, self.e)
        if not bad.any():
            return None
        where = largest(bad)
        same = a.shape == self.e.shape
        rest = same and self.close(a, self.e)[~bad].all() and not bad.all()
        more = f"{bad.sum()} of {a.size} entries, the first at {list(where)}." * bool(where)
        more += " The others are right." * bool(rest)
        if not same:
            more += f" Besides, the shape is {a.shape}; it should be {self.e.shape}."
        slug = "nan" if np.isnan(a[where]) else "infinite"
        return self.say(slug, where, a if same else None, more.strip())

    def judge_shape(self, a):
        """Not the right shape: are the values in it?"""
        e, shapes = self.e, {"yours": a.shape, "right": self.e.shape}
        if a.size == e.size:
            found = self.judge(a.reshape(e.shape))
            if found:
                more = "keep every axis (`keepdims=True`) or reshape."
                if a.ndim > e.ndim:
                    more = "only the shape has to change (`reshape`, or an index for each extra"
                    more += " axis)." if e.ndim else " axis): it should be a number."
                more = f"The values are right: {more}"
                return self.say("shape", more=more, **shapes)
            if found.mistake and [d for d in a.shape if d > 1] == [d for d in e.shape if d > 1]:
                return Diagnosis(
                    False,
                    f"shape+{found.mistake}",
                    None,
                    f"{self.meaning('shape', **shapes)} Besides: {found.message}",
                )
            if a.shape == e.shape[::-1]:
                return self.say("shape", more="That is the shape of the transpose.", **shapes)
        for axis in range(a.ndim):
            if a.shape[:axis] + a.shape[axis + 1 :] == e.shape:
                for c, values in (("sum", a.sum(axis)), ("average", a.mean(axis))):
                    if self.close(values, e).all():
                        return self.say("unreduced", c=c, axis=axis)
        for axis in (None, *range(e.ndim)):
            for c, f in (("summed", np.sum), ("averaged", np.mean)):
                for v in (f(e, axis), f(e, axis, keepdims=True)):
                    if v.shape == a.shape and self.close(a, v, atol=np.max(self.atol)).all():
                        over = "all entries" if axis is None else f"axis {axis}, which should stay"
                        more = f"It is the right one {c} over {over}."
                        return self.say("shape", more=more, **shapes)
        more, n = "", max(e.shape, default=0)
        if a.shape == (n, n) and e.size == n > 1:
            more = f"NumPy stretches ({n},) with ({n}, 1) to ({n}, {n}): give both the same shape."
        elif _stretches(a.shape, e.shape):
            more = "NumPy would stretch it to the right shape without a word."
        return self.say("shape", more=more, **shapes)

    def judge_entries(self, a, wrong, where):
        """Right except at a few entries: list them, and say what they have in common."""
        at = np.argwhere(wrong)
        more = "; ".join(
            f"at {i.tolist()} yours is {a[tuple(i)]:.6g}, right is {self.e[tuple(i)]:.6g}"
            for i in at[:5]
        )
        more = more[0].upper() + more[1:] + (f"; and {len(at) - 5} more." if len(at) > 5 else ".")
        for axis in range(a.ndim if len(at) > 1 else 0):
            if np.all(at[:, axis] == at[0, axis]):
                more += f" All of them are at index {at[0, axis]} of axis {axis}."
        yours, right = a[wrong], self.e[wrong]
        difference = yours - right
        if self.close(yours, -right, atol=np.max(self.atol)).all():
            more += " The sign is reversed there."
        elif len(at) > 1 and self.close(difference, difference[0], atol=np.max(self.atol)).all():
            more += f" Yours minus right is {difference[0]:.6g} at each."
        elif not yours.any():
            more += " Yours is zero there."
        return self.say("entries", where, k=len(at), size=a.size, more=more)


def _stretches(small, large):
    try:
        return np.broadcast_shapes(small, large) == large
    except ValueError:
        return False


def _at(where):
    return f"At {list(where)} " if where else "Here "
