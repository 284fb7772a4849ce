import numpy as np
import pytest
import sympy as sp

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
