"""A training loop that says nan: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import by_log, guarded, hard, mean, naive, once, rows
from scipy.special import entr, log_softmax, rel_entr, xlogy
from scipy.special import logsumexp as lse

from backpass.checks.softmax_cross_entropy import repair_training


def E(Z, T):
    return -np.sum(T * log_softmax(Z, axis=1)) / len(Z)


def kl(Z, T):
    return E(Z, T) - entr(T).sum() / len(T)


def by_quotient(Z, T):
    """KL with its logarithms safe where a target is 0, and unsafe where an output is."""
    return np.sum(T * np.log(np.where(T > 0, T, 1) / rows(Z))) / len(Z)


def trainer(
    softmax=rows, loss=None, features=lambda X: X, logits=lambda Z: Z, scale=1.0, rate=None
):
    """A training loop with one thing changed."""
    loss = loss or kl

    def train(X, T, given, steps):
        X, W, losses = features(X), np.zeros((X.shape[1], T.shape[1])), []
        for _ in range(steps):
            Z = logits(X @ W)
            losses.append(loss(Z, T))
            W = W - (rate or given) * scale * X.T @ (softmax(Z) - T) / len(X)
        return W, np.array(losses)

    return train


def train_and_look_after(X, T, rate, steps):
    return trainer()(X, T, rate, steps)[0], trainer()(X, T, rate, steps + 1)[1][1:]


def nan_hidden(Z, T):
    return np.nan_to_num(-np.sum(xlogy(T, rows(Z))) / len(Z) - entr(T).sum() / len(T))


WRONG = {
    "no-max-shift": trainer(naive),
    "global-max": trainer(once),
    "log-of-zero": trainer(loss=by_quotient),
    "zero-times-log": trainer(loss=lambda Z, T: E(Z, T) + np.sum(T * np.log(T)) / len(T)),
    "nan-hidden": trainer(loss=nan_hidden),
    "epsilon": trainer(loss=lambda Z, T: rel_entr(T, rows(Z) + 1e-9).sum() / len(Z)),
    "clipped-logits": trainer(logits=lambda Z: np.clip(Z, -500, 500)),
    "changed": trainer(features=lambda X: X / max(1, np.abs(X).max() / 10)),
    "rate-ignored": trainer(rate=0.1),
    "other-rate": trainer(rate=1e-4),
    "rescaled": trainer(features=lambda X: X / 100),
    "summed": lambda X, T, rate, steps: trainer(scale=len(X))(X, T, rate, steps),
    "averaged-twice": lambda X, T, rate, steps: trainer(scale=1 / len(X))(X, T, rate, steps),
    "climbs": trainer(scale=-1.0),
    "after-step": train_and_look_after,
    "per-entry": trainer(scale=1 / 3),
    "other-steps": lambda X, T, rate, steps: trainer()(X, T, rate, steps - 1),
    "loss-per-entry": trainer(loss=lambda Z, T: kl(Z, T) / T.shape[1]),
    "shift-once": trainer(loss=lambda Z, T: kl(Z, T) - Z.max(axis=1).mean()),
    "one-hot-assumed": trainer(
        loss=lambda Z, T: -np.mean(np.sum(hard(T) * log_softmax(Z, axis=1), axis=1))
    ),
    "not-weighed": trainer(
        loss=lambda Z, T: (np.log(T[T > 0]) - log_softmax(Z, axis=1)[T > 0]).sum() / len(Z)
    ),
    "summed-loss": trainer(loss=lambda Z, T: kl(Z, T) * len(Z)),
    "entropy-forgotten": trainer(loss=E),
    "entropy-added": trainer(loss=lambda Z, T: E(Z, T) + entr(T).sum() / len(T)),
    "entropy-summed": trainer(loss=lambda Z, T: E(Z, T) - entr(T).sum()),
}


def train_on_lists(X, T, rate, steps):
    W, losses = np.zeros((X.shape[1], T.shape[1])), []
    for _ in range(steps):
        Z = X @ W
        E = lse(Z, axis=1) * T.sum(axis=1) - (T * Z).sum(axis=1)
        losses.append(float((E + xlogy(T, T).sum(axis=1)).mean()))
        W -= rate * X.T @ mean(Z, T)
    return W, losses


RIGHT = [trainer(), train_on_lists, trainer(by_log)]

NEARLY = [trainer(loss=lambda Z, T: min(1000.0, kl(Z, T)))]


class TestRepairTraining(contract.Exercise):
    check = repair_training
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_for_half_a_repair_and_nothing_for_the_loop_as_it_was():
    broken = contract.sheet("softmax_cross_entropy").names()["train_broken"]
    assert repair_training(broken) == 0
    assert repair_training(WRONG["log-of-zero"]) == 2
    for softmax in (naive, once):  # the losses are mended alone
        score = repair_training(trainer(softmax))
        assert (score, len(score.mistakes)) == (2, 1), score.feedback


def test_a_constant_in_the_sum_or_in_the_logarithm_is_named():
    def loss(Z, T, c=5e-8):
        return rel_entr(T, rows(Z) + c).sum() / len(Z)

    def in_both(Z, T, c=1e-12):
        return np.sum(T * np.log((T + c) / (rows(Z) + c))) / len(Z)

    for one in (loss, in_both, lambda Z, T: loss(Z, T, 1e-12), lambda Z, T: loss(Z, T, 1e-15)):
        assert repair_training(trainer(loss=one)).mistakes == ("epsilon",)
    for answer in (trainer(guarded), trainer(guarded, loss=loss)):
        assert "epsilon" in repair_training(answer).mistakes


def test_the_chapters_cross_entropy_brings_the_points_of_w_alone():
    score = repair_training(trainer(loss=E))
    assert (score, score.mistakes) == (2, ("entropy-forgotten",))


def test_losses_as_a_row_of_a_matrix_are_told_so():
    score = repair_training(lambda *given: (trainer()(*given)[0], trainer()(*given)[1][None]))
    assert (score, score.mistakes) == (2, ("shape",))


def test_what_is_0_because_its_target_is_may_be_cleaned_of_its_nan():
    def loss(Z, T):
        return E(Z, T) + np.nan_to_num(T * np.log(T)).sum() / len(T)

    assert repair_training(trainer(loss=loss)) == 4


def test_results_in_another_order_are_told_so():
    score = repair_training(lambda *args: trainer()(*args)[::-1])
    assert score.mistakes == ("order",)


@pytest.mark.parametrize(
    "scale",
    [
        lambda X: (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12),
        lambda X: X / np.abs(X).max(),
        lambda X: X / np.linalg.norm(X, axis=1, keepdims=True),
    ],
)
def test_features_that_are_scaled_first_are_named(scale):
    assert "rescaled" in repair_training(trainer(features=scale)).mistakes


def test_a_loss_that_is_made_0_is_named():
    def loss(Z, T):
        return np.nan_to_num(by_quotient(Z, T))

    assert repair_training(trainer(loss=loss)).mistakes == ("nan-hidden",)


def test_another_loop_hears_what_to_keep():
    score = repair_training(trainer(rate=0.123))
    assert score.mistakes == ()
    assert "Keep its start, its steps, its rate" in score.feedback[0]
