"""The NumPy of the chapters against HIPS autograd, over shapes and scales nobody chose by hand."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, jacobian
from chapter_code import functions
from hypothesis import given
from hypothesis import strategies as st


def log_softmax(z):
    shifted = z - anp.max(z, axis=-1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))


@st.composite
def batches(draw):
    """Inputs, weights, biases, and targets that need not sum to one."""
    n, d, k = draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(2, 7))
    scale = draw(st.sampled_from([1e-3, 1.0, 30.0, 300.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X, W = rng.normal(size=(n, d)), scale * rng.normal(size=(d, k))
    return X, W, scale * rng.normal(size=k), rng.uniform(size=(n, k))


def close(ours, theirs):
    scale = max(1.0, np.abs(theirs).max())
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10 * scale)


@given(batches())
def test_softmax_jacobian_and_its_product(batch):
    chapter = functions("softmax_cross_entropy")
    z, v = (batch[0] @ batch[1] + batch[2])[0], batch[3][0]
    theirs = jacobian(lambda z: anp.exp(log_softmax(z)))(z)
    close(chapter["softmax_jacobian"](z), theirs)
    close(chapter["softmax_vjp"](v, z), v @ theirs)


@given(batches())
def test_cross_entropy_and_its_gradient_for_any_targets(batch):
    chapter = functions("softmax_cross_entropy")
    z, t = (batch[0] @ batch[1] + batch[2])[0], batch[3][0]
    close(chapter["cross_entropy"](z, t), -np.sum(t * log_softmax(z)))
    theirs = grad(lambda z: -anp.sum(t * log_softmax(z)))(z)
    close(t.sum() * chapter["softmax"](z) - t, theirs)


@given(batches())
def test_backward_pass_of_a_softmax_layer(batch):
    X, W, b, T = batch
    T = T / T.sum(axis=1, keepdims=True)

    def loss(X, W, b):
        return -anp.mean(anp.sum(T * log_softmax(anp.dot(X, W) + b), axis=1))

    ours = functions("softmax_cross_entropy")["backward"](X, W, b, T)
    for i, name in enumerate(("X", "W", "b")):
        close(ours[name], grad(loss, i)(X, W, b))


@given(batches(), st.sampled_from(["cross-entropy", "squared error", "raw squared error"]))
def test_error_at_the_logits(batch, name):
    X, W, b, T = batch
    T = T / T.sum(axis=1, keepdims=True)
    losses = {
        "cross-entropy": lambda Z: -anp.sum(T * log_softmax(Z)),
        "squared error": lambda Z: anp.sum((anp.exp(log_softmax(Z)) - T) ** 2) / 2,
        "raw squared error": lambda Z: anp.sum((Z - T) ** 2) / 2,
    }
    Z = X @ W + b
    ours = functions("softmax_cross_entropy")["error_at_logits"](Z, T, name)
    close(ours, grad(losses[name])(Z))


@given(batches(), st.integers(0, 6))
def test_log_sum_exp_and_the_shifted_form(batch, y):
    z = (batch[0] @ batch[1] + batch[2])[0]
    y %= len(z)
    chapter = functions("softmax_cross_entropy")
    right = -log_softmax(z)[y]
    close(chapter["log_sum_exp"](z, y), right)
    if right < 700:  # above, the right class's probability underflows
        np.testing.assert_allclose(chapter["shifted_then_log"](z, y), right, atol=1e-9)


@given(batches())
def test_backward_pass_of_two_layers(batch):
    X, W_1, b_1, T = batch
    rng = np.random.default_rng(0)
    W_1, b_1 = W_1 / np.abs(W_1).max(), b_1 / max(1.0, np.abs(b_1).max())
    W_2, b_2 = rng.normal(size=(W_1.shape[1], T.shape[1])), rng.normal(size=T.shape[1])

    def loss(W_1, b_1, W_2, b_2):
        H = anp.tanh(anp.dot(X, W_1) + b_1)
        return anp.sum((anp.dot(H, W_2) + b_2 - T) ** 2) / (2 * len(X))

    ours = functions("backpropagation")["backward"](X, T, W_1=W_1, b_1=b_1, W_2=W_2, b_2=b_2)
    for i, name in enumerate(("W_1", "b_1", "W_2", "b_2")):
        close(ours[name], grad(loss, i)(W_1, b_1, W_2, b_2))


def test_the_comparison_can_fail():
    with pytest.raises(AssertionError):
        close(np.ones(3), np.ones(3) + 1e-6)
