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

An answer walks through the room once: ``measure`` (what is right, and how far that can be trusted)
→ ``compare`` (how the answer lies beside it) → ``name`` (which mistake that shows; ``values`` are
those of known mistakes, ``question`` what the caller told) → ``tell`` (in words). ``check`` is the
way itself, ``kinks`` a closer look at where a function bends, ``plain`` numbers in any form,
``lines`` where in somebody's code an exception arose; ``usual`` works out what the usual mistakes
give in a network of one's own.
"""

from backpass.gradcheck.check import check_gradient, diagnose
from backpass.gradcheck.compare import relative_error
from backpass.gradcheck.measure import numerical_gradient, slope, vjp
from backpass.gradcheck.name import GENERIC
from backpass.gradcheck.tell import Diagnosis
from backpass.gradcheck.usual import kernel, layers, lookup

__all__ = [
    "GENERIC",
    "Diagnosis",
    "check_gradient",
    "diagnose",
    "kernel",
    "layers",
    "lookup",
    "numerical_gradient",
    "relative_error",
    "slope",
    "vjp",
]
