"""A part says which result is wrong, in words for a learner, and once."""

import numpy as np
import pytest
import sympy as sp

from backpass.checks import exercise

A, B = np.array([1.0, 2.0, 3.0]), np.array([[1.0, -1.0], [0.5, 4.0]])


def made(body, kind="implement", mistakes=(), **options):
    mistakes = {slug: f"It is {slug}." for slug in mistakes}
    return exercise("Made", points=6, kind=kind, mistakes=mistakes, **options)(body)


def right(a, b):
    return {"twice": 2 * a, "half": a / 2, "square": b**2}


def body(attempt):
    for label, asked, weight in [("two", ["twice", "half"], 2), ("the square", "square", 1)]:
        with attempt.part(label, weight) as part:
            for a in part.each([A, 5 * A], "a = {}"):
                part.outputs([a, B], right(a, B), asked, of=[a, B])


@pytest.fixture
def check():
    made_ = made(body, axes={"half": ("example",), "square": ("input", ("u", "v"))})

    @made_.mistake("Nothing was done.")
    def unchanged(a, b, output):
        return {"twice": a, "half": a, "square": b}[output]

    return made_


def test_right_results_have_all_points_in_any_form(check):
    for form in (tuple, list, iter, lambda values: dict(zip(("twice", "half", "square"), values,
                                                           strict=True))):  # fmt: skip
        assert check(lambda a, b, form=form: form((2 * a, a / 2, b**2))) == 6
    assert check(lambda a, b: {"half": [a / 2], "square": b**2, "twice": 2 * a[None]}) == 6


def test_says_which_of_several_results_is_wrong(check):
    score = check(lambda a, b: (2 * a, -a / 2, b**2))
    assert (score, score.mistakes) == (2, ("sign",))
    assert score.feedback[0].startswith("✗ two, here a = [1. 2. 3.], half: The sign is reversed")
    assert "At [2] (example 2) yours is -1.5, right is 1.5" in score.feedback[0]
    score = check(lambda a, b: (2 * a, a / 2, b**2 + [0, 1]))
    assert score.feedback[1].startswith("✗ the square, here")
    assert "half:" not in score.feedback[1]


def test_a_foreseen_mistake_is_a_function_of_the_result(check):
    score = check(lambda a, b: (2 * a, a, b))
    assert score.mistakes == ("unchanged",)
    assert "✗ two, here a = [1. 2. 3.], half: Nothing was done." in score.feedback[0]
    assert score.feedback[1].endswith("the same as at “two, here a = [1. 2. 3.], half”.")


def test_results_in_another_order_are_told_so(check):
    score = check(lambda a, b: (a / 2, 2 * a, b**2))
    assert (score, score.mistakes) == (2, ("order",))
    assert (
        "Wanted is (twice, half, square), and yours are (half, twice, square): your first looks"
        " like half." in score.feedback[0]
    )
    score = check(lambda a, b: (b**2, 2 * a, a / 2))
    assert (score, score.mistakes) == (2, ("order",))
    assert score.feedback[1] == "✓ the square (but for what is told above)"
    score = check(lambda a, b: (b**2, 2 * a, -a / 2))  # it is not in another place, but wrong
    assert score == 0
    # One of them may be wrong besides.
    score = check(lambda a, b: (a / 2, 2 * a, -(b**2)))
    assert score.mistakes == ("order", "sign")


def test_one_slip_that_explains_all_is_told_before_the_order():
    def body(attempt):
        with attempt.part("both") as part:
            part.outputs([A], {"up": A, "down": -A}, of=[A])

    plain, named = made(body), made(body)

    @named.mistake("Up and down are exchanged.")
    def upside_down(a, output):
        return {"up": -a, "down": a}[output]

    assert plain(lambda a: (-a, a)).mistakes == ("order",)
    assert named(lambda a: (-a, a)).mistakes == ("upside-down",)


def test_an_exercise_may_say_more_of_the_order():
    def body(attempt):
        with attempt.part("both") as part:
            part.outputs([A], {"up": A, "down": -A})

    told = made(body, mistakes=["order"])(lambda a: (-a, a)).feedback[0]
    assert told.endswith("looks like down. It is order.")


def test_rows_of_an_array_are_results_and_columns_are_told():
    def body(attempt):
        with attempt.part("both") as part:
            for a in (A, A[:2]):
                part.outputs([a], {"twice": 2 * a, "half": a / 2})

    check = made(body)
    assert check(lambda a: np.array([2 * a, a / 2])) == 6
    score = check(lambda a: np.array([2 * a, a / 2]).T)
    assert "array of shape (3, 2)" in score.feedback[0]
    score = made(lambda attempt: square_body(attempt))(lambda a: np.array([2 * a, a / 2]).T)
    assert score.mistakes == ("order",)
    assert "columns" in score.feedback[0]


