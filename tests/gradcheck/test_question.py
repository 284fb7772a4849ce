"""What a caller may say beforehand."""

import numpy as np
import pytest

from backpass.gradcheck import diagnose


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"batch": 0}, "batch"), ({"batch": 1.5}, "batch"), ({"batch": -3}, "batch"),
        ({"reduction": "avg"}, "reduction"), ({"mistakes": {"a+b": [1.0]}}, "plus"),
        ({"examples": np.ones((3, 2))}, "examples"), ({"mistakes": {"a": "text"}}, "text"),
    ],
)  # fmt: skip
def test_faults_of_the_question_are_errors(options, error):
    with pytest.raises((ValueError, TypeError), match=error):
        diagnose([1.0], [1.0], **options)


def test_an_expected_that_is_not_numbers_is_an_error():
    with pytest.raises(TypeError, match="return"):
        diagnose([1.0], None)
