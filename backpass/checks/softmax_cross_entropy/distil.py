"""A student learns a teacher's labels: the labels of each step, W, s and the losses.

The answer is made of parts that it is given: a softmax, the gradients of a layer with a scale, and
what the labels get back. The check gives it parts of its own, and changed ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.remembered import by_value
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import BATCH, LABELS, loss, outputs
from backpass.gradcheck import slope

X = np.array([[1.0, 0.5], [0.3, -1.0], [-0.6, 1.5], [1.2, 0.1], [0.2, -0.7]])
#: The teacher's weights and the student's.
A = np.array([[0.9, -0.4, 0.2], [0.3, 0.8, -0.6]])
W = np.array([[-0.5, 0.7, 0.1], [0.2, -0.3, 0.9]])
RATE, STEPS, N = 0.8, 3, len(X)


# --- the parts, with the names of the sheet: an answer may call them by these ---------------------


def softmax(Z: np.ndarray, tau: float = 1.0, allowed: object = True) -> np.ndarray:
    """Of each row, (n, k), at a temperature, over what is allowed."""
    return library.softmax(np.where(allowed, Z / tau, -np.inf), axis=1)


@by_value
def layer_gradient(X: np.ndarray, W: np.ndarray, s: float, T: np.ndarray) -> tuple:
    """The gradients of the mean loss of s XW along W, s and X."""

    def of(w, s, x):
        return loss(s * (x @ w), T)

    return (
        slope(lambda one: of(one, s, X), W),
        slope(lambda one: of(W, one, X), np.array(s))[()],
        slope(lambda one: of(W, s, one), X),
    )


@by_value
def label_step(T: np.ndarray, O: np.ndarray, lam: float) -> np.ndarray:
    """What each row of labels sends to its own logits, no mean, (n, k)."""

    def of(u):
        return np.sum(outputs(u) * (lam * library.log_softmax(u, axis=1) - np.log(O)))

    return slope(of, np.log(T))


def flat_softmax(Z: np.ndarray, tau: float = 1.0, allowed: object = True) -> np.ndarray:
    """Another softmax: warmer."""
    return softmax(Z, 1.5 * tau, allowed)


def lame_layer(X: np.ndarray, W: np.ndarray, s: float, T: np.ndarray) -> tuple:
    """Other gradients of the layer."""
    dw, ds, dx = layer_gradient(X, W, s, T)
    return 0.5 * dw, 2.0 * ds, dx


def eager_labels(T: np.ndarray, O: np.ndarray, lam: float) -> np.ndarray:
    """Another gradient at the labels."""
    return 3.0 * label_step(T, O, lam)


#: What the sheet's own parts are for, and each of them changed.
PARTS = (softmax, layer_gradient, label_step)
CHANGED = {
    "softmax": (flat_softmax, *PARTS[1:]),
    "layer_gradient": (PARTS[0], lame_layer, PARTS[2]),
    "label_step": (*PARTS[:2], eager_labels),
}


# --- the descent ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked: with which parts, whether the gradient flows, how much variety is rewarded."""

    flow: bool
    lam: float
    parts: tuple[Callable, ...] = PARTS
    rate: float = RATE
    steps: int = STEPS

    @property
    def args(self) -> list:
        """As the answer is given them."""
        return [self.parts, X, A, W, self.rate, self.steps, self.flow, self.lam]


@cache
def descend(
    task: Task,
    *,
    flow: bool | None = None,
    lam: float | None = None,
    rate: float | None = None,
    steps: int | None = None,
    teacher: float = 1 / N,
    student: float = 1.0,
    scale: float = 1.0,
    order: str = "together",
    scaled: bool = True,
    noted: Callable[[np.ndarray, np.ndarray], float] | None = None,
) -> dict[str, np.ndarray]:
    """The results by name, with one thing changed.

    ``teacher``, ``student`` and ``scale`` multiply the steps of A, W and s; in the ``order``
    ``"teacher first"`` or ``"student first"`` the other sees what has moved already. Without
    ``scaled`` the outputs are those of XW. ``noted`` is what is noted of labels and outputs.
    """
    soft, back, to_labels = task.parts
    flow = task.flow if flow is None else flow
    rate = task.rate if rate is None else rate
    steps = task.steps if steps is None else steps
    lam = task.lam if lam is None else lam
    noted = noted or mean_loss
    a, w, s, losses, labels = A, W, 1.0, [], [soft(X @ A)]
    for _ in range(steps):
        t = labels[-1]
        o = soft((s if scaled else 1.0) * (X @ w))
        losses.append(noted(t, o))

        def taught(o, t=t, a=a):
            return a - rate * flow * teacher * X.T @ to_labels(t, o, lam)

        moved = taught(o)
        dw, ds, _ = back(X, w, s, soft(X @ moved) if order == "teacher first" else t)
        w, s = w - rate * student * dw, s - rate * scale * ds
        a = taught(soft(s * (X @ w))) if order == "student first" else moved
        labels.append(soft(X @ a))
    return {"labels": np.array(labels), "W": w, "s": s, "losses": np.array(losses)}


