"""What a gradient costs, as a multiple of one forward pass, for 10 to 100,000 parameters.

    python -m experiments.reverse_cost        # writes chapters/data/reverse_cost.json

A d-d-1 net with tanh and squared error on 256 examples, float64. In one run, for each size: the
forward pass in plain NumPy; forward and backward pass written by hand; the same on the chapter's
tape; forward differences, n + 1 forward passes. Times are processor seconds on one thread, the
smallest of several repetitions, taken in turns so that a busy moment of the machine does not fall
on one contestant. Above MOST_DIFFERENCES parameters the differences are timed for that many and
scaled up; the record says for how many.

All of it is timed twice, each time in a process of its own: with the GNU C library as it is, which
gives memory back to the system and asks for it again, so that arrays of some sizes cost far more
than others; and with STILL in the environment, by which it keeps what it has.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import process_time

import numpy as np

from backpass.tape import Value, tanh
from experiments.record import Run

WIDTHS = (2, 4, 9, 16, 31, 57, 99, 176, 315)  # d, for n = d² + 2d + 1 = 9 … 99,856 parameters
EXAMPLES = 256
ROUNDS = 40
SECONDS = 0.02  # one repetition lasts at least so long
MOST_DIFFERENCES = 2000
STILL = {
    "MALLOC_TRIM_THRESHOLD_": "1000000000",
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TOP_PAD_": "100000000",
}
RUN = Run(
    "reverse_cost",
    __doc__,
    takes="about a minute",
    settings={
        "examples": EXAMPLES,
        "rounds": ROUNDS,
        "most_differences": MOST_DIFFERENCES,
        "held_still_by": STILL,
    },
)


def forward(X, t, W1, b1, w2, b2):
    """Half the mean squared error, a number."""
    y = np.tanh(X @ W1 + b1) @ w2 + b2
    return 0.5 * np.mean((y - t) ** 2)


def gradient(X, t, W1, b1, w2, b2):
    """The loss and its gradients with respect to the four parameters, by hand."""
    H = np.tanh(X @ W1 + b1)
    error = H @ w2 + b2 - t
    delta_2 = error / len(X)
    delta_1 = delta_2 @ w2.T * (1 - H * H)
    loss = 0.5 * np.mean(error**2)
    return loss, X.T @ delta_1, delta_1.sum(axis=0), H.T @ delta_2, delta_2.sum(axis=0)


def tape(X, t, *parameters):
    """As :func:`gradient`, by the tape."""
    W1, b1, w2, b2 = values = [Value(p) for p in parameters]
    error = tanh(X @ W1 + b1) @ w2 + b2 - t
    loss = (error * error).mean() * 0.5
    loss.backward()
    return loss.data, *(value.grad for value in values)


def differences(X, t, *parameters, most=MOST_DIFFERENCES, h=1e-8):
    """The first ``most`` entries of the gradient by forward differences."""
    base = forward(X, t, *parameters)
    slopes = []
    for p in parameters:
        flat = p.reshape(-1)
        for i in range(min(flat.size, most - len(slopes))):
            kept = flat[i]
            flat[i] = kept + h
            slopes.append((forward(X, t, *parameters) - base) / h)
            flat[i] = kept
    return np.array(slopes)


def problem(d, seed=0):
    """X (256, d), t (256, 1) and the parameters of a d-d-1 net."""
    rng = np.random.default_rng(seed)
    X, t = rng.normal(size=(EXAMPLES, d)), rng.normal(size=(EXAMPLES, 1))
    W1, w2 = rng.normal(size=(d, d)) / np.sqrt(d), rng.normal(size=(d, 1)) / np.sqrt(d)
    return X, t, W1, np.zeros(d), w2, np.zeros(1)


def best_times(functions, arguments, rounds=ROUNDS):
    """The smallest time of one call of each function, in seconds."""
    repeats = []
    for function in functions:
        start = process_time()
        function(*arguments)
        repeats.append(max(1, int(SECONDS / (process_time() - start))))
    best = [np.inf] * len(functions)
    for _ in range(rounds):
        for i, function in enumerate(functions):
            start = process_time()
            for _ in range(repeats[i]):
                function(*arguments)
            best[i] = min(best[i], (process_time() - start) / repeats[i])
    return best


def measure(d):
    """One row of the record."""
    arguments = problem(d)
    n = sum(p.size for p in arguments[2:])
    once, by_hand, by_tape = best_times((forward, gradient, tape), arguments)
    timed = min(n, MOST_DIFFERENCES)
    start = process_time()
    differences(*arguments)
    slow = (process_time() - start) * n / timed
    return {
        "n": n,
        "by_hand": round(by_hand / once, 2),
        "tape": round(by_tape / once, 2),
        "differences": round(slow / once, 1),
        "differences_timed": timed,
    }


def measure_all():
    """A row for each width, in forward passes."""
    rows, line = [], "{n:,d} parameters: by hand {by_hand:.2f}, tape {tape:.2f}, "
    for d in RUN.each(WIDTHS):
        rows.append(measure(d))
        print((line + "differences {differences:,.1f}").format(**rows[-1]), flush=True)
    return rows


def in_new_process(function, settings):
    """What a function returns in a Python that starts with these settings in its environment."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | settings
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(function).result()
    finally:
        for name in settings:
            del os.environ[name]


def results():
    """What the record holds: the rows with the C library held still, and with it as it is."""
    return {
        "unit": "forward passes",
        "rows": in_new_process(measure_all, STILL),
        "rows_as_it_is": in_new_process(measure_all, {}),
    }


if __name__ == "__main__":
    RUN.record(results)
