"""Labels that a student may move: who leads, the teacher who made them or the student?

    python -m experiments.teacher_student      # writes chapters/data/teacher_student.json

The three clouds and the functions of the chapter *softmax_cross_entropy*, word for word; a test
holds them equal. A teacher is trained for some of TEACHER_STEPS: the more, the surer its labels.
SEEDS students start at random, with one of SCALES: the larger, the surer. FLOWS is the rate of the
labels in units of the student's: 0 stops the gradient at them. The record keeps the entropies at
the start (nats, means over points) and, for every case, how many students end below 98 % of the
teacher's accuracy, and of the points on which the two differed at the start, the share on which
both came to say what the teacher had said. Every case has STEPS steps; some have LONGER, too.
"""

from itertools import product

import numpy as np

from experiments.record import Run

SPREADS, TEACHER_STEPS, SCALES = (0.5, 0.7, 1.0), (5, 20, 100, 500), (0.3, 1.0, 3.0, 10.0)
FLOWS, SEEDS, STEPS, LONGER, RATE = (0, 0.1, 1, 10), 20, 600, 6000, 0.3
RUN = Run(
    "teacher_student",
    __doc__,
    takes="about four minutes",
    settings={"students": SEEDS, "steps": STEPS, "longer": LONGER, "rate": RATE, "seed": 7}
    | {"dtype": "float32"},
)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def through_softmax(t, v):
    return t * (v - (t * v).sum(axis=-1, keepdims=True))


def clouds(spread, seed=0):
    """Three clouds of 100 points around a circle, a last column for the bias, and their classes."""
    angles, label = 2 * np.pi * np.arange(3) / 3, np.repeat(np.arange(3), 100)
    points = 2 * np.c_[np.cos(angles), np.sin(angles)][label]
    points += spread * np.random.default_rng(seed).normal(size=(300, 2))
    return np.c_[points, np.ones(300)], label


def distil(X, teacher, students, flow, steps=600, rate=0.3):
    """Students learn a teacher's labels, which move with ``flow`` times the students' rate."""
    A, W = teacher, students
    for _ in range(steps):
        t, log_o = softmax(X @ A), log_softmax(X @ W)
        d_labels = through_softmax(t, -log_o)
        W = W - rate * X.T @ (np.exp(log_o) - t) / len(X)
        A = A - rate * flow * X.T @ d_labels / len(X)
    return A, W


def trained(X, label, steps, error=lambda O, T: O - T, rate=0.3):
    """One layer's weights after descent from zero; ``error`` is what arrives at the logits."""
    W, T = np.zeros((3, 3)), np.eye(3)[label]
    for _ in range(steps):
        W = W - rate * X.T @ error(softmax(X @ W), T) / len(X)
    return W


def entropy(log_o):
    """The mean over the points of the entropy of the outputs, in nats."""
    return float(-(np.exp(log_o) * log_o).sum(axis=-1).mean())


def setting(spread, taught, scale, seeds=SEEDS):
    """Points with their classes, a teacher, and students at their start."""
    X, label = clouds(spread)
    X = X.astype(np.float32)
    starts = np.random.default_rng(7).normal(scale=scale, size=(seeds, 3, 3))
    return X, label, trained(X, label, taught).astype(np.float32), starts.astype(np.float32)


def case(spread, taught, scale, flow, steps=STEPS, seeds=SEEDS):
    """One row of the record: how the teacher's and the students' dispute is settled."""
    X, label, teacher, starts = setting(spread, taught, scale, seeds)
    said, thought = (X @ teacher).argmax(axis=-1), (X @ starts).argmax(axis=-1)
    A, W = distil(X, teacher, starts, np.float32(flow), steps, np.float32(RATE))
    ends = (X @ W).argmax(axis=-1)
    right, most = (ends == label).mean(axis=-1), (said == label).mean()
    followed = ((ends == said) & ((X @ A).argmax(axis=-1) == said))[thought != said].mean()
    row = {"spread": spread, "taught": taught, "start": scale, "flow": flow}
    astray = int((right < 0.98 * most).sum())
    return row | {"astray": astray, "followed": round(float(followed), 3)}


def results():
    """How sure teachers and students are, a row for every case, and some of them after LONGER."""
    teachers, students = [], []
    for spread, taught in product(SPREADS, TEACHER_STEPS):
        X, _, teacher, _ = setting(spread, taught, 1.0)
        sure = {"entropy": round(entropy(log_softmax(X @ teacher)), 3)}
        teachers.append({"spread": spread, "taught": taught} | sure)
    for spread, scale in product(SPREADS, SCALES):
        X, _, _, starts = setting(spread, 1, scale)
        sure = {"entropy": round(entropy(log_softmax(X @ starts)), 3)}
        students.append({"spread": spread, "start": scale} | sure)
    cases = product(SPREADS, TEACHER_STEPS, SCALES)
    rows = [case(*one, flow) for one in RUN.each(cases) for flow in FLOWS]
    again = product((0.7,), (20, 100), (1.0, 3.0), (0, 1))
    longer = [case(*one, LONGER) for one in RUN.each(again)]
    return {"teachers": teachers, "students": students, "rows": rows, "longer": longer}


if __name__ == "__main__":
    RUN.record(results)
