"""The convolution of the chapter *relu_cnn_rnn*, as it stands in its cells, over random shapes."""

import numpy as np
import pytest
from autograd import grad
from autograd import numpy as anp
from chapter_code import functions, same_code
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import ndimage

from experiments import convolution as script

chapter = functions("relu_cnn_rnn")


@st.composite
def layers(draw):
    """Images, filters, biases, and F, S, P."""
    n, c, k = (draw(st.integers(1, 3)) for _ in range(3))
    F, S, P = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(0, 3))
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    assume(min(height, width) + 2 * P >= F)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X, W = rng.normal(size=(n, c, height, width)), rng.normal(size=(c * F * F, k))
    return (X, W, rng.normal(size=k)), (F, S, P)


def filters(W, c, F):
    return W.T.reshape(-1, c, F, F)


def correlated(x, f):
    """Their cross-correlation, where the filter lies within the image. (SciPy's signal, which has
    it as such, takes a second to import.)
    """
    whole = ndimage.correlate(x, f, mode="constant", origin=tuple(-(n // 2) for n in f.shape))
    return whole[tuple(slice(m - n + 1) for m, n in zip(x.shape, f.shape, strict=True))]


@given(layers())
def test_forward_is_cross_correlation(layer):
    (X, W, b), (F, S, P) = layer
    padded = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
    theirs = [
        [
            b[k] + sum(correlated(x[i], f[i]) for i in range(len(f)))
            for k, f in enumerate(filters(W, X.shape[1], F))
        ]
        for x in padded
    ]
    ours = chapter["convolution"](X, W, b, F, S, P)
    np.testing.assert_allclose(ours, np.array(theirs)[:, :, ::S, ::S], atol=1e-10)


@given(layers())
def test_col2im_is_the_adjoint(layer):
    (X, *_), (F, S, P) = layer
    rows = chapter["im2col"](X, F, S, P)
    y = np.random.default_rng(0).normal(size=rows.shape)
    back = chapter["col2im"](y, X.shape, F, S, P)
    assert back.shape == X.shape
    np.testing.assert_allclose(np.vdot(rows, y), np.vdot(X, back), atol=1e-9)


@given(layers())
def test_backward_is_what_autograd_finds(layer):
    (X, W, b), (F, S, P) = layer
    delta = np.random.default_rng(0).normal(size=chapter["convolution"](X, W, b, F, S, P).shape)
    height, width = (S * (length - 1) + 1 for length in delta.shape[2:])  # first to last position

    def loss(X, W, b):
        """Offset by offset in the filter; autograd's own `convolve` does not end on some shapes."""
        padded = anp.pad(X, ((0, 0), (0, 0), (P, P), (P, P)), "constant")
        f = anp.reshape(W.T, (-1, X.shape[1], F, F))
        Z = b[:, None, None]
        for i, j in np.ndindex(F, F):
            seen = padded[:, :, i : i + height : S, j : j + width : S]
            Z = Z + anp.einsum("nchw,kc->nkhw", seen, f[:, :, i, j])
        return anp.sum(delta * Z)

    ours = chapter["convolution_backward"](delta, X, W, F, S, P)
    for i, name in enumerate(("X", "W", "b")):
        np.testing.assert_allclose(ours[name], grad(loss, i)(X, W, b), atol=1e-9)


@pytest.mark.parametrize("S", [1, 2, 3])
@pytest.mark.parametrize("P", [0, 1, 2])
def test_im2col_moves_no_number_elsewhere(S, P):
    """Every row is the patch that a plain loop cuts out."""
    X = np.arange(2 * 2 * 5 * 4.0).reshape(2, 2, 5, 4)
    padded = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
    rows = [
        x[:, i : i + 3, j : j + 3].ravel()
        for x in padded
        for i in range(0, 5 + 2 * P - 2, S)
        for j in range(0, 4 + 2 * P - 2, S)
    ]
    np.testing.assert_array_equal(chapter["im2col"](X, 3, S, P), rows)


def test_the_experiment_runs_the_chapters_functions():
    assert same_code("relu_cnn_rnn", script) == {"positions", "im2col", "convolution"}


def test_the_experiment_measures_what_agrees():
    row = script.measure("small", 1, 2, 5, 3, 1, 2)  # asserts that all three agree
    assert row["loop"] > 0
    assert row["scipy"] > 0
    recorded = script.RUN.read()["results"]["rows"]
    assert [row["case"] for row in recorded] == list(script.CASES)
