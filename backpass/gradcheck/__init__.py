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

from backpass.gradcheck.check import check_gradient, own_line, slope, vjp
from backpass.gradcheck.diagnose import Diagnosis, diagnose
from backpass.gradcheck.differences import numerical_gradient, relative_error
from backpass.gradcheck.mistakes import GENERIC

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
