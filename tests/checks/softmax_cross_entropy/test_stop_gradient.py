"""Where does the stop-gradient belong: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.softmax_cross_entropy import stop_gradient

WRONG = {"a": "a", "b": "b", "d": "d"}
RIGHT = ["c", "C", lambda: "c"]


class TestStopGradient(contract.Exercise):
    check = stop_gradient
    wrong, right = WRONG, RIGHT
