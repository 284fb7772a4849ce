"""Whatever a learner hands in, a check answers with a Score and says what happened."""

import asyncio
import functools
import importlib
import inspect
import logging
import random
import re
import sys
import time
import warnings

import nbformat
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import determine_grade

from backpass.checks import Attempt, Exercise, chapters, exercise
from backpass.checks.score import Score
from backpass.notebooks.execute import execute

Z = np.array([[0.3, -1.2, 2.0], [1.0, 0.5, -0.7]])
RIGHT = np.array([[0.09, 1.44, 4.0], [1.0, 0.25, 0.49]])


@exercise(
    "Square the entries",
    points=3,
    kind="implement",
    mistakes={"shape": "One number for each number.", "overflow": "It overflows in between."},
)
def square(attempt):
    """Each entry of z squared."""
    attempt.case("a matrix", [Z], RIGHT, weight=2)
    attempt.case("large numbers", [Z * 1e150], RIGHT * 1e300)


@square.mistake("Doubled is not squared.")
def doubled(z):
    return 2 * z if np.max(z) < 1e9 else None


def square_body(attempt):
    attempt.case("a matrix", [Z], RIGHT)


def right(z):
    return z**2


def check(answer):
    score = square(answer)
    assert type(score) is Score
    assert score.maximum == 3
    assert score.feedback
    return score


def test_a_right_answer_has_full_points():
    for answer in (right, np.square, lambda x: x * x, functools.partial(np.power, x2=2)):
        if isinstance(answer, functools.partial):
            answer = functools.partial(lambda z, p: z**p, p=2)
        score = check(answer)
        assert (score, score.mistakes) == (3, ())
        assert score.feedback == ("✓ a matrix", "✓ large numbers")


def test_parts_count_by_their_weights():
    score = check(lambda z: np.exp(2 * np.log(np.abs(z))) * (np.abs(z).max() < 1e9))
    assert score == 2
    assert score.mistakes == ("zeros",)
    score = check(lambda z: z**2 if np.abs(z).max() > 1e9 else 2 * z)
    assert (score, score.mistakes) == (1, ("doubled",))
    assert score.feedback[0].startswith("✗ a matrix: Doubled is not squared. At [")


def test_partial_points_never_round_up_to_the_whole():
    @exercise("Nearly", points=1, kind="implement", mistakes={})
    def nearly(attempt):
        attempt.case("much", [Z], RIGHT, weight=999)
        attempt.case("little", [-Z], RIGHT)

    assert nearly(lambda z: z**2) == 1
    assert 0.98 < nearly(lambda z: z**2 * np.sign(z.sum())) < 1


def not_implemented(z):
    raise NotImplementedError


def dots(z):
    return ...


def nothing(z):
    pass


@pytest.mark.parametrize("answer", [None, ..., NotImplemented, not_implemented, dots, nothing])
def test_an_untouched_exercise_is_not_attempted(answer):
    score = check(answer)
    assert score == 0
    assert score.feedback[0].startswith("Not attempted, 0 of 3.")
    assert score.mistakes == ()


def test_a_part_left_for_later_is_not_attempted():
    def half(z):
        if np.abs(z).max() > 1e9:
            raise NotImplementedError
        return z**2

    score = check(half)
    assert score == 2
    assert score.feedback[1] == "✗ large numbers: Not attempted."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (int, "class int"), (Exercise, "class Exercise"), ("square", "the text"), (sys, "module"),
        (3.5, "the number 3.5"), (RIGHT, "array of shape (2, 3)"), ({"z": 1}, "dictionary"),
        ([right], "object of type list"), (object(), "object of type object"), (b"", "text"),
    ],
)  # fmt: skip
def test_what_is_not_a_function_is_sent_back(answer, said):
    score = check(answer)
    assert (score, score.mistakes) == (0, ("type",))
    assert len(score.feedback) == 1
    assert "function itself" in score.feedback[0]
    assert said in score.feedback[0]