def square_body(attempt):
    with attempt.part("both") as part:
        part.outputs([A[:2]], {"twice": 2 * A[:2], "half": A[:2] / 2})


def test_symbolic_results_come_in_any_form_and_order():
    x, y = sp.symbols("x y")
    points = [{"x": 0.3, "y": 2.0}, {"x": -1.2, "y": 0.7}]

    def body(attempt):
        for name in ("dx", "dy"):
            with attempt.part(name) as part:
                for at in points:
                    right = {"dx": 2 * at["x"] * at["y"], "dy": at["x"] ** 2}
                    part.outputs(None, right, name, at=at)

    check = made(body, kind="derive", mistakes=["shape"])
    dx, dy = 2 * x * y, x**2
    for answer in ([dx, dy], (dx, dy), sp.Matrix([dx, dy]), {"dy": dy, "dx": dx}, lambda: (dx, dy),
                   [sp.Derivative(x**2 * y, x), dy], sp.Tuple(dx, dy)):  # fmt: skip
        assert check(answer) == 6
    assert check([dy, dx]).mistakes == ("order",)
    assert check([dx, -dy]).mistakes == ("sign",)
    score = check([dx, dy, dx])
    assert score.mistakes == ("shape",)
    assert score.feedback[0] == "✗ dx: It is shape. Yours is 3 things."
    score = made(body, kind="derive")(dx)
    assert score.feedback[0] == "✗ dx: Two expressions (dx, dy) are wanted. Yours is one."
    assert check(iter([dx, dy])) == 6


def test_entries_with_names_are_told_in_another_order():
    names = (("∂a", "∂b", "∂c"),)
    plain, named = (
        made(lambda attempt: attempt.case("the gradient", [], A, of=[A]), axes=names)
        for _ in range(2)
    )

    @named.mistake("Upside down.")
    def reversed_(a):
        return a[::-1]

    score = plain(lambda: A[::-1])
    assert score.mistakes == ("order",)
    assert "Wanted is (∂a, ∂b, ∂c), and yours are (∂c, ∂b, ∂a)" in score.feedback[0]
    assert named(lambda: A[::-1]).mistakes == ("reversed",)
    assert plain(lambda: A[[1, 2, 0]]).mistakes == ("order",)
    score = plain(lambda: A + np.array([0, 0, 1]))
    assert "order" not in score.mistakes
    assert "∂c" in score.feedback[0]
    assert plain(lambda: A[:2]).mistakes == ("shape",)


def test_a_part_about_some_entries_can_tell_that_all_were_exchanged():
    def body(attempt):
        with attempt.part("the first two") as part:
            part.in_order(attempt.value, A, ("∂a", "∂b", "∂c"))
            part.expect(attempt.value[:2], A[:2])

    check = made(body, kind="derive")
    score = check(A[::-1])
    assert score.mistakes == ("order",)
    assert "yours are (∂c, ∂b, ∂a)" in score.feedback[0]
    assert check(A) == 6
    assert check(-A[::-1]).mistakes == ()
    assert check(A + np.array([1, 0, 0])).mistakes == ("entries",)


def test_a_multiple_of_an_argument_that_is_left_over_is_told():
    def decayed(c):
        def answer(params, rest):
            (w, b), y = params["layers"], rest[0]
            return {"dw": y - c * w, "db": b[:1]}

        return answer

    w, b = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([4.0])

    def body(attempt):
        with attempt.part("both") as part:
            part.outputs([{"layers": [w, b]}, [w**2]], {"dw": w**2, "db": b})

    check = made(body)
    assert check(decayed(0)) == 6
    score = check(decayed(0.2))
    assert score.mistakes == ("left-over",)
    assert "is -0.2 times what came in as params." in score.feedback[0]
    args_only = decayed(0.2)
    assert check(lambda *args: args_only(*args)).mistakes == ("left-over",)


def test_a_slip_that_was_told_in_an_earlier_part_costs_no_later_one():
    def body(attempt):
        with attempt.part("a") as part:
            part.outputs([A], {"a": A, "b": A**2}, "a", of=[A])
        with attempt.part("b") as part:
            part.outputs([A], {"a": A, "b": A**2}, "b", of=[A], after=tuple(attempt.mistakes))
        with attempt.part("b again") as part:
            part.expect(part.call(A)[1], A**2, of=[A, "b"], after=tuple(attempt.mistakes))

    check = made(body)

    @check.mistake("One is added to what comes in.", "Leave it out.")
    def one_more(a, name):
        return a + 1 if name == "a" else (a + 1) ** 2

    assert check(lambda a: (a, a**2)) == 6
    score = check(lambda a: (a + 1, (a + 1) ** 2))
    assert (score, score.mistakes) == (4, ("one-more",))
    assert score.feedback[1:3] == (
        "✓ b (but for what is told above)",
        "✓ b again (but for what is told above)",
    )
    assert check(lambda a: (-a, -(a**2))).mistakes == ("sign",)
    assert check(lambda a: (a, (a + 1) ** 2)) == 4
    assert check(lambda a: (a + 1, a)) == 0


