"""What a cell is for, and the line that stands for it when it is folded."""

import pytest

from backpass.book.cells.kinds import Cell, Kind, classify, describe

IMPORTS = "import numpy as np\n\nfrom backpass import style\n\nstyle.use()"
TAUGHT = "def forward(x, w):\n    return np.tanh(x @ w)"
FIGURE = '@explore(ax, gain=(0, 1))\ndef figure(ax, gain):\n    """Gain"""\n    ax.plot(gain)'


def kinds(*sources, tagged=()):
    cells = [Cell(source, place in tagged) for place, source in enumerate(sources)]
    classify(cells)
    return [cell.kind for cell in cells]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (IMPORTS, Kind.IMPORTS),
        (FIGURE, Kind.FIGURE),
        ("fig, ax = plt.subplots()", Kind.FIGURE),
        ("@picture(xlabel='x')\ndef mine(ax):\n    ax.plot(answer())", Kind.PICTURE),
        ("z = sp.Symbol('z')\nprove(sp.diff(z**2, z), 2 * z)", Kind.PROOF),
        ("_ = prove(1, 1)", Kind.PROOF),
        ("evidence(Row('e', 2.72, np.e, 'Euler', within=0.01))", Kind.TABLE),
        ("record = json.loads(Path('data/run.json').read_text())", Kind.RECORD),
        ("assert x == 1\nassert y == 2", Kind.CHECKS),
        ("for x in (1, 2):\n    double = 2 * x\n    agree('2x', double, x + x)", Kind.CHECKS),
        (TAUGHT, None),
        ("import numpy as np\n\ndef double(x):\n    return 2 * x", None),
        ("a = w * x\nh = np.tanh(a)\nprint(h)\nassert h < 1", None),
        ("assert x == 1\nx", None),
        ("%matplotlib inline", None),
    ],
)
def test_a_cell_is_known_by_its_code(source, kind):
    assert kinds(source) == [kind]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (IMPORTS, "imports"),
        (f"{IMPORTS}\n\n{TAUGHT}", "imports, the helper forward"),
        (
            f"{IMPORTS}\n{TAUGHT}\n\ndef shown():\n    pass",
            "imports, the helpers forward and shown",
        ),
        (f"{IMPORTS}\nx = 1", None),
        (TAUGHT, None),
        ("fig, ax = plt.subplots()", None),
        ("@picture(xlabel='x')\ndef mine(ax):\n    ax.plot(answer())", Kind.PICTURE.value),
        ("assert x == 1", None),
    ],
)
def test_on_a_sheet_helpers_are_folded_with_the_imports_above_them(source, line):
    cell = Cell(source)
    cell.kind = cell.sheet_kind()
    assert (cell.kind and describe([cell])) == line


def test_a_cell_that_shows_what_others_define_or_have_measured_is_a_measurement():
    shown = "y = forward(1, 2)\nz = 2 * y\nprint(z)"
    assert kinds(TAUGHT, shown) == [None, Kind.RUN]
    assert kinds(shown) == [None]
    assert kinds(TAUGHT, shown, "half = z / 2\nassert half < 1\nprint(half)")[2] == Kind.RUN
    assert kinds(TAUGHT, "forward(1, 2)") == [None, None]  # as short as a line that names it


def test_a_table_printed_in_a_loop_is_a_measurement():
    assert kinds("rates = 1, 2\nfor rate in rates:\n    print(rate, 1 / rate)") == [Kind.RUN]


def test_a_function_for_one_measurement_is_part_of_it():
    run = "def loss(w):\n    return w**2\n\nprint(loss(1))"
    assert kinds(run) == [Kind.RUN]
    assert kinds(run, "loss(2)") == [None, None]
    again = "def loss(w):\n    return w**3"  # another of the same name
    assert kinds(run, again, "loss(2)") == [Kind.RUN, None, None]


def test_what_only_a_figure_uses_belongs_to_it():
    helper = "def height(gain):\n    return gain**2"
    uses = FIGURE.replace("ax.plot(gain)", "ax.plot(height(gain))")
    assert kinds(helper, uses) == [Kind.FIGURE, Kind.FIGURE]
    assert kinds(helper, uses, "print(height(1))")[0] is None
    assert kinds(helper)[0] is None


def test_what_only_folded_cells_use_is_folded_with_them():
    assert kinds("x = np.ones(3)", "assert x.sum() == 3") == [Kind.SETUP, Kind.CHECKS]
    assert kinds("def loss(w):\n    return w**2\n\nagree('w²', loss(2), 4)") == [Kind.CHECKS]
    # What a chapter teaches stays open, even if only checks use it.
    assert kinds(TAUGHT, "agree('f', forward(1, 1), np.tanh(1))") == [None, Kind.CHECKS]


def test_an_author_folds_what_its_code_does_not_tell():
    assert kinds(TAUGHT, "x = 1", "print('x')", tagged={0, 1, 2}) == [
        Kind.HELPER,
        Kind.SETUP,
        Kind.RUN,
    ]
    assert kinds(IMPORTS, tagged={0}) == [Kind.IMPORTS]


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        ([IMPORTS], "imports"),
        (["assert x == 1"], "1 check: holds"),
        (["assert x == 1", "agree('x', x, 1)\nagree('y', y, 2)"], "3 checks: all hold"),
        (["_ = prove(1, 1)", "_ = prove(2, 2)\nassert x"], "2 proofs, 1 check: holds"),
        (["for x in (1, 2):\n    assert x", "assert x == 2"], "checks: all hold"),
        (["x = 1", "assert x == 1"], "1 check: holds"),
        (["fig, ax = plt.subplots()", FIGURE], "the figure"),
        (["assert x == 1", FIGURE], "the figure, 1 check: holds"),
    ],
)
def test_the_line_names_each_kind_once_and_counts_what_is_checked(sources, line):
    cells = [Cell(source) for source in sources]
    classify(cells)
    assert describe(cells) == line


def test_the_line_names_the_helpers():
    cells = [Cell(TAUGHT, tagged=True), Cell(TAUGHT.replace("forward", "back"), tagged=True)]
    classify(cells)
    assert describe(cells[:1]) == "the helper forward"
    assert describe(cells) == "the helpers forward and back"
