"""The recurrent nets of the chapter *relu_cnn_rnn*, as its cells have them, and their record."""

import math
import pickle

import numpy as np
import pytest
from autograd import grad
from autograd import numpy as anp
from chapter_code import functions, same_code
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


def plain_lstm(p, X, c):
    """The last state h and cell state of an LSTM, gate by gate, for autograd."""
    h = 0 * c
    for x in X:
        z = anp.dot(x, p["V"]) + anp.dot(h, p["W"]) + p["b"]
        i, f, o, new = (z[:, k * h.shape[1] : (k + 1) * h.shape[1]] for k in range(4))
        i, f, o = (1 / (1 + anp.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * anp.tanh(new)
        h = o * anp.tanh(c)
    return h, c


def lstm_by_autograd(net, X, y):
    p, out = net
    h, _ = plain_lstm(p, X, anp.zeros((X.shape[1], p["W"].shape[0])))
    return anp.mean((anp.dot(h, out["V"]) + out["b"] - y) ** 2)


@pytest.mark.parametrize("seed", range(3))
def test_the_lstms_loss_and_gradients_are_what_autograd_finds(seed):
    rng = np.random.default_rng(seed)
    net = script.lstm_start(rng, [2, 3], 6, (), 0.7, "slow")
    X, y = rng.normal(size=(6, 4, 2)), rng.normal(size=(4, 1))
    loss, gradients = script.lstm_passes(X, y, net)
    np.testing.assert_allclose(loss, lstm_by_autograd(net, X, y), rtol=1e-10)
    for ours, theirs in zip(gradients, grad(lstm_by_autograd)(net, X, y), strict=True):
        assert set(ours) == set(theirs)
        for name in ours:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-8, atol=1e-12)


def test_the_chapters_lstm_has_the_same_cell_states():
    rng = np.random.default_rng(0)
    p, _ = script.lstm_start(rng, [2, 3], 6, (), 0.7, "slow")
    X, first = rng.normal(size=(6, 4, 2)), rng.normal(size=(4, 3))
    c, forget = chapter["lstm"](X, p, first)
    np.testing.assert_allclose(c, plain_lstm(p, X, first)[1], rtol=1e-10)
    assert forget.shape == (6, 4, 3)
    gate = 1 / (1 + np.exp(-(X[0] @ p["V"] + p["b"])[:, 3:6]))
    np.testing.assert_allclose(forget[0], gate)


def test_slow_gates_start_with_the_logarithm_of_the_time_they_remember():
    rng = np.random.default_rng(0)
    b = script.lstm_start(rng, [2, 200], 50, (), 0.1, "slow")[0]["b"][0]
    times = np.exp(b[200:400])
    assert 1 <= times.min() < 5 < 45 < times.max() <= 49
    np.testing.assert_array_equal(b[:200], -b[200:400])
    b = script.lstm_start(rng, [2, 200], 50, (), 0.1, "1")[0]["b"][0]
    assert set(b[200:400]) == {1.0}
    assert not b[:200].any()


def test_an_orthogonal_start_is_orthogonal_and_any_start_is_anywhere():
    rng = np.random.default_rng(0)
    W = script.begin(rng, "tanh, orthogonal start", 100, 2)[0]["W"]
    np.testing.assert_allclose(W @ W.mT, np.broadcast_to(np.eye(32), W.shape), atol=1e-5)
    u = script.begin(rng, "IndRNN, any start", 100, 2)[1]["u"]
    assert u.min() < 0.2
    assert script.begin(rng, "IndRNN", 100, 2)[1]["u"].min() > 0.99


def test_what_is_held_is_cut_to_the_bound_and_nothing_else_changes():
    rng = np.random.default_rng(0)
    net = [{"W": rng.normal(size=(2, 4, 4))}, {"u": np.array([[[0.5, -3.0, 1.5]]])}, {"V": 9.0}]
    before = np.linalg.svd(net[0]["W"])
    script.hold(net, 1.2)
    np.testing.assert_allclose(net[1]["u"], [[[0.5, -1.2, 1.2]]])
    expected = before.U * np.minimum(before.S, 1.2)[..., None, :] @ before.Vh
    np.testing.assert_allclose(net[0]["W"], expected)
    script.hold(net, 1.2)
    np.testing.assert_allclose(net[0]["W"], expected)
    assert net[2] == {"V": 9.0}


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(monkeypatch):
    monkeypatch.setattr(script, "BLOCK", 3)
    through, stopped = (script.Training(6, "LSTM", [0.01, 0.02], seed=5) for _ in range(2))
    for _ in range(3):
        through.go()
    stopped.go()
    stopped = pickle.loads(pickle.dumps(stopped))
    stopped.go()
    stopped.go()
    np.testing.assert_array_equal(through.blocks, stopped.blocks)


def test_the_rate_with_the_least_loss_is_chosen_and_one_that_overflowed_is_not():
    training = script.Training(6, "tanh", np.repeat([1e-3, 1e-2, 1e-1], 2), seed=5)
    training.blocks = [[0.2, 0.2, 0.1, 0.12, np.nan, 0.01]] * 10
    how = script.chosen(training)
    assert how == {
        "candidates": [0.001, 0.01, 0.1],
        "tuning losses": [0.2, 0.11, None],
        "rate": 0.01,
    }


def test_a_run_ends_early_only_when_every_start_has_been_solved_for_five_hundred_updates():
    training = script.Training(6, "tanh", [1e-3] * 2, seed=5)
    training.blocks = [[0.001, 0.001]] * 9
    assert not training.arrived()
    training.blocks = [[0.001, 0.001]] * 10
    assert training.arrived()
    training.blocks = [[0.001, 0.3]] + [[0.001, 0.001]] * 9
    assert not training.arrived()


def test_the_script_runs_the_chapters_functions():
    same = {"activation", "slope", "states", "over_steps", "bptt", "both_passes"}
    same |= {"adding_problem", "start", "adam"}
    assert same_code("relu_cnn_rnn", script) == same


def test_the_record_is_of_runs_that_the_script_makes():
    rows = {(row["T"], row["arm"]): row for row in script.RUN.read()["results"]["rows"]}
    assert list(rows) == [case for case in script.ORDER if case in rows]
    for (_, arm), row in rows.items():
        starts = len(script.RATES) if "each" in arm else 3
        assert np.shape(row["losses"]) == (row["updates"] // script.BLOCK, starts)
        losses = np.array(row["losses"], dtype=float)
        early = (losses[-10:].mean(axis=0) < script.SOLVED).all()
        assert row["updates"] == script.LIMIT or early
        if "each" not in arm:
            assert row["rate"] in row["candidates"]


def test_a_loss_that_overflowed_is_recorded_as_none():
    assert script.round_off(math.nan) is script.round_off(math.inf) is None
    assert script.round_off(0.123456) == 0.123
