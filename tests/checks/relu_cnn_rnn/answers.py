"""What the answers to several exercises on ReLU in CNNs and RNNs are made of."""

import numpy as np

# --- convolutions -----------------------------------------------------------------------------


def by_position(x, f, s, p):
    x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    return np.array([
        image[:, i : i + f, j : j + f].ravel()
        for image in x
        for i in range(0, x.shape[2] - f + 1, s)
        for j in range(0, x.shape[3] - f + 1, s)
    ])  # fmt: skip


def folding(
    read=lambda columns, n, rows, across, c, f: columns.reshape(n, rows, across, c, f, f),
    add=lambda old, patch: old + patch,
    stride=lambda s: s,
    crop=lambda x, p, h, w: x[:, :, p : p + h, p : p + w],
    by_place=False,
    average=False,
):
    """col2im with one thing changed."""

    def answer(columns, shape, f, s, p):
        n, c, h, w = shape
        rows, across = (h + 2 * p - f) // s + 1, (w + 2 * p - f) // s + 1
        patches, s = read(columns, n, rows, across, c, f), stride(s)
        x, count = np.zeros((n, c, h + 2 * p, w + 2 * p)), np.zeros((h + 2 * p, w + 2 * p))
        if by_place:
            for i, j in np.ndindex(f, f):
                at = np.s_[:, :, i : i + s * rows : s, j : j + s * across : s]
                x[at] = add(x[at], patches[..., i, j].transpose(0, 3, 1, 2))
        else:
            for i, j in np.ndindex(rows, across):
                at = np.s_[..., s * i : s * i + f, s * j : s * j + f]
                x[at] = add(x[at], patches[:, i, j])
                count[at] += 1
        x = x / np.maximum(count, 1) if average else x
        return crop(x, p, h, w)

    return answer


def replace(old, patch):
    return patch


FOLD = folding()


def by_fancy_index(columns, shape, f, s, p, add=np.add.at):
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2 * p, w + 2 * p))
    at = by_position(np.arange(padded.size).reshape(padded.shape), f, s, 0)
    add(padded.reshape(-1), at, columns)
    return padded[:, :, p : p + h, p : p + w]


def fancy_plus(x, at, y):
    x[at] += y


#: Three ways in which overlapping patches lose what is not the last of them.
OVERWRITING = [
    folding(add=replace),
    folding(add=replace, by_place=True),
    lambda *args: by_fancy_index(*args, add=fancy_plus),
]


# --- through time -----------------------------------------------------------------------------


def everywhere(h, t):
    return np.ones_like(h[t])


def step_before(h, t):
    return h[t] > 0


def current(h, t):
    return h[t + 1]


TIME = {
    "mask-forgotten": {"mask": everywhere},
    "wrong-step-mask": {"mask": step_before},
    "overwritten": {"combine": lambda parts: parts[-1]},
    "last-step-only": {"combine": lambda parts: parts[0]},
    "first-step-missing": {"combine": lambda parts: sum(parts[:-1])},
    "steps-averaged": {"combine": lambda parts: sum(parts) / len(parts)},
    "wrong-state": {"state": current},
    "inverted": {"mask": lambda h, t: h[t + 1] <= 0},
    "value-for-slope": {"mask": current},
    "slope-of-tanh": {"mask": lambda h, t: 1 - h[t + 1] ** 2},
    "tanh-forwards": {"act": np.tanh},
    "tanh-units": {"act": np.tanh, "mask": lambda h, t: 1 - h[t + 1] ** 2},
    "mask-without-bias": {"before_mask": lambda z, b: z - b},
    "bias-forgotten": {"bias_of": lambda b: 0 * b},
    "first-state-ignored": {"first": lambda h0: 0 * h0},
    "mask-not-carried": {"carried": lambda dh, delta: dh},
    "given-again": {"arrives": lambda dh, g: dh + g},
    "not-carried": {"arrives": lambda dh, g: g},
    "forwards": {"order": list},
    "last-step-missing": {"order": lambda steps: list(steps)[-2::-1]},
}