def mean_loss(t: np.ndarray, o: np.ndarray) -> float:
    """The cross-entropy, the mean over the rows."""
    return -np.sum(t * np.log(o)) / N


STOPPED, FLOWING, HELD = Task(False, 0.0), Task(True, 0.0), Task(True, 0.7)
#: The student alone, at another rate and for another number of steps.
LONGER = Task(False, 0.0, rate=0.3, steps=5)
WITH_OURS = Task(True, 0.4)
OTHERS = {name: Task(True, 0.4, parts) for name, parts in CHANGED.items()}


@exercise(
    "A student, a teacher, and what flows between them",
    points=6,
    kind="synthesis",
    mistakes={
        "parts-not-used": (
            "The results stay what they were when another part is put in: something is computed"
            " without it.",
            "Call the three functions that `parts` holds, softmax(Z), layer_gradient(X, W, s, T)"
            " and label_step(T, O, lam), wherever the loop needs one, and nothing in their place.",
        ),
    },
)
def distil(attempt):
    def look(part, task, asked):
        def of(name, given):
            return [task, name, given]

        right, after = descend(task), tuple(attempt.mistakes)
        options = {"rtol": 1e-9, "atol": 1e-12, "reduction": None, "repeat": False}
        part.outputs(task.args, right, asked, of=of, after=after, **options)

    with attempt.part("the student, while the labels are stopped", 2) as part:
        for task in (STOPPED, LONGER):
            look(part, task, ["W", "s"])
    with attempt.part("the labels: stopped, flowing, with the reward", 2) as part:
        for task in (STOPPED, FLOWING, HELD):
            look(part, task, ["labels"])
    with attempt.part("the losses", 1) as part:
        for task in (STOPPED, HELD):
            look(part, task, ["losses"])
    with attempt.part("made of the parts that it is given", 1) as part:
        plain = descend(WITH_OURS)
        own = part.call(*WITH_OURS.args, outputs=plain, repeat=False)
        slip = not all(near(x, plain[y]) for x, y in zip(own, plain, strict=True))
        for name, task in OTHERS.items():
            right = descend(task)
            found = part.call(*task.args, outputs=right, repeat=False)
            due = [not near(right[y], plain[y]) for y in right]
            moved = [not near(x, y) for x, y in zip(found, own, strict=True)]
            told = name == "label_step" and "flow-never" in attempt.mistakes
            if not told and not any(np.logical_and(due, moved)):
                part.blame("parts-not-used", f"With another {name} the results are the same.")
            if slip:  # it was told above; how much the results should move nobody can say
                continue
            wrong = [y for x, y in zip(found, right, strict=True) if not near(x, right[y])]
            text = f"With another {name} the {' and the '.join(wrong)} are not what they should be."
            part.require(not wrong, text)
    if attempt.right == attempt.total:
        text = "They go where the student already is; the reward keeps them uncertain, not in place"
        attempt.compare("What becomes of the labels", text)


def near(a: object, b: np.ndarray) -> bool:
    """Are these the same numbers?"""
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, 1e-7, 1e-9))


# Each mistake gives the result of this name.


@distil.mistake(
    f"The labels move though nothing is to flow into them. {LABELS}",
    "With flow=False leave A as it is.",
)
def flow_always(task, name, given):
    return None if task.flow else descend(task, flow=True)[name]


@distil.mistake(
    f"The labels stand still though the gradient is to flow into them. {LABELS}",
    "With flow=True A makes a step, too, along Xᵀ times what the label logits get.",
)
def flow_never(task, name, given):
    return descend(task, flow=False)[name] if task.flow else None


@distil.mistake(
    "The reward for variety makes no difference. Is lam handed on?",
    "Call label_step(T, O, lam).",
)
def no_reward(task, name, given):
    return descend(task, lam=0.0)[name] if task.lam else None


@distil.mistake(
    f"The teacher climbs: its labels move away from what the student finds likely. {LABELS}",
    "What label_step gives is a gradient: subtract rate times what follows from it.",
)
def teacher_climbs(task, name, given):
    return descend(task, teacher=-1 / N)[name]


