"""How a message names the cell that it is about."""

from nbformat.v4 import new_notebook
from notebook_cells import code

from backpass.notebooks.errors import silent, which


def test_a_cell_is_named_by_its_place_and_how_it_begins():
    notebook = new_notebook(cells=[code("x = 1"), code("y = " + "1 + " * 50 + "1"), code("")])
    assert which(notebook, 0) == "cell 1 of 3 (“x = 1”)"
    assert which(notebook, 1) == f"cell 2 of 3 (“y ={' 1 +' * 11} …”)"
    assert which(notebook, 2) == "cell 3 of 3 (“empty”)"


def test_what_is_logged_is_not_said_a_second_time(capfd):
    assert silent().parent is None  # what hears all loggers, as pytest does, would say it again
    silent().error("once is enough")
    assert capfd.readouterr() == ("", "")
