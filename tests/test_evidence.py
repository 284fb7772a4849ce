import numpy as np
import pytest
import sympy

from backpass.evidence import Row, agree, evidence


def row(**changes):
    return Row(**{"what": "e", "reported": 2.72, "measured": 2.71828, "source": "Euler"} | changes)


def test_a_row_within_its_tolerance_is_reproduced():
    table = evidence(row(within=0.005))
    assert "reproduced" in repr(table)
    assert repr(table).splitlines()[1].split()[:3] == ["e", "2.72", "2.72"]


def test_a_negative_number_has_a_minus_in_both_columns():
    told = repr(evidence(row(reported=-4.5, measured=-4.52, within=0.05)))
    assert told.splitlines()[1].split()[:3] == ["e", "−4.5", "−4.52"]


@pytest.mark.parametrize(
    "changes", [{"within": 1e-4}, {"holds": False}, {"within": 0.1, "measured": float("nan")}]
)
def test_a_row_that_does_not_come_out_must_say_why(changes):
    with pytest.raises(AssertionError, match="say why"):
        evidence(row(**changes))
    assert "not reproduced: too small a net" in repr(
        evidence(row(**changes, why="too small a net"))
    )


@pytest.mark.parametrize("changes", [{"within": 0.005}, {"holds": True}])
def test_an_excuse_that_is_no_longer_needed_is_refused(changes):
    with pytest.raises(AssertionError, match="needs no"):
        evidence(row(**changes, why="too small a net"))


@pytest.mark.parametrize("changes", [{}, {"within": 1, "holds": True}])
def test_a_row_is_judged_in_exactly_one_way(changes):
    with pytest.raises(ValueError, match="within"):
        row(**changes)


def test_what_was_not_tested_at_its_size_is_no_verdict_on_the_source():
    told = repr(evidence(row(untested="200 units there, 20 here")))
    assert "not tested at its size: 200 units there, 20 here" in told
    assert "reproduced" not in told


def test_a_reason_that_belongs_to_another_verdict_is_refused():
    with pytest.raises(AssertionError, match="was not tested; it needs no `why`"):
        evidence(row(untested="too large for two cores", why="too small a net"))
    with pytest.raises(ValueError, match="untested"):
        row(untested="too large for two cores", holds=False)


def test_a_reason_that_says_untested_does_not_change_the_verdict():
    assert "not reproduced: not tested" in repr(evidence(row(holds=False, why="not tested")))


def test_a_verdict_tells_what_was_varied_only_if_something_was():
    rows = row(holds=True, varied="width 8 to 64"), row(holds=False, why="low", varied="width")
    head, first, second, third = repr(evidence(*rows, row(holds=True))).splitlines()
    assert head.split() == ["what", "reported", "measured", "here", "verdict", "source"]
    assert " reproduced (varied: width 8 to 64) " in first
    assert " not reproduced: low (varied: width)  " in second
    assert "varied" not in third


def test_a_source_read_as_its_abstract_says_so():
    assert repr(evidence(row(holds=True))).endswith("Euler")
    assert repr(evidence(row(holds=True, abstract=True))).endswith("Euler, from its abstract")


def test_a_source_is_required():
    with pytest.raises(ValueError, match="source"):
        row(within=1, source="")


def test_the_html_escapes_and_has_headers():
    html = evidence(row(holds=True, reported="a < b", measured="a < b"))._repr_html_()
    assert "a &lt; b" in html
    assert "<th scope='row'>e</th>" in html


def test_agreement_is_shown_as_a_mark_that_opens(capsys, monkeypatch):
    agree("dW", [[1.0, 2.0]], [[1.0, 2.0 + 1e-10]])
    said = "✓ dW: agree, relative difference below 10⁻⁸\n"  # where there is no notebook
    assert capsys.readouterr().out == said
    shown = []
    monkeypatch.setattr("backpass.evidence.display", shown.append)
    agree("‖d‖ < 1", [1.0], [1.0])
    html = shown[0]._repr_html_()
    assert "<summary>✓ ‖d‖ &lt; 1: agree</summary>relative difference below 10⁻⁸<" in html


