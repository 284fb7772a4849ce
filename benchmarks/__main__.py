"""Measure the explorers beside what one would use instead: ``make bench`` prints the table.

Both sides of a ratio are measured in the same run, on the same figure (``figure.py``). Sizes are
those of files compressed by gzip. The book that is weighed is the one in ``_build/html``.
"""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import process_time

import matplotlib as mpl

from backpass.book.cells.explorers import FRONT_END, classic, dense, with_controls
from backpass.explore import explore
from backpass.explore.recording import pack
from benchmarks import figure, live, static

HERE = Path(__file__).parent
ROOT = HERE.parent
BOOK = ROOT / "_build" / "html"
PANEL = ROOT / ".venv" / "panel"


def row(what, ours, theirs="", ratio="", target="", met=None):
    verdict = {None: "", True: "met", False: "MISSED"}[met]
    line = f"{what:46}{ours:>9}   {theirs:28}{ratio:>7}  {target:10} {verdict}"
    print(line.rstrip(), flush=True)


def compare(what, ours, theirs, least, unit):
    """A row with a ratio; ``theirs`` is (name, number), and less is better."""
    name, number = theirs
    ratio = number / ours
    shown = f"{name} {plain(number)} {unit}"
    row(what, f"{plain(ours)} {unit}", shown, f"{ratio:.1f}x", f">= {least}x", ratio >= least)


def bound(what, ours, most, unit):
    row(what, f"{plain(ours)} {unit}", target=f"<= {most} {unit}", met=ours <= most)


def plain(number):
    return (
        f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    )


def packed(text):
    """kB of the text, compressed."""
    return len(gzip.compress(text.encode())) / 1000


def record(draw):
    """Record the figure's 100 states: the recording, and the processor seconds it took."""
    start = process_time()
    _, ax = figure.stage()
    gain, depth = ((one[0], one[-1], one[1] - one[0]) for one in (figure.GAINS, figure.DEPTHS))
    recording = explore(ax, gain=gain, depth=depth)(draw).recording()
    json.dumps(recording)
    seconds = process_time() - start
    assert len(recording["states"]) == 100
    return recording, seconds


def panel():
    """What ``panel_embed.py`` prints, run by an environment of its own that has Panel."""
    python = PANEL / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PANEL], check=True)
        wanted = f"-c {ROOT}/constraints.txt -r {HERE}/requirements.txt"
        install = f"-m pip install -qq --disable-pip-version-check {wanted}"
        subprocess.run([python, *install.split()], check=True)
    done = subprocess.run(
        [python, "panel_embed.py"], cwd=HERE, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def front():
    """The front end of recorded explorers: script and style."""
    script, style = (FRONT_END.joinpath(f"explorer.{kind}").read_text() for kind in ("js", "css"))
    return classic(script), style


def page_of(recording):
    """A page that replays the recording, and nothing else."""
    script, style = front()
    replay = f"document.getElementById({json.dumps(recording['id'])}), {dense(pack(recording))}"
    figure = with_controls(recording)
    return (
        f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{figure}"
        f"<script>{script}</script><script>backpassExplorer.replay({replay})</script>"
    )


def main():
    mpl.use("agg")
    row("", "explorer", "instead", "ratio", "target")
    times = {name: median(each) for name, each in live.measure().items()}
    compare("a state redrawn live", times["explorer"], ("interact", times["interact"]), 10, "ms")

    record(figure.draw)  # warm
    others = panel()
    for kind, other in others.items():
        draw = figure.draw_with_legend if "legend" in kind else figure.draw
        recording, seconds = record(draw)
        # A page pays for the front end once, however many explorers it has; here it is all counted.
        size = packed(page_of(recording))
        name = f"Panel embed, {kind.partition(',')[0]}"
        note = " (a legend in each)" if "legend" in kind else ""
        compare(f"100 states recorded{note}", seconds, (name, other["seconds"]), 20, "s")
        compare("  compressed", size, (name, other["bytes"] / 1000), 8, "kB")

    if static.executable() is None:
        sys.exit("Chromium is not installed: drags and pages are not measured.")
    recording, _ = record(figure.draw)
    drag = static.drag(page_of(recording), recording["id"])
    bound("a drag in a page, handler, median", drag["handler"], 4, "ms")
    row("  with the layout after it", f"{plain(drag['layout'])} ms")
    explorers, pages = static.weigh(BOOK)
    heaviest = max(explorers.values()) / 1000
    bound(f"the largest of {len(explorers)} explorers of the book", heaviest, 150, "kB")
    heaviest = max(pages.values()) / 1000
    bound(f"the heaviest of {len(pages)} pages, without them", heaviest, 600, "kB")


if __name__ == "__main__":
    main()
