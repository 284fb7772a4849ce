"""The wrong answers that can be foreseen from the right one, and which of them an answer is."""

from itertools import permutations

import numpy as np

#: The generic mistakes and what they mean. ``{n}`` is the number of examples.
GENERIC = {
    "sign": "The sign is reversed: this is minus the right answer.",
    "summed": "The {n} examples are summed where they should be averaged: divide by {n}.",
    "averaged": "The {n} examples are averaged where they should be summed.",
    "averaged-twice": "The average over the {n} examples is taken twice: divide by {n} only once.",
    "factor": "Every entry is {c} times the right one.",
    "offset": "Every entry is too {c}.",
    "transposed": "The axes are in another order: transpose it.",
    "one-example": "Only one of the {n} examples is in it, the {c}.",
    "all-but-one": "The {c} of the {n} examples is missing: a loop that is one step short?",
    "unreduced": "Axis {axis} is one too many: {c} over it (is it one value per example?).",
    "shape": "The shape is {yours}; it should be {right}.",
    "zeros": "Every entry is zero.",
    "nan": "There is a NaN (0/0, inf − inf, or the log of a negative number).",
    "infinite": "There is an infinity (an overflow, a division by 0, or log 0).",
    "integer": "The decimals are cut off: the numbers are kept in an array of integers.",
    "complex": "The numbers are complex.",
    "precision": "The values are right, but only to the {c} digits of {dtype}: use float64.",
    "approximate": "The values are right to about {c} digits only. Is a small constant added to "
    "keep a log or a division safe, or a step computed in low precision?",
    "entries": "Right, except at {k} of {size} entries.",
    "type": "The answer is {c}",
}


def fitting(question, a, whole, rtol, atol):
    """The mistakes that give the values ``a``: a list of (slug, facts), the simplest first.

    ``question`` holds the right values ``e``, the number ``n`` of examples, the mistakes ``known``
    to the caller and so on (see :mod:`backpass.gradcheck.diagnose`); ``whole`` says that ``a``
    came as integers. ``facts`` fill the gaps in ``GENERIC``.
    """
    e, close, fits = question.e, question.close, []
    same = a.shape == e.shape
    for slug, values, facts in _foreseen(question):
        if values.shape != a.shape or not a.size:
            continue
        top = largest(values)
        for c, name in _factors(question):
            label = "+".join(part for part in (slug, name) if part)
            if (
                label
                and (c == 1 or values[top])
                and close(a[top], c * values[top], rtol, atol * abs(c))
                and close(a, c * values, rtol, atol * abs(c)).all()
                and not (same and close(c * values, e).all())
            ):
                fits.append((label, facts))
    if same and whole and any(np.array_equal(a, f(e)) for f in (np.trunc, np.floor, np.rint)):
        fits.append(("integer", {}))
    if same and a.size and np.all(np.abs(a) <= min(atol, 1e-10)):
        fits.append(("zeros", {}))
    elif same and a.size:
        fits += _one_factor(question, a, rtol, atol)
    return sorted(fits, key=lambda fit: fit[0].count("+"))


def _foreseen(question):
    """Yield (slug, values, facts) of the mistakes in which more than a factor is wrong."""
    e, n = question.e, question.n
    for slug, (values, _) in question.known.items():
        if values is not None:
            yield slug, values, {"known": True}
    yield "", e, {}
    if 1 < e.ndim < 5:
        for axes in list(permutations(range(e.ndim)))[:0:-1]:  # the plain transpose first
            yield "transposed", e.transpose(axes), {}
    for i, c in ((0, "first"), (-1, "last")) if n > 1 else ():
        if e.ndim and e.shape[0] == n:
            alone = np.zeros_like(e)
            alone[i] = e[i]
            for values in (alone, e[i], e[i][None], np.broadcast_to(e[i], e.shape)):
                yield "one-example", values, {"c": c}
        if question.examples is not None:
            part = 1 / n if question.reduction == "mean" else 1.0
            for scale in (part, 1.0, 1 / n):
                yield "one-example", scale * question.examples[i], {"c": c}
            yield "all-but-one", e - part * question.examples[i], {"c": c}


def _factors(question):
    """Yield (factor, slug) for what a factor may mean."""
    n, mean, total = question.n, question.reduction != "sum", question.reduction != "mean"
    yield 1, ""
    yield -1, "sign"
    if n > 1:
        scales = [(n, "summed"), (1 / n, "averaged-twice")] * mean
        scales += [(1 / n, "averaged"), (1 / n**2, "averaged-twice")] * total
        yield from scales
        yield from ((-c, f"sign+{slug}") for c, slug in scales)


def _one_factor(question, a, rtol, atol):
    """One factor on all entries, with a reason for it if there is one: a list of at most one."""
    e = question.e
    top = largest(e)
    c = a[top] / e[top]
    if not np.isfinite(c) or not c or abs(abs(c) - 1) < 1e-3:
        return []
    size, text = abs(c), ""
    lengths = {d: f"{d} is the length of axis {i}" for i, d in enumerate(e.shape)}
    lengths[e.size] = f"{e.size} is the number of entries"
    lengths.pop(1, None)
    for number, reason in {4: "", 2: "", **lengths}.items():
        for value, name in ((number, f"{number}"), (1 / number, f"1/{number}")):
            if abs(size - value) <= rtol * value:
                text = name + f" ({reason})" * bool(reason)
    # A factor that has a name already is only worth telling if it has another reason too.
    named = any(abs(c - value) <= rtol * size for value, _ in _factors(question))
    if named and (not text or (e.ndim and e.shape[0] == question.n and "axis 0" in text)):
        return []
    if not text and np.sum(np.abs(e) > question.atol) < 3:
        return []  # any wrong number is some multiple of the right one
    if not question.close(a, c * e, rtol, atol * size).all():
        return []
    text = text or f"{size:.6g}"
    if np.real(c) < 0:
        return [("sign+factor", {"c": f"{text}, but for the sign,"})]
    return [("factor", {"c": text})]


def largest(values):
    """The index of the entry that is largest in size, the finite ones first."""
    size = np.where(np.isfinite(values), np.abs(values), -1)
    return tuple(int(i) for i in np.unravel_index(np.argmax(size), values.shape))
