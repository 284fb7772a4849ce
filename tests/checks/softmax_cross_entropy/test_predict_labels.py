"""Predict: labels that can move: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.softmax_cross_entropy import predict_labels

WRONG = {"a": "a", "c": "c", "d": "d"}
RIGHT = ["b", " B ", lambda: "b"]


class TestPredictLabels(contract.Exercise):
    check = predict_labels
    wrong, right = WRONG, RIGHT
