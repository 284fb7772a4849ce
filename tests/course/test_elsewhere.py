"""A check says of an answer that lives elsewhere, to the letter, what it says of one here.

``python tests/course/test_elsewhere.py CHAPTER…`` asks that of every answer that the tests hold;
here it is asked of a few of each exercise.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "helpers"), str(TESTS)]

import contract  # noqa: E402
from checks import recorded  # noqa: E402
from course.loopback import elsewhere, session  # noqa: E402

from backpass.checks import chapters, settings  # noqa: E402

CASES = [(chapter, slug) for chapter, found in chapters().items() for slug in found]


def answers(test):
    for kind in ("right", "wrong", "nearly"):
        for name, answer in contract.named(getattr(test, kind)):
            yield f"{kind} {name}", answer


def told(check, answer):
    check.told = {}
    score = check(answer)
    return float(score), score.mistakes, score.feedback


def difference(check, answer):
    """What is said here and there, where that is not the same."""
    here = told(check, answer)
    with elsewhere(answer) as remote:
        there = told(check, remote)
    return None if here == there else (here, there)


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "slug"), CASES)
def test_a_check_says_the_same_of_an_answer_that_lives_elsewhere(chapter, slug, monkeypatch):
    monkeypatch.setattr(settings, "at_once", True)
    test = recorded.tests(chapter)[slug]
    wrong = [answer for _, answer in contract.named(test.wrong)]
    for answer in (recorded.rights(test)[0], wrong[0], wrong[len(wrong) // 2]):
        assert difference(test.check, answer) is None


def test_the_placeholder_is_not_attempted_elsewhere_either():
    check = recorded.tests("bptt")["bptt"].check
    for answer in (lambda *args: ..., ..., None):
        assert difference(check, answer) is None
        assert told(check, answer)[2][0].startswith("Not attempted")


def test_a_name_taken_from_a_module_is_named_elsewhere():
    names = {"np": 3}
    exec("def bptt(X, Y, h0, U, W, b, a):\n    return np.zeros(3)", names)
    check = recorded.tests("bptt")["bptt"].check
    with session(**names) as opened:
        _, mistakes, feedback = told(check, opened.take("bptt", 10))
    assert "`np` is 3 in your notebook, not NumPy" in feedback[0]
    assert mistakes == ("shadowed",)


def main():
    settings.at_once, count, bad = True, 0, 0
    for chapter in sys.argv[1:] or recorded.CHAPTERS:
        for slug, test in recorded.tests(chapter).items():
            for name, answer in answers(test):
                count += 1
                if found := difference(test.check, answer):
                    bad += 1
                    print(chapter, slug, name, *found, sep="\n  ")
    print(f"{count} answers, {bad} of them with another result elsewhere")


if __name__ == "__main__":
    main()
