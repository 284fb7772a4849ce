"""Checks for the exercises on sigmoid and tanh.

Right values are slopes of a forward function, by complex steps, eigenvalues of a matrix that is
written out, the outputs of a net that is run, or data. Wrong ones are the same of another function
or at another point. The inputs have means, some of them are square, where a slip along the wrong
axis gives numbers that elsewhere would not broadcast, and some batches hold one example.
"""

from backpass.checks.sigmoid_and_tanh.as_tanh_net import as_tanh_net
from backpass.checks.sigmoid_and_tanh.centre import centre
from backpass.checks.sigmoid_and_tanh.experiment import experiment
from backpass.checks.sigmoid_and_tanh.largest_rates import largest_rates
from backpass.checks.sigmoid_and_tanh.layer_backward import layer_backward
from backpass.checks.sigmoid_and_tanh.lecun_constants import lecun_constants
from backpass.checks.sigmoid_and_tanh.predict_signs import predict_signs
from backpass.checks.sigmoid_and_tanh.price_of_a_mean import price_of_a_mean
from backpass.checks.sigmoid_and_tanh.repair_argument import repair_argument
from backpass.checks.sigmoid_and_tanh.repair_centring import repair_centring
from backpass.checks.sigmoid_and_tanh.shifted_inputs import shifted_inputs
from backpass.checks.sigmoid_and_tanh.slopes import slopes
from backpass.checks.total import Total

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        predict_signs,
        slopes,
        layer_backward,
        repair_argument,
        as_tanh_net,
        price_of_a_mean,
        largest_rates,
        experiment,
        lecun_constants,
        shifted_inputs,
        centre,
        repair_centring,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "as_tanh_net",
    "centre",
    "experiment",
    "largest_rates",
    "layer_backward",
    "lecun_constants",
    "predict_signs",
    "price_of_a_mean",
    "repair_argument",
    "repair_centring",
    "shifted_inputs",
    "slopes",
    "total",
]
