"""How like noise is the gradient of a deep net along a line of inputs? An ablation, 20 nets each.

    python -m experiments.shattered_gradients  # writes chapters/data/shattered_gradients.json

After Balduzzi and others (2017): 256 inputs on the line from −2 to 2, 200 ReLU units a layer, one
output, weights as they are drawn. ``slopes`` is the chapter's function, word for word; a test holds
the two equal. The record keeps, for every net, the autocorrelation of the slope at lag 1, at some
depths, and its mean over the nets for lags up to LAGS at DEPTH layers.
"""

import numpy as np

from experiments.record import Run

NETS = 20
DEPTHS = (1, 2, 4, 8, 16, 24, 50)
DEPTH, LAGS = 24, 15
RUN = Run(
    "shattered_gradients",
    __doc__,
    takes="about forty seconds",
    settings={"nets": NETS, "depth": DEPTH},
)

both = {"centre": True, "scale": True}
#: name -> settings of ``slopes``; what is not named is off, and the block's weight is 1
CASES = {
    "plain": {},
    "plain, centred": {"centre": True},
    "plain, scaled": {"scale": True},
    "plain, centred and scaled": both,
    "plain, biases 0.1": {"bias": 0.1},
    "plain, biases 1": {"bias": 1.0},
    "plain, scaled, biases 1": {"scale": True, "bias": 1.0},
    "plain, centred, biases 1": {"centre": True, "bias": 1.0},
    "plain, centred and scaled, biases 1": both | {"bias": 1.0},
    "residual": {"skip": 1.0},
    "residual, centred": {"skip": 1.0, "centre": True},
    "residual, scaled": {"skip": 1.0, "scale": True},
    "residual, centred and scaled": both | {"skip": 1.0},
    "residual, biases 1": {"skip": 1.0, "bias": 1.0},
    "residual, centred and scaled, biases 1": both | {"skip": 1.0, "bias": 1.0},
    "residual, centred, β = 0.1": {"skip": 1.0, "centre": True, "block": 0.1},
    "residual, centred and scaled, β = 0.1": both | {"skip": 1.0, "block": 0.1},
    "residual, centred and scaled, β = 0.3": both | {"skip": 1.0, "block": 0.3},
    "residual, centred and scaled, β = 3": both | {"skip": 1.0, "block": 3.0},
    "residual, β = 0.1": {"skip": 1.0, "block": 0.1},
}


def slopes(seed, nets, depth, skip=0.0, block=1.0, centre=False, scale=False, bias=0.0, width=200):
    """dy/dx of random nets at 256 inputs, read out after each layer: (depth, nets, 256)."""
    normal = np.random.default_rng(seed).normal
    x, w = np.linspace(-2, 2, 256)[:, None], normal(size=(nets, 1, width))
    h, t, out = x * w, np.ones_like(x) * w, []  # the units, and their derivatives by x
    for _ in range(depth):
        z, d = h, t
        if centre:
            z = z - z.mean(axis=1, keepdims=True)
        if scale:
            size = np.sqrt((z**2).mean(axis=1, keepdims=True))
            z, d = z / size, d / size
        z = z + bias * normal(size=(nets, 1, width))
        W = normal(size=(nets, width, width)) * np.sqrt(2 / width)
        h = skip * h + block * np.maximum(z, 0) @ W
        t = skip * t + block * (d * (z > 0)) @ W
        out.append((t @ normal(size=(nets, width, 1)))[..., 0])
    return np.array(out)


def autocorrelation(g, lag):
    """Of sequences along the last axis, about their mean: 1 where neighbours agree, 0 for noise."""
    c = g - g.mean(axis=-1, keepdims=True)
    return (c[..., lag:] * c[..., :-lag]).sum(axis=-1) / (c**2).sum(axis=-1)


def measure(settings):
    """One case of the record."""
    g = slopes(0, NETS, max(DEPTHS), **settings)
    by_lag = [autocorrelation(g[DEPTH - 1], lag).mean() for lag in range(1, LAGS + 1)]
    first = {str(n): autocorrelation(g[n - 1], 1).round(4).tolist() for n in DEPTHS}
    return {"settings": settings, "lag_1": first, "mean_by_lag": np.round(by_lag, 4).tolist()}


def results():
    """What the record holds: the autocorrelations of each case."""
    cases = {}
    for name in RUN.each(CASES):
        cases[name] = measure(CASES[name])
        told = (f"{n}: {np.mean(v):.3f}" for n, v in cases[name]["lag_1"].items())
        print("autocorrelation at lag 1 after layer", ", ".join(told), flush=True)
    return {"cases": cases}


if __name__ == "__main__":
    RUN.record(results)