def test_called_with_nothing_or_too_much():
    for score in (square(), square(right, right), square(a=right, b=1)):
        assert (score, score.mistakes) == (0, ("type",))
        assert "check.square(answer)" in score.feedback[0]
    assert square(my_square=right) == 3


def nudges(z):
    z[0, 0] += 1e-10
    return z


def mutates(z):
    z **= 2
    return z


def prints(z):
    print("sixteen", z**2)


def stops(z):
    broken = z @ z
    return broken


def endless(z):
    return endless(z)


def leaves(z):
    sys.exit("bye")


class Counter:
    calls = 0

    def __call__(self, z):
        self.calls += 1
        return z**self.calls


class Liar(np.ndarray):
    def __eq__(self, other):
        return np.full(self.shape, True)

    __le__ = __ge__ = __eq__
    __hash__ = None


class Trap:
    def __array__(self, *args, **named):
        sys.exit("trapped")


async def later(z):
    return z**2


def one_by_one(z):
    yield z**2


def patches(z):
    np.abs = np.all = lambda *args, **named: np.zeros(np.shape(z))
    return 7 * z + 1


@pytest.mark.parametrize(
    ("answer", "mistake", "said"),
    [
        (mutates, "mutated", "mutates changes its input z in place: at [0, 0] 0.3 becomes 0.09"),
        (nudges, "mutated", "at [0, 0] 0.3 becomes 0.3000000001"),
        (prints, "printed", "sixteen"),
        (stops, "exception", "“broken = z @ z”"),
        (endless, "exception", "without end"),
        (leaves, "exception", "SystemExit: bye"),
        (Counter(), "changing", "another result"),
        (lambda z: z + random.random(), "changing", "random"),
        (lambda: 1, "arguments", "keep the parameters"),
        (lambda z, y: z, "arguments", "(z, y) is called by the check with 1 argument"),
        (lambda *, z: z, "arguments", "keep the parameters"),
        (lambda z: np.ones_like(z).view(Liar), None, "At [0, 2] yours is 1, right is 4"),
        (lambda z: Trap(), "type", "Trap"),
        (lambda z: (z**2, z), "shape", "(2, 2, 3); it should be (2, 3)"),
        (lambda z: [[0.09], [1, 2]], "type", "no one array"),
        (lambda z: "0.09", "type", "the text"),
        (lambda z: right, "type", "the function right"),
        (lambda z: sympy.Symbol("z") ** 2, "type", "SymPy"),
        (lambda z: {"z": z}, "type", "dictionary"),
        (later, "type", "async"),
        (one_by_one, "type", "yield"),
        (patches, None, "numpy.abs had been replaced"),
        (lambda z: -(z**2), "sign", "sign is reversed"),
        (lambda z: (z**2).sum(), "shape", "One number for each number."),
        (lambda z: (z**2).astype(np.float32), "precision", "float32"),
        (lambda z: z**2 / 0, "infinite", "NumPy warned: divide by zero"),
        (lambda z: z**2 + 1j, "complex", "imaginary"),
        (lambda z: z.resize(1) or z, "exception", "ValueError"),
        (lambda z: z.fill(np.nan) or z, "mutated", "nan"),
    ],
)
def test_wrong_answers_of_every_kind(answer, mistake, said, capsys):
    numpy_abs = np.abs
    score = check(answer)
    assert score < 3
    assert score.mistakes[:1] == ((mistake,) if mistake else ())
    assert said in " ".join(score.feedback)
    assert np.abs is numpy_abs
    assert capsys.readouterr() == ("", "")


def noisy(z):
    print("out")
    print("err", file=sys.stderr)
    sys.stderr.write("more")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    logging.getLogger("somebody").warning("logged")
    np.log(-z)
    return z**2


def test_nothing_a_learner_prints_gets_out(capsys):
    with warnings.catch_warnings(record=True) as caught:
        assert check(noisy) == 3
    assert capsys.readouterr() == ("", "")
    assert not caught