def test_an_answer_that_gives_its_values_once_serves_every_part():
    def body(attempt):
        for name in ("a", "b"):
            with attempt.part(name) as part:
                values = part.call(outputs=("a", "b"))
                part.expect(dict(zip("ab", values, strict=True))[name], A)

    assert made(body)(iter([A, A])) == 6


def test_what_an_exercise_says_of_an_answer_that_stops_is_told():
    def body(attempt):
        attempt.case("the gradient", [A], A)

    check = made(body, mistakes=["mutated"])
    score = check(lambda a: a.sort() or a.fill(1) or a)
    assert score.mistakes == ("mutated",)
    assert score.feedback[0].endswith("Work on a copy. It is mutated.")
    assert check(lambda a: 1 / 0).mistakes == ("exception",)


def test_several_points_may_be_taken_at_once():
    x = sp.Symbol("x")
    points = [{"x": 0.3}, {"x": 2.0}, {"x": -1.0}]

    def body(attempt):
        with attempt.part("both") as part:
            values = np.array([at["x"] for at in points])
            part.outputs(None, {"square": values**2, "twice": 2 * values}, at=points)

    assert made(body, kind="derive")([x**2, 2 * x]) == 6
    assert made(body, kind="derive")([2 * x, x**2]).mistakes == ("order",)


def test_a_point_is_told_by_what_is_put_in_and_counts_nothing():
    x = sp.Symbol("x")

    def body(attempt):
        with attempt.part("both") as part:
            right = {"square": [0.25, 4, 9], "twice": [1, 4, 6]}
            part.outputs(None, right, at=[{"x": 0.5}, {"x": 2.0}, {"x": 3.0}])

    check = made(body, kind="derive")
    assert "At [2] (x = 3) yours is 27" in check([x**3, 2 * x]).feedback[0]
    assert "3 times the right one. At" in check([3 * x**2, 2 * x]).feedback[0]


def test_what_follows_from_an_earlier_result_is_right_for_it():
    def body(attempt):
        right = {"p": 3.0, "q": 9.0}
        for name in right:
            with attempt.part(name) as part:
                part.outputs([], right, name, follows=lambda found: {"q": found["p"] ** 2})

    check = made(body)
    assert check(lambda: (3, 9)) == 6
    score = check(lambda: (5, 25))
    assert score == 3
    assert score.feedback[1] == "✓ q (right for your p)"
    assert check(lambda: (5, 9)) == 3
    assert check(lambda: (5, 24)) == 0
    assert check(lambda: ("text", 9)) == 3


def test_single_precision_is_told_so_and_nothing_else():
    check = made(lambda attempt: attempt.case("third", [A], A / 3 - 1))
    score = check(lambda a: np.float32(a / 3 - 1) * np.float32(1.00001))
    assert score.mistakes == ("precision",)
    assert "Right, but computed in float32; the exercise asks for float64." in score.feedback[0]
    assert check(lambda a: -np.float32(a / 3 - 1)).mistakes == ("sign",)
    assert check(lambda a: np.float16(a / 3 - 1)).mistakes == ("precision",)


def test_whole_numbers_lose_nothing_in_single_precision():
    assert made(lambda attempt: attempt.case("41", [], 41))(lambda: np.float32(41)) == 6


def test_an_iterator_is_asked_to_become_a_list():
    score = made(lambda attempt: attempt.case("a", [A], A))(lambda a: map(float, a))
    assert score.mistakes == ("type",)
    assert "make it a list" in score.feedback[0]


def test_the_same_slip_is_told_once_though_other_numbers_show_it():
    def body(attempt):
        for label, value in [("one", A), ("two", 3 * A), ("three", B)]:
            attempt.case(label, [value], value)

    told = made(body)(lambda value: -value).feedback
    assert told[0].startswith("✗ one: The sign is reversed")
    assert told[1:] == ("✗ two: the same as at “one”.", "✗ three: the same as at “one”.")
    told = made(body)(lambda value: value * 0.1 + 1).feedback  # no slip that was recognised
    assert len(set(told)) == 3
    assert not any("the same" in text for text in told)


