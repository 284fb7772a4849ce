"""The names of a piece of code, the same in every Python.

Since Python 3.12 the comprehensions of lists, sets and dictionaries are worked out in place (PEP
709), and Python's own table has their names among those around them, as if a notebook had a ``k``
after ``[k * m for k in range(3)]``. Generators still have names of their own.
"""

import ast
import symtable


def table(source: str) -> symtable.SymbolTable:
    """Python's table of the names of some code, where every comprehension has one of its own.

    Raises what Python raises for what is no code: SyntaxError, ValueError for a null character,
    RecursionError or MemoryError where it is nested too deep.
    """
    tree = ast.parse(source)
    if any(isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp) for node in ast.walk(tree)):
        source = ast.unparse(ast.fix_missing_locations(_Generators().visit(tree)))
    return symtable.symtable(source, "cell", "exec")


def names(source: str) -> tuple[set[str], set[str]]:
    """The names of the notebook, or of Python, that some code uses, and those that it gives a
    value to; raises as :func:`table` does.
    """
    top = table(source)
    binds = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    waiting = [*top.get_children()]
    while waiting:
        inner = waiting.pop()
        waiting += inner.get_children()
        ours = [s for s in inner.get_symbols() if s.is_global()]
        uses |= {s.get_name() for s in ours if s.is_referenced()}
        binds |= {s.get_name() for s in ours if s.is_assigned()}  # by := or after `global`
    return uses, binds


class _Generators(ast.NodeTransformer):
    """Makes a generator of each comprehension, which has the same names."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
