"""Checks for the exercises on sigmoid and tanh.

Right values are slopes of a forward function, by complex steps, eigenvalues of a matrix that is
written out, the outputs of a net that is run, or data. Wrong ones are the same of another function
or at another point. The inputs have means, some of them are square, where a slip along the wrong
axis gives numbers that elsewhere would not broadcast, and some batches hold one example.
"""

from backpass.checks.sigmoid_and_tanh.as_tanh_net import as_tanh_net
from backpass.checks.sigmoid_and_tanh.centre import centre
from backpass.checks.sigmoid_and_tanh.experiment import experiment
from backpass.checks.sigmoid_and_tanh.family_slope import family_slope
from backpass.checks.sigmoid_and_tanh.largest_rates import largest_rates
from backpass.checks.sigmoid_and_tanh.layer_backward import layer_backward
from backpass.checks.sigmoid_and_tanh.price_of_a_mean import price_of_a_mean
from backpass.checks.sigmoid_and_tanh.repair_argument import repair_argument
from backpass.checks.sigmoid_and_tanh.repair_centring import repair_centring
from backpass.checks.sigmoid_and_tanh.sign_patterns import sign_patterns
from backpass.checks.sigmoid_and_tanh.zig_zag import zig_zag
from backpass.checks.total import Total

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        price_of_a_mean,
        family_slope,
        layer_backward,
        as_tanh_net,
        largest_rates,
        centre,
        sign_patterns,
        experiment,
        repair_argument,
        repair_centring,
        zig_zag,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "as_tanh_net",
    "centre",
    "experiment",
    "family_slope",
    "largest_rates",
    "layer_backward",
    "price_of_a_mean",
    "repair_argument",
    "repair_centring",
    "sign_patterns",
    "total",
    "zig_zag",
]
