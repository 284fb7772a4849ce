"""One matplotlib style and one palette for the whole book.

Every colour has two values, for a light and for a dark page. Matplotlib draws with the light one;
the SVG of an explorer names each colour (``var(--bp-blue, #1f6fb2)``), so that one recorded picture
serves both. On white and on the dark page every value that carries text or a line has a contrast
ratio of at least 4.5 (WCAG 2, level AA); a test computes it.

One drawing serves a phone and a desk: a figure at most WIDTH wide with no text under SIZE. A phone
shows it 350 px wide, and its smallest text as 12 px.
"""

from types import SimpleNamespace

import matplotlib as mpl

#: name -> (on a light page, on a dark page)
PALETTE = {
    "ink": ("#1f2933", "#e6e9ee"),
    "muted": ("#5d6977", "#a3adb8"),
    "grid": ("#d9dfe6", "#39434f"),
    "paper": ("#ffffff", "#14181e"),
    "blue": ("#1f6fb2", "#6cb6ff"),
    "orange": ("#bd4f06", "#ffa657"),
    "green": ("#2a7d4f", "#6fd08c"),
    "red": ("#c0323c", "#ff8a82"),
    "purple": ("#7a4fb5", "#c8a2ff"),
    "teal": ("#0c7a81", "#4fd1d9"),
    "gold": ("#8a6500", "#e3c04f"),
}

#: The palette by name, as matplotlib wants it: ``ax.plot(x, y, color=C.blue)``.
C = SimpleNamespace(**{name: light for name, (light, _) in PALETTE.items()})

#: The colour map for heat maps of amounts.
SEQUENTIAL = "viridis"

#: How wide a figure may be, in inches, and how large its text is at least, in points.
WIDTH, SIZE = 4.4, 11.0

#: How what the reader compares with stands behind what is chosen: ``ax.plot(x, y, **GHOST)``.
GHOST = {"color": C.muted, "alpha": 0.4, "linewidth": 1.0, "zorder": 1.5}

_CYCLE = ("blue", "orange", "green", "purple", "red", "teal", "gold")

RC = {
    "figure.figsize": (WIDTH, 2.9),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": C.muted,
    "axes.labelcolor": C.ink,
    "axes.titlecolor": C.ink,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=[PALETTE[name][0] for name in _CYCLE]),
    "grid.color": C.grid,
    "grid.linewidth": 0.8,
    "xtick.color": C.muted,
    "ytick.color": C.muted,
    "xtick.labelcolor": C.muted,
    "ytick.labelcolor": C.muted,
    "text.color": C.ink,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "font.family": "DejaVu Sans",
    "font.size": SIZE,
    "legend.fontsize": SIZE,
    "mathtext.fontset": "dejavusans",
}


def use() -> None:
    """Make the book's style matplotlib's, for every figure drawn from here on."""
    mpl.rcParams.update(RC)


def palette() -> str:
    """The colours as CSS variables, ``--bp-ink`` and so on, for a light and for a dark page."""
    light, dark = (
        " ".join(f"--bp-{name}: {pair[i]};" for name, pair in PALETTE.items()) for i in (0, 1)
    )
    return (
        f":root {{ color-scheme: light; {light} }}\n@media screen {{\n"
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) "
        f"{{ color-scheme: dark; {dark} }} }}\n}}\n"
    )
