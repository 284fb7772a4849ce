"""The recorded ablation runs the chapter's code, and that code computes slopes."""

import numpy as np
import pytest
from chapter_code import same_code

from experiments import shattered_gradients as experiment


def test_the_chapter_runs_the_same_code():
    assert same_code("residual_networks", experiment) == {"slopes", "autocorrelation"}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(experiment.CASES))
def test_the_record_is_of_this_code(name):
    case = experiment.RUN.read()["results"]["cases"][name]
    assert case["settings"] == experiment.CASES[name]
    points = experiment.POINTS
    g = experiment.slopes(3, 1, 2, **experiment.CASES[name], points=points)[:, 0]
    for depth in (1, 2):
        row = case["layers"][str(depth)]
        for grid in experiment.GRIDS:
            fresh = experiment.autocorrelation(experiment.on_grid(g[depth - 1], grid), 1)
            assert abs(row["lag_1"][str(grid)][3] - fresh) < 1e-3
        assert abs(row["half"][3] - experiment.half_length(g[depth - 1])) < 1e-3


def test_the_record_has_every_case_grid_and_width():
    record = experiment.RUN.read()
    assert record["settings"]["grids"] == list(experiment.GRIDS)
    assert list(record["results"]["cases"]) == list(experiment.CASES)
    for case in record["results"]["cases"].values():
        assert list(case["layers"]) == [str(depth) for depth in experiment.DEPTHS]
        for row in case["layers"].values():
            assert all(len(row["lag_1"][str(grid)]) == experiment.NETS for grid in experiment.GRIDS)
            assert len(row["by_distance"]) == len(experiment.LAGS)
    widths = [(row["net"], row["width"]) for row in record["results"]["widths"]]
    assert widths == [(net, w) for w in experiment.SIZES for net in experiment.OTHER_WIDTHS]


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


def test_a_coarser_grid_has_the_same_ends_and_every_so_manieth_input():
    line = np.linspace(-2, 2, experiment.POINTS)
    for grid in experiment.GRIDS:
        np.testing.assert_allclose(experiment.on_grid(line, grid), np.linspace(-2, 2, grid))


def test_the_correlation_of_known_sequences_is_a_half_where_it_should_be():
    rng, n = np.random.default_rng(1), 4001
    averaged = np.convolve(rng.normal(size=n + 99), np.ones(100), mode="valid")
    # of a mean over 100 neighbours the correlation falls straight to 0 at 100: to ½ at 50
    assert abs(experiment.half_length(averaged) - 50 * 4 / (n - 1)) < 0.01
    assert experiment.half_length(rng.normal(size=n)) is None
