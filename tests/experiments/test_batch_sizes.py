"""The recorded steps to a loss over batch sizes: right gradients, honest counts."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from backpass.gradcheck import numerical_gradient
from experiments import batch_sizes as experiment
from experiments.batch_sizes import OPTIMISERS, OTHERS, SIZES, TASKS


def small(name, examples=40):
    """Two nets of a task, in float64, and its first examples."""
    task = replace(TASKS[name], width=3)
    X, T = (part[:examples].astype(float) for part in task.data)
    rng = np.random.default_rng(5)
    P = [rng.normal(size=p.shape) / 3 for p in experiment.start(task, [0, 1], 1)]
    return task, P, X, T


@pytest.mark.parametrize("name", TASKS)
def test_gradients_agree_with_differences(name):
    task, P, X, T = small(name)
    ours = experiment.gradient(task, P, np.stack([X, X]), np.stack([T, T]))
    for i in range(len(P)):

        def loss(p, i=i):
            changed = [p if j == i else q for j, q in enumerate(P)]
            return experiment.loss(task, changed, X, T).sum()

        np.testing.assert_allclose(ours[i], numerical_gradient(loss, P[i]), atol=1e-7)


@pytest.mark.parametrize("name", TASKS)
def test_moments_are_those_of_single_examples(name):
    task, P, X, T = small(name)
    P = [p[:1] for p in P]
    each = []
    for x, t in zip(X, T, strict=True):
        parts = experiment.gradient(task, P, x[None, None], t[None, None])
        each.append(np.concatenate([part.ravel() for part in parts]))
    mean, square = experiment.moments(task, P, X, T)
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=1e-12)
    assert square == pytest.approx(np.mean(np.sum(np.square(each), axis=1)))


def test_a_batch_in_turn_holds_each_example_once():
    batches = experiment.drawn(np.random.default_rng(0), 4, 13, shuffled=True)
    for _ in range(2):
        seen = np.concatenate([next(batches) for _ in range(3)])
        assert len(set(seen)) == 12


def test_a_batch_with_replacement_holds_some_twice():
    batches = experiment.drawn(np.random.default_rng(0), 64, 100, shuffled=False)
    assert len(set(next(batches))) < 64


def test_steps_are_counted_to_the_first_look_at_which_the_goal_is_reached():
    """A net that reaches it at once needs one step, and one that diverges none that counts."""
    easy = replace(TASKS["teacher"], goal=1e3)
    assert experiment.trained(easy, "descent", 16, [1e-3], [0])[0] == 1
    hard = TASKS["teacher"]
    assert np.isinf(experiment.trained(hard, "descent", 16, [1e6], [0], most=50)[0]).all()


def test_what_is_alone_and_what_is_stacked_goes_the_same_way():
    task = TASKS["teacher"]
    both, _ = experiment.trained(task, "momentum", 64, [0.0625, 0.125], [3, 4], most=300)
    for k, (seed, rate) in enumerate(product([3, 4], [0.0625, 0.125])):
        alone, _ = experiment.trained(task, "momentum", 64, [rate], [seed], most=300)
        assert alone[0, 0] == pytest.approx(both.ravel()[k], rel=0.1)  # as a last bit may move it


def recorded():
    return {
        tuple(row[key] for key in ("kind", "task", "optimiser", "size")): row
        for row in experiment.RUN.read()["results"]["rows"]
    }


def test_the_record_is_the_scripts():
    plain = [("plain", *case) for case in product(TASKS, OPTIMISERS, SIZES)]
    others = [(kind, "teacher", *case) for kind, *case in product(OTHERS, OPTIMISERS, SIZES[::2])]
    assert list(recorded()) == plain + others
    for row in recorded().values():
        assert len(row["steps"]) == len(experiment.SEEDS)
        tried = {float(rate): steps or np.inf for rate, steps in row["tried"].items()}
        assert tried[row["rate"]] == min(tried.values())
        assert min(tried) < row["rate"] < max(tried)  # the best is no end of the grid


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_row_can_be_had_again(optimiser):
    """To the steps that a last bit may move."""
    row = recorded()["plain", "teacher", optimiser, 256]
    at, _ = experiment.trained(TASKS["teacher"], optimiser, 256, [row["rate"]], experiment.SEEDS)
    assert np.median(at) == pytest.approx(np.median(row["steps"]), rel=0.1)


def test_the_noise_scale_is_recorded_along_the_way():
    for one in experiment.RUN.read()["results"]["noise"]:
        losses = [place["loss"] for place in one["at"]]
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] == TASKS[one["task"]].goal
        assert all(place["trace"] > 0 < place["gradient"] for place in one["at"])
