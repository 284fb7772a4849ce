"""Indices and axes of which a message speaks have words behind them."""

import pytest

from backpass.checks.axes import in_words


@pytest.mark.parametrize(
    ("axes", "said", "told"),
    [
        (("example", "class"), "At [0, 2] yours is 1, right is 2.",
         "At [0, 2] (example 0, class 2) yours is 1, right is 2."),
        ((("∂a", "∂b"),), "At [1] yours is 1", "At [1] (∂b) yours is 1"),
        ((("∂a", "∂b"),), "At [2] yours is 1", "At [2] (2) yours is 1"),
        (("step", ("u", "v")), "at [3, 0]", "at [3, 0] (step 3, u)"),
        (("unit",), "At [0, 2] yours", "At [0, 2] yours"),
        (("input", "unit"), "3 is the length of axis 1, not of axis 2",
         "3 is the length of axis 1 (unit), not of axis 2"),
        ((("u", "v"),), "axis 0", "axis 0"),
        (None, "At [0] of axis 0", "At [0] of axis 0"),
        (("unit",), "That [0] is no index", "That [0] is no index"),
    ],
)  # fmt: skip
def test_words_stand_behind_indices(axes, said, told):
    assert in_words(said, axes) == told