@distil.mistake(
    "The teacher's gradient is that of a summed loss: label_step takes no mean over the rows."
    f" {BATCH}",
    "Divide what goes to A by the number of examples.",
)
def teacher_summed(task, name, given):
    return descend(task, teacher=1.0)[name]


@distil.mistake(
    f"The teacher's gradient is divided by the number of classes, or of entries, or twice. {BATCH}",
    "Divide by the number of examples, once.",
)
def teacher_divided(task, name, given):
    k = A.shape[1]
    return closest(given, *(descend(task, teacher=c)[name] for c in (1 / k, 1 / N / k, 1 / N**2)))


@distil.mistake(
    "The student's gradients are divided by n, or multiplied by it; layer_gradient has the mean in"
    f" it. {BATCH}",
    "Take them as they come: W less rate times dW, and s less rate times ds.",
)
def student_averaged(task, name, given):
    factors = (1 / N, N)
    both = [descend(task, student=c, scale=c)[name] for c in factors]
    return closest(given, *both, *(descend(task, student=c)[name] for c in factors))


@distil.mistake(
    "The student climbs: its step is added.", "Subtract rate times dW, and rate times ds."
)
def student_climbs(task, name, given):
    both = descend(task, student=-1.0, scale=-1.0)[name]
    one = [descend(task, **{which: -1.0})[name] for which in ("student", "scale")]
    return closest(given, both, *one)


@distil.mistake(
    "The scale stays what it was at the start. The student learns it as well as W.",
    "layer_gradient gives ds, too: s makes a step in each turn.",
)
def scale_stays(task, name, given):
    return descend(task, scale=0.0)[name]


@distil.mistake(
    "The student's weights stay what they were at the start.",
    "W makes a step along dW in each turn.",
)
def weights_stay(task, name, given):
    return descend(task, student=0.0)[name]


@distil.mistake(
    "The outputs are those of XW: the scale is not in them.", "The student's logits are s XW."
)
def scale_left_out(task, name, given):
    return descend(task, scaled=False)[name]


@distil.mistake(
    "One of the two sees what the other has moved already.",
    "Take all gradients at one point, T and O of this step, and only then make all the steps.",
)
def one_after_the_other(task, name, given):
    orders = ("teacher first", "student first")
    return closest(given, *(descend(task, order=order)[name] for order in orders))


@distil.mistake(
    "The losses are not the mean over the examples: they are summed, or averaged over the classes"
    f" too. {BATCH}",
    "Sum −T log O over all entries and divide by the number of rows.",
)
def loss_scale(task, name, given):
    found, k = descend(task)[name], A.shape[1]
    return closest(given, found * N, found / k, found / N) if name == "losses" else None


def entropy(t: np.ndarray) -> float:
    """Of the labels, the mean over the rows."""
    return library.entr(t).sum() / N


@distil.mistake(
    "The entropy of the labels is in the losses: alone, taken away, or as the reward.",
    "Note E = −Σ T log O alone, without H and without lam.",
)
def other_loss(task, name, given):
    def divergence(t, o):
        return mean_loss(t, o) - entropy(t)

    def rewarded(t, o):
        return mean_loss(t, o) - task.lam * entropy(t)

    def alone(t, o):
        return entropy(t)

    if name != "losses":
        return None
    rewards = [rewarded] if task.lam else []
    return closest(given, *(descend(task, noted=f)[name] for f in (divergence, alone, *rewards)))


@distil.mistake(
    "Each loss is taken after its step; the first is that of the start.",
    "Note the loss before the weights move.",
)
def after_step(task, name, given):
    return descend(task, steps=task.steps + 1)["losses"][1:] if name == "losses" else None


@distil.mistake(
    "The labels begin after the first step, or end before the last one: there is one set more than"
    " steps.",
    "Start the list with the labels of the start, and add those after each step.",
)
def labels_cut(task, name, given):
    if name != "labels":
        return None
    found = descend(task)["labels"]
    return closest(given, found[:-1], found[1:], found[-1])


@distil.mistake(
    "The number of steps is another.", "The loop has `steps` turns: for _ in range(steps)."
)
def other_steps(task, name, given):
    counts = {STEPS, task.steps - 1, task.steps + 1} - {task.steps}
    return closest(given, *(descend(task, steps=count)[name] for count in sorted(counts)))


@distil.mistake(
    "The rate is another than that which is given.", "Multiply every gradient by `rate`."
)
def other_rate(task, name, given):
    rates = {RATE, 1.0, 0.1} - {task.rate}
    return closest(given, *(descend(task, rate=rate)[name] for rate in sorted(rates)))
