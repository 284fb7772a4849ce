"""The recurrent nets of the chapter *relu_cnn_rnn*, as its cells have them, and their record."""

import inspect
import math

import numpy as np
import pytest
from autograd import grad
from autograd import numpy as anp
from chapter_code import definitions, functions, same_code
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import adding_problem as script

chapter = functions("relu_cnn_rnn")
KINDS = ("RNN", "IRNN", "IndRNN")


@st.composite
def problems(draw):
    """A kind, a net with weights everywhere, inputs and targets."""
    kind, T, n = draw(st.sampled_from(KINDS)), draw(st.integers(2, 7)), draw(st.integers(1, 4))
    sizes = [2, *draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    net = chapter["start"](rng, kind, sizes, T)
    net = [{name: a + 0.4 * rng.normal(size=a.shape) for name, a in p.items()} for p in net]
    return kind, net, rng.normal(size=(T, n, 2)), rng.normal(size=(n, 1))


def by_autograd(net, X, y, kind):
    """The loss, written without arrays of states."""
    *layers, out = net
    states = [anp.zeros((X.shape[1], p["V"].shape[1])) for p in layers]
    for x in X:
        for i, p in enumerate(layers):
            back = states[i] * p["u"] if "u" in p else anp.dot(states[i], p["W"])
            z = anp.dot(x, p["V"]) + back + p["b"]
            x = anp.tanh(z) if kind == "RNN" else z * (z > 0)
            states[i] = x
    return anp.mean((anp.dot(x, out["V"]) + out["b"] - y) ** 2)


@settings(deadline=None)
@given(problems())
def test_loss_and_gradients_are_what_autograd_finds(problem):
    kind, net, X, y = problem
    loss, gradients = chapter["both_passes"](X, y, net, kind)
    np.testing.assert_allclose(loss, by_autograd(net, X, y, kind), rtol=1e-10)
    theirs = grad(by_autograd)(net, X, y, kind)
    for ours, other in zip(gradients, theirs, strict=True):
        assert set(ours) == set(other)
        for name in ours:
            scale = max(1.0, np.abs(other[name]).max())
            np.testing.assert_allclose(ours[name], other[name], rtol=1e-8, atol=1e-10 * scale)


@pytest.mark.parametrize("kind", KINDS)
def test_several_starts_at_once_are_several_nets(kind):
    rng = np.random.default_rng(0)
    net = chapter["start"](rng, kind, [2, 4, 3], 6, (3,))
    X, y = chapter["adding_problem"](rng, 6, (3, 5))
    losses, gradients = chapter["both_passes"](X, y, net, kind)
    for i in range(3):
        one = [{name: a[i] for name, a in p.items()} for p in net]
        loss, gradient = chapter["both_passes"](X[:, i], y[i], one, kind)
        np.testing.assert_allclose(losses[i], loss)
        for together, alone in zip(gradients, gradient, strict=True):
            for name in alone:
                np.testing.assert_allclose(together[name][i], alone[name], atol=1e-12)


def test_an_irnn_starts_as_a_memory_and_an_indrnn_within_its_bound():
    rng = np.random.default_rng(0)
    first, _ = chapter["start"](rng, "IRNN", [2, 5], 100)
    np.testing.assert_array_equal(first["W"], np.eye(5))
    assert not first["b"].any()
    low, last, _ = chapter["start"](rng, "IndRNN", [2, 50, 50], 100)
    assert 0 <= low["u"].min() < 0.5 < low["u"].max() <= 2**0.01
    assert 2**-0.01 <= last["u"].min() <= last["u"].max() <= 2**0.01


@pytest.mark.parametrize("T", [2, 3, 50])
def test_the_problem_has_one_mark_in_either_half(T):
    X, y = chapter["adding_problem"](np.random.default_rng(0), T, (4, 30))
    assert X.shape == (T, 4, 30, 2)
    for half in (X[: T // 2], X[T // 2 :]):
        np.testing.assert_array_equal(half[..., 1].sum(axis=0), 1)
    np.testing.assert_allclose(y[..., 0], np.where(X[..., 1] == 1, X[..., 0], 0).sum(axis=0))


def test_a_step_is_clipped_and_each_start_by_itself():
    """Adam's first step is the rate times the sign; its memory shows what it was given."""
    net = [{"V": np.zeros((2, 2, 2))}]
    gradient = np.stack([np.full((2, 2), 30.0), np.full((2, 2), 0.01)])
    memory = [[{"V": np.zeros((2, 2, 2))} for _ in range(2)]]
    chapter["adam"](net, [{"V": gradient}], memory, 1, rate=0.1, clip=1.0)
    np.testing.assert_allclose(memory[0][0]["V"][0], 0.1 * 30 / 60)  # cut to norm 1
    np.testing.assert_allclose(memory[0][0]["V"][1], 0.1 * 0.01)  # left alone
    np.testing.assert_allclose(net[0]["V"], -0.1, rtol=1e-4)


def test_training_keeps_u_within_its_bound_and_gives_losses():
    losses = chapter["train"]("IndRNN", [2, 4, 4], T=5, updates=8, rate=0.5, batch=4)
    assert losses.shape == (8, 3)
    assert np.isfinite(losses).all()


def test_the_script_runs_the_chapters_functions():
    own = {"measure", "round_off", "results"}
    every = set(definitions(inspect.getsource(script)))
    assert own < every
    assert every - own == same_code("relu_cnn_rnn", script)


def test_the_record_is_of_the_runs_that_the_script_makes():
    rows = script.RUN.read()["results"]["rows"]
    for run in script.RUNS:
        (row,) = [row for row in rows if run.items() <= row.items()]
        assert np.shape(row["losses"]) == (run["updates"] // script.BLOCK, 3)
    assert len(rows) == len(script.RUNS)


def test_a_loss_that_overflowed_is_recorded_as_none():
    assert script.round_off(math.nan) is script.round_off(math.inf) is None
    assert script.round_off(0.123456) == 0.123
