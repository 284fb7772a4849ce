"""Is this gradient right, and if not, what went wrong?

:func:`check_gradient` compares a gradient with finite differences of the function itself and names
the mistake; :func:`diagnose` does the same against values; :func:`numerical_gradient` and
:func:`relative_error` are the usual tools. They work on any function of arrays::

    >>> import numpy as np
    >>> from backpass.gradcheck import check_gradient
    >>> X, t = np.eye(4, 3), np.arange(4.0)
    >>> def loss(w):
    ...     return np.mean((X @ w - t) ** 2)
    >>> def gradient(w):
    ...     return 2 * X.T @ (X @ w - t)
    >>> check_gradient(loss, gradient, np.ones(3), batch=4).mistake
    'summed'
"""

import linecache
import os
import sysconfig
from dataclasses import replace

import numpy as np

from backpass.gradcheck.diagnose import Diagnosis, diagnose
from backpass.gradcheck.differences import (
    floats,
    numerical_gradient,
    relative_error,
    replaced,
    slopes,
    steps_of,
    value_of,
)
from backpass.gradcheck.mistakes import GENERIC
from backpass.gradcheck.plain import NotNumbers, plain, shown

__all__ = [
    "GENERIC",
    "Diagnosis",
    "check_gradient",
    "diagnose",
    "numerical_gradient",
    "own_line",
    "relative_error",
    "slope",
    "vjp",
]


def slope(f, x):
    """The gradient of the number ``f(x)`` by complex steps, exact to the last digits.

    ``x`` is an array of any shape, or a dict of arrays; the gradient has its form. ``f`` must be
    made of analytic functions: write ``np.where(z.real > 0, z, 0)`` for a ReLU, and no ``abs``.
    """
    return numerical_gradient(f, x, method="complex")


def vjp(v, f, x):
    """The vector–Jacobian product ``vᵀ ∂f/∂x``, of the shape of ``x``; see :func:`slope`.

    ``v`` has the shape of ``f(x)``.
    """
    return slope(lambda x: np.sum(v * f(x)), x)


def own_line(error):
    """Where in the user's own code an exception arose: ``' (line 3, “return 1 / z”)'`` or ``""``.

    Own is what stands neither in the standard library, nor in an installed package, nor here.
    """
    paths = sysconfig.get_paths()
    foreign = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    foreign += [
        os.path.dirname(os.path.dirname(__file__)) + os.sep,
        "<frozen",
        "<__array_function__",
    ]
    found, step = "", error.__traceback__
    while step is not None:
        name, number = step.tb_frame.f_code.co_filename, step.tb_lineno
        if not name.startswith(tuple(foreign)):
            source = linecache.getline(name, number).strip()
            found = f" (line {number}, “{source}”)" if source else f" (line {number})"
        step = step.tb_next
    return found


def check_gradient(f, gradient, x, *, method="central", rtol=None, **known):
    """:func:`diagnose` a gradient against finite differences of ``f`` at ``x``.

    Parameters
    ----------
    f : function of an array (or of a dict of arrays) that returns a number, the loss.
    gradient : function of the same argument, or its value at ``x``. For a dict, a dict.
    x : array of floats, or a dict of them.
    method : as for :func:`numerical_gradient`.
    rtol, known : as for :func:`diagnose`: ``batch``, ``mistakes``, ``examples``, ``reduction``.
        With a dict ``x``, ``mistakes`` and ``examples`` are dicts by the names in ``x``.

    Beyond the mistakes of ``diagnose`` it names ``mutated`` (the gradient function changed its
    argument), ``exception`` (with the line), and ``kink``: where the slopes of ``f`` on the two
    sides of ``x`` do not meet, any value between them is accepted and the message says so. The
    tolerance contains the rounding error of the differences, 8 eps |f| / h. If ``f`` computes in
    float32, then that is the precision asked for.

    Returns
    -------
    Diagnosis; for a dict ``x``, the first that is not right, ``where`` starting with the name.

    Raises
    ------
    ValueError, TypeError : as :func:`numerical_gradient`, for faults of ``f`` and ``x``.
    """
    named = isinstance(x, dict)
    x = {name: floats(value) for name, value in x.items()} if named else floats(x)
    if callable(gradient):
        gradient, stopped = _evaluated(gradient, x)
        if stopped is not None:
            return stopped
    if named:
        return _check_each(f, gradient, x, method=method, rtol=rtol, **known)
    h, eps = steps_of(f, x, method)
    expected = numerical_gradient(f, x, method)
    if eps > 1e-10:
        expected = expected.astype(np.float32)  # f has no more, so float32 answers are right
    rounding = 0 if method == "complex" else 8 * eps * np.abs(value_of(f, x)) / h
    known |= {"rtol": rtol, "atol": rounding + 1e-10 * np.max(np.abs(expected), initial=0)}
    found = diagnose(gradient, expected, **known)
    if found or method == "complex":
        return found
    return _spare_kinks(f, x, h, rounding, gradient, expected, known, found)


