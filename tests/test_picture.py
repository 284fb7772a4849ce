"""A picture of a learner's result: drawn if there is one, else a frame that says why not."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from backpass.picture import picture


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn(function, **how):
    picture(xlabel="K", xlim=(0, 3), **how)(function)
    return plt.gcf().axes


def said(ax):
    return " ".join(text.get_text() for text in ax.texts)


def test_what_is_there_is_drawn_at_once_in_its_frame():
    (ax,) = drawn(lambda ax: ax.plot([0, 1], [0, 1]))
    assert (len(ax.lines), ax.get_xlabel(), ax.get_xlim()) == (1, "K", (0, 3))
    assert not said(ax)


def untouched(*args):
    return ...


def tens(losses):
    return losses.reshape(-1, 10).mean(axis=1)


@pytest.mark.parametrize(
    "draws",
    [
        lambda ax: ax.plot([0, 1], untouched()),
        lambda ax: ax.plot([0, 1], [untouched(), untouched()]),
        lambda ax: ax.imshow(np.array(untouched())),
        lambda ax: ax.plot(untouched() * 2),
        lambda ax: ax.plot(np.linalg.norm(untouched())),
        lambda ax: ax.plot(untouched()[0]),
        lambda ax: ax.plot(*untouched()),
        lambda ax: ax.plot(untouched().T),
        lambda ax: ax.bar(["a"], [untouched()]),
        lambda ax: (ax.plot([1, 2]), [x for x in untouched()]),
        lambda ax: tens(np.array(untouched())),
    ],
)
def test_an_untouched_answer_leaves_the_frame_blank(draws):
    (ax,) = drawn(draws)
    assert said(ax).startswith("Your result"), said(ax)
    assert (len(ax.lines), ax.get_xlabel(), ax.get_xlim()) == (0, "K", (0, 3))


def test_what_an_answer_stops_with_is_told_in_the_frame():
    (ax,) = drawn(lambda ax: ax.plot([1 / 0]))
    assert said(ax).split() == ["ZeroDivisionError:", "division", "by", "zero"]
    (ax,) = drawn(lambda ax: ax.plot([1, 2], [1, 2, 3]))
    assert " ".join(said(ax).split()).startswith("ValueError: x and y must have same first")


def test_several_panels_are_given_together_and_blank_together():
    axes = drawn(lambda axes: [ax.plot([1, 2]) for ax in axes], columns=2)
    assert [len(ax.lines) for ax in axes] == [1, 1]
    assert all(said(ax) for ax in drawn(lambda axes: axes[0].plot(untouched()), columns=2))


def test_warnings_of_an_answer_are_not_printed(capfd):
    (ax,) = drawn(lambda ax: ax.plot(np.log(np.zeros(3))))
    assert len(ax.lines) == 1  # else a warning, which is an error here, is told in its place
    assert capfd.readouterr() == ("", "")


def test_a_backend_that_is_loaded_with_the_first_figure_stays_interactive(monkeypatch):
    def loading(*args, original=plt.subplots, **options):
        mpl.interactive(True)  # as Jupyter's does
        return original(*args, **options)

    monkeypatch.setattr(plt, "subplots", loading)
    try:
        drawn(lambda ax: ax.plot([1, 2]))
        assert mpl.is_interactive()
    finally:
        mpl.interactive(False)


def test_the_words_in_a_narrow_frame_leave_it_its_width():
    for ax in drawn(lambda axes: axes[0].plot([0, 1], untouched()), columns=2):
        box = ax.texts[0].get_window_extent()
        assert ax.bbox.x0 <= box.x0 < box.x1 <= ax.bbox.x1


def test_a_blank_frame_has_the_shape_of_the_picture_whatever_was_drawn_first():
    def draws(ax):
        ax.imshow(np.eye(2), extent=(0, 1, 0, 40))
        ax.plot(untouched())

    (ax,) = drawn(draws)
    assert ax.get_aspect() == "auto"
    assert ax.get_position().width > 0.6