def test_settings_of_numpy_do_not_matter():
    with np.errstate(all="raise"):
        assert check(lambda z: z**2 + 0 * np.log(np.abs(z) * 0 + 1) / 1) == 3
        assert check(noisy) == 3


def test_the_keyboard_still_interrupts():
    def interrupted(z):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        square(interrupted)
    assert sys.stderr is not None
    assert check(right) == 3


def test_a_learner_who_catches_everything_gains_nothing():
    def catches(z):
        try:
            raise BaseException
        except BaseException:
            return 2 * z

    assert check(catches).mistakes[0] == "doubled"


def stuck(z):
    while np.max(z) > 1e9:
        pass
    return z**2


def stuck_and_catching(z):
    while True:
        try:
            np.exp(z)
        except BaseException:
            continue


def test_an_answer_is_stopped_when_its_time_is_over(monkeypatch, capsys):
    monkeypatch.setenv("BACKPASS_SECONDS", "0.2")
    score = check(stuck)
    assert (score, score.mistakes) == (2, ("time",))
    assert score.feedback[0] == "✓ a matrix"
    assert "✗ large numbers: stuck was stopped after 0.2 s" in score.feedback[1]
    assert re.search(r"\(line \d+, “(while np.max\(z\) > 1e9:|pass)”\)", score.feedback[1])
    score = check(stuck_and_catching)
    assert (score, score.mistakes) == (0, ("time",))
    assert "stopped after 0.2 s" in score.feedback[0]
    assert score.feedback[1] == "✗ large numbers: not tried, since the time is over."
    assert check(right) == 3
    assert capsys.readouterr() == ("", "")


def test_all_calls_of_a_check_share_its_time(monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "0.5")

    def slow(z):
        time.sleep(0.2)
        return z**2

    assert check(slow).mistakes == ("time",)
    assert check(right) == 3


def test_a_value_that_takes_for_ever_is_stopped(monkeypatch):
    class Slow:
        def __array__(self, *args, **named):
            while True:
                pass

    class Deep(sympy.Symbol):
        def xreplace(self, *args, **named):
            while True:
                pass

    monkeypatch.setenv("BACKPASS_SECONDS", "0.2")
    run = made(lambda attempt: attempt.case("v", None, 1.0), kind="predict")
    assert run(Slow()).mistakes == ("time",)
    assert run(lambda: Slow()).mistakes == ("time",)
    run = made(lambda attempt: attempt.case("v", None, 1.0, at={"x": 1.0}), kind="derive")
    assert run(Deep("x")).mistakes == ("time",)


def test_a_check_within_an_answer_does_not_disturb(monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "0.3")

    def asks(z):
        assert square(right) == 3
        return z**2

    assert check(asks) == 3
    begin = time.monotonic()
    assert check(lambda z: square(stuck_and_catching)).mistakes == ("time",)
    assert time.monotonic() - begin < 10


def test_asyncio_is_left_alone():
    async def within():
        return check(later)

    assert asyncio.run(within()) == 0


def test_feedback_is_short_whatever_is_returned():
    for answer in ("x" * 10**6, list(range(10**4)), {i: i for i in range(10**4)}):
        assert all(len(text) < 800 for text in check(lambda z, answer=answer: answer).feedback)

    def shouts(z):
        raise ValueError("!" * 10**6)

    assert all(len(text) < 800 for text in check(shouts).feedback)


@given(
    st.none() | st.floats() | st.integers() | st.text() | st.binary() | st.booleans()
    | st.lists(st.floats() | st.none()) | st.dictionaries(st.text(), st.floats())
    | st.functions(like=lambda z: ..., returns=st.floats() | st.lists(st.floats()) | st.none())
)  # fmt: skip
def test_anything_at_all_gets_a_score(answer):
    assert check(answer) == 0


# ------------------------------------------------------------------ parts, values, choices, SymPy


def made(body, *, points=4, kind="implement", mistakes=("a", "b", "c")):
    mistakes = mistakes if isinstance(mistakes, dict) else {m: f"It is {m}." for m in mistakes}
    return exercise("Made", points=points, kind=kind, mistakes=mistakes)(body)


