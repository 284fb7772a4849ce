"""Where a notebook opens with a kernel; how the pages show it, ``test_repository.py`` asks."""

import ast
from importlib import metadata

import nbformat
import pytest
from places import ROOT

from backpass.book import launch
from backpass.book.repository import Repository

BINDER, COLAB = "https://binder.example/", "https://colab.example"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://github.com/some/book", "gh/some/book/main"),
        ("https://gitlab.com/some/group/book", "gl/some%2Fgroup%2Fbook/main"),
        ("https://git.example.org/book", "git/https%3A%2F%2Fgit.example.org%2Fbook/main"),
    ],
)
def test_binder_is_told_where_the_repository_is(url, told):
    found = launch.links({"binderhub_url": BINDER}, Repository(url), "chapters/x.ipynb")
    assert found == {"Binder": f"https://binder.example/v2/{told}?urlpath=tree/chapters/x.ipynb"}


def test_a_book_in_a_folder_of_its_repository_opens_there():
    found = Repository("https://github.com/some/book", "next", "text")
    options = {"colab_url": COLAB, "binderhub_url": BINDER, "notebook_interface": "jupyterlab"}
    links = launch.links(options, found, "chapters/x.ipynb")
    assert links["Colab"] == f"{COLAB}/github/some/book/blob/next/text/chapters/x.ipynb"
    assert links["Binder"].endswith("?urlpath=lab/tree/text/chapters/x.ipynb")
    clone, install, enter = launch.prepare(found, "chapters/x.ipynb").splitlines()
    assert "-b next https://github.com/some/book book" in clone
    assert "./book/text " in install
    assert enter == "%cd book/text/chapters"


def test_what_colab_is_told_to_install_is_what_the_chapters_import():
    """Besides the package, and what that requires."""
    needed = {name.split(">")[0].split("<")[0] for name in metadata.requires("backpass")}
    needed |= {"backpass", *launch.PREPARE.split("./book{folder} ")[1].splitlines()[0].split()}
    imported = set()
    for path in ROOT.glob("chapters/*.ipynb"):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                imported |= {name.split(".")[0] for name in modules(cell.source)}
    assert "autograd" in imported
    assert imported - set(__import__("sys").stdlib_module_names) <= needed


def modules(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
