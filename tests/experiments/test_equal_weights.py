"""The recorded starts of nearly equal weights run the chapter's code; its gradients are right."""

import inspect

import numpy as np
import pytest
from chapter_code import definitions, same_code

from backpass.gradcheck import numerical_gradient
from experiments import equal_weights as experiment


def test_the_chapter_runs_the_same_code():
    own = {"measure", "results"}
    every = set(definitions(inspect.getsource(experiment)))
    assert own < every
    assert every - own == same_code("backpropagation", experiment)


def test_gradients_agree_with_differences_of_the_mean_cross_entropy():
    start = experiment.xor_start(1.0, starts=2, units=3)
    _, ours = experiment.xor_pass(start)
    for i in range(len(start)):

        def loss(p, i=i):
            changed = [p if j == i else part for j, part in enumerate(start)]
            Y, T = experiment.xor_pass(changed)[0], experiment.T_xor
            return -(T * np.log(Y) + (1 - T) * np.log(1 - Y)).mean(axis=1).sum()

        np.testing.assert_allclose(ours[i], numerical_gradient(loss, start[i]), atol=1e-8)


def test_momentum_and_adam_take_the_steps_of_their_formulas():
    def square(p):
        return p[0], [2 * p[0]]  # of p², whose output is p

    heavy = experiment.descent([np.array([1.0])], square, 0.1, momentum=0.5)
    at = [p[0].item() for (p, _), _ in zip(heavy, range(3), strict=False)]
    np.testing.assert_allclose(at, [1, 0.8, 0.8 - 0.16 - 0.1])
    scaled = experiment.adam([np.array([1.0, 1e-3])], square, 0.1)
    (_, _), (p, _) = (step for step, _ in zip(scaled, range(2), strict=False))
    np.testing.assert_allclose(p[0], [0.9, 1e-3 - 0.1], rtol=1e-4)


def test_the_first_step_is_counted_from_the_start_and_missing_if_there_is_none():
    run = [(None, np.array([[[0.9]], [[0.2]], [[0.2]]])), (None, np.full((3, 1, 1), 0.4))]
    run += [(None, np.array([[[0.4]], [[0.6]], [[0.4]]]))]
    T = np.array([[1.0]])
    assert experiment.first_step(iter(run), T, 2).tolist() == [0, 2, -1]
    assert experiment.first_step(iter(run), T, 1).tolist() == [0, -1, -1]
    assert experiment.first_step(iter(run), T, 2, within=0.05).tolist() == [-1, -1, -1]


def test_the_record_is_the_scripts():
    record = experiment.RUN.read()
    rows = record["results"]["rows"]
    assert [{name: row[name] for name in experiment.USUAL} for row in rows] == experiment.ARMS
    assert record["settings"]["spreads"] == list(experiment.SPREADS)
    for row in rows:
        assert np.shape(row["first"]) == (len(experiment.SPREADS), experiment.STARTS)


@pytest.mark.parametrize("optimiser", ["descent", "Adam"])
def test_a_row_can_be_had_again(optimiser):
    """As far as 200 steps go, and to the one start that a last bit may move."""
    rows = experiment.RUN.read()["results"]["rows"]
    recorded = next(row for row in rows if row["optimiser"] == optimiser and row["rate"] != 1.0)
    arm = {name: recorded[name] for name in experiment.USUAL}
    fresh = experiment.measure(**arm, steps=200)
    for spread, ours, theirs in zip(
        experiment.SPREADS, fresh["first"], recorded["first"], strict=True
    ):
        early = [sum(0 <= step <= 200 for step in first) for first in (ours, theirs)]
        assert abs(early[0] - early[1]) <= 1, spread
