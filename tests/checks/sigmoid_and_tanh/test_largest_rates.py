"""The largest learning rates: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.sigmoid_and_tanh.answers import along_rows, column_means, row_means

from backpass.checks.sigmoid_and_tanh import largest_rates


def rates(
    limit=lambda X, values: 2 / values[-1],
    first=lambda X: X,
    centred=lambda X: X - X.mean(axis=0),
    count=lambda X, place: len(X),
    seen=lambda X: np.c_[X, np.ones(len(X))],
    decays=lambda decay, d, k: np.diag(decay * (np.arange(k) < d)),
):
    """The two limits with one thing changed."""

    def answer(X, decay):
        found = []
        for place, inputs in enumerate((first(X), centred(X))):
            inputs = seen(inputs)
            H = inputs.T @ inputs / count(X, place)
            H = H + decays(decay, X.shape[1], len(H))
            found.append(limit(inputs, np.linalg.eigvalsh(H)))
        return tuple(found)

    return answer


def by_norms(X, decay):
    """Of centred inputs the bias has the eigenvalue 1 to itself."""
    decays = np.c_[np.sqrt(len(X) * decay) * np.eye(X.shape[1]), np.zeros(X.shape[1])]
    both = np.r_[np.c_[X, np.ones(len(X))], decays]
    centred = max(np.linalg.norm(np.cov(X.T, bias=True), 2) + decay, 1)
    return 2 * len(X) / np.linalg.norm(both, 2) ** 2, 2 / centred


def limits_of_weights(X, decay):
    return [2 / limit for limit in rates(seen=lambda X: X)(X, decay)]


WRONG = {
    "lambda-min": rates(lambda X, values: 2 / values[0]),
    "one-over": rates(lambda X, values: 1 / values[-1]),
    "squared": rates(lambda X, values: 2 / values[-1] ** 2),
    "singular-value": rates(lambda X, values: 2 / np.linalg.norm(X, 2)),
    "trace": rates(lambda X, values: 2 / values.sum()),
    "eigenvalue": rates(lambda X, values: values[-1]),
    "centred": rates(first=lambda X: X - X.mean(axis=0)),
    "not-centred": rates(centred=lambda X: X),
    "wrong-axis": rates(centred=along_rows),
    "row-means": rates(centred=lambda X: X - contract.where_it_fits(row_means, column_means)(X)),
    "grand-mean": rates(centred=lambda X: X - X.mean()),
    "scaled": rates(centred=lambda X: (X - X.mean(axis=0)) / X.std(axis=0)),
    "best-rate": rates(lambda X, values: 2 / (values[-1] + values[0])),
    "bias-forgotten": rates(seen=lambda X: X),
    "mean-curvature": rates(lambda X, values: 2 / values.mean()),
    "largest-entry": lambda X, decay: tuple(
        2 / (np.diag(x.T @ x / len(x)) + decay).max() for x in (X, X - X.mean(axis=0))
    ),
    "bias-added": lambda X, decay: tuple(2 / (top + 1) for top in limits_of_weights(X, decay)),
    "decay-forgotten": rates(decays=lambda decay, d, k: 0),
    "decay-of-the-bias": rates(decays=lambda decay, d, k: decay * np.eye(k)),
    "other-decay": rates(decays=lambda decay, d, k: np.diag(2 * decay * (np.arange(k) < d))),
    "decay-everywhere": rates(decays=lambda decay, d, k: decay),
    "inputs-counted": rates(count=lambda X, place: X.shape[1]),
    "rooted": rates(lambda X, values: 2 / np.sqrt(values[-1])),
    "upside-down": rates(lambda X, values: values[-1] / 2),
    "twice": rates(lambda X, values: 4 / values[-1]),
    "safely-below": rates(lambda X, values: 1.98 / values[-1]),
    "constant": rates(lambda X, values: 2 / (values[-1] + 1e-8)),
    "other-eigenvalue": rates(lambda X, values: 2 / values[-2]),
    "condition-number": rates(lambda X, values: 2 * values[0] / values[-1]),
    "n-forgotten": rates(count=lambda X, place: 1),
    "bessel": rates(count=lambda X, place: len(X) - place),
}
RIGHT = [
    rates(),
    by_norms,
    lambda *given: tuple(np.array([rate]).item() for rate in rates()(*given)),
]
NEARLY = [
    lambda *given: rates()(*given)[::-1],
    lambda *given: (rates()(*given)[0],) * 2,
    rates(lambda X, values: 2 / (values[-1] + 1e-6)),
    rates(count=lambda X, place: X.size),
]


class TestLargestRates(contract.Exercise):
    check = largest_rates
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_inputs_as_they_are():
    assert largest_rates(rates(centred=lambda X: X)) == 2


def test_one_mistake_at_both_limits_is_named_once():
    assert largest_rates(rates(count=lambda X, place: len(X) - 1)).mistakes == ("bessel",)


def test_the_bias_counts_for_centred_inputs_too():
    forgotten = rates(seen=lambda X: X)
    assert largest_rates(lambda *given: (rates()(*given)[0], forgotten(*given)[1])) == 2


def test_the_bias_does_not_decay_for_centred_inputs_either():
    decays = rates(decays=lambda decay, d, k: decay * np.eye(k))
    assert largest_rates(lambda *given: (rates()(*given)[0], decays(*given)[1])) == 2


def test_the_chapters_limits_bring_nothing_where_the_weights_decay():
    score = largest_rates(rates(decays=lambda decay, d, k: 0))
    assert (score, score.mistakes) == (0, ("decay-forgotten",))
    both = rates(decays=lambda decay, d, k: 0, seen=lambda X: X)
    assert largest_rates(both).mistakes == ("decay-forgotten",)


@pytest.mark.parametrize(
    "slug", ["decay-of-the-bias", "lambda-min", "n-forgotten", "one-over", "other-decay"]
)
def test_a_slip_in_both_limits_is_paid_for_once(slug):
    score = largest_rates(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,)), score.feedback


@pytest.mark.parametrize("slug", ["decay-forgotten", "bias-forgotten"])
def test_who_leaves_the_decay_or_the_bias_out_has_nothing(slug):
    assert largest_rates(WRONG[slug]) == 0
