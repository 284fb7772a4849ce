"""What a part gets from a learner's answer."""

import sys

import numpy as np

from backpass.checks import exercise

A = np.array([1.0, 2.0, 3.0])


def made(body):
    return exercise("Made", points=6, kind="implement", mistakes={})(body)


def test_while_a_part_goes_through_cases_it_knows_which():
    seen = []

    def body(attempt):
        with attempt.part("the gradient") as part:
            for a, b in part.each([(1, 2), (3, 4)], "a = {}, b = {}"):
                seen.append((a + b, *part.here))
            seen.append(part.here)

    made(body)(lambda a: a)
    assert seen == [(3, "a = 1, b = 2"), (7, "a = 3, b = 4"), []]


def test_a_part_may_ask_whether_an_answer_raises():
    asked = []

    def body(attempt):
        with attempt.part("the gradient") as part:
            asked.append(part.raises(A))
            part.expect(part.call(A), A)

    for answer in (lambda a: a, lambda a: 1 / 0, lambda a: a[99]):
        made(body)(answer)
    assert asked == [False, True, True]


def test_an_answer_that_works_otherwise_when_somebody_looks_on_is_told_so():
    def body(attempt):
        with attempt.part("the gradient") as part:
            part.expect(part.call(A), A)
            part.watch(A)

    def other(a):
        return a if a.base is None else 0 * a

    def stops(a):
        return a if a.base is None else 1 / 0

    def quiet(a):
        sys.settrace(None)
        return a

    for answer in (other, stops):
        score = made(body)(answer)
        assert score == 0
        assert "it gives another result than else" in score.feedback[0]
    assert "tracing is turned off" in made(body)(quiet).feedback[0]
    assert made(body)(lambda a: a) == 6


def test_a_part_may_look_on_while_an_answer_runs():
    seen = []

    def body(attempt):
        with attempt.part("the gradient") as part:
            seen.append(part.watch(A))
            part.expect(part.call(A), A)

    assert made(body)(lambda a: a + 0) == made(body)(lambda a: np.tanh(a) * 0 + a) == 6
    assert [one.operations for one in seen] == [1, 3]
    assert made(body)(lambda a: 1 / 0) == 0


def test_numbers_of_cases_are_asked_for_once_unless_they_are_to_be_asked_for_again():
    def asked(repeat):
        calls = []

        def body(attempt):
            for name in ("half", "double"):
                with attempt.part(name) as part:
                    right = {"half": [0.5, 1.5], "double": [2.0, 6.0]}
                    cases = [(np.array(1.0),), (3.0,)]
                    part.outputs(cases, right, name, here="a = {}", repeat=repeat)

        def answer(a):
            calls.append(a)
            return a / 2, 2 * a + (a == 3) * np.log(0 * a)

        with np.errstate(all="ignore"):
            score = made(body)(answer)
        assert (score, "NumPy warned" in score.feedback[1]) == (3, True)
        return calls

    assert asked(repeat=False) == [1, 3]
    assert asked(repeat=True) == [1, 1, 3, 3] * 2
