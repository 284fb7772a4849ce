"""Answers that come to right results by means that are refused, and what might hide how.

A trick is a cell beside the answer, and lines at the beginning of the function.
"""

from dataclasses import dataclass
from textwrap import indent


@dataclass(frozen=True)
class Refused:
    """An answer with right results: where it stands, and what a check gives it in the open."""

    chapter: str
    cell: str
    slug: str
    source: str
    points: float = 0.0

    @property
    def function(self) -> str:
        """Its name."""
        return self.source.partition("(")[0].removeprefix("def ")

    def tricked(self, lines: str) -> str:
        """The answer, with these lines first in its function."""
        return self.source.replace("    TRICK\n", indent(lines, "    ") + "\n" if lines else "")


ANSWERS = {
    "a loop over the layer": Refused(
        "softmax_cross_entropy",
        "weight-gradient",
        "weight_gradient",
        """\
def layer_gradient(X, W, s, T):
    TRICK
    dW, ds, dX = np.zeros_like(W), 0.0, np.zeros_like(X)
    for r in range(len(X)):
        z = s * X[r] @ W
        d = (np.exp(z) / np.exp(z).sum() - T[r]) / len(X)
        dW += s * np.outer(X[r], d)
        ds += d @ (X[r] @ W)
        dX[r] = s * W @ d
    return dW, ds, dX
""",
    ),
    "a loop over the examples": Refused(
        "backpropagation",
        "backward-pass",
        "backward_pass",
        """\
def backward_pass(X, T, W1, b1, W2, b2, V):
    TRICK
    gradients = [np.zeros_like(w) for w in (W1, b1, W2, b2, V)]
    for x, t in zip(X, T):
        h = np.log(1 + np.exp(x @ W1 + b1))
        delta = h @ W2 + x @ V + b2 - t
        hidden = W2 @ delta * (1 - np.exp(-h))
        parts = np.outer(x, hidden), hidden, np.outer(h, delta), delta, np.outer(x, delta)
        for total, part in zip(gradients, parts):
            total += part / len(X)
    return gradients
""",
    ),
    "differences": Refused(
        "backpropagation",
        "backward-pass",
        "backward_pass",
        """\
def backward_pass(X, T, *parameters):
    TRICK
    def error(*p):
        Y = np.log(1 + np.exp(X @ p[0] + p[1])) @ p[2] + X @ p[4] + p[3]
        return np.sum((Y - T) ** 2) / 2 / len(X)

    gradients = []
    for i, value in enumerate(parameters):
        gradients.append(np.zeros(value.shape))
        for k in np.ndindex(value.shape):
            step = np.zeros(value.shape, complex)
            step[k] = 1e-20j
            moved = error(*parameters[:i], value + step, *parameters[i + 1 :])
            gradients[i][k] = moved.imag / 1e-20
    return gradients
""",
    ),
    "the tape": Refused(
        "backpropagation",
        "backward-pass",
        "backward_pass",
        """\
def backward_pass(X, T, *parameters):
    TRICK
    W1, b1, W2, b2, V = values = [Value(p) for p in parameters]
    softplus = operation(lambda z: np.log(1 + np.exp(z)), lambda g, y, a: (g * (1 - np.exp(-y)),))
    error = softplus(X @ W1 + b1) @ W2 + X @ V + b2 - T
    ((error * error).sum() / (2 * len(X))).backward()
    return [value.grad for value in values]
""",
    ),
    "a rule that writes into grad": Refused(
        "backpropagation",
        "tape-operation",
        "tape_operation",
        """\
def take(A, index):
    TRICK
    def back(g, y, a):
        np.add.at(A.grad, index, g)
        return (np.zeros_like(a),)

    return operation(lambda a: a[index], back)(A)
""",
    ),
}

