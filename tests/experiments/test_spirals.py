"""The recorded trainings on two spirals run the chapter's code, and its gradients are right."""

import inspect

import numpy as np
import pytest
from chapter_code import definitions, same_code

from backpass.gradcheck import numerical_gradient
from experiments import spirals as experiment


def test_the_chapter_runs_the_same_code():
    own = {"measure", "results"}
    every = set(definitions(inspect.getsource(experiment)))
    assert own < every
    assert every - own == same_code("residual_networks", experiment)


@pytest.mark.parametrize("name", experiment.CASES)
def test_gradients_agree_with_differences(name):
    """Of the mean cross-entropy, in two nets at once whose last weights are not 0."""
    skip, block, norm = experiment.CASES[name]
    draw = np.random.default_rng(3).normal
    P = [draw(size=(2, 3, 4)), *draw(size=(2, 2, 4, 4)), draw(size=(2, 4, 2))]
    _, ours = experiment.gradients(P, norm, block, skip=skip)
    for i in range(len(P)):

        def loss(p, i=i):
            changed = [p if j == i else q for j, q in enumerate(P)]
            O, _ = experiment.gradients(changed, norm, block, skip=skip)
            return -(experiment.T_arms * np.log(O)).sum() / len(experiment.T_arms)

        np.testing.assert_allclose(ours[i], numerical_gradient(loss, P[i]), atol=1e-6)


def test_the_record_is_the_scripts():
    record = experiment.RUN.read()
    rows = [(row["net"], row["depth"], row["rate"]) for row in record["results"]["rows"]]
    assert rows == experiment.ROWS
    for row in record["results"]["rows"]:
        assert len(row["right"]) == record["settings"]["nets"]


@pytest.mark.parametrize("name", ["plain", "residual, normalised"])
def test_a_row_can_be_had_again(name):
    """To the points that a last bit may move."""
    recorded = {(row["net"], row["depth"]): row for row in experiment.RUN.read()["results"]["rows"]}
    fresh = experiment.measure(name, 8)
    np.testing.assert_allclose(fresh["right"], recorded[name, 8]["right"], atol=0.05)
