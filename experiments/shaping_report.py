"""TensorFlow issue 34336 at its own size: a transmitter whose labels stop, or let a gradient flow.

    python -m experiments.shaping_report       # writes chapters/data/shaping_report.json

The nets, channel and training are those of the notebook to which the issue of 2019 points: 64-QAM
at 12 dB, one encoder and one decoder of 128 ReLU units a layer, transmit power normalised by the
symbols' probabilities, Gumbel samples of temperature 1 with a straight-through derivative, Adam.
There the entropy that is subtracted is in bits, and the cross-entropy in nats: UNITS has both that
and nats throughout. RULES say what is done at the labels: the gradient stops, it flows, or the
transmitter's logits get the derivative of the expected loss by its score function. Each with SEEDS
starts. The record keeps, after each of the epochs in SHOWN, the mean of the loss over that epoch,
as the notebook prints it, and at the end how often the likeliest symbols are sent.
"""

from itertools import pairwise, product

import numpy as np

from experiments.record import Run

SYMBOLS, DECIBEL, HIDDEN, BATCH, BATCHES, RATE = 64, 12, 128, 2048, 16, 0.001
EPOCHS, SHOWN, SEEDS = 30, (5, 10, 15, 20, 25, 30), 3
RULES = ("stops", "flows", "score")
UNITS = {"bits": 1 / np.log(2), "nats": 1.0}  # what a nat of entropy counts
RUN = Run(
    "shaping_report",
    __doc__,
    takes="about fifteen minutes",
    settings={"symbols": SYMBOLS, "decibel": DECIBEL, "hidden": HIDDEN, "batch": BATCH}
    | {"batches an epoch": BATCHES, "epochs": EPOCHS, "optimiser": "Adam", "rate": RATE}
    | {"seeds": SEEDS, "shown": SHOWN, "dtype": "float32"},
)


def constellation(symbols):
    """Points of a square grid with a mean square of 1: (symbols, 2)."""
    side = np.arange(np.sqrt(symbols))
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2) - side.mean()
    return grid / np.sqrt((grid**2).sum(axis=1).mean())


def start(rng, symbols=SYMBOLS, hidden=HIDDEN):
    """Weights by Glorot and Bengio's uniform rule, biases 0: two nets, encoder and decoder."""

    def layers(*sizes):
        net = []
        for rows, columns in pairwise(sizes):
            most = np.sqrt(6 / (rows + columns))
            net += [rng.uniform(-most, most, (rows, columns)), np.zeros((1, columns))]
        return net

    return layers(1, hidden, symbols), layers(3, hidden, hidden, symbols)


def forward(net, x):
    """The inputs of every layer, and the outputs of the last, which has no ReLU."""
    inputs = []
    for i in range(0, len(net), 2):
        inputs.append(x)
        x = x @ net[i] + net[i + 1]
        if i + 2 < len(net):
            x = np.maximum(x, 0)
    return inputs, x


