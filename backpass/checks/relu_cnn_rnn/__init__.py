"""The exercises on ReLU in convolutional and recurrent nets, in the order of the sheet.

Right values are SciPy's convolution, slopes of a forward function by complex steps, quadrature and
NumPy's eigenvalues. A column of a matrix of patches is what a filter with a single 1 finds; what
comes back to a pixel is told by what an image with a single 1 there does to the outputs. What a
known wrong derivation gives is built from the same, beside the sentence that the learner is told.
What several exercises share is in ``_inputs`` and ``_chain``, and in ``_through_time`` for the
recurrent net.
"""

from backpass.checks.relu_cnn_rnn.chain_length import chain_length
from backpass.checks.relu_cnn_rnn.conv_gradients import conv_gradients
from backpass.checks.relu_cnn_rnn.counterexamples import counterexamples
from backpass.checks.relu_cnn_rnn.different_or_one import different_or_one
from backpass.checks.relu_cnn_rnn.four_paths import four_paths
from backpass.checks.relu_cnn_rnn.he_scaling import he_scaling
from backpass.checks.relu_cnn_rnn.layer_errors import layer_errors
from backpass.checks.relu_cnn_rnn.log_sizes import log_sizes
from backpass.checks.relu_cnn_rnn.patches import patches
from backpass.checks.relu_cnn_rnn.radius_and_norm import radius_and_norm
from backpass.checks.relu_cnn_rnn.repair_rnn import repair_rnn
from backpass.checks.relu_cnn_rnn.u_range import u_range
from backpass.checks.total import Total

EXERCISES = {
    one.slug: one
    for one in (
        chain_length,
        he_scaling,
        layer_errors,
        log_sizes,
        different_or_one,
        radius_and_norm,
        counterexamples,
        u_range,
        patches,
        conv_gradients,
        repair_rnn,
        four_paths,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "total",
]
