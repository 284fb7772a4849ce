"""The wrong values that can be foreseen from the right ones, and which of them an answer has."""

from collections.abc import Iterator
from itertools import permutations
from math import hypot, isfinite, prod

import numpy as np

from backpass.gradcheck.compare import Comparison, largest
from backpass.gradcheck.question import Multiple, Question


def matching(found: Comparison, question: Question, rtol: float, atol: float) -> list:
    """The mistakes that give the values of the answer: (slug, facts), the simplest first.

    ``facts`` fill the gaps in :data:`backpass.gradcheck.GENERIC`; ``{"known": True}`` marks a
    mistake that the caller foresaw.
    """
    answer, right, fits = found.answer, found.right.values, []
    close, same = found.right.close, found.same_shape
    factors = list(_factors(question))
    for slug, values, facts in _wrong_values(right, question):
        if values.shape != answer.shape or not answer.size:
            continue
        if "known" not in facts and np.all(np.abs(values) <= atol):
            continue  # zeros are told as such
        top = largest(values)
        yours, theirs = answer[top].item(), values[top].item()
        if not theirs and "known" not in facts:
            continue  # zeros are called so below
        for factor, name in factors:
            allowed = {"rtol": rtol, "atol": atol * abs(factor)}
            if (
                (slug or name)
                and (factor == 1 or theirs)
                and _near(yours, factor * theirs, **allowed)  # one entry rules out most
                and close(answer, factor * values, **allowed).all()
                and not (same and close(factor * values).all())
            ):
                fits.append(("+".join(filter(None, (slug, name))), facts))
    if same and answer.size:
        whole = found.given.kind in "iu" and answer.ndim
        if whole and any(np.array_equal(answer, f(right)) for f in (np.trunc, np.floor, np.rint)):
            fits.append(("integer", {}))
        if np.all(np.abs(answer) <= min(atol, 1e-10)):
            fits.append(("zeros", {}))
        else:
            fits += _one_factor(found, question, rtol, atol)
            fits += _one_multiple(found, question, rtol, atol)
    return sorted(fits, key=lambda fit: fit[0].count("+"))


def _near(a: complex, b: complex, *, rtol: float, atol: float) -> bool:
    """Two numbers of Python's as :meth:`.Right.close` compares entries, but many times faster."""
    size, off = hypot(b.real, b.imag), hypot((a - b).real, (a - b).imag)  # abs() may overflow
    return (isfinite(size) and off <= atol + rtol * size) or a == b or (a != a and b != b)


def _wrong_values(right: np.ndarray, question: Question) -> Iterator:
    """Yield (slug, values, facts) of the mistakes in which more than a factor is wrong."""
    n = question.n
    for slug, (values, _) in question.known.items():
        if values is not None and not isinstance(values, Multiple):
            yield slug, values, {"known": True}
    yield "", right, {}
    vector = right.ndim == 1 and right.size > 1 and np.ptp(right) > 1e-6 * np.max(np.abs(right))
    if vector and abs(np.sum(right)) > 1e-6 * np.sum(np.abs(right)):
        for how, number in (("sum", np.sum(right)), ("mean", np.mean(right))):
            yield "one-number", np.full_like(right, number), {"how": how}
    if 1 < right.ndim < 5:
        for axes in list(permutations(range(right.ndim)))[:0:-1]:  # the plain transpose first
            yield "transposed", right.transpose(axes), {}
    if right.ndim > 1:
        yield "flipped", right[..., ::-1, ::-1], {"along": " along the last two axes"}
    if right.ndim and right.shape[-1] > 2:
        along = " along the last axis" if right.ndim > 1 else ""
        yield "flipped", right[..., ::-1], {"along": along}
    for i, which in ((0, "first"), (-1, "last")) if n > 1 else ():
        if right.ndim and right.shape[0] == n:
            alone = np.zeros_like(right)
            alone[i] = right[i]
            stretched = np.broadcast_to(right[i], right.shape)
            for values in (alone, right[i], right[i][None], stretched):
                yield "one-example", values, {"which": which}
        if question.examples is not None:
            part = 1 / n if question.reduction == "mean" else 1.0
            for scale in (part, 1.0, 1 / n):
                yield "one-example", scale * question.examples[i], {"which": which}
            yield "all-but-one", right - part * question.examples[i], {"which": which}


