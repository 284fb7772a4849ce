"""A sender whose labels learn, on a small channel: which symbols survive, at which settings?

    python -m experiments.channel_symbols      # writes chapters/data/channel_symbols.json

The channel of the chapter *softmax_cross_entropy*, its functions word for word (a test holds them
equal), for SEEDS random draws, three NOISES, two rates of the receiver and three of the sender, and
the entropy of the symbols counted in nats or, as in TensorFlow issue 34336, in bits beside a
cross-entropy in nats. Each rule has STEPS steps; "exact" is run at the chapter's rates only. The
record keeps, for every case, each seed's bits (a mean over the last 100 steps) and the symbols'
probabilities at the end.
"""

from itertools import product

import numpy as np

from experiments.record import Run
from experiments.teacher_student import log_softmax, softmax, through_softmax

NOISES, RECEIVER, SENDER = (0.5, 1.0, 2.0), (0.5, 2.0), (0.05, 0.2, 1.0)
UNITS = {"nats": 1.0, "bits": 1 / np.log(2)}  # what a nat of entropy counts
SEEDS, BATCH = 5, 256
STEPS = {"stops": 1200, "flows": 3600, "exact": 1200}
RUN = Run(
    "channel_symbols",
    __doc__,
    takes="about seven minutes",
    settings={"seeds": SEEDS, "batch": BATCH, "steps": STEPS, "seed": 1},
)

levels = np.array([-3.0, -1.0, 1.0, 3.0])


def receiver_inputs(sent_level, noise):
    received = (sent_level + noise) / 3
    return np.stack([received, np.ones_like(received)], axis=-1)


def channel_gradients(rule, u, W, soft, noise, unit=1.0):
    """Of a batch: ∂/∂u of sender and ∂/∂W of receiver, the symbols' probabilities, and the bits."""
    n, p = noise.shape[-1], softmax(u)
    t = np.eye(4)[soft.argmax(axis=-1)]  # a sample is the largest entry of soft
    X = receiver_inputs(t @ levels, noise)
    log_o = log_softmax(X @ W)
    delta = (np.exp(log_o) - t) / n
    if rule == "exact":  # what does symbol m cost when it is sent?
        every = receiver_inputs(levels[:, None], noise[..., None, :]) @ W[..., None, :, :]
        d_u = through_softmax(p, -np.einsum("...mnm->...m", log_softmax(every)) / n)
    else:  # straight through the sample, as if it were soft
        into_labels = -log_o / n if rule == "flows" else 0.0
        into_sample = into_labels + delta @ W[..., :1, :].mT * levels / 3
        d_u = through_softmax(soft, into_sample).sum(axis=-2)
    bits = ((t * log_o).sum(axis=(-1, -2)) / n - (p * np.log(p)).sum(axis=-1)) / np.log(2)
    return d_u + unit * through_softmax(p, np.log(p)), X.mT @ delta, p, bits


def train(rule, noise_level, receiver=2.0, sender=0.2, unit=1.0, steps=1200, seeds=SEEDS):
    """Probabilities at the end, (seeds, 4), and the bits of the last 100 steps, (seeds,)."""
    rng, u, W, last = np.random.default_rng(1), np.zeros((seeds, 4)), np.zeros((seeds, 2, 4)), []
    for _ in range(steps):
        noise = noise_level * rng.normal(size=(seeds, BATCH))
        soft = softmax(u)[:, None] / rng.exponential(size=(seeds, BATCH, 4))
        soft /= soft.sum(axis=-1, keepdims=True)  # softmax of a + Gumbel noise
        d_u, d_W, p, bits = channel_gradients(rule, u, W, soft, noise, unit)
        u, W, last = u - sender * d_u, W - receiver * d_W, [*last[-99:], bits]
    return p, np.mean(last, axis=0)


def results():
    """A row for each rule, noise, pair of rates and unit."""
    rows = []
    cases = product(STEPS, NOISES, RECEIVER, SENDER, UNITS)
    cases = [case for case in cases if case[0] != "exact" or case[2:4] == (2.0, 0.2)]
    for rule, noise, receiver, sender, unit in RUN.each(cases):
        p, bits = train(rule, noise, receiver, sender, UNITS[unit], STEPS[rule])
        row = {"rule": rule, "noise": noise, "rates": [receiver, sender], "entropy in": unit}
        row |= {"bits": (bits.round(2) + 0.0).tolist(), "symbols": p.round(3).tolist()}  # no −0
        rows.append(row)
        print(rows[-1], flush=True)
    return {"rows": rows}


if __name__ == "__main__":
    RUN.record(results)
