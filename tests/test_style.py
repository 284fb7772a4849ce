import matplotlib as mpl
import pytest

from backpass import style


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    darker, lighter = sorted(map(luminance, (a, b)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_the_standards():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", sorted(set(style.PALETTE) - {"grid", "paper"}))
@pytest.mark.parametrize("page", [0, 1], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_their_page(name, page):
    assert contrast(style.PALETTE[name][page], style.PALETTE["paper"][page]) >= 4.5


def test_the_palette_by_name_is_what_matplotlib_draws_with():
    assert vars(style.C) == {name: light for name, (light, _) in style.PALETTE.items()}


def test_use_sets_the_style():
    with mpl.rc_context():
        mpl.rcdefaults()
        style.use()
        assert mpl.rcParams["axes.labelcolor"] == style.C.ink
        colours = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert len(set(colours)) == len(colours) == 7
    assert set(colours) < set(vars(style.C).values())


def test_a_phone_shows_text_of_12_px_and_ghosts_are_faint():
    assert style.SIZE * 350 / (72 * style.WIDTH) >= 12
    assert style.RC["figure.figsize"][0] == style.WIDTH
    assert style.RC["font.size"] == style.RC["legend.fontsize"] == style.SIZE
    assert style.GHOST["alpha"] < 0.5


def test_every_colour_of_the_palette_has_two_values():
    css = style.palette()
    for name, (light, dark) in style.PALETTE.items():
        assert css.count(f"--bp-{name}: {light};") == 1
        assert css.count(f"--bp-{name}: {dark};") == 2