def test_several_outputs():
    def body(attempt):
        with attempt.part("both") as part:
            twice, half = part.call(Z, outputs=("twice", "half"))
            part.expect(twice, 2 * Z)
            part.require(half.shape == Z.shape, "half has the shape of z.", "shape")
            part.expect(half, Z / 2, of=[Z])

    run = made(body, mistakes={"shape": "The shape."})

    @run.mistake("It is a.")
    def a(z):
        return z

    assert run(lambda z: (2 * z, z / 2)) == 4
    assert run(lambda z: [2 * z, z / 2]) == 4
    assert run(lambda z: (2 * z, z)).mistakes == ("a",)
    assert run(lambda z: (2 * z, 0.5)).mistakes == ("shape",)
    for wrong in (lambda z: z, lambda z: (z,), lambda z: (z, z, z), lambda z: "ab"):
        score = run(wrong)
        assert score.mistakes == ("type",)
        assert "2 things, twice, half" in score.feedback[0]
    assert "None" in run(lambda z: (2 * z, None)).feedback[0]


def test_several_numbers_may_come_as_a_vector():
    def body(attempt):
        with attempt.part("both") as part:
            least, most = part.call(Z, outputs=("least", "most"))
            part.expect(np.array([least, most]), [Z.min(), Z.max()])

    assert made(body)(lambda z: np.array([z.min(), z.max()])) == 4
    assert made(body)(lambda z: (z.min(), z.max())) == 4


def test_arguments_of_every_kind_are_copies():
    params, options = {"W": Z.copy(), "layers": [Z.copy()]}, [1, 2]

    def body(attempt):
        attempt.case("nested", [params, options, 3], 1.0)

    def changes(how):
        def answer(params, options, n):
            how(params, options)
            return 1.0

        return made(body)(answer)

    assert changes(lambda p, o: None) == 4
    for how, said in [
        (lambda p, o: p["W"].fill(0), "params['W'] in place: at [0, 0] 0.3 becomes 0"),
        (lambda p, o: p["layers"][0].fill(0), "params['layers'][0] in place"),
        (lambda p, o: p.pop("W"), "params, which gains or loses"),
        (lambda p, o: o.append(3), "options, which gains or loses"),
        (lambda p, o: o.__setitem__(0, 5), "options[0]: 1 becomes 5"),
        (lambda p, o: p.update(W=np.ones(1)), "params['W'] in shape"),
    ]:
        score = changes(how)
        assert score.mistakes == ("mutated",)
        assert said in score.feedback[0]
    assert np.array_equal(params["W"], Z)


def test_a_random_answer_may_be_allowed():
    def body(attempt):
        with attempt.part("near one half") as part:
            value = part.call(10, repeat=False)
            part.require(0 <= value <= 1, "Between 0 and 1.")

    assert made(body)(lambda n: random.random()) == 4


def test_values():
    run = made(lambda attempt: attempt.case("e", None, np.e, rtol=0.01), kind="predict")
    for answer in (2.72, np.float32(2.7), [2.72], np.array([[2.71]]), lambda: 2.71, sympy.E):
        assert run(answer) == 4
    for answer in (3, "2.72", [2.72, 2.72], lambda: None, sympy.Symbol("e"), float("nan")):
        assert run(answer) == 0
    assert "Not attempted" in run(None).feedback[0]
    assert "Not attempted" in run(not_implemented_value).feedback[0]


def not_implemented_value():
    raise NotImplementedError


def test_choices():
    def body(attempt):
        with attempt.part("your choice") as part:
            part.choose(attempt.value, "b")

    run = made(body, kind="choose", mistakes={"a": "Not a.", "c": "Not c.", "d": "Not d."})
    for answer in ("b", " B", "(b)", "b.", lambda: "b"):
        assert run(answer) == 4
    assert run("a").feedback == ("✗ your choice: Not a.",)
    assert run("C").mistakes == ("c",)
    assert "not one of the choices: a, b, c, d" in run("e").feedback[0]
    assert "text in quotes" in run(2).feedback[0]
    assert "Not attempted" in run(...).feedback[0]

    class Any(str):
        def __eq__(self, other):
            return True

        __hash__ = str.__hash__

    assert run(Any("zzz")) == 0

    def words(attempt):
        with attempt.part("in words") as part:
            part.choose(attempt.value, "moves", wrong={"stays": "a", "grows": "b"})

    assert made(words)("Stays").mistakes == ("a",)


