"""Whose it is that a page runs."""

from backpass.book.in_page import licences as made
from backpass.files import runtime


def test_whose_it_is_stands_beside_it(contents):
    licences = made.licences()
    others = ("ABOUT", "CodeMirror", "CPython", "IPython", "Pyodide", *runtime.PACKAGES)
    assert set(licences) == {f"{name}.txt" for name in others}
    assert "@codemirror/view" in licences["CodeMirror.txt"]
    assert all(len(text) > 300 for text in licences.values())
    assert "numpy-" in licences["ABOUT.txt"]
    assert licences["Pyodide.txt"].startswith("Mozilla Public License Version 2.0")
    assert licences["CPython.txt"].startswith("PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2")
