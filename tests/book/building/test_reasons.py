"""When a build stops, it says why and what to do, and the page that was there stays."""

import ctypes
import re
import resource

from books import build_book
from tiny_book import notebook

#: A kernel that is told to go may find its socket closed, and say so: ipykernel's, and harmless.
KERNEL_DIES = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n)+zmq\.error\.")


def stops(source, **options):
    """Build a book that must fail; return what was said. The page that was there must stay."""
    target = source / "_build/html/chapters/one.html"
    before = target.read_bytes()
    run = build_book(source, source, **options)
    assert run.returncode == 1, run.stdout
    assert target.read_bytes() == before
    assert not list((source / "_build").rglob("*.part"))
    assert "Traceback" not in KERNEL_DIES.sub("", run.stdout)
    _, _, reason = run.stdout.partition("The book was not built. ")
    assert "\n" not in reason.strip()
    return reason.strip()


def test_a_corrupt_notebook_is_named_with_what_to_do(own):
    path = own / "chapters/one.ipynb"
    path.write_text(path.read_text()[:300])
    reason = stops(own)
    assert reason.startswith("chapters/one.ipynb is not a readable notebook: ")
    assert "git checkout -- chapters/one.ipynb" in reason


def test_a_failing_cell_is_named_with_its_line(own):
    notebook(own / "chapters/one.ipynb", "# One", "x = 1", "y = 2\nassert x == y, 'not equal'")
    reason = stops(own)
    assert "Cell 2 of chapters/one.ipynb failed in line 2: AssertionError: not equal" in reason


def test_a_state_that_fails_is_named(own):
    code = (
        "import matplotlib.pyplot as plt\nfrom backpass.explore import explore\n"
        "fig, ax = plt.subplots()\n@explore(ax, x=(0, 2))\ndef f(ax, x):\n"
        "    'A line'\n    ax.plot([1 / (x - 2)])\n    return 'Said.'\nf"
    )
    notebook(own / "chapters/one.ipynb", "# One", code)
    reason = stops(own)
    assert "A line" in reason
    assert "x=2" in reason
    assert "ZeroDivisionError" in reason


def test_an_output_folder_that_cannot_be_written_to(own):
    built = own / "_build/html"
    built.chmod(0o555)

    def as_anyone():  # root may write anywhere: give that up (CAP_DAC_OVERRIDE)
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)

    try:
        reason = stops(own, preexec_fn=as_anyone)
    finally:
        built.chmod(0o755)
    assert f"{built} cannot be written (Permission denied)" in reason
    assert "chown" in reason


def test_a_full_disk_leaves_the_old_page_whole(own):
    text = "# One\n\n" + "A long page. " * 30_000
    (own / "intro.md").write_text(text)

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    before = (own / "_build/html/intro.html").read_bytes()
    reason = stops(own, preexec_fn=small)
    assert "no room to write" in reason
    assert (own / "_build/html/intro.html").read_bytes() == before