x, y = sympy.symbols("x y")


def test_sympy_expressions_are_judged_by_their_values():
    at = {"x": 0.3, "y": -1.7}

    def body(attempt):
        attempt.case("the slope", None, 2 * 0.3 * -1.7, at=at, of=[0.3])

    run = made(body, kind="derive", mistakes={})

    @run.mistake("It is a.")
    def a(x):
        return x**2

    assert run(2 * x * y) == 4
    assert run(sympy.diff(x**2 * y, x)) == 4
    assert run(lambda: 2 * sympy.Symbol("x", real=True) * sympy.Symbol("y", positive=True)) == 4
    assert run(x**2).mistakes == ("a",)
    assert run(-2 * x * y).mistakes == ("sign",)
    for wrong, said in [
        (2 * x * sympy.Symbol("q"), "contains q; it should be written in x, y"),
        (sympy.Function("g")(x), "does not become a number"),
        ("2*x*y", "A SymPy expression is expected"),
        (sympy.zoo, "does not become a number"),
        (sympy.Eq(x, y), "is an equation"),
        (object(), "cannot be evaluated"),
    ]:
        score = run(wrong)
        assert score == 0
        assert said in score.feedback[0]
    assert run(-1.02) == 4  # a number is an expression too


def test_sympy_matrices():
    points = [{"x": 1.0, "y": 2.0}, {"x": 0.5, "y": -1.0}]
    matrix = sympy.Matrix([[x, y], [x * y, 1]])
    values = np.array([[[1, 2], [2, 1]], [[0.5, -1], [-0.5, 1]]])
    run = made(lambda attempt: attempt.case("J", None, values, at=points), kind="derive")
    assert run(matrix) == 4
    assert run(lambda: matrix.tolist()) == 4
    assert run(sympy.ImmutableMatrix(matrix)) == 4
    assert run(matrix.T).mistakes == ("transposed",)
    column = made(lambda attempt: attempt.case("g", None, [1.0, 2.0], at=points[0]), kind="derive")
    assert column(sympy.Matrix([x, y])) == 4
    assert column(sympy.Matrix([[x, y]])) == 4


def test_a_message_is_given_once_and_then_referred_to():
    def body(attempt):
        for label, expected in [("a", 1.0), ("b", 2.0), ("c", 1.0), ("d", 5.0)]:
            attempt.case(label, [], expected)

    told = made(body)(lambda: 5.0).feedback
    assert told[0].startswith("✗ a: ")
    assert told[1].startswith("✗ b: ")
    assert told[1] != told[0].replace("✗ a", "✗ b")
    assert told[2:] == ("✗ c: the same as at “a”.", "✓ d")


def test_an_answer_may_be_used_before_the_first_part():
    def body(attempt):
        value = attempt.value
        with attempt.part("value") as part:
            part.expect(value, 1.0)

    run = made(body)
    assert run(1.0) == run(lambda: 1.0) == 4
    for untouched in (None, ..., not_implemented_value):
        assert run(untouched).feedback == ("Not attempted, 0 of 4.",)
    assert run(lambda: 1 / 0).mistakes == ("exception",)


class Quits(sympy.Symbol):
    def xreplace(self, *args, **named):
        sys.exit()


def test_nothing_an_object_does_ends_the_notebook():
    body = made(lambda attempt: attempt.case("v", None, 1.0, at={"x": 1.0}), kind="derive")
    assert body(Quits("x")) == 0


def blames_what_is_not_listed(attempt):
    with attempt.part("a") as part:
        part.blame("unlisted")


