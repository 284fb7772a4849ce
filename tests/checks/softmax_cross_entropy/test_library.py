"""What libraries bring for softmax and entropies, beside SciPy's."""

import numpy as np
import pytest
from scipy import special

from backpass.checks.softmax_cross_entropy import _library as library

Z = np.random.default_rng(0).normal(size=(4, 3))
MASKED = np.where(np.eye(4, 3, dtype=bool), -np.inf, Z)


@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("z", [Z, 1000 * Z, MASKED, Z - 1e4, Z + 1e-30j * Z[::-1]])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_it_is_as_scipys(name, z, axis):
    ours, theirs = (getattr(where, name)(z, axis=axis) for where in (library, special))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours.real, theirs.real, rtol=4e-15, atol=1e-15)
    np.testing.assert_allclose(ours.imag, theirs.imag, rtol=4e-15, atol=1e-45)


def test_what_is_summed_may_keep_its_axis():
    assert library.logsumexp(Z, axis=1, keepdims=True).shape == (4, 1)


def test_the_logistic_function_and_entropies_are_as_scipys():
    z, t = np.linspace(-800, 800, 321), np.array([0.0, 1e-300, 0.3, 1.0, 2.0])
    np.testing.assert_allclose(library.expit(z), special.expit(z), rtol=1e-15, atol=1e-307)
    np.testing.assert_allclose(library.entr(t), special.entr(t), rtol=1e-15)
