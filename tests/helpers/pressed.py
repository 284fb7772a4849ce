"""What this Python tells of the answers to a sheet, as its page would be told it."""

import functools
import json
import re
from unittest import mock

from places import ROOT

from backpass import checks
from backpass.book.in_page.sheet import Sheet


@functools.cache
def cells(folder, chapter):
    text = (ROOT / folder / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    return [one | {"source": "".join(one["source"])} for one in json.loads(text)["cells"]]


def is_answer(cell):
    return cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")


def solved(chapter):
    """The solutions, by the names of their cells; and first thoughts."""
    return {
        cell["id"]: cell["source"]
        for cell in cells("solutions", chapter)
        if is_answer(cell) or (cell["cell_type"] == "code" and cell["source"][:3] == "my_")
    }


#: Of each chapter an exercise, whose answer is spoilt by a sign.
SPOILT = {
    "backpropagation": "backward-pass",
    "bptt": "bptt",
    "minibatches": "accumulate",
    "relu_cnn_rnn": "conv-gradients",
    "residual_networks": "block-backward",
    "sigmoid_and_tanh": "layer-backward",
    "softmax_cross_entropy": "logit-gradient",
    "why_gradients": "estimate",
}
SPOIL = """

right = {name}


def {name}(*given):
    found = right(*given)
    return tuple(-one for one in found) if isinstance(found, tuple | list) else -found
"""
#: What is pressed then, until all is told.
STAGES = ("check", "check", "hint")


def spoilt(chapter):
    """The exercise that is answered wrongly, and the answer."""
    name = SPOILT[chapter]
    text = solved(chapter)[name]
    return name, text + SPOIL.format(name=re.search(r"^def (\w+)", text, re.M)[1])


def pressed(chapter):
    """What is told of each solution, by its name; and in stages of the one that is spoilt."""
    texts, here = solved(chapter), Sheet(cells("exercises", chapter))
    answers = [cell["id"] for cell in cells("exercises", chapter) if is_answer(cell)]
    with mock.patch.object(checks.settings, "at_once", False):
        right = {name: here.press(name, "check", texts) for name in answers}
        name, text = spoilt(chapter)
        with mock.patch.object(checks.chapters()[chapter][name.replace("-", "_")], "told", {}):
            wrong = [here.press(name, action, texts | {name: text}) for action in STAGES]
    return right, wrong