def test_a_check_that_is_at_fault_says_so():
    for body in (
        lambda attempt: 1 / 0,
        blames_what_is_not_listed,
        lambda attempt: None,
    ):
        score = made(body)(lambda z: z)
        assert score < 4
    assert made(lambda attempt: 1 / 0)(right).mistakes == ("internal",)


def test_an_answer_that_a_part_cannot_use_fails_that_part_only():
    def body(attempt):
        with attempt.part("rows") as part:
            rows = part.call(Z)
            part.require(rows[1, 2] > 0, "Positive.")
        attempt.case("value", [Z], 1.0)

    score = made(body)(lambda z: 1.0)
    assert score == 2
    assert "cannot use this answer" in score.feedback[0]


# ---------------------------------------------------------------------------- exercises, registry


@pytest.mark.parametrize(
    "change", [{"kind": "guess"}, {"points": 0}, {"points": -1}, {"points": float("nan")}]
)
def test_an_exercise_is_made_well(change):
    whole = {"title": "", "points": 1, "kind": "choose", "mistakes": {}}
    with pytest.raises(ValueError, match="square"):
        Exercise(square_body, **whole | change)


def test_a_mistake_stands_beside_its_sentence():
    seen = []

    @exercise("Halve", points=1, kind="implement", mistakes={"sign": "Not minus."})
    def halve(attempt):
        with attempt.part("a half") as part:
            part.expect(part.call(Z), Z / 2, of=[Z, 2])

    @halve.mistake("Doubled.")
    def twice_as_much(z, n):
        seen.append(n)
        return n * z

    @halve.mistake("Nothing was done.")
    def as_it_was(z, n):
        return z, "Said only here."

    @halve.mistake("Never.")
    def elsewhere(z, n):
        return None

    assert halve(lambda z: z / 2) == 1
    assert not seen  # a right answer needs no wrong ones
    assert list(halve.mistakes) == ["sign", "twice-as-much", "as-it-was", "elsewhere"]
    for answer, slug, said in [
        (lambda z: 2 * z, "twice-as-much", "✗ a half: Doubled. At"),
        (lambda z: z, "as-it-was", "✗ a half: Said only here."),
        (lambda z: -z / 2, "sign", "✗ a half: Not minus. At"),
        (lambda z: -2 * z, "sign+twice-as-much", "Doubled."),
    ]:
        score = halve(answer)
        assert set(score.mistakes[0].split("+")) == set(slug.split("+"))
        assert said in score.feedback[0]


def test_a_mistake_is_named_once():
    made_ = made(lambda attempt: None, mistakes={"a": "It is a."})

    def a():
        pass

    with pytest.raises(ValueError, match="twice"):
        made_.mistake("Again.")(a)


def test_mistakes_send_to_the_section_of_their_exercise():
    known = {"sign": "The sign.", "sum": "A sum. Section: “Sums”."}
    made_ = exercise("", points=1, kind="choose", mistakes=known, section="Section: “Signs”.")(
        square_body
    )
    told = {"sign": "The sign. Section: “Signs”.", "sum": "A sum. Section: “Sums”."}
    assert made_.mistakes == told
    made_.mistake("A product.")(product)
    assert made_.mistakes["product"] == "A product. Section: “Signs”."


def product():
    pass


def test_a_part_says_which_of_its_cases_is_wrong():
    def body(attempt):
        with attempt.part("sums") as part:
            for a, b in part.each([(1, 2), (3, -3)], "a = {}, b = {}"):
                part.expect(part.call(a, b), a + b)
        with attempt.part("doubles") as part:
            for a in part.each([1.5, 0.0], "a = {:g}"):
                part.expect(part.call(a, a), 2 * a)

    run = made(body)
    assert run(lambda a, b: a + b).feedback == ("✓ sums", "✓ doubles")
    told = run(lambda a, b: a + abs(b)).feedback
    assert told[0].startswith("✗ sums, here a = 3, b = -3: ")
    assert told[1] == "✓ doubles"
    assert run(lambda a, b: 2.0 * b).feedback[0].startswith("✗ sums, here a = 1, b = 2: ")


