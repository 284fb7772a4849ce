"""The exercises on ReLU in convolutional and recurrent nets, in the order of the sheet.

Right values are SciPy's convolution, slopes of a forward function by complex steps, quadrature and
NumPy's eigenvalues. A column of im2col is what a filter with a single 1 finds; what col2im sends
back to a pixel is told by what an image with a single 1 there does to these columns. What a known
wrong derivation gives is built from the same, beside the sentence that the learner is told. What
several exercises share is in ``_inputs``, and in ``_through_time`` for the recurrent nets.
"""

from backpass.checks.relu_cnn_rnn.chain_length import chain_length
from backpass.checks.relu_cnn_rnn.col2im import col2im
from backpass.checks.relu_cnn_rnn.conv_gradients import conv_gradients
from backpass.checks.relu_cnn_rnn.counterexamples import counterexamples
from backpass.checks.relu_cnn_rnn.he_scaling import he_scaling
from backpass.checks.relu_cnn_rnn.im2col import im2col
from backpass.checks.relu_cnn_rnn.indrnn_gradients import indrnn_gradients
from backpass.checks.relu_cnn_rnn.radius_and_norm import radius_and_norm
from backpass.checks.relu_cnn_rnn.repair_relu import repair_relu
from backpass.checks.relu_cnn_rnn.repair_rnn import repair_rnn
from backpass.checks.relu_cnn_rnn.sizes import sizes
from backpass.checks.relu_cnn_rnn.u_range import u_range
from backpass.checks.total import Total

EXERCISES = {
    one.slug: one
    for one in (
        sizes,
        im2col,
        col2im,
        conv_gradients,
        chain_length,
        repair_relu,
        he_scaling,
        counterexamples,
        radius_and_norm,
        repair_rnn,
        indrnn_gradients,
        u_range,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "total",
]
