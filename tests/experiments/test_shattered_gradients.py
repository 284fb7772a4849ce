"""The recorded ablation runs the chapter's code, and that code computes slopes."""

import numpy as np
import pytest
from chapter_code import same_code

from experiments import shattered_gradients as experiment


def test_the_chapter_runs_the_same_code():
    assert same_code("residual_networks", experiment) == {"slopes", "autocorrelation"}


@pytest.mark.parametrize("name", list(experiment.CASES))
def test_the_record_is_of_this_code(name):
    record = experiment.RUN.read()
    case = record["results"]["cases"][name]
    assert case["settings"] == experiment.CASES[name]
    g = experiment.slopes(0, record["settings"]["nets"], 2, **experiment.CASES[name])
    for depth in (1, 2):
        fresh = experiment.autocorrelation(g[depth - 1], 1)
        np.testing.assert_allclose(case["lag_1"][str(depth)], fresh, atol=1e-3)


@pytest.mark.parametrize("name", list(experiment.CASES))
def test_slopes_are_slopes(name):
    """Against the net written out as a function of x, with the statistics of the 256 inputs."""
    skip, block, centre, scale, bias = (
        {"skip": 0.0, "block": 1.0, "centre": False, "scale": False, "bias": 0.0}
        | experiment.CASES[name]
    ).values()
    depth, width, draw = 3, 200, np.random.default_rng(7).normal
    w = draw(size=(1, 1, width))[0]
    layers = []
    for _ in range(depth):
        shift = draw(size=(1, 1, width))[0]
        W = draw(size=(1, width, width))[0] * np.sqrt(2 / width)
        layers.append((bias * shift, W, draw(size=(1, width, 1))[0]))

    def net(x, statistics):
        """The output at the inputs x (n, 1); ``statistics`` are appended to, or, if full, used."""
        h, given = x * w, iter(list(statistics))
        for shift, W, v in layers:
            if not (known := next(given, None)):
                mean = h.mean(axis=0) if centre else 0.0
                size = np.sqrt(((h - mean) ** 2).mean(axis=0)) if scale else 1.0
                known = (mean, size)
                statistics.append(known)
            z = (h - known[0]) / known[1] + shift
            h = skip * h + block * np.maximum(z, 0) @ W
            out = h @ v
        return out[:, 0]

    x, statistics, e = np.linspace(-2, 2, 256)[:, None], [], 1e-6
    net(x, statistics)
    by_differences = (net(x + e, statistics) - net(x - e, statistics)) / (2 * e)
    ours = experiment.slopes(7, 1, depth, **experiment.CASES[name])[-1, 0]
    error = np.abs(ours - by_differences) / np.abs(ours).max()
    assert np.mean(error < 1e-6) > 0.97  # the others straddle a kink


def test_autocorrelation_of_what_is_known():
    step = np.repeat([-1.0, 1.0], 128)
    assert np.isclose(experiment.autocorrelation(step, 1), 253 / 256)
    noise = np.random.default_rng(0).normal(size=(2000, 256))
    assert abs(experiment.autocorrelation(noise, 1).mean() + 1 / 256) < 0.005