def test_a_mistake_without_values_can_be_named_by_the_body():
    def body(attempt):
        with attempt.part("a sign") as part:
            if part.call(1.0) < 0:
                part.blame("b")

    score = made(body)(lambda x: -x)
    assert (score.mistakes, score.feedback) == (("b",), ("✗ a sign: It is b.",))


def test_a_check_shows_what_it_takes():
    assert str(inspect.signature(square)) == "(answer, /, *, hint=False, prediction=Ellipsis)"
    assert square.__doc__ == "Each entry of z squared."


@pytest.mark.parametrize("chapter", chapters())
def test_the_list_of_a_chapter_agrees_with_its_checks(chapter):
    module = importlib.import_module(f"backpass.checks.{chapter}")
    exercises = chapters()[chapter]
    assert exercises == module.EXERCISES
    assert len(exercises) >= 6
    for slug, entry in exercises.items():
        assert entry is getattr(module, slug)
        assert isinstance(entry, Exercise)
        assert entry.slug == slug
        assert entry.title
        assert len(entry.mistakes) >= 3
        assert all(mistake and "+" not in mistake for mistake in entry.mistakes)
        assert all(text.strip().endswith((".", "?", "!")) for text in entry.mistakes.values())
        for answer in (None, ..., 3, "?", int, sys, right, not_implemented, lambda *args: np.nan):
            assert 0 == entry(answer) < entry.points
        for score in (entry(), entry(1, 2)):
            assert score == 0


# ---------------------------------------------------------------------------- in a real notebook

SETUP = """\
import numpy as np
from backpass.checks import exercise
@exercise("Square", points=2, kind="implement", mistakes={})
def square(attempt):
    attempt.case("small", [np.array([1.0, 3.0])], [1.0, 9.0])
    attempt.case("large", [np.array([1e200])], [np.inf])
"""


#: The answers' cells, what they are worth, and something that is said.
IN_A_NOTEBOOK = {
    "def f(z):\n    return z * z": (2, "✓ large"),
    "def f(z):\n    total = 0\n    return z / missing": (
        0, "NameError: name &#x27;missing&#x27; is not defined (line 3, “return z / missing”)"),
    "import sys\ndef f(z):\n    print('a', file=sys.stderr)\n    return np.log(-z)": (0, "log"),
    "def f(z):\n    import warnings; warnings.warn('w')\n    return z ** 2": (2, "✓"),
    "def f(z):\n    raise NotImplementedError()": (0, "Not attempted, 0 of 2."),
    "def f(z):\n    display(z)\n    return 3 * z": (0, "✗"),
    "f = 'text'": (0, "function itself"),
    "class f: pass": (0, "the class f"),
    "def f(z):\n    exit()": (0, "f"),  # last, for then the kernel ends
}  # fmt: skip


@pytest.fixture(scope="module")
def checked():
    """The checks' cells by those of the answers, each after an exercise of its own, as one kernel
    has run them all.
    """
    sources = [source for cell in IN_A_NOTEBOOK for source in (SETUP, cell, "square(f)")]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, ".", timeout=60)
    return dict(zip(IN_A_NOTEBOOK, notebook.cells[2::3], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("cell", IN_A_NOTEBOOK)
def test_in_a_notebook(cell, checked):
    (points, said), last = IN_A_NOTEBOOK[cell], checked[cell]
    last.metadata["nbgrader"] = {
        "grade": True, "solution": False, "locked": True, "points": 2, "grade_id": "check",
    }  # fmt: skip
    assert determine_grade(last) == (points, 2)
    assert not [o for o in last.outputs if o.output_type == "error" or o.get("name") == "stderr"]
    (result,) = [o for o in last.outputs if o.output_type == "execute_result"]
    assert said in result.data["text/html"]


def test_an_attempt_can_be_made_by_hand():
    attempt = Attempt(square)
    attempt.answer = right
    assert np.allclose(attempt.call(Z), RIGHT)
