"""KaTeX, as the build calls it."""

import pytest

from backpass.book import katex


@pytest.mark.parametrize("tex", [r"\undefined", r"\frac{1}", r"\begin{cases} a", "a_b_c"])
def test_a_bad_formula_is_named(tex):
    with pytest.raises(katex.FormulaError) as caught:
        katex.render(tex)
    assert len(str(caught.value).splitlines()) == 1
