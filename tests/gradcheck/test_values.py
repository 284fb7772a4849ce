"""What a foreseen mistake gives, laid beside an answer."""

import warnings

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from backpass.gradcheck.compare import Right, quietly
from backpass.gradcheck.values import _near

numbers = st.floats(width=32) | st.sampled_from([0.0, 1.0, 1 + 1e-7, 1 + 3e-7, np.inf, np.nan])
huge = complex(1.7e308, 1.7e308)


@given(numbers, numbers)
@example(1.0, 1 + 2e-7)
@example(np.nan, np.nan)
@example(np.inf, np.inf)
@example(huge, huge)
@example(huge, 1j)
def test_one_entry_is_compared_as_all_are(a, b):
    right = Right(np.asarray(b), rtol=1e-7, atol=1e-7, size=1.0, strict=True)
    with quietly():
        wanted = bool(right.close(np.asarray(a)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _near(a, b, rtol=right.rtol, atol=right.atol) == wanted
