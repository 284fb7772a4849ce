"""Synthesis, the gradient on its way down: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.residual_networks.test_repair_stack import stack as walk

from backpass.checks.residual_networks import survey
from backpass.checks.residual_networks.survey import MEASURED, by_differences, walked


def cosine(Gs):
    return np.sum(Gs[0] * Gs[-1]) / np.linalg.norm(Gs[0]) / np.linalg.norm(Gs[-1])


def first_below(profile):
    return next((k for k, size in enumerate(profile[::-1]) if size < 0.01), len(profile))


def surveyed(
    size=np.linalg.norm,
    relative=lambda sizes: sizes / sizes[-1],
    mean=lambda sizes: np.exp(np.mean(np.log(sizes), axis=0)),
    below=first_below,
    turned=cosine,
    over=np.mean,
    each=None,
    some=lambda nets: nets,
    use=lambda stack: stack,
):
    """The survey, with one thing changed."""

    def answer(stack, nets, lam):
        walks = [use(stack)(X, W, G, lam)[0] for X, W, G in some(nets)]
        profiles = [relative(np.array([size(g) for g in Gs])) for Gs in walks]
        profile = mean(profiles)
        low = each([below(one) for one in profiles]) if each else below(profile)
        return profile, low, over([turned(Gs) for Gs in walks])

    return answer


def one_after_the_other(stack, nets, lam):
    logs, cosines = 0, []
    for net in nets:
        Gs = np.asarray(stack(*net, lam)[0])
        flat = Gs.reshape(len(Gs), -1)
        logs = logs + np.log((flat**2).sum(axis=1)) / 2
        cosines.append(flat[0] @ flat[-1] / np.sqrt(flat[0] @ flat[0] * (flat[-1] @ flat[-1])))
    profile = np.exp((logs - logs[-1]) / len(nets))
    low = np.flatnonzero(profile < 0.01)
    return (
        list(profile),
        len(profile) - 1 - low[-1] if len(low) else len(profile),
        sum(cosines) / len(cosines),
    )


def by_example(Gs):
    return np.mean([cosine([a, b]) for a, b in zip(Gs[0], Gs[-1], strict=True)])


def of_all_together(stack, nets, lam):
    """One cosine, of all nets' gradients in one vector."""
    walks = [stack(*net, lam)[0] for net in nets]
    ends = [np.array([Gs[i] for Gs in walks]) for i in (0, -1)]
    return *surveyed()(stack, nets, lam)[:2], cosine(ends)


WRONG = {
    "stack-ignored": surveyed(use=lambda stack: walk()),
    "other-lam": surveyed(use=lambda stack: lambda X, W, G, lam: stack(X, W, G, 1.0)),
    "of-each-net": surveyed(each=np.mean),
    "other-length-in-it": surveyed(
        turned=lambda Gs: (
            np.sum(Gs[0] * Gs[-1]) / np.linalg.norm(Gs[0], 2) / np.linalg.norm(Gs[-1], 2)
        )
    ),
    "not-relative": surveyed(relative=lambda sizes: sizes),
    "other-mean": surveyed(mean=lambda sizes: np.mean(sizes, axis=0)),
    "left-in-logs": lambda *args: (np.log(surveyed()(*args)[0]), *surveyed()(*args)[1:]),
    "upside-down": lambda *args: (surveyed()(*args)[0][::-1], *surveyed()(*args)[1:]),
    "one-net": surveyed(some=lambda nets: nets[:1]),
    "other-length": surveyed(size=lambda g: np.linalg.norm(g, 2)),
    "other-count": surveyed(below=lambda profile: first_below(profile) + 1),
    "not-the-first": surveyed(
        below=lambda p: len(p) - 1 - np.argmax(p < 0.01) if min(p) < 0.01 else len(p)
    ),
    "never": surveyed(below=lambda profile: first_below(profile) % len(profile)),
    "other-level": surveyed(below=lambda profile: first_below(profile / 10)),
    "lengths-left-in": surveyed(turned=lambda Gs: np.sum(Gs[0] * Gs[-1])),
    "by-example": surveyed(turned=by_example),
    "other-layers": surveyed(turned=lambda Gs: cosine(Gs[-2:])),
    "other-function": surveyed(turned=lambda Gs: np.arccos(cosine(Gs))),
    "shape": lambda *args: (surveyed()(*args)[0][1:], *surveyed()(*args)[1:]),
}


class TestSurvey(contract.Exercise):
    check = survey
    wrong = WRONG
    right = (surveyed(), one_after_the_other)
    nearly = (
        surveyed(use=lambda stack: lambda X, W, G, lam: stack(X, W, G, 0.6)),
        surveyed(below=lambda profile: min(first_below(profile), 4)),
        surveyed(some=lambda nets: nets[:2]),
    )