def test_a_value_may_be_given_for_a_function_without_arguments():
    def body(attempt):
        with attempt.part("both") as part:
            a, b = part.call(outputs={"a": np.zeros(3), "b": np.zeros(2)})
            part.require(a.shape == (3,) and b.shape == (2,), "Shapes.")

    for answer in (lambda: (A, A[:2]), (A, A[:2]), [A, [[1, 2]]], {"b": [1, 2], "a": A}):
        assert made(body)(answer) == 6
    assert made(body)(...).feedback[0].startswith("Not attempted")
    assert made(body)(3.0).mistakes == ("type",)


def numbers(attempt):
    for name, value in {"a": 2, "b": 32}.items():
        with attempt.part(name) as part:
            given = part.entry(name, "ab")
            wrong = {1: "one", 5: "five"}
            part.predict(given, value, wrong, what="Count the patterns.", of=[name])


def test_predictions_are_told_what_leads_to_them_and_never_what_is_right():
    check = made(numbers, kind="predict", mistakes=["one", "five"])

    @check.mistake("All of them.")
    def everything(name):
        return 64 if name == "a" else None

    assert check([2, 32]) == check((2.0, sp.Integer(32))) == check({"b": 32, "a": 2}) == 6
    assert check(np.array([2, 32])) == check(lambda: [2, 32]) == 6
    score = check([1, 64])
    assert score.mistakes == ("one",)
    assert score.feedback == ("✗ a: It is one.", "✗ b: 64 is not it. Count the patterns.")
    assert check([64, 5]).mistakes == ("everything", "five")
    for answer in ([2], 2, "ab", [2, 32, 1], {"a": 2}, [[2, 2], [3, 3]]):
        score = check(answer)
        assert score.mistakes == ("shape",), answer
        assert "Give two numbers, one for each of a, b." in score.feedback[0]
    assert check([2, "x"]).mistakes == ("shape",)
    assert check([2, np.nan]).mistakes == ("type",)
    assert check([2, 1j]).mistakes == ("type",)


def test_predictions_may_be_near():
    def body(attempt):
        with attempt.part("power") as part:
            value = part.entry("power", ["power"])
            part.predict(value, -15, {0: "zero"}, what="Multiply.", near=0.5)

    check = made(body, kind="predict", mistakes=["zero"])
    assert check([-15.4]) == check([-15]) == check(-15) == 6
    assert check([0.4]).mistakes == ("zero",)
    assert check([-15.5]).feedback == ("✗ power: -15.5 is not it. Multiply.",)


def test_numbers_are_judged_over_all_cases_together():
    cases, right = [(2, 2), (3, 1), (5, 0)], {"sum": [4, 4, 5], "product": [4, 3, 0]}

    def body(attempt):
        for name in right:
            with attempt.part(name) as part:
                part.outputs(cases, right, name, of=[], here="a = {}, b = {}")

    check = made(body)

    @check.mistake("Multiplied.")
    def multiplied(name):
        return right["product"] if name == "sum" else None

    assert check(lambda a, b: (a + b, a * b)) == 6
    assert check(lambda a, b: (a * b, a * b)).mistakes == ("multiplied",)
    assert check(lambda a, b: (a * b, a + b)).mistakes == ("order",)
    told = check(lambda a, b: (a + b + (b == 0), a * b)).feedback[0]
    assert "Right, except at 1 of 3 cases. At [2] (a = 5, b = 0) yours is 6" in told
    assert "Each is 2 times" in check(lambda a, b: (2 * a + 2 * b, a * b)).feedback[0]
    assert "sum, here a = 5, b = 0: " in check(lambda a, b: (a + b, a // b)).feedback[0]


def test_a_vector_may_not_come_as_a_row_where_rows_are_refused():
    def outputs(attempt):
        with attempt.part("both") as part:
            part.outputs([A, B], {"twice": 2 * A, "b": B}, ["twice"], rows=False)

    def value(attempt):
        with attempt.part("twice") as part:
            part.expect(part.call(A, B), 2 * A, rows=False)

    def of_one_shape(attempt):
        with attempt.part("both") as part:
            part.outputs([A, B], {"twice": 2 * A, "b": B}, ["twice"], rows=False)

    assert made(of_one_shape)(lambda a, b: (2 * a, a)) == 6
    for body, form in ((outputs, lambda a, b: (a, b)), (value, lambda a, b: a)):
        check = made(body, mistakes=["shape"])
        assert check(lambda a, b, form=form: form(2 * a, b)) == 6
        score = check(lambda a, b, form=form: form(2 * a[None], b))
        assert score.mistakes == ("shape",)
        assert "The shape is (1, 3); it should be (3,)" in score.feedback[0]
        assert "It is shape." in score.feedback[0]
