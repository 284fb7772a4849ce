"""The recorded trainings on two spirals run the chapter's code, and its gradients are right."""

import inspect

import numpy as np
import pytest
from chapter_code import definitions, same_code

from backpass.gradcheck import numerical_gradient
from experiments import spirals as experiment


def test_the_chapter_runs_the_same_code():
    own = {"at_the_best_rate", "measure", "results", "run"}
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


def recorded():
    rows = experiment.RUN.read()["results"]["rows"]
    return {
        tuple(row[key] for key in ("net", "depth", "width", "rate", "adam")): row for row in rows
    }


def test_the_record_is_the_scripts():
    record = experiment.RUN.read()
    assert list(recorded()) == experiment.ROWS
    for row in recorded().values():
        assert len(row["at"]) == record["settings"]["nets"] == experiment.NETS
        assert all(at is None or 0 < at <= record["settings"]["steps"] for at in row["at"])


@pytest.mark.parametrize("name", ["plain", "residual, normalised"])
def test_a_row_can_be_had_again(name):
    """To the steps that a last bit may move."""
    row = (name, 8, 16, 0.003, True)
    np.testing.assert_allclose(experiment.measure(*row)["at"], recorded()[row]["at"], rtol=0.3)


def test_a_net_counts_from_the_step_at_which_it_is_right():
    """With ``stop`` the training ends when all nets are; and without it nothing else changes."""
    options = {"steps": 40, "nets": 2, "width": 16}
    at, P = experiment.train(8, 1.0, 1.0, True, **options)
    stopped, early = experiment.train(8, 1.0, 1.0, True, **options, stop=True)
    np.testing.assert_array_equal(at, stopped)
    assert np.isfinite(at).all()
    O, _ = experiment.gradients(early, True, 1.0, skip=1.0)
    right = (O.argmax(axis=-1) == experiment.T_arms.argmax(axis=-1)).mean(axis=-1)
    assert right[np.argmax(at)] >= 0.95  # that which was last has just become so
    assert not np.array_equal(P[0], early[0])


def test_without_adam_a_first_step_is_the_gradient_times_the_rate():
    _, P = experiment.train(2, 1.0, 0.1, False, steps=1, nets=1, width=4, rate=0.5, adam=False)
    _, start = experiment.train(2, 1.0, 0.1, False, steps=0, nets=1, width=4)
    _, gs = experiment.gradients(start, False, 0.1, skip=1.0)
    for moved, was, g in zip(P, start, gs, strict=True):
        np.testing.assert_allclose(was - moved, 0.5 * g, atol=1e-12)


def test_a_rate_is_chosen_on_other_starts_than_those_it_is_judged_on():
    results, settings = (experiment.RUN.read()[key] for key in ("results", "settings"))
    chosen = experiment.at_the_best_rate(results["rows"])
    keys = ("net", "depth", "width", "rate", "adam")
    assert [tuple(row[key] for key in keys) for row in results["again"]] == chosen
    assert settings["seed"] != settings["other seed"]
    row = next(row for row in results["again"] if row["net"] == "residual, normalised")
    again = experiment.measure(*(row[key] for key in keys), seed=settings["other seed"])
    np.testing.assert_allclose(again["at"], row["at"], rtol=0.5)


def test_the_best_rate_fits_most_and_of_such_soonest_and_there_is_none_where_few_came_in():
    def row(net, rate, *at):
        return {"net": net, "depth": 54, "width": 16, "rate": rate, "adam": True, "at": list(at)}

    rows = [row("a", 0.1, 9, 8, 7), row("a", 0.2, 2, 3, None), row("a", 0.3, 9, 6, 7)]
    rows.append(row("b", 0.1, None, None, 3))
    assert experiment.at_the_best_rate(rows) == [("a", 54, 16, 0.3, True)]
