"""The recorded times of a gradient: everyone who is timed computes the same."""

import os
from functools import partial

import numpy as np
import pytest

from experiments import reverse_cost as experiment


def test_all_contestants_compute_the_same_gradient():
    arguments = experiment.problem(3)
    loss, *by_hand = experiment.gradient(*arguments)
    assert np.isclose(loss, experiment.forward(*arguments))
    for one in zip(experiment.tape(*arguments), (loss, *by_hand), strict=True):
        np.testing.assert_allclose(*one, atol=1e-14)
    flat = np.concatenate([g.ravel() for g in by_hand])
    np.testing.assert_allclose(experiment.differences(*arguments), flat, atol=1e-6)


def test_differences_are_timed_for_so_many_entries_and_leave_the_parameters_alone():
    arguments = experiment.problem(3)
    kept = [p.copy() for p in arguments]
    assert len(experiment.differences(*arguments, most=5)) == 5
    for p, before in zip(arguments, kept, strict=True):
        np.testing.assert_array_equal(p, before)


def test_a_row_counts_parameters_and_holds_multiples_of_a_forward_pass(monkeypatch):
    monkeypatch.setattr(experiment, "SECONDS", 0.001)
    row = experiment.measure(4)
    assert row["n"] == row["differences_timed"] == 25
    assert row["by_hand"] > 1
    assert row["tape"] > 1
    assert row["differences"] > 5


@pytest.mark.parametrize("which", ["rows", "rows_as_it_is"])
def test_the_record_has_a_row_for_each_width(which):
    rows = experiment.RUN.read()["results"][which]
    assert [row["n"] for row in rows] == [d * d + 2 * d + 1 for d in experiment.WIDTHS]


@pytest.mark.slow
def test_a_process_starts_with_the_settings_and_leaves_none_behind(monkeypatch):
    for name in experiment.STILL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name, value in experiment.STILL.items():
        asked = partial(os.getenv, name)
        assert experiment.in_new_process(asked, experiment.STILL) == value
        assert asked() is None
    assert experiment.in_new_process(asked, {}) is None
