"""Gradients where a function bends."""

import numpy as np
import pytest

from backpass.gradcheck import check_gradient


def relu(x):
    return np.sum(np.maximum(x, 0))


class TestKinks:
    x = np.array([-1.0, 0.0, 2.0])

    @pytest.mark.parametrize("at_kink", [0, 1, 0.5])
    def test_any_slope_between_the_sides_is_accepted(self, at_kink):
        found = check_gradient(relu, [0, at_kink, 1.0], self.x)
        assert found.ok
        assert ("kink" in found.message) == (at_kink != 0.5)  # the central difference is 0.5

    def test_a_slope_outside_is_not(self):
        found = check_gradient(relu, [0, -3.0, 1], self.x)
        assert (found.mistake, found.where) == ("kink", (1,))

    def test_another_mistake_is_named_all_the_same(self):
        found = check_gradient(relu, [0, 2.0, 2], self.x)
        assert found.mistake in ("factor", "entries")
        assert "kink" in found.message

    @pytest.mark.parametrize("away", [1e-8, 1e-7, 3e-7, 1e-6, 4e-6, 6e-6, 1e-5, 1e-4])
    @pytest.mark.parametrize("side", [-1, 1])
    def test_next_to_a_kink_the_right_slope_is_right(self, away, side):
        x = self.x + np.array([0, side * away, 0])
        assert check_gradient(relu, lambda x: (x > 0) * 1.0, x)

    def test_many_kinks(self):
        x = np.zeros((4, 5))
        found = check_gradient(relu, np.zeros((4, 5)), x)
        assert found.ok
        assert "20 such entries" in found.message

    def test_a_smooth_function_is_never_said_to_have_one(self):
        x = np.random.default_rng(0).normal(size=(3, 2))
        right = 2 * x + np.cos(x)
        for wrong in (-right, right + 1, right * [[1, 2], [1, 1], [1, 1]]):
            found = check_gradient(lambda x: np.sum(x**2 + np.sin(x)), wrong, x)
            assert not found
            assert "kink" not in found.message
