"""The pieces of SVG against matplotlib's own, point by point, and what they must not hold."""

import io
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from backpass import style
from backpass.explore import svg

NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        style.use()
        yield


def points(path):
    """The absolute points of path data, (n, 2); commands M L Q C and their relative forms."""
    found, here = [], np.zeros(2)
    for command, arguments in re.findall(r"([MLQCmlqcz])([^MLQCmlqcz]*)", path):
        step = np.array(NUMBER.findall(arguments), float).reshape(-1, 2)
        step = step + here if command.islower() else step
        found.append(step)
        here = step[-1] if len(step) else here
    return np.concatenate(found)


def full(figure):
    """Matplotlib's own SVG of the figure."""
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "x"}):
        figure.savefig(out, format="svg")
    return out.getvalue()


def picture(draw, figure=None):
    if figure is None:
        figure, axes = plt.subplots()
        draw(axes)
    plt.close(figure)
    canvas = svg.Canvas(figure)
    figure.set_dpi(72)
    return figure, *canvas.render(figure.draw)


def paths(text):
    return re.findall(r"<path[^>]*? d=\"([^\"]*)\"", text)


def busy(axes):
    x = np.linspace(0, 3, 40)
    axes.plot(x, np.sin(x), marker="o", label=r"$\sin\;\alpha_1$")
    axes.plot(x, np.exp(5 * x), lw=1, ls="--")
    axes.fill_between(x, 0, x, alpha=0.3, hatch="//")
    axes.scatter(x, x**2, c=x)
    axes.add_patch(plt.Circle((1, 1), 0.5, clip_on=True))
    axes.annotate("peak", (1.5, 1), (2, 3), arrowprops={"arrowstyle": "->"})
    axes.legend(loc="upper left", title="both")


def test_every_point_is_matplotlibs_within_half_a_hundredth():
    figure, definitions, body = picture(busy)
    theirs = full(figure)
    theirs_shared, theirs = (
        "".join(re.findall("(?s)<defs>.*?</defs>", theirs)),
        re.sub("(?s)<defs>.*?</defs>", "", theirs),
    )
    mine, reference = paths(body), paths(theirs)
    assert len(mine) == len(reference) > 20
    for ours, other in zip(mine, reference, strict=True):
        np.testing.assert_allclose(points(ours), points(other), atol=0.5 / svg.SCALE + 1e-9)
    shapes = [points(path) for path in paths("".join(definitions.values()))]
    for path in map(points, paths(theirs_shared)):
        same = [shape for shape in shapes if len(shape) == len(path)]
        assert any(np.allclose(shape, path, atol=0.5 / svg.SCALE + 1e-6) for shape in same)


def test_every_place_of_a_shape_is_matplotlibs():
    figure, _, body = picture(busy)
    theirs = re.sub("(?s)<defs>.*?</defs>", "", full(figure))

    def places(text):
        found = []
        for use in re.findall(r"<(?:use|g)\b[^>]*>", text):
            shift = re.search(r"translate\(([^)]*)\)", use)
            found.append(
                [float(n) for n in NUMBER.findall(shift[1])][:2]
                if shift
                else [float((re.search(rf' {k}="([^"]*)"', use) or [0, 0])[1]) for k in "xy"]
            )
        return np.array([place for place in found if any(place)])

    np.testing.assert_allclose(places(body), places(theirs), atol=0.5 / svg.SCALE + 1e-6)


@given(st.lists(st.tuples(*[st.floats(-500, 1500)] * 2), min_size=1, max_size=40), st.booleans())
def test_steps_do_not_drift(vertices, closed):
    text = "L".join(f"{x:f} {y:f}" for x, y in vertices)
    steps = svg._PATH.sub(svg._relative, f' d="M{text}{"z" * closed}"')
    np.testing.assert_allclose(
        points(steps.split('"')[1]), vertices, atol=0.5 / svg.SCALE + 1e-6, rtol=0
    )


def test_well_formed_and_bare():
    _, definitions, body = picture(busy)
    root = ET.fromstring(f"<svg><defs>{''.join(definitions.values())}</defs>{body}</svg>")
    assert {element.tag for element in root.iter()} <= {
        *("svg", "g", "defs", "path", "use", "clipPath", "rect", "pattern")
    }
    for word in ("metadata", "<!--", "xlink", "DejaVu", "\n", "<style", "font-family"):
        assert word not in body + "".join(definitions.values())


@pytest.mark.parametrize("last", ["", "<path/>", "<g><use/></g>", "<path/><clipPath/>"])
def test_last_element_is_whole(last):
    def draw(renderer):
        if "path" in last:
            renderer.writer.element("path", d="M 0 0")
        elif last:
            renderer.writer.start("g")
            renderer.writer.element("use", x="1")
            renderer.writer.end("g")
        if "clip" in last:
            renderer._clipd[1] = ((0, 0, 1, 1), "p")

    definitions, body = svg.Canvas(Figure()).render(draw)
    assert len(definitions) == ("clip" in last)
    tags = [element.tag for element in ET.fromstring(f"<svg>{body}</svg>").iter()]
    assert tags[1:] == {"": [], "<g><use/></g>": ["g", "use"]}.get(last, ["path"])


