"""A right answer is right however its cell is written: with helpers, or in a class."""

import ast

import contract
import pytest

from backpass.checks import chapters

ANSWERS = [(chapter, slug) for chapter, exercises in chapters().items() for slug in exercises]


def rewritten(source):
    """The cell of a solution in other words, by what was done."""
    function = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)][-1]
    name, arguments = function.name, ", ".join(arg.arg for arg in function.args.args)
    helper = source.replace(f"def {name}(", f"def {name}_helper(")
    calls = f"return {name}_helper({arguments})"
    after_self = ", ".join(filter(None, ["self", arguments]))
    return {
        "a helper before": f"{helper}\n\ndef {name}({arguments}):\n    {calls}\n",
        "a helper after": f"def {name}({arguments}):\n    {calls}\n\n{helper}\n",
        "from the future": f"from __future__ import annotations\n{source}",
        "a nested helper": f"{helper}\n\ndef {name}({arguments}):\n    def inner():\n"
        f"        {calls}\n    return inner()\n",
        "a class": f"{helper}\n\nclass Answer:\n    def __call__({after_self}):\n"
        f"        {calls}\n\n{name} = Answer()\n",
        "a partial": f"from functools import partial\n{helper}\n\n"
        f"{name} = partial(lambda _, *args: {name}_helper(*args), 0)\n",
        "with defaults": f"{helper}\n\ndef {name}({', '.join(filter(None, [arguments, 'eps=0']))},"
        f" *, verbose=False):\n    {calls}\n",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "slug"), ANSWERS)
def test_the_way_a_cell_is_written_costs_no_points(chapter, slug):
    sheet, own = contract.sheet(chapter), slug.replace("_", "-")
    sources = rewritten(sheet.cells[own].source)
    for what, source in sources.items():
        scope = sheet.names(**{slug: source})
        score = eval(sheet.cells[f"{own}-check"].source, scope)
        assert score == score.maximum, (what, score.feedback)
