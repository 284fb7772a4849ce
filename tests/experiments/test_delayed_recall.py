"""The chapter on BPTT: its gradients against HIPS autograd, and its recorded runs."""

from itertools import product

import autograd.numpy as anp
import numpy as np
from autograd import grad
from chapter_code import functions, same_code
from hypothesis import given
from hypothesis import strategies as st

from experiments import bptt_text, delayed_recall

chapter = functions("bptt")


def test_the_recorded_runs_use_the_chapters_functions():
    assert same_code("bptt", delayed_recall) == {"forward", "as_rows", "collect", "truncated"}
    for name in ("forward", "truncated"):
        assert getattr(bptt_text, name) is getattr(delayed_recall, name)


@st.composite
def nets(draw):
    """Inputs, targets and parameters, from a single step of one unit upwards."""
    T, n, d, h, q = (draw(st.integers(1, most)) for most in (7, 4, 3, 5, 3))
    gain = draw(st.sampled_from([0.0, 0.5, 3.0]))
    normal = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).normal
    p = {"U": normal(size=(d, h)), "W": gain * normal(size=(h, h)), "b": normal(size=(1, h))}
    p |= {"V": normal(size=(h, q)), "c": normal(size=(1, q))}
    return normal(size=(T, n, d)), normal(size=(T, n, q)), p


def detached(X, Y, p, firsts):
    """Autograd's gradient of each step's loss from the state before step ``firsts(t)``, summed."""
    H = delayed_recall.forward(X, **p)[0]

    def loss(p):
        total = 0.0
        for t in range(len(X)):
            h = H[firsts(t)]
            for x in X[firsts(t) : t + 1]:
                h = anp.tanh(anp.dot(x, p["U"]) + anp.dot(h, p["W"]) + p["b"])
            error = anp.dot(h, p["V"]) + p["c"] - Y[t]
            total = total + anp.sum(error**2) / (2 * X.shape[1])
        return total

    return grad(loss)(p)


def close(ours, theirs, names):
    scale = max(1.0, *(np.abs(theirs[name]).max() for name in names))
    for name in names:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-11 * scale)


@given(nets(), st.integers(1, 8))
def test_full_truncated_and_windowed_gradients(net, K):
    X, Y, p = net
    H, O = chapter["forward"](X, **p)
    arguments = X, H, (O - Y) / X.shape[1], p["W"], p["V"]
    close(chapter["backward"](*arguments), detached(X, Y, p, lambda t: 0), p)
    sliding = detached(X, Y, p, lambda t: max(0, t + 1 - K))
    close(chapter["truncated"](*arguments, K), sliding, p)
    close(chapter["streamed"](X, Y, p, K), sliding, p)
    close(chapter["windows"](*arguments, K), detached(X, Y, p, lambda t: t - t % K), p)


@given(nets())
def test_forward_mode_gives_the_same(net):
    X, Y, p = net
    X, Y = X[:, :1], Y[:, :1]
    close(chapter["rtrl"](X, Y, **p), detached(X, Y, p, lambda t: 0), ("U", "W", "b"))


def test_stacked_nets_get_the_gradients_that_each_gets_alone():
    generators = [np.random.default_rng(seed) for seed in range(3)]
    p = delayed_recall.start(generators, 2, 4, 1, 1.0)
    X, E = (np.random.default_rng(5).normal(size=(6, 3, 5, size)) for size in (2, 1))
    H = delayed_recall.forward(X, **p)[0]
    together = delayed_recall.truncated(X, H, E, p["W"], p["V"], 3)
    for i in range(3):
        one = {name: part[i] for name, part in p.items()}
        H = delayed_recall.forward(X[:, i], **one)[0]
        alone = delayed_recall.truncated(X[:, i], H, E[:, i], one["W"], one["V"], 3)
        close({name: part[i] for name, part in together.items()}, alone, p)


def test_the_record_is_the_scripts():
    results = delayed_recall.RUN.read()["results"]
    cells = [(row["hidden"], row["gain"], row["lag"], row["K"]) for row in results["rows"]]
    assert cells == [
        (*cell, K)
        for cell in product(delayed_recall.WIDTHS, delayed_recall.GAINS, delayed_recall.LAGS)
        for K in range(cell[-1] + 3)
    ]
    assert {len(row["right"]) for row in results["rows"]} == {delayed_recall.SEEDS}


def test_the_far_lag_has_for_each_arm_its_best_rate_and_a_budget():
    results = delayed_recall.RUN.read()["results"]
    far_nets = [*product(delayed_recall.WIDTHS, delayed_recall.FAR_GAINS)]
    for part, nets in (("far", far_nets), ("quiet", delayed_recall.QUIET_NETS)):
        rows = results[part]
        assert [(row["hidden"], row["gain"], row["K"]) for row in rows] == [
            (*net, K) for net, K in product(nets, delayed_recall.FAR_K)
        ]
        for row in rows:
            assert row["rate"] == delayed_recall.RATES[np.argmax(row["tuned"])]
            many = 1 if row["K"] > delayed_recall.FAR else 4
            assert row["steps"] == delayed_recall.STEPS * many
    assert not set(delayed_recall.TUNING) & set(range(delayed_recall.SEEDS))


def test_a_quiet_start_differs_in_the_input_weights_alone():
    loud, quiet = (delayed_recall.Task(3, 0.9, 4, range(2), size).p for size in (1.0, 0.1))
    np.testing.assert_allclose(quiet.pop("U"), 0.1 * loud.pop("U"), rtol=1e-6)
    assert all(np.array_equal(quiet[name], loud[name]) for name in loud)


def test_the_echo_is_watched_from_fresh_starts_with_three_kinds_of_credit():
    rows = delayed_recall.RUN.read()["results"]["kept"]
    assert [(row["hidden"], row["lag"], row["rate"], row["K"]) for row in rows] == [
        (*cell, K) for cell in delayed_recall.KEPT for K in (0, 1, cell[1] + 1)
    ]
    points = delayed_recall.GOING_ON // delayed_recall.EVERY + 1
    assert {np.shape(row["right"]) for row in rows} == {(points, len(delayed_recall.ECHO))}
    assert not set(delayed_recall.ECHO) & {*range(delayed_recall.SEEDS), *delayed_recall.TUNING}


def test_a_short_run_recalls_a_lag_of_one():
    assert (delayed_recall.learn(1, 2, 0.5, 12, seeds=range(2), steps=300) > 0.95).all()
    assert (delayed_recall.learn(6, 2, 0.1, 12, seeds=range(2), steps=100) < 0.9).all()


def test_without_credit_the_readout_alone_is_trained():
    task = delayed_recall.Task(1, 0.5, 4, range(2))
    before = dict(task.p)
    task.train(0, 3, 0.01)
    changed = {name for name in before if (task.p[name] != before[name]).any()}
    assert changed == {"V", "c"}