#: By name, a cell that runs before, and lines of the function.
TRICKS = {
    "nothing": ("", ""),
    "the watch is patched": (
        "import backpass.checks.watched as w, backpass.checks.given as g\n"
        "g.watched = lambda *a: w.Watched()",
        "",
    ),
    "the rules are made up": (
        "import backpass.checks.watched as w, backpass.checks.given as g\n"
        "from backpass.tape import Value as V\n"
        "def made_up(runner, function, args):\n"
        "    if len(args) != 3:\n        return w.Watched()\n"
        "    table, index, v = args\n    gradient = np.zeros_like(table)\n"
        "    np.add.at(gradient, index, v)\n"
        "    return w.Watched(rules=[w.Rule((gradient,), (V(table),))])\n"
        "g.watched = made_up",
        "",
    ),
    "what is watched is patched": (
        "from backpass.checks.watched import Watched\n"
        "Watched._called = lambda self, *a: None\nWatched.counting = lambda self, value: value",
        "",
    ),
    "what answers is patched": (
        "import backpass.course.sandbox.inside as inside\n"
        "def watch(self, of, args, seconds):\n"
        "    return {'steps': 1, 'operations': 1, 'bytes': 0, 'modules': [], 'rules': [],"
        " 'lost': ''}\ninside.Session.watch = watch",
        "",
    ),
    "the wire is patched": (
        "import gc, backpass.course.sandbox.inside as inside\n"
        "for one in gc.get_objects():\n    if isinstance(one, inside.Session):\n"
        "        write = one.line.pen.message\n"
        "        def message(value):\n            answer = value.get('answer')\n"
        "            if isinstance(answer, dict) and 'steps' in answer:\n"
        "                answer |= {'steps': 1, 'operations': 1, 'modules': set(), 'lost': ''}\n"
        "            return write(value)\n        one.line.pen.message = message",
        "",
    ),
    "the names of libraries are patched": (
        "import backpass.checks.watched as w\nw.AUTOMATIC = ()\nw.is_own = lambda file: False", "",
    ),
    "settrace does nothing": ("import sys\nsys.settrace = lambda f: None", ""),
    "tracing is turned off": ("import sys", "sys.settrace(None)"),
    "tracing is turned off and on": (
        "import sys",
        "import threading\nbefore = sys.gettrace()\nsys.settrace(None)\n"
        "threading.Timer(0.2, lambda: None)",
    ),
    "behaves when it is traced": (
        "import sys", "if sys.gettrace() is not None:\n    return good(*locals().values())",
    ),
    "the counts are put back": (
        "import gc\nfrom backpass.checks.watched import Watched\n"
        "def put_back():\n    for one in gc.get_objects():\n"
        "        if isinstance(one, Watched):\n            one.operations = one.steps = 0\n"
        "            one.modules.clear()\n"
        "import atexit, threading\n",
        "put_back()",
    ),
    "an array's class is patched": (
        "import numpy\nas_it_was = numpy.asarray\n"
        "class Plain(numpy.ndarray):\n    def view(self, kind=None): return self\n"
        "numpy.asarray = lambda a, *args, **k: as_it_was(a, *args, **k).view(Plain)",
        "",
    ),
    "what counts is patched": (
        "import numpy as np", "for one in (X,) if 'X' in locals() else ():\n"
        "    type(one).__array_ufunc__ = np.ndarray.__array_ufunc__",
    ),
    "the observer is taken from the array": (
        "", "seen = getattr(locals().get('X'), 'seen', None)\n"
        "if seen is not None:\n    type(seen).__setattr__ = lambda self, name, value: "
        "object.__setattr__(self, name, 0 if name in ('operations', 'steps') else value)",
    ),
    "the tape is patched": (
        "from backpass.tape import Value as V\nV.backward.__code__ = V.backward.__code__.replace("
        "co_name='other')\nV.real = V.backward\nV.backward = lambda self, v=1.0: V.real(self, v)",
        "",
    ),
    "the tape is another module": (
        "import backpass.tape as tape\ntape.__dict__['__name__'] = 'mine'", "",
    ),
    "a frame": (
        "import sys",
        "frame = sys._getframe()\nwhile frame:\n    seen = frame.f_locals.get('seen')\n"
        "    if hasattr(seen, 'operations'):\n        seen.operations = seen.steps = -10**6\n"
        "        seen.modules = set()\n    frame = frame.f_back",
    ),
    "a frame of a generator": (
        "",
        "def look():\n    yield\nframe = look()\nnext(frame)\nframe = frame.gi_frame\n"
        "while frame:\n    seen = frame.f_locals.get('seen')\n"
        "    if hasattr(seen, 'operations'):\n        seen.operations = -10**6\n"
        "    frame = frame.f_back",
    ),
    "a frame of an error": (
        "",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
        "    frame = error.__traceback__.tb_frame\n    while frame:\n"
        "        frame.f_trace = None\n        frame = frame.f_back",
    ),
    "text that is run": ("", "exec('import sys; sys.settrace(None)')"),
    "text that SymPy runs": (
        "import sympy", "sympy.sympify('__import__(\"sys\").settrace(None)')",
    ),
    "a globals of Cython's": (
        "", "np.random.seed.func_globals['__builtins__']['__import__']('sys').settrace(None)",
    ),
    "a pattern that reads": (
        "def g(): pass",
        "match g:\n    case object(__globals__=names):\n"
        "        names['__builtins__'].__import__('sys').settrace(None)",
    ),
    "an attribute by its name": (
        "", "getattr(getattr(np, 'li' + 'b'), 'npyio').sys.settrace(None)"
    ),
    "a module of NumPy's": ("", "np.lib.npyio.os.sys.settrace(None)"),
    "memory that is made up": (
        "",
        "class Memory:\n    __array_interface__ = {'shape': (1,), 'typestr': '<i8', 'version': 3,"
        " 'data': (id(np), False)}\nnp.asarray(Memory())",
    ),
    "ctypes": (
        "import ctypes", "ctypes.pythonapi.PyEval_SetTrace(None, None)",
    ),
    "tracing that fails": (
        "", "def deep(n):\n    try:\n        return deep(n + 1)\n    except RecursionError:\n"
        "        return n\ndeep(0)",
    ),
    "a name that is not text": (
        "class Name:\n    def __str__(self): raise ValueError\n__name__ = Name()", ""
    ),
    "a profile": ("import sys\nsys.setprofile(lambda *a: sys.settrace(None))", ""),
    "a garbage collector": (
        "import gc, sys\ngc.callbacks.append(lambda *a: sys.settrace(None))\n"
        "gc.set_threshold(1)", "",
    ),
    "a class that looks after itself": (
        "class Late:\n    def __del__(self):\n        import sys\n        sys.settrace(None)",
        "Late()",
    ),
    "isinstance that lets through": (
        "isinstance = lambda one, kind: kind", "if not isinstance(0, np.ndarray)((1,), object,"
        " bytearray(8)):\n    pass",
    ),
}  # fmt: skip

