"""The README's picture: the front page's explorer, once for light pages and once for dark ones.

    python -m backpass.book.readme    # after the build: make pictures does both

It is the picture that the page shows, with the colours' own values; its sentence becomes the text
for those who cannot see it. Made again it is the same.
"""

import re
import sys
from pathlib import Path

from backpass import files
from backpass.book.building.disk import NO_BOOK
from backpass.book.previews import alternative
from backpass.style import PALETTE

FIGURE = re.compile(r'<figure [^>]*class="explorer" id="([^"]*)">.*?</figure>', re.S)
#: Where the README shows it; the command writes the text.
SHOWN = re.compile(r'(<img width="480" src="pictures/explorer-light\.svg" alt=")[^"]*(")')


def drawn(figure: str, dark: bool) -> str:
    """The SVG file of an explorer's figure, as it is on a light or on a dark page."""
    name = FIGURE.search(figure)[1]
    svg = re.search("<svg.*?</svg>", figure, re.S)[0].replace(name, "explorer")
    title = re.search(r'aria-label="([^"]*)"', svg)[1]
    width, height = re.search(r'viewBox="0 0 (\S+) ([^"]+)"', svg).groups()
    svg = re.sub(r' aria-describedby="[^"]*"|; max-width: [\d.]+em', "", svg)
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    svg = svg.replace("<svg", start, 1).replace(">", f"><title>{title}</title>", 1)
    return re.sub(r"var\(--bp-(\w+), #\w+\)", lambda found: PALETTE[found[1]][dark], svg) + "\n"


def make(built: Path, root: Path) -> list[Path]:
    """Make the pictures in the folder ``root`` from the pages in ``built``; returns their paths.

    Raises LookupError where no book is, or no explorer on its front page.
    """
    front = built / "intro.html"
    if not front.exists():
        raise LookupError(NO_BOOK.format(built))
    found = FIGURE.search(front.read_text(encoding="utf-8"))
    if not found:
        raise LookupError(f"{front} shows no explorer.")
    figure = found[0]
    made = []
    for dark, name in enumerate(("light", "dark")):
        made.append(root / "pictures" / f"explorer-{name}.svg")
        files.write(made[-1], drawn(figure, bool(dark)))
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    files.write(readme, SHOWN.sub(lambda found: found[1] + alternative(figure) + found[2], text))
    return [*made, readme]


def main() -> str | None:
    """Make them of the book in this folder; returns what went wrong, None if all is well."""
    try:
        print(*make(Path("_build/html"), Path()), sep="\n")
    except LookupError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
