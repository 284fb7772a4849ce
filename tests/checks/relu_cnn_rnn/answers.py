"""What the answers to several exercises on ReLU in CNNs and RNNs are made of."""

import numpy as np

# --- convolutions -----------------------------------------------------------------------------


def by_position(x, fh, fw, s, p, d):
    """The patches as rows, cut out one by one."""
    x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    high, wide = (fh - 1) * d + 1, (fw - 1) * d + 1
    return np.array([
        image[:, i : i + high : d, j : j + wide : d].ravel()
        for image in x
        for i in range(0, x.shape[2] - high + 1, s)
        for j in range(0, x.shape[3] - wide + 1, s)
    ])  # fmt: skip


def folding(
    add=lambda old, patch: old + patch,
    stride=lambda s: s,
    crop=lambda x, p, h, w: x[:, :, p : p + h, p : p + w],
    by_place=False,
):
    """Patches (n, rows, across, c, fh, fw) put back, with one thing changed."""

    def answer(patches, shape, s, p, d):
        n, c, h, w = shape
        (rows, across), (fh, fw), s = patches.shape[1:3], patches.shape[4:], stride(s)
        x = np.zeros((n, c, h + 2 * p, w + 2 * p))
        if by_place:
            for i, j in np.ndindex(fh, fw):
                down = slice(i * d, i * d + s * rows, s)
                at = (slice(None), slice(None), down, slice(j * d, j * d + s * across, s))
                x[at] = add(x[at], patches[..., i, j].transpose(0, 3, 1, 2))
        else:
            for i, j in np.ndindex(rows, across):
                down = slice(s * i, s * i + (fh - 1) * d + 1, d)
                at = (..., down, slice(s * j, s * j + (fw - 1) * d + 1, d))
                x[at] = add(x[at], patches[:, i, j])
        return crop(x, p, h, w)

    return answer


def replace(old, patch):
    return patch


FOLD = folding()

#: Two ways in which overlapping patches lose what is not the last of them.
OVERWRITING = [folding(add=replace), folding(add=replace, by_place=True)]


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
