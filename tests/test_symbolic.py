import re

import numpy as np
import pytest
import sympy as sp
from some import some

from backpass import symbolic
from backpass.symbolic import NotProved, lambdify, prove, symbols_vector

x, y = sp.symbols("x y", real=True)
z = symbols_vector("z", 3)
o = z.applyfunc(sp.exp) / sum(map(sp.exp, z))


@pytest.fixture
def shown(monkeypatch):
    """What a notebook is given to show, in order."""
    outputs = []
    monkeypatch.setattr(symbolic, "display", outputs.append)
    return outputs


def test_an_identity_is_shown_with_both_sides_as_written_and_a_mark(shown):
    prove(sp.Derivative(sp.tanh(x), x), 1 - sp.tanh(x) ** 2)
    (proof,) = shown
    assert repr(proof) == "Derivative(tanh(x), x) = 1 - tanh(x)**2   ✓ proved by SymPy"
    latex = proof._repr_latex_()
    assert r"\frac{d}{d x} \tanh{\left(x \right)} = 1 - \tanh^{2}" in latex
    assert latex.endswith(r"{\small\checkmark\ \textsf{proved by SymPy}} \end{aligned}$")


def test_a_long_formula_takes_two_lines_and_a_longer_one_is_left_out(shown):
    terms = sp.symbols("x_1:9", real=True)
    prove(sum(terms) ** 2, sp.expand(sum(terms[:3]) ** 2) + (sum(terms) ** 2 - sum(terms[:3]) ** 2))
    prove(sum(terms) ** 2, sp.expand(sum(terms) ** 2))
    two_lines, left_out = (proof._repr_latex_() for proof in shown)
    assert r"\\[0.5ex] &\quad = " in two_lines
    assert left_out == r"$\displaystyle {\small\checkmark\ \textsf{proved by SymPy}}$"
    assert repr(shown[1]) == "✓ proved by SymPy"


def test_a_formula_that_says_nothing_is_left_out_unless_it_is_said_otherwise(shown):
    prove(sp.diff(x**2, x) - 2 * x, 0)
    prove(sp.diff(x**2, x) - 2 * x, 0, says=r"(x^2)' = 2x")
    assert repr(shown[0]) == "✓ proved by SymPy"
    assert repr(shown[1]) == "(x^2)' = 2x   ✓ proved by SymPy"
    assert "& (x^2)' = 2x " in shown[1]._repr_latex_()


def test_what_is_not_proved_is_not_shown(shown):
    with pytest.raises(NotProved):
        prove(x, y, says="x = y")
    assert shown == []


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ((x + y) ** 2, x**2 + 2 * x * y + y**2),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, 1),
        (sp.tanh(x), 2 / (1 + sp.exp(-2 * x)) - 1),
        (sp.log(sp.exp(x) * (1 + sp.exp(y))), x + sp.log(1 + sp.exp(y))),
        (o.jacobian(z), sp.diag(*o) - o * o.T),
        (sum(o), 1),
    ],
)
def test_true_identities_are_proved(lhs, rhs):
    prove(lhs, rhs)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        (sp.Derivative(sp.tanh(x), x), 1 - sp.tanh(x)),
        (sp.Derivative(1 / (1 + sp.exp(-x)), x), 1 / (1 + sp.exp(-x))),
        (o.jacobian(z), sp.diag(*o)),
        (sp.sqrt(x**2), x),  # false for negative x, whatever a hasty simplification says
        (x, x + sp.Float("1e-7")),
    ],
)
def test_false_identities_are_not_proved(lhs, rhs):
    with pytest.raises(NotProved):
        prove(lhs, rhs)


def test_the_error_names_the_entry_and_a_point_where_the_sides_differ():
    with pytest.raises(NotProved, match=r"Entry \(0, 1\): the sides differ: at z_1 = .* they are"):
        prove(o.jacobian(z), sp.diag(*o.jacobian(z).diagonal()))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(1, 3\)"):
        prove(o, o.T)


def test_a_sum_over_any_number_of_classes_needs_its_condition():
    K, j, k = sp.symbols("K j k", integer=True, positive=True)
    a = sp.IndexedBase("a", real=True)
    total = sp.Sum(sp.exp(a[k]), (k, 1, K))
    lhs = sp.diff(sp.log(total), a[j])
    prove(lhs, sp.exp(a[j]) / total, given=j <= K)
    with pytest.raises(NotProved):
        prove(lhs, sp.exp(a[j]) / total)
    with pytest.raises(NotProved):
        prove(lhs, 2 * sp.exp(a[j]) / total, given=j <= K)


