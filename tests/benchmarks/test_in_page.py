"""What the benchmark of exercises in their pages writes and weighs."""

import subprocess
import sys

import pytest

from benchmarks import in_page


def test_the_table_has_what_was_measured():
    row = ("served", "9.4", "4.1", "2.9", "0.2", "0.1")
    text = in_page.table([row], [10.3, 11.1], {"bptt": (3.0, 1.5)})
    assert "| served | 9.4 | 4.1 | 2.9 | 0.2 | 0.1 |" in text
    assert "10.3 MB more" in text
    head, rule = text.splitlines()[7:9]
    assert head.count("|") == rule.count("|") == 7
    assert text.endswith("| bptt | 3.0 | 1.5 | 2.0 |\n")


def test_the_exercises_that_are_timed_are_there():
    for chapter, _, cell in (in_page.PLAIN, in_page.SYMBOLIC):
        assert "return" in in_page.solved(chapter)[cell]
    assert "sp." in in_page.solved("bptt")["unrolled"]


COUNT = """
import time
begin, turns = time.perf_counter(), 0
while time.perf_counter() < begin + 1.2:
    turns += 1
print(time.process_time() / 1.2)
"""


@pytest.mark.slow
def test_a_slowed_browser_runs_for_a_part_of_the_time(tmp_path):
    program = tmp_path / "chromium"
    program.symlink_to(sys.executable)
    command = [program, "-S", "-c", COUNT]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        in_page.slowed(4),
    ):
        share = float(one.communicate()[0])
    assert share < 0.5
