"""The words of a page by themselves."""

import pytest
from docutils import nodes

from backpass.book.text import plain
from backpass.numerals import together


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\delta_1 = o - t", "δ₁ = o - t"),
        (r"3 \cdot 10^{-6}", "3 · 10⁻⁶"),
        (r"\frac{\partial E}{\partial w_{ij}} = h_i(o_j - t_j)", "∂E/∂wij = hi(oj - tj)"),
        (r"W_2^\top", "W₂ᵀ"),
        (r"\begin{aligned} a &= b \\ c \end{aligned}", "a = b c"),
        (r"\text{new} \le \Delta", "new ≤ Δ"),
    ],
)
def test_a_formula_is_what_a_reader_would_type(tex, text):
    assert plain.plain(tex) == text


def test_what_keeps_a_line_together_is_not_looked_for():
    kept = nodes.Text(together("∂E/∂z, σ − ½ and K = 1"))
    assert "\N{NO-BREAK SPACE}" in kept
    assert "\N{WORD JOINER}" in kept
    assert plain.text_of(kept) == "∂E/∂z, σ − ½ and K = 1"
