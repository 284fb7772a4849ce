"""The recorded run on a longer text: the text, the count models beside the nets, and the record."""

import numpy as np
import pytest

from experiments import bptt_text, long_text


def test_the_text_is_one_paragraph_a_line():
    text = long_text.reference()
    assert text == text.lower()
    assert not {"  ", "\n\n", "\n "} & {text[i : i + 2] for i in range(len(text))}
    assert text.endswith("\n")
    assert 300_000 < len(text) < 900_000  # it differs among Pythons


def test_count_models_guess_as_those_of_the_chapter():
    alphabet, train, held = bptt_text.split(bptt_text.TEXT.read_text(encoding="utf-8"))
    found = long_text.count_bits(train, held, len(alphabet), most=6)
    assert found == pytest.approx([4.24, 3.37, 2.67, 2.38, 2.43, 2.56], abs=0.01)


def test_a_count_model_blends_with_the_shorter_context():
    train, held = np.array([0, 0, 1, 0]), np.array([0, 0, 1])  # of three letters
    none = (1 + 2 * 1 / 3) / (4 + 2)  # of 1, seen once of four; two kinds were seen
    after_0 = (1 + 2 * none) / (2 + 2)  # 0 was followed by 0 and by 1
    found = long_text.count_bits(train, held, 3, most=2)
    assert found == pytest.approx([-np.log2(none), -np.log2(after_0)])


def test_a_net_learns():
    text = bptt_text.split(bptt_text.TEXT.read_text(encoding="utf-8"))
    [(start,), (end,)] = long_text.learn("4", *text, seeds=[0], steps=40, every=20, rate=0.01)
    assert end < start < np.log2(len(text[0]))


def test_the_record_is_the_scripts():
    results = long_text.RUN.read()["results"]
    assert list(results["cases"]) == list(long_text.CASES)
    assert len(results["count_bits"]) == long_text.MOST
    for case in results["cases"].values():
        assert case["rate"] == long_text.RATES[np.argmin(case["tuned"])]
        many = long_text.STEPS // long_text.EVERY, len(long_text.SEEDS)
        assert np.shape(case["held_out"]) == many
    assert not set(long_text.TUNING) & set(long_text.SEEDS)
