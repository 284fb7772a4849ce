"""The recorded nets of 1986 run the chapter's code, and their gradients are right."""

import inspect

import numpy as np
import pytest
from chapter_code import definitions, same_code

from backpass.gradcheck import numerical_gradient
from experiments import nets_of_1986 as experiment

NETS = {
    "mirror": (experiment.mirror_pass, experiment.T_mirror),
    "xor": (experiment.direct_pass, experiment.T_xor),
}


def test_the_chapter_runs_the_same_code_where_it_has_the_same_net():
    own = {"begin", "direct_pass", "measure", "results"}
    every = set(definitions(inspect.getsource(experiment)))
    assert own < every
    assert every - own == same_code("backpropagation", experiment)


@pytest.mark.parametrize("net", NETS)
def test_gradients_agree_with_differences_of_half_the_squared_error(net):
    both_passes, T = NETS[net]
    start = experiment.begin(net, units=1 if net == "xor" else 2, size=1.0, starts=2)
    _, ours = both_passes(start)
    for i in range(len(start)):

        def loss(p, i=i):
            changed = [p if j == i else part for j, part in enumerate(start)]
            return 0.5 * ((both_passes(changed)[0] - T) ** 2).sum()

        np.testing.assert_allclose(ours[i], numerical_gradient(loss, start[i]), atol=1e-8)


def test_eight_of_the_64_patterns_are_their_own_mirror_images():
    assert experiment.T_mirror.sum() == 8
    assert len(experiment.patterns) == 64


def test_magnitudes_are_told_in_any_order_and_at_any_scale():
    W_1 = np.zeros((3, 6, 2))
    W_1[:, :3, 0] = [(-3, 1.5, 6), (4, -3, 2), (1, 2, 3)]
    assert experiment.magnitudes(W_1, (1, 2, 4)).tolist() == [True, False, False]
    assert experiment.magnitudes(W_1, (2, 3, 4)).tolist() == [False, True, False]


def test_the_record_is_the_scripts():
    record = experiment.RUN.read()
    rows = record["results"]["rows"]
    assert [{name: row[name] for name in experiment.XOR} for row in rows] == experiment.ARMS
    for row in rows:
        assert len(row["first"]) == record["settings"]["starts"] == experiment.STARTS
        if row["net"] == "mirror" and row["units"] == 2:
            learned = sum(sweep >= 0 for sweep in row["first"])
            assert sum(row[name] for name in experiment.MAGNITUDES) <= learned


def test_a_row_can_be_had_again():
    """As far as 600 sweeps go, and to the starts that a last bit may move."""
    recorded = experiment.RUN.read()["results"]["rows"][experiment.ARMS.index(experiment.XOR)]
    fresh = experiment.measure(**experiment.XOR | {"sweeps": 600})
    early = [sum(0 <= sweep <= 600 for sweep in row["first"]) for row in (fresh, recorded)]
    assert abs(early[0] - early[1]) <= 2
