"""Compile what the pages import: this module runs in the very Python that they run.

``bytecode.mjs`` starts it there. It finds the packages as wheels in ``/given``, imports what
answers and checks import, and writes each module that came with that, compiled, into
``/given/compiled``, by its path in its wheel or in Python's own library. What is compiled depends
on nothing else: a second run writes the same bytes.
"""

import ast
import importlib.util
import marshal
import sys
import warnings
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

GIVEN, PACKAGES = Path("/given"), Path("/packages")
LIBRARY = "/lib/python314.zip"
#: What answers and checks import, the second when SymPy makes a function for NumPy, and what a run
#: of a sheet does. What does not come with these is left as it is.
IMPORTS = (
    "import numpy.typing, sympy",
    "from numpy import *; from numpy.linalg import *",
    "import ast, symtable, traceback; ast.unparse(ast.parse(''))",
)
#: How a compiled file begins that is taken whatever the date of its source.
HEAD = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)


#: What keeps its docstrings: NumPy has modules that are made of those of others.
DOCUMENTED = "numpy/"


def compiled(source: bytes, name: str) -> CodeType:
    """The module, without its docstrings, which are a third of what would be loaded of SymPy."""
    tree = ast.parse(source)
    statements = [] if name.startswith(DOCUMENTED) else [tree]
    for node in statements:  # which grow: those within come after those around them
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str())) as text, *others]:
                    node.body = others or [ast.copy_location(ast.Pass(), text)]
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            statements += getattr(node, block, ())
    return compile(tree, name, "exec", dont_inherit=True, optimize=0)


def main() -> None:
    warnings.simplefilter("ignore")  # of what others wrote
    for wheel in sorted(GIVEN.glob("*.whl")):
        zipfile.ZipFile(wheel).extractall(PACKAGES)
    sys.path.insert(0, str(PACKAGES))
    found = {}

    def remember(loader, source, path, **_):
        name = Path(path).relative_to(PACKAGES).as_posix()
        found[name] = code = compiled(bytes(source), name)
        return code

    SourceFileLoader.source_to_code = remember
    for statements in IMPORTS:
        exec(statements, {})
    # Python's own library lies in a zip, whose importer cannot be asked.
    library = zipfile.ZipFile(LIBRARY)
    for module in [*sys.modules.values()]:
        if (file := getattr(module, "__file__", None) or "").startswith(f"{LIBRARY}/"):
            name = file.removeprefix(f"{LIBRARY}/")
            found[name] = compiled(library.read(name), name)
    for name, code in found.items():
        path = GIVEN / "compiled" / f"{name}c"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(HEAD + marshal.dumps(code))


if __name__ == "__main__":
    main()
