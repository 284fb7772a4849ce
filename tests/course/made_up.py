"""A class that never was: submissions made from a seed, and what each of them is worth.

What is expected of an answer is what its check says of it in a plain process, without a sandbox.
"""

import ast
import io
import json
import random
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import contract
from course import distortions
from places import ROOT

from backpass.checks import settings
from backpass.course.assignment import Assignment, of_book

#: Code that a student might hand in beside the answers, of which none may gain or lose a point.
HOSTILE = {
    "sys.exit": "import sys\nsys.exit(3)",
    "os._exit": "import os\nos._exit(0)",
    "endless loop": "while True:\n    pass",
    "endless loop that catches": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    ),
    "endless output": "while True:\n    print('x' * 1000)",
    "10 GB": "much = bytearray(10 * 2**30)",
    "ever more memory": "much = []\nwhile True:\n    much.append(bytearray(2**22))",
    "fork storm": (
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    ),
    "threads": (
        "import threading, time\nfor _ in range(10000):\n"
        "    threading.Thread(target=time.sleep, args=[1000], daemon=True).start()"
    ),
    "deleting": (
        "import os, shutil\nfor name in os.listdir('/'):\n"
        "    shutil.rmtree('/' + name, ignore_errors=True)"
    ),
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 22), timeout=2)",
    "kill": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "kill the first": "import os\nos.kill(1, 9)\nos.kill(os.getppid(), 9)",
    "crash": "import ctypes\nctypes.string_at(0)",
    "garbage on every file": (
        "import os\nfor number in range(3, 300):\n    try:\n"
        "        os.write(number, b'\\xff' * 5000)\n    except OSError:\n        pass"
    ),
    "every file closed": "import os\nos.closerange(0, 300)",
    "patched numpy": (
        "import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
        "numpy.abs = lambda x: 0"
    ),
    "patched builtins": (
        "import builtins\nbuiltins.abs = builtins.max = lambda *a, **k: 0\n"
        "builtins.isinstance = lambda *a: True"
    ),
    "patched checks": (
        "import backpass.checks.score as score, backpass.checks.part as part\n"
        "score.Score.__new__ = lambda *a, **k: 100.0\n"
        "part.Part.expect = part.Part.outputs = part.Part.require = lambda *a, **k: None"
    ),
    "fake score": (
        "from IPython.display import display, HTML\nprint(44.0)\n"
        "display(HTML('<script>alert(1)</script>'))\n44.0"
    ),
    "input": "name = input('Who are you? ')",
    "no such library": "import torch\nimport torch.nn as nn",
    "a name of NumPy's": "np = 3",
    "names of Python's": "sum = 5\nlen = [1, 2]",
    "an error": "1 / 0",
    "no Python": "for in while",
    "exit at the end": "import atexit, os\natexit.register(os._exit, 0)",
    "a hook": "import sys\nsys.excepthook = sys.displayhook = sys.settrace(lambda *a: None)",
    "signals ignored": (
        "import signal\nfor number in (2, 14, 15):\n    signal.signal(number, signal.SIG_IGN)"
    ),
    "an end that comes later": "import os, threading\nthreading.Timer(0.02, os._exit, [0]).start()",
    "garbage from then on": (
        "import gc, backpass.course.sandbox.inside as inside\nfor one in gc.get_objects():\n"
        "    if isinstance(one, inside.Session):\n"
        "        one.line._send = lambda message, line=one.line: line.connection.sendall(bytes(8))"
    ),
    "a magic": "%matplotlib inline\n%timeit -n1 -r1 3 + 4\n!ls /",
}

#: What may be said of a student's answer that is wrong, as an answer that follows the right one.
SLIPS = {
    "nothing": "def {name}(*args, **named):\n    return None",
    "an exception": "def {name}(*args, **named):\n    raise ValueError('not yet')",
    "ones": "def {name}(*args, **named):\n    return 1.0",
    "text": "def {name}(*args, **named):\n    return 'done'",
    "leaves": "def {name}(*args, **named):\n    raise SystemExit",
}