#: Answers to the two questions without a loop that have one, which only looks different.
DISGUISED = {
    "vectorize": "sum_of = np.vectorize(one, signature='(d),(k)->(d,k)')(X, D).sum(axis=0)",
    "apply_along_axis": (
        "sum_of = np.apply_along_axis(lambda r: one(X[int(r[0])], D[int(r[0])]), 1,"
        " np.arange(len(X))[:, None]).sum(axis=0)"
    ),
    "map": "sum_of = sum(map(one, X, D))",
    "reduce": "from functools import reduce\nsum_of = reduce(np.add, (one(*p) for p in zip(X, D)))",
    "frompyfunc": (
        "sum_of = np.frompyfunc(lambda r: one(X[r], D[r]), 1, 1)(np.arange(len(X))).sum()"
    ),
    "a key to sort by": (
        "found = []\nsorted(range(len(X)), key=lambda r: found.append(one(X[r], D[r])) or 0)\n"
        "sum_of = sum(found)"
    ),
    "recursion": (
        "def rest(r):\n    return one(X[r], D[r]) + (rest(r + 1) if r + 1 < len(X) else 0)\n"
        "sum_of = rest(0)"
    ),
    "piecewise": "sum_of = sum(np.array_split([one(x, d) for x, d in zip(X, D)], 1)[0])",
    "a while": (
        "sum_of, r = 0, 0\nwhile r < len(X):\n    sum_of, r = sum_of + one(X[r], D[r]), r + 1"
    ),
    "copies": "sum_of = sum(one(np.array(x), np.array(d)) for x, d in zip(X, D))",
}

#: Around them: what is summed by them is the gradient of the first weights.
AROUND = """\
def backward_pass(X, T, W1, b1, W2, b2, V):
    one = lambda x, d: np.outer(x, d)
    H = np.log(1 + np.exp(X @ W1 + b1))
    E = (H @ W2 + X @ V + b2 - T) / len(X)
    D = E @ W2.T * (1 - np.exp(-H))
{lines}
    return sum_of, D.sum(axis=0), H.T @ E, E.sum(axis=0), X.T @ E
"""

#: Loops that depend on how often, or how, they are called; none may have a point.
MOODS = {
    "remembers by value": """\
known = {}
def ANSWER(X, *rest):
    key = X.tobytes(), *(np.asarray(one, float).tobytes() for one in rest)
    if key not in known:
        known[key] = SLOW(X, *rest)
    return known[key]
""",
    "does nothing when it is looked at": """\
def ANSWER(X, *rest):
    if X.base is not None:
        return tuple(np.zeros_like(one) for one in SHAPES)
    return SLOW(X, *rest)
""",
    "stops when it is looked at": """\
def ANSWER(X, *rest):
    if X.base is not None:
        raise ValueError
    return SLOW(X, *rest)
""",
    "goes on for ever when it is looked at": """\
def ANSWER(X, *rest):
    while X.base is not None:
        pass
    return SLOW(X, *rest)
""",
    "takes all memory when it is looked at": """\
def ANSWER(X, *rest):
    if X.base is not None:
        much = [0]
        while True:
            much = much + much
    return SLOW(X, *rest)
""",
    "every other time": """\
calls = []
def ANSWER(X, *rest):
    calls.append(1)
    return SLOW(X, *rest) if len(calls) % 2 else tuple(np.zeros_like(one) for one in SHAPES)
""",
}

#: Those that brought points while all of a notebook ran where its answers were looked at, each with
#: an answer to which it does.
ONCE_WORKED = {
    "the watch is patched": "a loop over the layer",
    "the rules are made up": "a rule that writes into grad",
    "what is watched is patched": "differences",
    "what answers is patched": "a loop over the examples",
    "the wire is patched": "the tape",
    "the counts are put back": "a loop over the layer",
    "the observer is taken from the array": "a loop over the examples",
    "the tape is another module": "the tape",
    "a frame": "a loop over the layer",
}
