"""Which terms does a truncation keep? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.bptt import terms


def table(
    losses=lambda t, T: np.eye(T)[t],
    steps=np.eye,
    read=lambda dU, dW, db: dU[:, 0] != 0,
    W=1.0,
    exchanged=False,
):
    """The table by asking for one loss at a time, with one thing changed."""

    def answer(credit, T, K, S):
        X, H, weight = steps(T)[:, None, :], np.zeros((T + 1, 1, 1)), np.full((1, 1), W)
        rows = []
        for t in range(T):
            G = losses(t, T)[:, None, None]
            rows.append(read(*credit(X, H, G, weight, *((S, K) if exchanged else (K, S)))))
        return np.array(rows)

    return answer


def by_states(credit, T, K, S):
    """As many units as steps plus one, and each step meets a unit of its own: dW tells them."""
    H, found = np.eye(T + 1)[:, None, :] / 2, []
    for t in range(T):
        G = np.zeros((T, 1, T + 1))
        G[t] = 1.0
        found.append(np.abs(credit(np.ones((T, 1, 1)), H, G, np.ones((T + 1, T + 1)), K, S)[1]))
    return np.array(found).sum(axis=2)[:, :T] > 0


def hidden(*places):
    """The right table with these entries set to False."""

    def answer(*args):
        found = table()(*args)
        for where in places:
            found[where(len(found))] = False
        return found

    return answer


def by_formula(credit, T, K, S):
    t, k = np.indices((T, T))
    return (k <= t) & (np.minimum(t // S * S + S, T) - 1 - k < K)


def diagonal(T):
    return np.diag_indices(T)


WRONG = {
    "zeros": table(read=lambda dU, dW, db: 0 * dU[:, 0]),
    "transposed": lambda *args: table()(*args).T,
    "by-definition": by_formula,
    "sizes": table(read=lambda dU, dW, db: np.linspace(1, 2, len(dU)) * dU[:, 0]),
    "exchanged": table(exchanged=True),
    "together": table(losses=lambda t, T: np.ones(T)),
    "own-step-only": table(W=0.0),
    "own-step-lost": hidden(diagonal),
    "first-lost": hidden(lambda T: (slice(None), 0)),
    "reversed": lambda *args: table()(*args)[::-1],
    "by-lag": lambda *args: np.array(
        [row[t::-1].tolist() + [0] * (len(row) - t - 1) for t, row in enumerate(table()(*args))]
    ),
    "dropped": lambda *args: ~table()(*args),
    "number": lambda *args: table()(*args).sum(),
}

RIGHT = [table(), by_states, lambda *args: table()(*args).astype(int)]

#: Answers that are right on most inputs.
NEARLY = [
    by_formula,
    lambda credit, T, K, S: table()(credit, T, K, 1),
    table(read=lambda dU, dW, db: dU[:, 0] > 0.5, W=0.7),
]


class TestTerms(contract.Exercise):
    check = terms
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_no_points_for_a_formula():
    assert terms(by_formula) == 0
    everything = terms(lambda credit, T, K, S: np.tril(np.ones((T, T))))
    assert (everything, everything.mistakes) == (0, ("by-definition",))


def test_gives_part_of_the_points_for_what_holds_of_terms_in_order():
    def back_to_the_first(*args):
        return np.array([(row.cumsum() > 0) & (np.arange(len(row)) <= t)
                         for t, row in enumerate(table()(*args))])  # fmt: skip

    assert terms(back_to_the_first) == 2


def test_a_table_the_wrong_way_round_has_nothing_to_do_with_a_kernel():
    for turned in ((slice(None), slice(None, None, -1)), (slice(None, None, -1),) * 2):
        score = terms(lambda *args, turned=turned: table()(*args)[turned])
        assert score.mistakes == ("reversed",)
        assert "kernel" not in score.feedback[0]


def test_credit_may_be_called_by_the_names_of_the_sheet():
    def by_name(credit, T, K, S):
        def call(X, H, G, W, K, S):
            return credit(X=X, H=H, G=G, W=W, K=K, S=S)

        return table()(call, T, K, S)

    assert terms(by_name) == 3


def test_predictions_are_compared_with_the_right_numbers():
    told = " ".join(terms(table(), prediction=(34, 27, 31, 5)).feedback)
    assert told.count("exactly") == 3
    assert "you predicted 5, it is 4" in told


def test_a_prediction_in_another_form_costs_nothing():
    for odd in (None, 3, "many", (1,), [object()] * 9):
        assert terms(table(), prediction=odd) == 3


def test_one_number_for_all_steps_is_told_as_what_it_is():
    def tall(credit, T, K, S):
        return np.tile(table()(credit, T, K, S).any(axis=1)[:, None], (1, T))

    assert set(terms(tall).mistakes) == {"together"}
