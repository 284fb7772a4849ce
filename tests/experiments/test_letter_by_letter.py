"""The recorded run with an update after every letter: what an update is, and its record."""

import numpy as np
import pytest

from experiments import letter_by_letter
from experiments.bptt_text import probabilities
from experiments.delayed_recall import forward, start, truncated


@pytest.mark.parametrize("K", [1, 2, 9])
def test_many_small_updates_add_up_to_the_truncated_gradient(K):
    letters = np.random.default_rng(0).integers(5, size=8)
    p = start([np.random.default_rng(seed) for seed in range(2)], 5, 4, 5, 0.9)
    before = {name: part.copy() for name, part in p.items()}
    letter_by_letter.read(p, np.zeros((2, 1, 4)), [], letters, K, rate := 1e-7)

    X, Y = (np.eye(5)[part, None, None] for part in (letters[:-1], letters[1:]))
    H, O = forward(np.broadcast_to(X, (7, 2, 1, 5)), **before)
    E = probabilities(O) - Y
    right = truncated(np.broadcast_to(X, (7, 2, 1, 5)), H, E, before["W"], before["V"], K)
    for name, part in right.items():
        np.testing.assert_allclose((before[name] - p[name]) / rate, part, atol=1e-5)


def test_what_a_control_keeps_fixed_stays():
    for fixed in letter_by_letter.FIXED.values():
        p = start([np.random.default_rng(0)], 3, 4, 3, 0.9)
        before = {name: part.copy() for name, part in p.items()}
        letter_by_letter.read(p, np.zeros((1, 1, 4)), [], np.array([0, 2, 1, 1, 0]), 1, 0.1, fixed)
        assert {name for name in p if (p[name] == before[name]).all()} == set(fixed)


def test_reading_on_is_reading_at_once():
    letters = np.random.default_rng(0).integers(3, size=9)
    nets = [start([np.random.default_rng(0)], 3, 4, 3, 0.9) for _ in range(2)]
    letter_by_letter.read(nets[0], np.zeros((1, 1, 4)), [], letters, 3, 0.1)
    h, past = letter_by_letter.read(nets[1], np.zeros((1, 1, 4)), [], letters[:5], 3, 0.1)
    letter_by_letter.read(nets[1], h, past, letters[4:], 3, 0.1)
    for name in nets[0]:
        np.testing.assert_allclose(nets[0][name], nets[1][name])


def test_the_record_is_the_scripts():
    cases = letter_by_letter.RUN.read()["results"]["cases"]
    assert list(cases) == list(letter_by_letter.CASES)
    for case in cases.values():
        assert case["rate"] == letter_by_letter.RATES[np.argmin(case["tuned"])]
        assert np.shape(case["held_out"]) == (letter_by_letter.EPOCHS, len(letter_by_letter.SEEDS))
    assert not set(letter_by_letter.TUNING) & set(letter_by_letter.SEEDS)