def backward(net, inputs, delta):
    """Gradients of all parameters from δ at the outputs, and the gradient at the inputs."""
    gradients = []
    for i in range(len(net) - 2, -1, -2):
        x = inputs[i // 2]
        gradients = [x.T @ delta, delta.sum(axis=0, keepdims=True), *gradients]
        delta = delta @ net[i].T
        if i:
            delta = delta * (x > 0)
    return gradients, delta


def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def through_softmax(t, v):
    return t * (v - (t * v).sum(axis=-1, keepdims=True))


def loss_and_gradients(nets, points, waits, noise, unit, rule, decibel=DECIBEL):
    """The loss of a batch, gradients of both nets, and the symbols' probabilities (1, symbols).

    ``waits`` are exponential, (n, symbols): softmax(logits + Gumbel) is p over them, made to sum to
    one. ``noise`` is standard normal, (n, 2).
    """
    encoder, decoder = nets
    n, level = len(noise), np.full((1, 1), decibel, noise.dtype)
    encoder_inputs, a = forward(encoder, level)
    log_p = log_softmax(a)
    p = np.exp(log_p)
    soft = p / waits
    soft = soft / soft.sum(axis=1, keepdims=True)
    sent = soft.argmax(axis=1)
    power = (p @ (points**2).sum(axis=1))[0]  # before it is normalised
    received = points[sent] / np.sqrt(power) + np.sqrt(0.5 / 10 ** (decibel / 10)) * noise
    decoder_inputs, z = forward(decoder, np.hstack([received, np.repeat(level, n, axis=0)]))
    log_o = log_softmax(z)
    costs = -log_o[np.arange(n), sent]

    delta = np.exp(log_o)
    delta[np.arange(n), sent] -= 1
    d_decoder, d_received = backward(decoder, decoder_inputs, delta / n)
    d_received = d_received[:, :2]
    d_power = -0.5 / power**1.5 * (d_received * points[sent]).sum()
    d_p = unit * log_p + d_power * (points**2).sum(axis=1)  # minus the entropy; and the power
    d_a = through_softmax(p, d_p)
    if rule == "score":
        one_hot = np.eye(len(points), dtype=p.dtype)[sent]
        d_a = d_a + ((costs - costs.mean()) / n) @ (one_hot - p)
    else:
        d_sample = d_received @ points.T / np.sqrt(power)
        if rule == "flows":
            d_sample = d_sample - log_o / n
        d_a = d_a + through_softmax(soft, d_sample).sum(axis=0, keepdims=True)
    d_encoder, _ = backward(encoder, encoder_inputs, d_a)
    return costs.mean() + unit * (p * log_p).sum(), (d_encoder, d_decoder), p


def adam(parameters, gradients, moments, step):
    """One step of Adam, in place; ``step`` counts from 1."""
    for w, g, (m, v) in zip(parameters, gradients, moments, strict=True):
        m += 0.1 * (g - m)
        v += 0.001 * (g**2 - v)
        w -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def train(rule, unit, seed, epochs=EPOCHS, batch=BATCH):
    """The losses of the epochs in SHOWN, and the symbols' probabilities at the end."""
    rng = np.random.default_rng(seed)
    points = constellation(SYMBOLS).astype(np.float32)
    nets = [[w.astype(np.float32) for w in net] for net in start(rng)]
    parameters = [w for net in nets for w in net]
    moments, losses = [(np.zeros_like(w), np.zeros_like(w)) for w in parameters], []
    for step in range(1, epochs * BATCHES + 1):
        waits = rng.standard_exponential((batch, SYMBOLS), dtype=np.float32)
        waits = np.maximum(waits, np.float32(1e-9))  # float32 has zeros among its draws
        noise = rng.standard_normal((batch, 2), dtype=np.float32)
        loss, gradients, p = loss_and_gradients(nets, points, waits, noise, np.float32(unit), rule)
        adam(parameters, [g for net in gradients for g in net], moments, step)
        losses.append(loss)
    means = np.reshape(losses, (epochs, BATCHES)).mean(axis=1)
    return [means[epoch - 1] for epoch in SHOWN if epoch <= epochs], p[0]


def results():
    """For each rule and unit: each seed's losses, and how often its likeliest symbols are sent."""
    rows = []
    for rule, unit in RUN.each(product(RULES, UNITS)):
        runs = [train(rule, UNITS[unit], seed) for seed in range(SEEDS)]
        losses = [[round(float(loss), 3) + 0.0 for loss in shown] for shown, _ in runs]  # no −0
        likeliest = [np.sort(p)[::-1][:4].astype(float).round(3).tolist() for _, p in runs]
        entropy = [round(float(-(p * np.log2(p + 1e-30)).sum()), 3) for _, p in runs]
        rows.append({"rule": rule, "entropy in": unit, "losses": losses})
        rows[-1] |= {"likeliest": likeliest, "entropy (bits)": entropy}
        print(rows[-1], flush=True)
    return {"rows": rows}


if __name__ == "__main__":
    RUN.record(results)