def _evaluated(gradient, x):
    """The gradient function's answer for a copy of ``x``, or a Diagnosis of why there is none."""
    named = isinstance(x, dict)
    given = {name: value.copy() for name, value in x.items()} if named else x.copy()
    try:
        answer = gradient(given)
    except Exception as error:
        text = f"The gradient function stopped with {type(error).__name__}: {error}"
        return None, Diagnosis(False, "exception", None, f"{text}{own_line(error)}.")
    for name in x if named else [None]:
        before, after = (x[name], given.get(name)) if named else (x, given)
        if not np.array_equal(before, after, equal_nan=True):
            which = f"{name!r} in its argument" if named else "its argument"
            text = f"The gradient function changes {which} in place. Work on a copy."
            return None, Diagnosis(False, "mutated", (name,) if named else None, text)
    return answer, None


def _spare_kinks(f, x, h, rounding, answer, expected, known, found):
    """Judge again with smaller steps, and without the entries where f has a kink."""
    try:
        answer = plain(answer)
    except NotNumbers:
        return found
    if answer.shape != x.shape or not np.all(np.isfinite(answer)):
        return found
    refined, kinks, outside = expected.astype(float), [], None
    # The rounding error of the smaller steps is 16 times that of the larger ones.
    known = {**known, "atol": known["atol"] + 15 * rounding}
    for i in zip(*np.nonzero(np.abs(answer - expected) > known["atol"]), strict=True):
        wide, near = (slopes(f, x, i, step) for step in (h[i], h[i] / 16))
        # Where f is smooth the gap between its two sides is proportional to the step, the error of
        # their mean to its square.
        bend, gap, doubt = (wide[0] - wide[1]) / 16, near[0] - near[1], 4 * known["atol"][i]
        if abs(gap) <= doubt or abs(gap - bend) <= 0.3 * abs(bend) + doubt:
            mean = np.mean(near)
            better = mean + (mean - np.mean(wide)) / 255
            refined[i] = min(mean, better, key=lambda value, i=i: abs(value - answer[i]))
        else:
            sides = f"{near[1] + 0:.6g} behind x[i] and {near[0] + 0:.6g} ahead of it"
            kinks.append(f"{[int(k) for k in i]} its slope is {sides}")
            refined[i] = answer[i]
            if not min(near + wide) - doubt <= answer[i] <= max(near + wide) + doubt:
                outside = i if outside is None else outside
    refined = refined.astype(expected.dtype)
    again = diagnose(answer, refined, **known)
    if not kinks:
        return again
    text = f"f has a kink at x or next to it: at {kinks[0]}."
    text += f" There are {len(kinks)} such entries." * (len(kinks) > 1)
    if not again:
        return replace(again, message=f"{again.message} {text}")
    if outside is None:
        return replace(again, message=f"Right. {text} Anything between is accepted.")
    text += f" Yours is {answer[outside]:.6g}, not between them."
    return Diagnosis(False, "kink", tuple(int(k) for k in outside), text)


def _check_each(f, gradient, x, mistakes=None, examples=None, **options):
    """``check_gradient`` for a function of a dict of arrays, one array after the other."""
    if not isinstance(gradient, dict) or set(gradient) != set(x):
        text = f"The gradient should be a dict with the keys {list(x)}, not {shown(gradient)}."
        return Diagnosis(False, "type", None, text)
    right, wrong = [], []
    for name in x:
        options |= {"mistakes": (mistakes or {}).get(name), "examples": (examples or {}).get(name)}
        found = check_gradient(
            lambda value, name=name: f(replaced(x, name, value)), gradient[name], x[name], **options
        )
        (right if found else wrong).append((name, found))
    if not wrong:
        told = "; ".join(f"{name}: {found.message}" for name, found in right)
        return Diagnosis(True, message=told)
    text = " ".join(f"{name}: {found.message}" for name, found in wrong)
    text += f" Right: {', '.join(name for name, _ in right)}." if right else ""
    name, found = wrong[0]
    return replace(found, where=(name, *(found.where or ())), message=text)
