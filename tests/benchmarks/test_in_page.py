"""What the benchmark of exercises in their pages writes and weighs."""

from benchmarks import in_page


def test_the_table_has_what_was_measured():
    text = in_page.table([("served", "9.4", "4.1", "2.9", "0.1")], {"bptt": (3.0, 1.5)})
    assert "| served | 9.4 | 4.1 | 2.9 | 0.1 |" in text
    assert text.endswith("| bptt | 3.0 | 1.5 | 2.0 |\n")


def test_the_exercises_that_are_timed_are_there():
    for chapter, _, cell in (in_page.PLAIN, in_page.SYMBOLIC):
        assert "return" in in_page.solved(chapter)[cell]
    assert "sp." in in_page.solved("bptt")["unrolled"]