def test_a_function_that_is_only_named_is_told_of_without_a_point():
    phi = sp.Function("phi", real=True)
    prove(sp.Derivative(phi(x) ** 2, x), 2 * phi(x) * sp.Derivative(phi(x), x))
    for wrong in (phi(x) + x, 2 * phi(x)):
        with pytest.raises(NotProved, match=r"SymPy leaves -.*not proved"):
            prove(phi(x), wrong)


def said(lhs, rhs, **options):
    """What is said of an identity that SymPy does not prove."""
    with pytest.raises(NotProved) as caught:
        prove(lhs, rhs, **options)
    return str(caught.value)


KINDS = [
    {"negative": True}, {"positive": True}, {"nonnegative": True}, {"nonpositive": True},
    {"nonzero": True}, {"nonzero": True, "real": True}, {"zero": True}, {"real": True},
    {"integer": True}, {"integer": True, "negative": True}, {"even": True}, {"odd": True},
    {"prime": True}, {"composite": True}, {"prime": True, "even": True},
    {"odd": True, "nonpositive": True}, {"rational": True}, {"irrational": True},
    {"rational": True, "integer": False}, {"irrational": True, "negative": True},
    {"transcendental": True}, {"algebraic": True, "irrational": True}, {"imaginary": True},
    {"complex": True}, {"real": False, "complex": True}, {"finite": True}, {"extended_real": True},
    {"real": False, "imaginary": False, "complex": True}, {"positive": False, "real": True}, {},
]  # fmt: skip


@pytest.mark.parametrize("assumed", some(KINDS, KINDS[:3] + KINDS[-1:]), ids=str)
def test_a_point_fits_what_is_assumed_of_its_symbols(assumed):
    s = sp.Symbol("s", **assumed)
    points = list(symbolic._points(s, s + 1, []))
    assert points
    for point in points:
        for name, so in s.assumptions0.items():
            assert getattr(point[s], f"is_{name}") is so, (point, name)
    assert said(s, s + 1).startswith("the sides differ: at s = ")


@pytest.mark.parametrize("assumed", some(KINDS, KINDS[:3] + KINDS[-1:]), ids=str)
def test_what_holds_by_what_is_assumed_is_not_called_false(assumed):
    s = sp.Symbol("s", **assumed)
    for name, rule in TRUE_OF.items():
        if s.is_zero:
            continue  # SymPy puts in the number
        told = said(rule(s), 0)
        assert ("SymPy leaves" in told) >= bool(s.assumptions0.get(name)), name
        if not assumed:
            assert "the sides differ" in told or name == "prime" or name == "irrational", name


#: What is 0 for a number of the kind, and not for all others; SymPy does not see that of a symbol.
TRUE_OF = {
    "negative": lambda s: unseen(lambda n: abs(n) + n, s),
    "nonpositive": lambda s: unseen(lambda n: abs(n) + n, s),
    "positive": lambda s: unseen(lambda n: abs(n) - n, s),
    "nonnegative": lambda s: unseen(lambda n: abs(n) - n, s),
    "integer": lambda s: unseen(lambda n: sp.sin(sp.pi * n), s),
    "even": lambda s: unseen(lambda n: sp.sin(sp.pi * n / 2), s),
    "odd": lambda s: unseen(lambda n: sp.cos(sp.pi * n / 2), s),
    "prime": lambda s: unseen(lambda n: 1 - int(sp.isprime(n)), s),
    "real": lambda s: unseen(sp.im, s),
    "imaginary": lambda s: unseen(sp.re, s),
    "zero": lambda s: unseen(lambda n: n, s),
    "rational": lambda s: unseen(lambda n: 0 if n.is_Rational else 1, s),
    "irrational": lambda s: unseen(lambda n: 1 if n.is_Rational else 0, s),
}


def unseen(rule, s):
    """``rule(s)`` once s is a number."""

    class Unseen(sp.Function):
        @classmethod
        def eval(cls, n):
            return sp.sympify(rule(n)) if n.is_number else None

    return Unseen(s)


