"""What an answer is told, and how it shows itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backpass.gradcheck import Diagnosis, diagnose


def test_a_diagnosis_shows_itself():
    found = diagnose(-np.ones(3), np.ones(3), mistakes={"sign": (None, "o < t & so on")})
    assert not found
    assert repr(found).startswith("✗ [sign] o < t & so on.")
    assert "o &lt; t &amp; so on" in found._repr_html_()
    assert repr(diagnose(1.0, 1.0)) == "✓ Right."
    assert isinstance(found, Diagnosis)


leaves = st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.booleans()
trees = st.recursive(leaves, lambda t: st.lists(t, max_size=3) | st.tuples(t, t), max_leaves=6)


@given(trees)
def test_anything_at_all_gets_a_diagnosis(answer):
    for expected in (0.5, [0.5, 1.5], [[0.5, 1.5]]):
        assert isinstance(repr(diagnose(answer, expected, batch=2)), str)