def _factors(question: Question) -> Iterator[tuple[float, str]]:
    """Yield (factor, slug) for what a factor may mean."""
    n = question.n
    yield 1, ""
    yield -1, "sign"
    if n > 1:
        mean, total = question.reduction != "sum", question.reduction != "mean"
        scales = [(n, "summed"), (1 / n, "averaged-twice")] * mean
        scales += [(1 / n, "averaged"), (1 / n**2, "averaged-twice")] * total
        yield from scales
        yield from ((-factor, f"sign+{slug}") for factor, slug in scales)


#: What a factor of 2 may come from.
TWICE = "added up twice without being set to zero, or the ½ of the loss left out?"


def _one_multiple(found: Comparison, question: Question, rtol: float, atol: float) -> list:
    """The right values and some multiple of something known, such as the parameters themselves."""
    right, x = found.right.values, question.x
    difference = found.answer - right
    known = [(slug, values) for slug, (values, _) in question.known.items()]
    known = [(slug, values) for slug, values in known if isinstance(values, Multiple)]
    if x is not None and x.shape == right.shape and x.size > 2 and np.ptp(x) > 0:
        known.append(("decay", Multiple(x)))
    fits = []
    for slug, multiple in known if np.all(np.isfinite(difference)) else ():
        added = multiple.of(difference)
        if added is None or not found.right.close(found.answer, right + added, rtol=rtol,
                                                  atol=atol).all():  # fmt: skip
            continue
        c = float(np.real(multiple.factor(difference)))
        facts = {"c": f"{abs(c):.4g}", "known": True}
        if slug == "decay":
            side, slip = "is missing", "forgotten, or halved"
            if c > 0:
                side, slip = "is too much", "doubled, or put where none belongs, as on a bias"
            facts = {"c": f"{abs(c):.4g}", "side": side, "slip": slip}
            # Where the right values are a multiple of x themselves, it is a factor.
            if found.right.close(Multiple(x).of(right), right).all():
                continue
        fits.append((slug, facts))
    return fits


def _one_factor(found: Comparison, question: Question, rtol: float, atol: float) -> list:
    """One factor on all entries, with a reason for it if there is one: a list of at most one."""
    right = found.right.values
    top = largest(right)
    factor = found.answer[top] / right[top]
    if not np.isfinite(factor) or not factor or abs(abs(factor) - 1) < 1e-3:
        return []
    text = _reason(abs(factor), right.shape, question, rtol)
    # A factor that has a name already is only worth telling if it has another reason too.
    named = any(abs(factor - value) <= rtol * abs(factor) for value, _ in _factors(question))
    batch = right.ndim and right.shape[0] == question.n and "axis 0" in text
    told = " is the " in text or TWICE in text
    if named and (batch or not told):
        return []
    if not text and np.sum(np.abs(right) > found.right.atol) < 3:
        return []  # any wrong number is some multiple of the right one
    size = abs(factor)
    if not found.right.close(found.answer, factor * right, rtol=rtol, atol=atol * size).all():
        return []
    text = text or f"{size:.6g}"
    if np.real(factor) < 0:
        return [("sign+factor", {"times": f"{text}, but for the sign,"})]
    return [("factor", {"times": text})]


def _reason(size: float, shape: tuple[int, ...], question: Question, rtol: float) -> str:
    """A factor and what it may come from: ``1/10 (10 is the number of classes)``, or ``""``."""
    lengths = {d: f"the length of axis {i}" for i, d in enumerate(shape)}
    lengths[prod(shape)] = "the number of entries"
    lengths = lengths if question.lengths else {}
    lengths |= {number: f"the number of {word}" for word, number in question.counts.items()}
    lengths.pop(1, None)
    n, reasons = question.n, []  # the later ones are the more likely
    if n > 1 and question.reduction != "sum":
        for number, what in lengths.items():
            told = f"divided by {number}, {what}, and not by {n}, the number of examples?"
            reasons.append((n / number, f"{n}/{number} ({told})"))
    for base in (2, 10):
        told = f"1/ln {base} (is a logarithm taken to the base {base}?)"
        reasons.append((1 / np.log(base), told))
    sums = question.lengths or question.batch
    reasons += [(4, "4"), (1 / 4, "1/4"), (2, f"2 ({TWICE})" if sums else "2"), (1 / 2, "1/2")]
    for number, what in lengths.items():
        told = f"({number} is {what})"
        reasons += [(number, f"{number} {told}"), (1 / number, f"1/{number} {told}")]
    fits = [text for value, text in reasons if abs(size - value) <= rtol * value]
    return fits[-1] if fits else ""
