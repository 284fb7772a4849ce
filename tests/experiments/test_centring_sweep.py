"""The sweep of the chapter on sigmoid and tanh: gradients, optimisers, starts, and its record."""

import numpy as np
import pytest

from experiments import activation_factorial, centring_sweep

BASE, RECORD = centring_sweep.BASE, centring_sweep.RUN.read()["results"]["settings"]


def net_of(how, activation="σ", seeds=(0, 1, 2), depth=2, width=5):
    scales = centring_sweep.ACTIVATIONS[activation]
    nets = [centring_sweep.start(seed, 2, depth, width, how, scales) for seed in seeds]
    return centring_sweep.stacked(nets)


def steps_of(setting, name, rate, seeds, **how):
    nets = net_of(setting["start"], name, seeds, setting["depth"], setting["width"])
    scales = centring_sweep.ACTIVATIONS[name]
    return centring_sweep.descend(nets, np.full(len(seeds), rate), setting, scales, **how)


@pytest.mark.parametrize("name", centring_sweep.ARMS)
@pytest.mark.parametrize("depth", [1, 3])
def test_the_fast_passes_give_what_the_factorials_give(name, depth):
    X, T = activation_factorial.task(9)
    layers, scales = net_of("library", depth=depth), centring_sweep.ACTIVATIONS[name]
    losses, gradients = centring_sweep.passes(layers, X, T, scales)
    their_losses, their_gradients = activation_factorial.passes(layers, X, T, scales)
    np.testing.assert_allclose(losses, their_losses, rtol=1e-12)
    for ours, theirs in zip(gradients, their_gradients, strict=True):
        for g, h in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(g, h, atol=1e-13)


def test_a_scale_multiplies_the_weights_of_the_start_and_leaves_the_biases_at_zero():
    for one, double in zip(net_of("1"), net_of("2"), strict=True):
        np.testing.assert_array_equal(2 * one[0], double[0])
        assert not double[1].any()


def test_the_librarys_start_draws_weights_and_biases_evenly_up_to_the_root_of_the_fan_in():
    (W, b), *_ = net_of("library", width=400)
    for part in (W, b):
        assert 0.99 < np.abs(part).max() * np.sqrt(2) <= 1
        np.testing.assert_allclose(part.std(), 1 / np.sqrt(6), rtol=0.05)


def test_nets_that_start_as_one_function_do():
    X, T = activation_factorial.task(9)
    losses = [
        centring_sweep.passes(net_of("function", name), X, T, centring_sweep.ACTIVATIONS[name])[0]
        for name in centring_sweep.ARMS
    ]
    np.testing.assert_allclose(losses, np.broadcast_to(losses[0], (4, 3)), rtol=1e-12)


def test_momentum_adds_a_part_of_the_last_step_and_adam_steps_by_the_rate_at_first():
    p, g = np.zeros(2), np.array([1.0, -4.0])
    p, kept = centring_sweep.moved(p, g, [np.zeros(2)], 1, 0.1, "momentum")
    np.testing.assert_allclose(p, -0.1 * g)
    p, _ = centring_sweep.moved(p, g, kept, 2, 0.1, "momentum")
    np.testing.assert_allclose(p, -0.1 * (1 + 1.9) * g)
    p, _ = centring_sweep.moved(np.zeros(2), g, [np.zeros(2)] * 2, 1, 0.1, "Adam")
    np.testing.assert_allclose(p, -0.1 * np.sign(g), rtol=1e-6)


def test_with_small_batches_the_loss_is_looked_at_every_tenth_step():
    setting = BASE | {"batch": 10}
    steps = steps_of(setting, "tanh", 0.2, range(4), limit=1500)
    assert np.isfinite(steps).all()
    assert not (steps % 10).any()


def test_a_run_that_diverges_is_no_arrival():
    with np.errstate(all="ignore"):
        assert np.isinf(steps_of(BASE, "tanh", 50.0, range(2), limit=200)).all()


def test_the_tasks_are_centred_and_of_one_size():
    for draw, _ in centring_sweep.TASKS.values():
        for A in draw():
            np.testing.assert_allclose(A.mean(axis=0), 0, atol=1e-12)
            np.testing.assert_allclose(A.std(axis=0), 1)


def test_the_record_is_complete_and_comes_out_again():
    """All settings are there; two of their cells, counted again on some seeds, give the same."""
    told = [{key: row[key] for key in BASE} for row in RECORD]
    assert told == centring_sweep.SETTINGS
    for row in RECORD:
        assert [arm["activation"] for arm in row["arms"]] == list(centring_sweep.ARMS)
        for arm in row["arms"]:
            assert (arm["rate"] is None) == (arm["steps"] is None)
            assert arm["rate"] is None or len(arm["steps"]) == 24
    for change in ({}, {"optimiser": "Adam"}):
        (row,) = (r for r in RECORD if (BASE | change).items() <= r.items())
        arm = row["arms"][1]
        again = steps_of(BASE | change, arm["activation"], arm["rate"], range(4))
        np.testing.assert_allclose(again, arm["steps"][:4], rtol=0.02)


def test_no_rate_lies_at_the_end_of_its_grid():
    for row in RECORD:
        rates = centring_sweep.RATES[row["optimiser"]]
        for arm in row["arms"]:
            assert arm["rate"] is None or rates[0] < arm["rate"] < rates[-1], row


def test_a_setting_that_stands_in_the_record_is_not_run_again(monkeypatch, tmp_path):
    class Pool:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, *_):
            raise AssertionError("It is run again.")

    monkeypatch.setattr(centring_sweep, "ProcessPoolExecutor", Pool)
    assert centring_sweep.results() == {"settings": RECORD}