NAMES = (
    "Ng, Ada", "=HYPERLINK(1)", 'O"Brien', "ادا لاولیس", "আদা লাভলেস", "เอดา เลิฟเลซ", "José Núñez",
    "李 明", "Ada-Maria d'Ávila", "+1 234", "@here", "Ö", "con", "a" * 120, "name.with.dots",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A submission: whose, of what ``kind``, its file, and the points of each exercise, by slug;
    None if it is not to be graded.
    """

    student: str
    kind: str
    content: bytes
    expected: dict[str, float] | None


@cache
def assignment(chapter: str) -> Assignment:
    return of_book(chapter, ROOT)


@cache
def notebook(chapter: str, folder: str) -> str:
    return (ROOT / folder / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")


def raw(chapter: str, folder: str = "solutions") -> dict:
    """A sheet as its owner saves it, without what solutions have more than exercises."""
    return json.loads(notebook(chapter, folder))


def source(cell: dict) -> str:
    return "".join(cell["source"])


def changed(cells: dict, cell_id: str, text: str) -> None:
    cell = next(one for one in cells["cells"] if one["id"] == cell_id)
    cell["source"] = text.splitlines(keepends=True)


def saved(notebook: dict) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode()


@cache
def mutants(chapter: str) -> dict[str, list[str]]:
    """Wrong answers by the id of the answer's cell: one change in the solution each."""
    found = {}
    for cell in raw(chapter)["cells"]:
        if distortions.is_answer(cell):
            found[cell["id"]] = list(contract.mutants(source(cell)))
    return found


def points(chapter: str, notebook: dict) -> dict[str, float]:
    """What each exercise brings, by its check, in this process."""
    names: dict = {}
    checks = import_module(f"backpass.checks.{chapter}").EXERCISES
    found = {}
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not mark:
            continue
        if not mark.get("grade"):
            with suppress(Exception), redirect_stdout(io.StringIO()):
                exec(compile(source(cell), cell["id"], "exec"), names)
            continue
        call = ast.parse(source(cell)).body[-1].value
        check = checks[call.func.attr]
        check.told = {}
        settings.at_once = True  # in grading nothing is kept back
        answer = names.get(ast.unparse(call.args[0]), ...)
        found[check.slug] = float(check(answer))
    return found


def class_of(chapter: str, count: int, seed: int = 0) -> list[Made]:
    """So many submissions: right, wrong in known ways, distorted, hostile, and no submissions."""
    rng = random.Random(f"{chapter} {seed}")
    kinds = ["right", "wrong", "wrong", "wrong", "distorted", "distorted", "hostile", "not one"]
    made = []
    for number in range(count):
        name = NAMES[number] if number < len(NAMES) else f"student-{number:04d}"
        kind = kinds[number % len(kinds)] if number < 2 * len(kinds) else rng.choice(kinds)
        made.append(_made(chapter, name, kind, rng))
    return made


def _made(chapter: str, student: str, kind: str, rng: random.Random) -> Made:
    if kind == "not one":
        other = "bptt" if chapter != "bptt" else "softmax_cross_entropy"
        content = rng.choice(
            [
                b"",
                b"%PDF-1.7",
                b'{"cells": [',
                b'{"cells": "none"}',
                b"[" * 100_000,
                b"\xff\xfe\x00",
                b"<html>not found</html>",
                notebook(other, "solutions").encode(),
            ]
        )
        return Made(student, kind, content, None)
    whole = raw(chapter)
    if kind == "wrong":
        whole = _with_slips(chapter, whole, rng)
    expected = points(chapter, whole)
    if kind == "hostile":
        name = rng.choice(sorted(HOSTILE))
        place = rng.randrange(2, len(whole["cells"]))
        whole["cells"].insert(place, distortions.code(HOSTILE[name]))
        return Made(student, f"hostile: {name}", saved(whole), expected)
    if kind == "distorted":
        one, two = rng.sample(sorted(distortions.CELLS), 2)
        for name in (one, two):
            whole = distortions.CELLS[name](whole, rng)
        last = rng.choice(sorted(distortions.FILES))
        return Made(student, f"{one}, {two}, {last}", distortions.FILES[last](whole, rng), expected)
    return Made(student, kind, saved(whole), expected)


def _with_slips(chapter: str, whole: dict, rng: random.Random) -> dict:
    """Some answers wrong, some left as they were given."""
    given = {cell["id"]: cell for cell in raw(chapter, "exercises")["cells"]}
    for cell in whole["cells"]:
        if not distortions.is_answer(cell) or rng.random() < 0.4:
            continue
        if rng.random() < 0.25:
            cell["source"] = given[cell["id"]]["source"]
        elif rng.random() < 0.2:
            name = next(n.name for n in reversed(ast.parse(source(cell)).body)
                        if isinstance(n, ast.FunctionDef))  # fmt: skip
            changed(whole, cell["id"], SLIPS[rng.choice(sorted(SLIPS))].format(name=name))
        elif wrong := mutants(chapter)[cell["id"]]:
            changed(whole, cell["id"], rng.choice(wrong))
    return whole
