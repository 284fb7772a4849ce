"""Each page of the book is opened once for all that is asked of it, in windows of every kind.

A test module says with `ask`, when it is imported, what it wants to know; every worker imports all
modules, and so knows all questions. Who first needs to know something of a page visits it and asks
them all; what is answered lies in a folder that the workers share. To open a page of the book and
to lay it out takes a second: questions take hundredths of one.
"""

import fcntl
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import pytest
from visits import PAGES, visit


@dataclass(frozen=True)
class Window:
    """What a page is looked at through. What a reader turns or resizes shows as what opens so."""

    width: int
    height: int
    touch: bool = False
    mobile: bool = False
    media: str = "screen"

    def __lt__(self, other):
        """Whether it comes first: to look through the other then takes less than to go back."""
        return self._place < other._place

    @property
    def _place(self):
        return (self.touch, not self.mobile, self.media != "screen", -self.width)


DESK = Window(1280, 720)
PHONE = Window(390, 844, touch=True)
#: A tablet, held upright, and turned.
TABLETS = (Window(820, 1180, touch=True), Window(1180, 820, touch=True))


@dataclass(frozen=True)
class Question:
    """A JavaScript function of ``argument``, or of what that gives for the tab; see `ask`."""

    window: Window
    function: str
    argument: object | Callable
    of: tuple
    opened: str


#: All that is asked, in this order, of what nobody has opened, of that and then of what is opened.
QUESTIONS: list[Question] = []
OPENED = ("", "details.solution", "main details")


def ask(window, function, argument=None, of=PAGES, opened=""):
    """Have a question asked of each page ``of`` these, when the details ``opened`` are open.

    It leaves the page as it was. Returns what its answers are found by, see `Seen`.
    """
    assert opened in OPENED
    QUESTIONS.append(Question(window, function, argument, tuple(of), opened))
    return QUESTIONS[-1]


class Seen:
    """What was seen of a page: its ``name``, each answer, and what there was to `Watch`.

    ``requests`` are those of a page that is opened, ``away`` and ``complaints`` of all the visit.
    """

    def __init__(self, name, told):
        if told["failure"]:
            pytest.fail(told["failure"], pytrace=False)
        self.name, self._answers = name, told["answers"]
        self.requests, self.away = told["requests"], told["away"]
        self.complaints = told["complaints"]

    def __getitem__(self, question):
        answer = self._answers[str(QUESTIONS.index(question))]
        assert "error" not in answer, answer["error"]
        return answer.get("value")


def seen(folder, name, book, new_tab):
    """What was seen of a page (`Seen`); while another worker visits it, this one visits others."""
    told = folder / f"{name}.json"
    for one in (name, *PAGES):
        if told.exists():
            break
        survey(folder, one, book, new_tab, fcntl.LOCK_NB)
    else:
        survey(folder, name, book, new_tab, 0)
    return Seen(name, json.loads(told.read_text()))


def survey(folder, name, book, new_tab, patience):
    """Visit a page unless somebody has; without patience, unless somebody is there."""
    told = folder / f"{name}.json"
    told.parent.mkdir(parents=True, exist_ok=True)
    with open(told.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | patience)
        except BlockingIOError:
            return
        if not told.exists():
            part = told.with_suffix(".part")
            part.write_text(json.dumps(look(new_tab(), book, name)))
            part.rename(told)


def look(tab, book, name):
    """Visit a page and ask what there is to ask."""
    answers, requests, failure = {}, [], ""
    tab.watch.clear()
    try:
        visit(tab, book, name)
        requests = [*tab.watch.requests]
        asked = [(i, one) for i, one in enumerate(QUESTIONS) if name in one.of]
        asked.sort(key=lambda one: (OPENED.index(one[1].opened), one[1].window))
        for (opened, window), group in groupby(asked, lambda one: (one[1].opened, one[1].window)):
            use(tab, window)
            if opened:
                tab.evaluate(OPEN, opened)
            answers |= answered(tab, dict(group))
    except Exception:
        failure = f"{name} cannot be visited.\n{traceback.format_exc()[-3000:]}"
    told = {"requests": requests, "away": tab.watch.away(), "complaints": [*tab.watch.complaints]}
    tab.goto("about:blank")  # what this page still does is none of the next one's
    use(tab, DESK)  # an empty page is laid out in no time
    return {"answers": answers, "failure": failure, **told}


OPEN = """(which) => {
    document.querySelectorAll(which).forEach((one) => { one.open = true; });
}"""


def use(tab, window):
    """Look at the page in a tab through another window."""
    if not hasattr(tab, "held"):
        tab.held = tab.context.new_cdp_session(tab)
        tab.window = None
    # Each step would lay out the page anew.
    tab.evaluate("() => { document.body.style.contentVisibility = 'hidden'; }")
    if tab.window is None or tab.window.touch != window.touch:
        tab.held.send("Emulation.setTouchEmulationEnabled", {"enabled": window.touch})
    if tab.window is None or tab.window.media != window.media:
        tab.held.send("Emulation.setEmulatedMedia", {"media": window.media})
    tab.held.send(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": window.width,
            "height": window.height,
            "deviceScaleFactor": 1,
            "mobile": window.mobile,
        },
    )
    tab.window = window
    tab.evaluate("() => { document.body.style.contentVisibility = ''; }")
    held = tab.evaluate(
        """(media) => [document.documentElement.clientWidth,
            ...media.map((one) => matchMedia(one).matches)]""",
        ["(pointer: coarse)", window.media],
    )
    assert held == [window.width, window.touch, True], (held, window)


def answered(tab, asked):
    """The answers to questions, all in one go; one that fails tells why."""
    functions = ", ".join(f"{i}: {one.function}" for i, one in asked.items())
    arguments = {
        i: one.argument(tab) if callable(one.argument) else one.argument for i, one in asked.items()
    }
    return tab.evaluate(
        f"""async (given) => {{
            await document.fonts.ready;
            const answers = {{}};
            for (const [i, ask] of Object.entries({{ {functions} }})) {{
                try {{
                    answers[i] = {{ value: await ask(given[i]) }};
                }} catch (error) {{
                    answers[i] = {{ error: error.stack }};
                }}
            }}
            return answers;
        }}""",
        {str(i): one for i, one in arguments.items()},
    )
