"""What im2col is worth: a convolutional layer's forward pass, beside a plain loop and SciPy.

    python -m experiments.convolution         # writes chapters/data/convolution.json

float64, stride 1. In one run, for each case: the chapter's functions (word for word; a test keeps
them so), a loop over images and positions with one small product in each, and
``scipy.signal.correlate2d``, which knows one channel and one filter, so it is called for each
pair of them. All three must agree. Times are processor seconds on one thread, the smallest of
several repetitions, taken in turns; the record has ratios only.
"""

from time import process_time

import numpy as np

from experiments.record import Run

CASES = {  # n, c, H, F, P, k
    "1 image 28 × 28, 1 channel, 8 filters": (1, 1, 28, 3, 1, 8),
    "8 images 28 × 28, 8 channels, 16 filters": (8, 8, 28, 3, 1, 16),
    "8 images 14 × 14, 32 channels, 32 filters": (8, 32, 14, 3, 1, 32),
}
ROUNDS = 15
RUN = Run(
    "convolution",
    __doc__,
    takes="a few seconds",
    settings={"dtype": "float64", "stride": 1, "rounds": ROUNDS},
    libraries=("numpy", "scipy"),
)


def positions(H, F, S, P):
    return (H - F + 2 * P) // S + 1


def im2col(X, F, S=1, P=0):
    """The patches of the images X (n, c, H, W) as rows, (n·H′·W′, c·F·F)."""
    X = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
    patches = np.lib.stride_tricks.sliding_window_view(X, (F, F), axis=(2, 3))
    patches = patches[:, :, ::S, ::S].transpose(0, 2, 3, 1, 4, 5)  # n, H′, W′, c, F, F
    return patches.reshape(-1, X.shape[1] * F * F)


def convolution(X, W, b, F, S=1, P=0):
    """Filters W (c·F·F, k) on the images X (n, c, H, W): (n, k, H′, W′)."""
    size = [positions(length, F, S, P) for length in X.shape[2:]]
    Z = im2col(X, F, S, P) @ W + b
    return Z.reshape(len(X), *size, -1).transpose(0, 3, 1, 2)


def loop(X, W, b, F, S=1, P=0):
    """As :func:`convolution`, one position after the other."""
    X = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
    height, width = (length - F + 1 for length in X.shape[2:])
    Z = np.empty((len(X), W.shape[1], height, width))
    for i in range(height):
        for j in range(width):
            for n, x in enumerate(X):
                Z[n, :, i, j] = x[:, i : i + F, j : j + F].ravel() @ W + b
    return Z


def by_scipy(X, W, b, F, S=1, P=0):
    """As :func:`convolution`, one channel and one filter after the other."""
    from scipy.signal import correlate2d  # takes a second, and only who measures needs it

    X = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
    filters = W.T.reshape(W.shape[1], X.shape[1], F, F)
    height, width = (length - F + 1 for length in X.shape[2:])
    Z = np.empty((len(X), len(filters), height, width))
    for n, x in enumerate(X):
        for k, f in enumerate(filters):
            Z[n, k] = b[k] + sum(correlate2d(x[c], f[c], "valid") for c in range(len(x)))
    return Z


def measure(case, n, c, H, F, P, k):
    """One row of the record."""
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(n, c, H, H)), rng.normal(size=(c * F * F, k))
    functions, best = (convolution, loop, by_scipy), [np.inf] * 3
    for _ in range(ROUNDS):
        answers = []
        for i, function in enumerate(functions):
            start = process_time()
            answers.append(function(X, W, np.zeros(k), F, 1, P))
            best[i] = min(best[i], process_time() - start)
        assert np.allclose(answers[0], answers[1])
        assert np.allclose(answers[0], answers[2])
    return {"case": case, "loop": round(best[1] / best[0], 1), "scipy": round(best[2] / best[0], 1)}


def results():
    """What the record holds: the cases' times, as multiples of that of im2col and one product."""
    rows = []
    for case in RUN.each(CASES):
        rows.append(measure(case, *CASES[case]))
        print("loop {loop:.1f}, scipy {scipy:.1f}".format(**rows[-1]), flush=True)
    return {"unit": "the time of im2col and one matrix product", "rows": rows}


if __name__ == "__main__":
    RUN.record(results)