def test_a_point_fits_what_is_given():
    K, j, k = sp.symbols("K j k", integer=True, positive=True)
    total = sp.Sum(sp.KroneckerDelta(j, k), (k, 1, K))
    assert re.search(r"at K = (\d+), j = (\d+) they are 0 and", said(total, 1))
    prove(total, 1, given=j <= K)
    found = re.match(
        r"the sides differ: at K = (\d+), j = (\d+) they", said(total, 2, given=j <= K)
    )
    assert int(found[2]) <= int(found[1])
    for given in ([x > 1, y < x], sp.And(x > 1, y < x), (y < x) & (x > 1), [True, x > 1, y < x]):
        points = list(symbolic._points(x, y, symbolic._conditions(given)))
        assert len(points) == symbolic.POINTS
        assert all(point[x] > 1 and point[y] < point[x] for point in points)


@pytest.mark.parametrize(
    ("lhs", "rhs", "given"),
    [
        (sp.Max(x, y), x, x >= y),
        (abs(x - y), x - y, [x > y]),
        (sp.sqrt(x**2), x, x > 0),
        (abs(x), -x, x < 0),
        (sp.Max(x, y), x, sp.Or(x > y + 1, sp.Eq(x, y))),
        (x, y, sp.Eq(x, y)),
        (sp.Heaviside(x), 1, sp.Gt(x, y**2)),
        (x * y, sp.Abs(x) * sp.Abs(y), [x > 0, y > 0]),
    ],
)
def test_what_holds_where_it_is_given_is_not_called_false(lhs, rhs, given):
    assert "differ" in said(lhs, rhs)
    assert "SymPy leaves" in said(lhs, rhs, given=given)


def test_what_sympy_knows_already_may_be_given_and_what_cannot_hold_may_not():
    K = sp.Symbol("K", positive=True)
    for given in (K > 0, True, [K > 0, True], sp.true, ()):
        prove(sp.sqrt(K**2), K, given=given)
    for given in (K < 0, False, sp.false, [x > 0, K < 0], [x > 1, x <= 1], (x > 1) & (K < 0)):
        with pytest.raises(ValueError, match="given never holds"):
            prove(K, K, given=given)
    for given in (x, "x > 0", 1, [x > 0, y], ["x"], sp.Integer(1), None):
        with pytest.raises(TypeError, match=r"prove: given wants conditions|not iterable"):
            prove(K, K, given=given)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        (1 / sp.sin(sp.pi * sp.Symbol("n", integer=True)), 1),
        (sp.exp(800 + x**2), 1),
        (
            sp.Sum(sp.Symbol("k") * y, (sp.Symbol("k"), 1, x)),
            y * sp.floor(x) * (sp.floor(x) + 1) / 2,
        ),
        (sp.Sum(1 / sp.Symbol("k") ** sp.Symbol("k"), (sp.Symbol("k"), 1, sp.oo)), x),
        (sp.Integral(y**y, (y, 0, 1)), x),
        (sp.Symbol("a", commutative=False) * x, x),
        (sp.Symbol("a", infinite=True), x),
        (sp.MatrixSymbol("A", 2, 2)[0, 0], x),
    ],
)
def test_where_no_value_can_be_relied_on_none_is_told(lhs, rhs):
    assert "True perhaps, but not proved" in said(lhs, rhs)


def test_a_point_may_be_complex_where_a_symbol_may():
    c, k = sp.symbols("c k")
    assert re.search(r"at c = \S*j they are", said(sp.conjugate(c), c))
    assert "they are 1.64493 and " in said(sp.Sum(1 / k**2, (k, 1, sp.oo)), c)


def test_lambdify_gives_no_half_of_a_complex_number():
    c = sp.Symbol("c")
    for value in (1j, np.array([1j, 2.0])):
        with pytest.raises(TypeError, match="complex"):
            lambdify([c], c**2 + c)(value)


def test_lambdify_takes_and_returns_arrays():
    f = lambdify([z], o)
    jacobian = lambdify([z], o.jacobian(z))
    value = np.array([0.0, np.log(2.0), np.log(5.0)])
    assert f(value) == pytest.approx([1 / 8, 2 / 8, 5 / 8], rel=1e-15)
    assert jacobian(value).shape == (3, 3)
    assert lambdify([x], x**2)(3) == 9.0


def test_a_point_outside_the_positive_numbers_is_tried_too():
    with pytest.raises(NotProved, match=r"at x = -"):
        prove(sp.sqrt(x**2), x)


def test_sympy_giving_up_is_not_a_proof(monkeypatch):
    def stop(expression):
        raise StopIteration

    monkeypatch.setattr(symbolic, "_STEPS", (stop,))
    with pytest.raises(NotProved, match="StopIteration"):
        prove((x + 1) ** 2, x**2 + 2 * x + 1)