def test_an_entry_that_cancels_is_judged_by_what_cancelled():
    agree("dW", [1e3, 1e-9], [1e3, 0.0])
    with pytest.raises(AssertionError, match="relative difference"):
        agree("dW", [1e-3, 1e-9], [1e-3, 0.0])


@pytest.mark.parametrize("theirs", [[1.0, np.nan], [1.0, np.inf], [1.0, 2.1], [[1.0, 2.0]]])
def test_disagreement_raises(theirs):
    for pair in ([1.0, 2.0], theirs), (theirs, [1.0, 2.0]), (theirs, np.array(theirs) + 1):
        with pytest.raises(AssertionError, match="dW"):
            agree("dW", *pair)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([1 + 2j], [1 - 5j]),
        ([1 + 2j], [1]),
        ([1.0], [1 + 1e-7j]),
        ([1, 1j], [1, -1j]),
        (1j, 0),
        (np.complex64(1 + 1j), 1.0),
    ],
)
def test_an_imaginary_part_is_compared_too(ours, theirs, capsys):
    agree("c", ours, ours)
    assert "agree" in capsys.readouterr().out
    for pair in (ours, theirs), (theirs, ours):
        with pytest.raises(AssertionError, match=r"c: relative difference .* not below"):
            agree("c", *pair)
    assert not capsys.readouterr().out


def test_numbers_of_any_kind_agree_with_their_like():
    agree("e", [1 + 0j, 2], [1, 2])
    agree("e", np.float32([1, 0.5]), [True, 0.5])
    agree("e", np.uint8([1, 2]), np.int64([1, 2]))
    with pytest.raises(AssertionError, match="relative difference"):
        agree("e", np.uint8([1, 255]), np.uint8([2, 255]))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_nothing_agrees_with_nothing(shape):
    with pytest.raises(AssertionError, match=r"x: arrays of .* have nothing to compare"):
        agree("x", np.zeros(shape), np.ones(shape))
    with pytest.raises(AssertionError, match="x: the shapes"):
        agree("x", np.zeros(shape), np.ones(1))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (np.ones(3), np.ones((3, 1))), (np.ones(3), 1.0), ([[1.0]], [1.0]), ([1.0], 1.0),
        (np.ones(3), []),
    ],
)  # fmt: skip
def test_shapes_that_only_broadcast_differ(ours, theirs):
    with pytest.raises(AssertionError, match="the shapes"):
        agree("x", ours, theirs)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"), ([None], "None"), ("1.0", "the text"), (["1", "2"], "the text '1'"),
        (np.array([1.0, None]), "None"), ({"a": 1}, "dictionary"), ([[1], [1, 2]], "no one array"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "masked"), (sympy.Symbol("x"), "SymPy"),
        (np.array(["2026-01-01"], "datetime64[D]"), "datetime"), (lambda: 1.0, "function"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_not_compared(value, said):
    for pair in (value, value), ([1.0], value), (value, 1.0):
        with pytest.raises(TypeError, match=said):
            agree("x", *pair)


@pytest.mark.parametrize("size", [np.inf, -np.inf, np.nan, 1.7e308 + 1.7e308j, complex(1, np.nan)])
def test_what_has_no_finite_size_does_not_agree_even_with_itself(size):
    with pytest.raises(AssertionError, match="not finite"):
        agree("x", [1.0, size], [1.0, size])
    with pytest.raises(AssertionError, match="not finite"):
        agree("x", [1.0, size], [2.0, 3.0])


def test_large_numbers_of_two_signs_differ():
    with pytest.raises(AssertionError, match="relative difference inf"):
        agree("x", [1.7e308], [-1.7e308])


@pytest.mark.parametrize("below", [0, -1e-8, 1, 3.0, np.inf, np.nan])
def test_a_bound_that_all_keep_or_none_is_refused(below):
    with pytest.raises(ValueError, match="between 0 and 1"):
        agree("x", [1.0], [1.0], below=below)
