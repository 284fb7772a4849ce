"""Explorers on the pages of the book: with the mouse, with the keyboard, side by side."""

import itertools
import math

import pytest
from visits import explorers, far_is_hidden

pytestmark = pytest.mark.browser

#: Puts an explorer's controls where `settings` says, then notes at each input what it shows. Gives
#: the control of a name.
PUT = """(figure, [settings, name]) => {
    const shown = ({ value, ariaValueText }) => ({
        picture: figure.querySelector("g.layer").innerHTML,
        sentence: figure.querySelector("figcaption").textContent,
        height: figure.querySelector("svg").getBoundingClientRect().height,
        value, text: ariaValueText,
    });
    const fields = figure.querySelectorAll("input, select");
    fields.forEach((field, i) => {
        if (field.type === "checkbox") field.checked = settings[i];
        else if (field.type === "range") field.value = settings[i];
        else field.selectedIndex = settings[i];
    });
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
    figure.seen = [shown(fields[0])];
    figure.oninput = ({ target }) => figure.seen.push(shown(target));
    return figure.querySelector(`[name="${name}"]`);
}"""

#: Real keys: what one would try.
KEYS = {
    "slider": ["ArrowRight", "End", "ArrowLeft", "Home", "PageUp"],
    "choice": ["ArrowDown", "End"],
    "checkbox": ["Space"],
}


@pytest.fixture(scope="module")
def each_chapter(each_chapter):
    far_is_hidden(each_chapter)
    return each_chapter


class State:
    """A place for each control of an explorer, and what is recorded for it."""

    def __init__(self, kept, places):
        shape = [len(control["values"]) for control in kept["controls"]]
        number = sum(place * math.prod(shape[i + 1 :]) for i, place in enumerate(places))
        self.picture, self.sentence = kept["states"][number], kept["sentences"][number]
        self.settings = [
            control["values"][place] if control["kind"] == "checkbox" else place
            for control, place in zip(kept["controls"], places, strict=True)
        ]

    def differs(self, other):
        """Whether it is seen and read."""
        return self.picture != other.picture and self.sentence != other.sentence


def ends(kept, axis):
    """Every pair of states in which this control stands first and last, and no other changes."""
    shape = [len(control["values"]) for control in kept["controls"]]
    ranges = [(0,) if i == axis else range(n) for i, n in enumerate(shape)]
    for places in itertools.product(*ranges):
        last = (*places[:axis], shape[axis] - 1, *places[axis + 1 :])
        yield State(kept, places), State(kept, last)


def controls(tab):
    """(figure, field, control, first, last) for each control of the page.

    The figure stands at the state ``first``; ``last`` is the other end of this control, where both
    picture and sentence differ. Not every control shows at every state: both precisions overflow
    at the largest logits. Handles, since a locator searches the whole page at each use.
    """
    for id, kept in explorers(tab):
        figure = element(tab, id)
        for axis, control in enumerate(kept["controls"]):
            pairs = (pair for pair in ends(kept, axis) if pair[0].differs(pair[1]))
            first, last = next(pairs, (None, None))
            name = f"{kept['title']}: {control['name']}"
            assert first, f"{name} never changes both picture and sentence"
            field = figure.evaluate_handle(PUT, [first.settings, control["name"]]).as_element()
            yield figure, field, control, first, last


def element(tab, id):
    """The element of this id."""
    return tab.evaluate_handle("id => document.getElementById(id)", id).as_element()


def test_every_control_answers_the_mouse(each_chapter):
    """Sliders are dragged, choices chosen, boxes ticked."""
    for figure, field, control, first, last in controls(each_chapter):
        choose_last(each_chapter, field, control)
        seen = figure.evaluate("figure => figure.seen")
        assert [seen[0]["sentence"], seen[-1]["sentence"]] == [first.sentence, last.sentence]
        assert seen[0]["picture"] != seen[-1]["picture"], first.sentence
        assert len({one["height"] for one in seen}) == 1, first.sentence


def choose_last(tab, field, control):
    """Set a control to the last of its values, as a mouse does."""
    if control["kind"] == "checkbox":
        field.click()
    elif control["kind"] == "choice":
        field.select_option(index=len(control["values"]) - 1)
    else:
        field.hover()  # waits until what comes into view has its height, and nothing moves
        box = field.bounding_box()
        y = box["y"] + box["height"] / 2
        tab.mouse.move(box["x"] + 8, y)
        tab.mouse.down()
        tab.mouse.move(box["x"] + box["width"] + 20, y, steps=3)
        tab.mouse.up()
        assert int(field.input_value()) == len(control["values"]) - 1


def test_every_control_answers_the_keyboard(each_chapter):
    """Arrows, Home, End and Space change picture and words."""
    for figure, field, control, *_ in controls(each_chapter):
        field.focus()
        for key in KEYS[control["kind"]]:
            each_chapter.keyboard.press(key)
        before, *seen = figure.evaluate("figure => figure.seen")
        for what in ("picture", "sentence"):
            assert any(one[what] != before[what] for one in seen), before["sentence"]
        if control["kind"] == "slider":
            assert all(one["text"] == control["texts"][int(one["value"])] for one in seen)


def test_tab_goes_from_control_to_control(each_chapter):
    for id, kept in explorers(each_chapter):
        element(each_chapter, id).evaluate("one => one.querySelector('input, select').focus()")
        for control in kept["controls"]:
            here = each_chapter.evaluate("document.activeElement.id")
            assert here == f"{id}-{control['name']}"
            each_chapter.keyboard.press("Tab")
            while each_chapter.evaluate("document.activeElement.matches('.track button')"):
                each_chapter.keyboard.press("Tab")


def test_each_explorer_moves_alone(each_chapter):
    """Whichever control is moved, pictures and sentences change in its own figure only."""
    moved = each_chapter.evaluate(
        """() => {
            const observer = new MutationObserver(() => {});
            for (const figure of document.querySelectorAll("figure.explorer")) {
                observer.observe(figure, { subtree: true, childList: true, characterData: true });
            }
            const moved = [];
            for (const field of document.querySelectorAll(".explorer :is(input, select)")) {
                if (field.type === "checkbox") field.checked = !field.checked;
                else if (field.type === "range") field.value = +field.value ? 0 : field.max;
                else field.selectedIndex = field.selectedIndex ? 0 : field.length - 1;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                const targets = observer.takeRecords().map(({ target }) => target);
                const changed = new Set(targets.map((target) => target.closest("figure").id));
                moved.push([field.closest("figure").id, ...changed]);
            }
            return moved;
        }"""
    )
    assert len(moved) == sum(len(kept["controls"]) for _, kept in explorers(each_chapter))
    assert all(changed == [own] for own, *changed in moved), moved


def test_pictures_refer_only_to_what_there_is(each_chapter):
    missing = each_chapter.evaluate(
        """() => [...document.querySelectorAll('figure.explorer svg *')]
            .flatMap(e => [...e.attributes].map(a => a.value))
            .flatMap(v => [...v.matchAll(/url\\(#([^)]+)\\)|^#(.+)/g)].map(m => m[1] ?? m[2]))
            .filter(id => !document.getElementById(id))"""
    )
    assert missing == []