def test_what_follows_from_a_wrong_profile_has_its_point():
    score = survey(surveyed(relative=lambda sizes: sizes / sizes[0] / 30))
    assert score == 3
    assert any("right for your profile" in text for text in score.feedback)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (surveyed(mean=lambda sizes: np.median(sizes, axis=0)), "other-mean"),
        (surveyed(size=lambda g: np.sum(g * g)), "other-length"),
        (surveyed(size=lambda g: np.linalg.norm(g[0])), "other-length"),
        (surveyed(turned=lambda Gs: abs(cosine(Gs))), "other-function"),
        (surveyed(below=lambda p: (p < 0.01).sum() if min(p) < 0.01 else len(p)), "not-the-first"),
        (
            surveyed(below=lambda p: np.argmax(p < 0.01) if min(p) < 0.01 else len(p)),
            "other-count",
        ),
        (surveyed(relative=lambda sizes: sizes / sizes[0]), "not-relative"),
        (surveyed(over=np.sum), "other-function"),
        (surveyed(over=np.median), "other-function"),
        (of_all_together, "other-function"),
        (surveyed(some=lambda nets: nets[:2]), "one-net"),
        (surveyed(use=lambda stack: lambda X, W, G, lam: stack(X, W, G, 0.0)), "other-lam"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert mistake in survey(answer).mistakes


@pytest.mark.parametrize(
    "each",
    [np.mean, np.median, min, max, lambda low: round(np.mean(low)), lambda low: low[0], np.floor],
)
def test_below_is_that_of_the_profile_not_of_the_nets(each):
    score = survey(surveyed(each=each))
    assert (score, set(score.mistakes)) == (5, {"of-each-net"})


def test_the_stack_may_be_called_by_the_names_of_the_sheet():
    def by_name(stack):
        return lambda X, W, G, lam: stack(X=X, W=W, G=G, lam=lam)

    assert survey(surveyed(use=by_name)) == 6


def test_who_never_calls_the_stack_has_no_points_for_what_follows():
    def by_formula(stack, nets, lam):
        L = len(nets[0][1])
        profile = (lam**2 + 0.49) ** ((L - np.arange(L + 1)) / 2)
        return profile, first_below(profile), 0.0

    for answer in (by_formula, surveyed(use=lambda stack: walk())):
        score = survey(answer)
        assert (score, score.mistakes) == (0, ("stack-ignored",))


@pytest.mark.parametrize("slug", ["one-net", "other-lam"])
def test_a_slip_that_spoils_all_results_costs_one_of_them(slug):
    score = survey(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))
    assert "told above" in score.feedback[2]


def test_a_cosine_with_the_lengths_of_a_wrong_profile_is_right_for_it():
    def length(g):
        return np.mean(np.linalg.norm(g, axis=1))

    def turned(Gs):
        return np.sum(Gs[0] * Gs[-1]) / length(Gs[0]) / length(Gs[-1])

    score = survey(surveyed(size=length, turned=turned))
    assert (score, score.mistakes) == (3, ("other-length",))


def test_what_a_prediction_is_laid_beside_is_what_the_sheets_nets_give():
    net = contract.sheet("residual_networks").names()["net"]
    nets = [net(40, seed) for seed in range(5)]
    blocks = surveyed()(walk(), nets, 0.0)[1]
    grown = surveyed()(walk(), nets, 1.0)[0][0]
    assert {"blocks": blocks, "grown": round(grown)} == MEASURED


def test_predictions_are_compared_when_all_is_right():
    told = " ".join(survey(surveyed(), prediction=(20, 1.0)).feedback)
    assert f"plain: you predicted 20, it is {MEASURED['blocks']}" in told
    assert f"λ = 1: you predicted 1, it is {MEASURED['grown']}" in told
    assert "predicted" not in " ".join(survey(WRONG["other-mean"], prediction=(20, 1)).feedback)
    for nothing in ("none", (..., ...), ..., None):
        score = survey(surveyed(), prediction=nothing)
        assert (score, len(score.feedback)) == (6, 3)


def test_who_asks_for_walk_after_walk_fills_no_memory():
    """The function that a survey is handed may be asked for any λ."""
    x, w, g = np.ones((1, 1)), np.ones((1, 1, 1)), np.ones((1, 1))
    for lam in np.linspace(0, 1, 200):
        by_differences(x, w, g, lam)
    assert walked.cache_info().currsize < 100


def test_what_a_survey_walks_is_remembered():
    walked.cache_clear()
    survey(surveyed())
    first = walked.cache_info().misses
    survey(surveyed())
    assert walked.cache_info().misses == first > 0
