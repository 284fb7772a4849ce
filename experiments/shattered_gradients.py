"""How like noise is the gradient of a deep net along a line of inputs? Read at five spacings.

    python -m experiments.shattered_gradients  # writes chapters/data/shattered_gradients.json

After Balduzzi and others (2017): ReLU nets with one input and one output, weights as they are
drawn, and their slope on the line from −2 to 2. It is computed at POINTS inputs; GRIDS says which
of them are looked at: every 289th, and so on, to all. A slope is piecewise constant, so its
correlation at lag 1 says nothing without the spacing. The record keeps, for each case and some
depths, the correlation at lag 1 on each grid, the distance at which the correlation has fallen to
½ (null if no two neighbours on the finest grid are as near), net by net, and the mean correlation
at DISTANCES. SIZES are the widths that a few cases are repeated with, on fewer points.
``slopes`` is the chapter's function, word for word; a test holds the two equal.
"""

import numpy as np

from experiments.record import Run

NETS, WIDTH, POINTS = 12, 200, 4336
DEPTHS = (1, 2, 4, 8, 16, 24, 50)
GRIDS = (16, 52, 256, 868, 4336)  # 1 less divides POINTS − 1
LAGS = (1, 2, 3, 5, 8, 12, 17, 27, 43, 68, 108, 170, 270, 430, 680)  # of the finest grid
SIZES, FEWER = (50, 100), 1276
RUN = Run(
    "shattered_gradients",
    __doc__,
    takes="about twenty minutes",
    settings={"nets": NETS, "width": WIDTH, "points": POINTS, "grids": GRIDS, "lags": LAGS},
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
    "residual, biases 1": {"skip": 1.0, "bias": 1.0},
    "residual, centred": {"skip": 1.0, "centre": True},
    "residual, centred and scaled": both | {"skip": 1.0},
    "residual, centred and scaled, biases 1": both | {"skip": 1.0, "bias": 1.0},
    "residual, centred, β = 0.1": {"skip": 1.0, "centre": True, "block": 0.1},
    "residual, centred and scaled, β = 0.1": both | {"skip": 1.0, "block": 0.1},
    "residual, centred and scaled, β = 3": both | {"skip": 1.0, "block": 3.0},
}
OTHER_WIDTHS = (
    "plain, biases 1",
    "plain, centred and scaled",
    "residual, centred and scaled",
    "residual, centred and scaled, β = 0.1",
)


def slopes(seed, nets, depth, skip=0.0, block=1.0, centre=False, scale=False, bias=0.0, width=200,
           points=256):  # fmt: skip
    """dy/dx of random nets along a line, read out after each layer: (depth, nets, points)."""
    normal = np.random.default_rng(seed).normal
    x, w = np.linspace(-2, 2, points)[:, None], normal(size=(nets, 1, width))
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


def on_grid(g, points):
    """Slopes on the finest grid, looked at on a coarser one of so many points."""
    return g[..., :: (g.shape[-1] - 1) // (points - 1)]


def half_length(g):
    """How far apart two inputs are when the correlation of their slopes has fallen to ½.

    Of one sequence on the whole line; between two lags the correlation is taken to be straight.
    None if already the next input is beyond.
    """
    n = len(g)
    spectrum = np.abs(np.fft.rfft(g - g.mean(), 2 * n)) ** 2
    r = np.fft.irfft(spectrum)[:n]
    r = r / r[0]
    k = int(np.argmax(r < 0.5))
    if k <= 1:
        return None
    return round((k - 1 + (r[k - 1] - 0.5) / (r[k - 1] - r[k])) * 4 / (n - 1), 5)


def measure(settings, width=WIDTH, points=POINTS):
    """One case of the record."""
    runs = [slopes(seed, 1, max(DEPTHS), **settings, width=width, points=points)[:, 0]
            for seed in range(NETS)]  # fmt: skip
    rows = {}
    for n in DEPTHS:
        g = np.array([run[n - 1] for run in runs])
        grids = [grid for grid in GRIDS if (points - 1) % (grid - 1) == 0]
        rows[str(n)] = {
            "lag_1": {str(m): autocorrelation(on_grid(g, m), 1).round(4).tolist() for m in grids},
            "half": [half_length(one) for one in g],
        }
        if points == POINTS:
            by_distance = [autocorrelation(g, lag).mean() for lag in LAGS]
            rows[str(n)]["by_distance"] = np.round(by_distance, 4).tolist()
    return {"settings": settings, "layers": rows}


def results():
    """What the record holds: each case, and a few of them at other widths."""
    cases, widths = {}, []
    for name, width in RUN.each(
        [(name, WIDTH) for name in CASES] + [(n, w) for w in SIZES for n in OTHER_WIDTHS]
    ):
        points = POINTS if width == WIDTH else FEWER
        case = measure(CASES[name], width, points)
        told = (f"{n}: {np.mean(v['lag_1']['256']):.3f}" for n, v in case["layers"].items())
        print("correlation at lag 1 of 256 inputs after layer", ", ".join(told), flush=True)
        if width == WIDTH:
            cases[name] = case
        else:
            widths.append({"net": name, "width": width, "layers": case["layers"]})
    return {"cases": cases, "widths": widths}


if __name__ == "__main__":
    RUN.record(results)
