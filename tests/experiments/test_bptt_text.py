"""The recorded run on a text: how it is split, and that the record is the script's."""

import numpy as np

from experiments import bptt_text


def test_the_record_is_the_scripts():
    results = bptt_text.RUN.read()["results"]
    assert list(results["cases"]) == list(bptt_text.CASES)
    assert list(results["longer"]) == list(bptt_text.LONGER)


def test_the_text_is_split_by_lines_and_a_net_learns_from_it():
    alphabet, train, held = bptt_text.split(bptt_text.TEXT.read_text(encoding="utf-8"))
    assert len(train) + len(held) == 17_543
    assert 0.15 < len(held) / 17_543 < 0.25
    generators = [np.random.default_rng(0)]
    p = bptt_text.start(generators, len(alphabet), 4, len(alphabet), 0.5)
    zero = {name: 0 * part for name, part in p.items()}
    np.testing.assert_allclose(bptt_text.bits(zero, held, len(alphabet)), np.log2(len(alphabet)))
    _, trained, _ = bptt_text.learn("4", alphabet, train, held, steps=60)
    assert max(trained) < 4 < np.log2(len(alphabet))
