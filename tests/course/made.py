"""Results as the tests of the course make them."""

from backpass.course.results import Mark, Open, Result


def result(student="Ada", chapter="bptt", points=2.0, **more):
    """A graded submission with two exercises and an open question."""
    marks = (
        Mark("bptt", points, 5.0, ("One <step> is missing.",), ("last-step",)),
        Mark("unrolled", 3.0, 3.0),
    )
    given = {"marks": marks, "open": (Open("open-question", 4.0, "Because *it* is."),)}
    return Result(student, chapter, "graded", **given | more)


def ungradable(student="Bob", chapter="bptt", reason="The file is empty."):
    """A submission that could not be graded."""
    return Result(student, chapter, "ungradable", reason=reason)