def test_each_piece_is_whole_and_the_settings_are_as_before_though_one_fails():
    before = dict(mpl.rcParams)
    figure = Figure(figsize=(2, 1), dpi=72)
    canvas, text = svg.Canvas(figure), figure.text(0.5, 0.5, "$x^2$ at 3")
    first = canvas.render(text.draw)

    def fail(renderer):
        text.draw(renderer)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        canvas.render(fail)
    assert canvas.render(text.draw) == first
    assert first[0]
    assert dict(mpl.rcParams) == before


def test_ids_are_shared_by_content_and_all_defined():
    _, definitions, body = picture(busy)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    assert used == set(definitions)
    assert all(re.fullmatch(rf"{svg.PREFIX}-[0-9a-f]{{8}}", key) for key in used)
    assert all(f'id="{key}"' in element for key, element in definitions.items())
    assert ' id="' not in body
    _, again, _ = picture(lambda axes: axes.text(0.5, 0.5, "peak"))
    letters = {key for key, element in again.items() if "scale(" in element}
    assert letters & set(definitions)
    assert all(definitions[key] == again[key] for key in letters & set(definitions))


def test_letters_are_placed_in_the_fewest_words():
    _, _, body = picture(lambda axes: axes.set_title("ab"))
    assert re.search(r'<use href="#[^"]+"/><use href="#[^"]+" x="[^"]+"/></g>', body)
    assert not re.search(r"<use[^>]*translate", body)


def test_link_stays():
    _, _, body = picture(lambda axes: axes.plot([0, 1], url="#section"))
    assert '<a href="#section"' in body


def test_deterministic():
    assert picture(busy)[1:] == picture(busy)[1:]


def test_palette_by_name_other_colours_as_they_are():
    def draw(axes):
        axes.plot([0, 1], color=style.C.orange)
        axes.set_xlabel("a label")
        axes.bar([0], [1], color="#123456", hatch="/", edgecolor=style.C.red)
        axes.scatter([0, 0.5, 1] * 9, [0, 1, 1] * 9, c=[style.C.teal])

    _, definitions, body = picture(draw)
    text = body + "".join(definitions.values())
    for name in ("orange", "red", "teal", "ink", "muted", "grid"):
        light = style.PALETTE[name][0]
        assert f"var(--bp-{name}, {light})" in text
        assert light not in text.replace(f"var(--bp-{name}, {light})", "")
    assert "fill: #123456" in text
    # an attribute cannot hold var(): every colour is in a style
    assert not re.search(r' (?:fill|stroke)="(?:#|var)', text)


@pytest.mark.parametrize(
    ("shape", "interpolation", "kept"),
    [
        ((4, 6), "auto", True),
        ((4, 6), "nearest", True),
        ((4, 6), "bilinear", False),
        ((400, 600), "auto", False),
    ],
)
def test_small_images_are_kept_cell_by_cell(shape, interpolation, kept):
    figure, axes = plt.subplots()
    image = axes.imshow(np.arange(np.prod(shape)).reshape(shape), interpolation=interpolation)
    figure.draw_without_rendering()
    svg.sharpen(image)
    _, _, body = picture(None, figure)
    assert ("pixelated" in body) == kept
    size = [float(n) for n in re.findall(r'(?:width|height)="([^"]*)"', body)]
    assert (size == list(shape[::-1])) == kept


def test_markers_of_one_look_say_so_once():
    def alike(axes):
        axes.plot([0, 1, 2], [0, 1, 0], "o", color=style.C.teal)

    _, _, body = picture(alike)
    group = re.search(r'<g clip-path="[^"]*" style="([^"]*)">((?:<use [^>]*/>){3})</g>', body)
    assert f"fill: var(--bp-teal, {style.PALETTE['teal'][0]})" in group[1]
    assert "style" not in group[2]


def test_markers_keep_a_look_of_their_own_and_an_opacity_of_each():
    markers = '<use href="#a" style="{}"/><use href="#a" style="{}"/>'
    for one, other in (("fill: red", "fill: blue"), ("opacity: 0.5", "opacity: 0.5")):
        group = f"<g>{markers.format(one, other)}</g>"
        assert svg._MARKERS.sub(svg._alike, group) == group
    same = f"<g>{markers.format(*['fill-opacity: 0.5'] * 2)}</g>"
    assert svg._MARKERS.sub(svg._alike, same) != same


def test_markup_falls_into_its_outermost_elements():
    _, definitions, body = picture(busy)
    for markup in (body, "".join(definitions.values())):
        found = svg.elements(markup)
        assert "".join(found) == markup
        assert len(found) == len(ET.fromstring(f"<svg>{markup}</svg>")) > 10
    assert svg.elements("") == []
