from itertools import combinations

import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch

from backpass import draw
from backpass.explore import explore
from backpass.style import SIZE


@pytest.fixture
def ax():
    _, ax = draw.canvas(4.8, 3.0)
    yield ax
    plt.close("all")


def test_one_unit_of_a_canvas_is_one_inch(ax):
    fig = ax.figure
    assert ax.transData.transform((1.0, 0.5)) == pytest.approx((fig.dpi, 0.5 * fig.dpi))
    assert not ax.axison


@pytest.mark.parametrize("end", [(3.0, 1.5), (1.5, 2.8), (0.1, 0.2), (2.4, 2.2)])
def test_a_line_leaves_a_box_at_its_outline(end):
    start = draw.Shape(1.5, 1.5, 0.5, 0.3)
    x, y = start.towards(draw.Shape(*end, 0.1, 0.1))
    out = max(abs(x - 1.5) / 0.5, abs(y - 1.5) / 0.3)
    assert 1 < out < 1 + 3 * draw.GAP / 0.3
    assert (x - 1.5) * (end[1] - 1.5) == pytest.approx((y - 1.5) * (end[0] - 1.5))


def test_a_line_leaves_a_disc_at_its_radius():
    x, y = draw.Shape(1.0, 1.0, 0.5, 0.5, True).towards(draw.Shape(4.0, 5.0, 0.1, 0.1))
    assert (x, y) == pytest.approx((1 + 0.6 * 0.52, 1 + 0.8 * 0.52))


def test_two_shapes_in_one_place_have_no_line():
    shape = draw.Shape(1.0, 1.0, 0.2, 0.2)
    with pytest.raises(ValueError, match="both are the same"):
        shape.towards(draw.Shape(1.0, 1.0, 0.5, 0.5))


def test_what_is_drawn_is_where_the_shape_says(ax):
    shape = draw.box(ax, (1.0, 1.0), "h = 0.5", width=1.2, height=0.5)
    draw.disc(ax, (3.0, 1.0), radius=0.3)
    ax.figure.canvas.draw()
    inches = ax.transData.inverted()
    for patch, (x, y, wide, high) in zip(
        ax.patches, [(shape.x, shape.y, 1.2, 0.5), (3.0, 1.0, 0.6, 0.6)], strict=True
    ):
        box = patch.get_path().transformed(patch.get_patch_transform()).get_extents()
        assert (box.x0, box.x1) == pytest.approx((x - wide / 2, x + wide / 2))
        assert (box.y0, box.y1) == pytest.approx((y - high / 2, y + high / 2))
    text = ax.texts[0].get_window_extent().transformed(inches)
    assert 0.4 < text.x0 < text.x1 < 1.6
    assert ax.texts[0].get_size() >= SIZE


def test_text_beside_an_arrow_is_to_its_left(ax):
    low, high = (draw.box(ax, (2.0, y), width=0.4) for y in (0.5, 2.5))
    draw.arrow(ax, low, high, "up", aside=0.3)
    draw.arrow(ax, high, low, "down", aside=0.3)
    draw.arrow(ax, high, low, "on", at=0.25)
    up, down, on = ax.texts
    assert up.get_position() == pytest.approx((1.7, 1.5))
    assert down.get_position() == pytest.approx((2.3, 1.5))
    assert on.get_position()[0] == pytest.approx(2.0)
    assert on.get_position()[1] > 1.7
    assert on.get_bbox_patch() is not None
    assert up.get_bbox_patch() is None


def test_an_arrow_back_runs_beside_the_one_that_leads_there(ax):
    low, high = (draw.box(ax, (2.0, y), width=0.6) for y in (0.5, 2.5))
    draw.arrow(ax, low, high)
    draw.arrow(ax, high, low, "back", shift=(0.2, 0.0), aside=0.3)
    there, back = (patch for patch in ax.patches if isinstance(patch, FancyArrowPatch))
    (x0, y0), (x1, y1) = there._posA_posB
    assert back._posA_posB == [pytest.approx((x1 + 0.2, y1)), pytest.approx((x0 + 0.2, y0))]
    assert ax.texts[0].get_position() == pytest.approx((2.5, 1.5))


def test_an_arrow_without_width_is_text_alone(ax):
    shapes = [draw.disc(ax, (x, 1.0)) for x in (1.0, 3.0)]
    draw.arrow(ax, *shapes, "0.5", lw=0)
    assert [text.get_text() for text in ax.texts] == ["0.5"]
    assert not any(isinstance(patch, FancyArrowPatch) for patch in ax.patches)


def test_nothing_is_written_for_no_text(ax):
    draw.box(ax, (1.0, 1.0))
    assert not ax.texts


@pytest.mark.parametrize("sizes", [(2, 3, 1), (6, 2, 1), (1, 1), (4, 4, 4, 4)])
def test_layers_stand_apart_and_in_the_middle(sizes):
    places = draw.layers(sizes, 4.8, 3.0, margin=0.4)
    assert [len(column) for column in places] == list(sizes)
    everywhere = [at for column in places for at in column]
    across, up = zip(*everywhere, strict=True)
    assert (min(across), max(across)) == pytest.approx((0.4, 4.4))
    assert min(up) > 0.4 - 1e-9
    assert max(up) < 2.6 + 1e-9
    for column in places:
        assert sum(y for _, y in column) / len(column) == pytest.approx(1.5)
    distances = [abs(a - c) + abs(b - d) for (a, b), (c, d) in combinations(everywhere, 2)]
    assert min(distances) > 0.4


def test_a_drawing_is_background_and_layer(ax):
    shapes = [draw.box(ax, (x, 1.0), name) for x, name in ((1.0, "a"), (3.0, "b"))]

    @explore(ax, lit=[False, True])
    def drawing(ax, lit):
        """Two boxes"""
        draw.arrow(ax, *shapes, "0.5", lw=3 if lit else 0)
        return f"The arrow is {'on' if lit else 'off'}."

    dark, lit = drawing.recording()["states"]
    assert len(lit) > len(dark) > 0
