"""The recorded experiment of the chapter on sigmoid and tanh: its gradients, and its record."""

import numpy as np
import pytest

from backpass.gradcheck import numerical_gradient
from experiments import activation_factorial as experiment

RECORD = experiment.RUN.read()["results"]


@pytest.mark.parametrize("name", experiment.REMEDIES)
def test_gradients_of_every_remedy_agree_with_differences(name):
    activation, mean, before, after = experiment.REMEDIES[name]
    activation = experiment.ACTIVATIONS[activation]
    X, T = experiment.task(9)
    net = experiment.start(0, 2)
    if after and after.startswith("shift"):
        net = experiment.with_shifts(net, X + mean, activation, after)
    net = experiment.with_gains(net, before) if before else net
    layers = experiment.stacked([net])
    _, gradients = experiment.passes(layers, X + mean, T, activation, before, after)
    for i, layer in enumerate(layers):
        for j, part in enumerate(layer):

            def loss(p, i=i, j=j):
                changed = [list(one) for one in layers]
                changed[i][j] = p
                return experiment.passes(changed, X + mean, T, activation, before, after)[0][0]

            np.testing.assert_allclose(gradients[i][j], numerical_gradient(loss, part), atol=1e-7)


def test_every_activation_can_start_as_the_same_function():
    X, T = experiment.task(20)
    losses = [
        experiment.passes(
            experiment.stacked([experiment.same_function(experiment.start(3, 4), activation)]),
            X,
            T,
            activation,
        )[0][0]
        for activation in experiment.ACTIVATIONS.values()
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-12)


def test_the_record_is_complete_and_comes_out_again():
    """All cells are there; two of them, counted again on some seeds, give the same steps."""
    cells = {(row["depth"], row["equal"], row["activation"]) for row in RECORD["factorial"]}
    assert len(cells) == 4 * len(experiment.ACTIVATIONS)
    assert [row["remedy"] for row in RECORD["remedies"]] == list(experiment.REMEDIES)
    for row in RECORD["factorial"] + RECORD["remedies"]:
        assert (row["rate"] is None) == (row["steps"] is None)
        assert row["rate"] is None or len(row["steps"]) == 24
    X, T = experiment.task()
    sigma = experiment.ACTIVATIONS["σ"]
    for remedy in ("all centred", "batch norm after σ"):
        (row,) = (row for row in RECORD["remedies"] if row["remedy"] == remedy)
        *_, after = experiment.REMEDIES[remedy]
        nets = experiment.stacked([experiment.start(seed, 2) for seed in range(4)])
        rates = np.full(4, row["rate"])
        again = experiment.descend(nets, X + 2.0, T, sigma, rates, after=after)
        off = np.sort(np.abs(again / np.array(row["steps"][:4], dtype=float) - 1))
        assert off[-2] <= 0.02
        assert off[-1] <= 0.1  # as on an old processor, whose last bits are others, one net's are


def test_a_shift_that_is_kept_does_not_learn():
    activation, mean, before, after = experiment.REMEDIES["shifts kept at −mean"]
    activation = experiment.ACTIVATIONS[activation]
    X, T = experiment.task(20)
    net = experiment.with_shifts(experiment.start(0, 2), X + mean, activation, after)
    layers = experiment.stacked([net])
    experiment.descend(layers, X + mean, T, activation, np.array([0.1]), before, after, limit=5)
    for (W, b, shift), (V, d, same) in zip(layers, net, strict=True):
        assert (W != V).any()
        assert (b != d).any()
        assert (shift == same).all()


@pytest.mark.slow
def test_the_rate_is_the_one_that_a_full_search_would_find(monkeypatch):
    """Runs that are cut short when tuning may not change which median is the best."""
    rng, most = np.random.default_rng(0), 40
    for _ in range(200):
        steps = {rate: rng.integers(0, 2 * most, 24).astype(float) for rate in experiment.RATES}
        steps = {rate: np.where(k < most, k, np.inf) for rate, k in steps.items()}

        def descend(layers, X, T, activation, rates, before, after, limit, steps=steps):
            found = steps[rates[0]][: len(rates)]
            return np.where(found < limit, found, np.inf)

        monkeypatch.setattr(experiment, "descend", descend)
        told = experiment.cell(
            lambda seeds: [experiment.start(0, 1)] * len(seeds), None, None, None, most=most
        )
        medians = {rate: np.median(k[:6]) for rate, k in reversed(steps.items())}
        best = min(medians, key=medians.get)  # the largest of equals
        assert told["rate"] == (best if medians[best] < np.inf else None)
        assert (told["steps"] is None) == (told["rate"] is None)
