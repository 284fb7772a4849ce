"""The run on the plateau of squared error, in the chapter on softmax."""

import numpy as np
from chapter_code import same_code

from experiments import squared_error


def test_the_recorded_run_uses_the_chapters_function():
    assert same_code("softmax_cross_entropy", squared_error) == {"error_at_logits"}


def steps(loss, optimiser="descent", rate=1.0, most=200):
    X, label = squared_error.clouds(0.7)
    wrong = -squared_error.trained(X, label, 300)[None]
    return squared_error.steps_needed(X, label, wrong, loss, optimiser, rate, 0.95, most)


def test_squared_error_behind_a_softmax_waits_and_a_higher_rate_shortens_it():
    assert steps("cross-entropy") < 10 < steps("squared error")
    assert steps("squared error", rate=10.0) < steps("squared error") / 3
    assert steps("squared error", most=10) is None


def test_a_step_of_adam_has_the_rate_as_its_size_at_first():
    gradients = np.array([[1e-9, -3.0, 20.0]])
    step = squared_error.adam(gradients, np.zeros((2, 1, 3)), 1)
    np.testing.assert_allclose(step, [[1 / 11, -1, 1]], rtol=1e-6)


def test_the_record_is_the_scripts():
    rows = squared_error.RUN.read()["results"]["rows"]
    assert {row["loss"] for row in rows} == set(squared_error.LOSSES)
    assert {row["spread"] for row in rows} == set(squared_error.SPREADS)
    for row in rows:
        assert ("wrong" in row) == (row["spread"] == 0.7)
        assert len(row["random"]) == len(squared_error.SCALES)
