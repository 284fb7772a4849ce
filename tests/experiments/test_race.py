"""The race of optimisers: its nets, its counting, each optimiser's budget, and its record."""

import numpy as np
import pytest
from chapter_code import same_code

from backpass.gradcheck import numerical_gradient
from experiments import race

TASKS = [(name, size) for name, sizes in race.UNITS.items() for size in sizes if size <= 100]


@pytest.fixture
def short(monkeypatch):
    """A budget that a test can spend."""
    monkeypatch.setattr(race, "EVALUATIONS", 400)
    monkeypatch.setattr(race, "PATIENCE", dict.fromkeys(race.PATIENCE, 0.05))


def test_the_nets_of_the_race_are_those_of_the_chapter():
    same = {"split", "outputs", "squared", "squared_gradient", "backward"}
    assert same_code("why_gradients", race) == same


@pytest.mark.parametrize(("name", "size"), TASKS)
def test_a_task_has_about_so_many_weights_and_judges_several_nets_at_once(name, size):
    task = race.Task(name, size)
    assert 0.5 < task.n / size < 2
    W = np.random.default_rng(0).normal(size=(3, task.n))
    np.testing.assert_allclose(task.loss(W), [task.loss(w) for w in W], atol=1e-12)


@pytest.mark.parametrize("name", ["curve", "xor"])
def test_the_gradient_is_that_of_the_loss(name):
    task = race.Task(name, 10)
    w = np.random.default_rng(1).normal(size=task.n)
    loss, g = task.gradient(w)
    assert np.isclose(loss, task.loss(w))
    np.testing.assert_allclose(g, numerical_gradient(lambda w: float(task.loss(w)), w), atol=1e-7)


def test_the_smooth_loss_has_the_gradient_that_it_is_given_with():
    meter = race.Meter(race.Task("steps", 10), 0)
    w = meter.begin()

    def smooth(w):
        return float(meter.smooth(w, 5.0)[0])

    np.testing.assert_allclose(meter.smooth(w, 5.0)[1], numerical_gradient(smooth, w), atol=1e-7)


def test_through_the_steps_goes_the_gradient_of_tanh():
    task = race.Task("steps", 10)
    w = np.random.default_rng(2).normal(size=task.n)
    wrong, g = task.gradient(w)
    assert wrong == race.errors(w, task.X, task.y)
    assert np.abs(g).min() > 0  # though the errors do not change nearby
    assert wrong == task.loss(w + 1e-9)


def test_a_meter_counts_remembers_the_best_and_says_when_it_is_over(short):
    task = race.Task("xor", 10)
    meter = race.Meter(task, 0)
    losses = [meter(meter.begin()) for _ in range(20)]
    meter.gradient(meter.begin())
    meter.many(np.ones((5, task.n)))
    assert meter.asked == 20 + race.GRADIENT + 5
    assert meter.best <= min(losses)
    assert meter.curve == [min(losses[:10]), min(losses)]
    with pytest.raises(race.Over):
        meter.many(np.ones((400, task.n)))
    assert meter.asked == 400


def test_goals_are_noted_when_they_are_reached_and_the_last_ends_the_run():
    meter = race.Meter(race.Task("curve", 10), 0)
    meter.count(0.02, 7)
    assert meter.reached == [7, 7, None, None, None, None, None]
    with pytest.raises(race.Over):
        meter.count(1e-5, 1)
    assert meter.reached == [7, 7, 8, 8, 8, 8, 8]


def test_noise_is_new_each_time_and_the_loss_is_judged_without_it():
    meter = race.Meter(race.Task("noise", 10), 0)
    w = meter.begin()
    seen = [meter(w) for _ in range(300)]
    assert 0.8 < np.std(seen) / race.NOISES["noise"] < 1.2
    assert meter.best == meter.task.loss(w)


CELLS = [(task, 10, arm) for task, size, arm in race.ORDER if size == 10]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size", "arm"), CELLS)
def test_an_optimiser_spends_its_budget_and_no_more(name, size, arm, short):
    task = race.Task(name, size)
    for how in race.candidates(task, arm):
        meter = race.go(task, arm, how, seed=100)
        assert meter.asked <= 400 + race.GRADIENT or meter.reached[-1] is not None
        assert meter.asked >= 400 or meter.reached[-1] is not None
        assert len(meter.curve) == len(race.AT)
        assert np.all(np.diff(meter.curve) <= 0)


def test_the_better_candidate_reaches_the_goal_more_often_then_sooner():
    def runs(*reached):
        made = [race.Meter(race.Task("xor", 10), 0) for _ in reached]
        for one, at in zip(made, reached, strict=True):
            one.reached[race.GOALS["xor"].index(race.GOAL["xor"])] = at
            one.best = 0.1
        return race.merit(made)

    assert runs(500, 500, None) > runs(100, None, None)
    assert runs(100, 100, 900) > runs(200, 200, 200)


def test_a_genetic_algorithm_begins_anew_where_nothing_improves():
    meter, sizes = race.Meter(race.Task("steps", 10), 0), []

    def many(W):
        sizes.append(len(W))
        if len(sizes) > 250:
            raise race.Over
        return np.ones(len(W))

    meter.many = many
    with pytest.raises(race.Over):
        race.genetic(meter, 0.1, False)
    assert [i for i, size in enumerate(sizes) if size == 50] == [0, 102, 204]


def test_the_record_has_the_cells_of_the_race_in_their_order():
    rows = race.RUN.read()["results"]["rows"]
    keys = [(row["task"], row["n"], row["arm"]) for row in rows]
    order = [(name, race.Task(name, size).n, arm) for name, size, arm in race.ORDER]
    assert keys == [key for key in order if key in keys]
    for row in rows:
        starts = len(row["best"])
        assert np.shape(row["reached"]) == (len(race.GOALS[row["task"]]), starts)
        assert starts == len(race.SEEDS) or row["n"] == 10_000 or "minute" in row["arm"]


def test_a_recorded_run_can_be_repeated():
    """Short runs, which another processor's rounding leaves nearly as they are."""
    rows = {(r["task"], r["n"], r["arm"]): r for r in race.RUN.read()["results"]["rows"]}
    for arm in ("L-BFGS-B", "CMA-ES", "genetic algorithm"):
        row, goal = rows["curve", 10, arm], race.GOALS["curve"].index(0.1)
        for seed in (0, 1):
            again = race.go(race.Task("curve", 10), arm, row["how"], seed)
            assert np.isclose(again.reached[goal], row["reached"][goal][seed], rtol=0.3)
