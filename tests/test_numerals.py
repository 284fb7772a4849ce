"""Numbers of sentences, as a reader sees them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backpass.numerals import indexed, printed, short, together


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("At margin -10 it is -.5, not (-3).", "At margin −10 it is −.5, not (−3)."),
        ("cross-entropy of a 2-3-1 net, x-1, f(2)-1, a[0]-1", None),
        (
            "e = -0.00, or -0, or −0.000; the rest is -0.",
            "e = 0.00, or 0, or 0.000; the rest is 0.",
        ),
        ("−0.01, −0.5, 0 − 0, −0,5, −0.0.1, −0x", None),
        ("h = 1e-05", "h = 10⁻⁵"),
        (
            "3.6e−8, as whoever wrote it has set its minus",
            "3.6 · 10⁻⁸, as whoever wrote it has set its minus",
        ),
        (
            "at -1e-05 or 1.35e-44, up to 2.44e+03 of 1e21.",
            "at −10⁻⁵ or 1.35 · 10⁻⁴⁴, up to 2.44 · 10³ of 10²¹.",
        ),
        ("1e+01, 2.44e+01, 3.0e1, 2.5e+00, -1e0", "10, 24.4, 30, 2.5, −1"),
        ("2e, e-5, 1e5x, 0x1e5, 12e3, v1e5", None),
        (
            "1000, or 12345.678; 1,234 and 1234567 (1986), (-2000); 1153.83.",
            "1,000, or 12,345.678; 1,234 and 1,234,567 (1986), (−2,000); 1,153.83.",
        ),
        ("It gives inf, then -inf.", "It gives ∞, then −∞."),
        ("np.inf, infinite, inf_norm", None),
        (
            "½(0.1 − (0.2))² + -0.46 = 2 · (3e-5) · -1.5e-4 − (2.5).",
            "½(0.1 − 0.2)² + (−0.46) = 2 · (3 · 10⁻⁵) · (−1.5 · 10⁻⁴) − 2.5.",
        ),
        ("½(−0.3)² + ½(0.3)² + (−2) · (0.5)(0.3), 1 + (2)² − (n) × (1986), (0.5)", None),
        ("−1 to −2, +1, −1; 3 · −x, 4 · −2n, f (0.5)", None),
        ("999, 0.12345, 10000,5, 1.2345.6, x1000, 1000x, 10⁴, 1234.5.6", None),
    ],
)
def test_numbers_look_as_in_print(written, read):
    assert printed(written).replace("\N{NO-BREAK SPACE}", " ") == (read or written)


@example(-0.0, ".1e")
@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["g", ".0f", ".2f", ".1e"])
)
def test_what_is_read_is_the_number(number, form):
    written = f"{number:{form}}"
    read = printed(written).replace(",", "")
    assert not set("-+e") & set(read)
    assert not read.startswith("−") or any(digit in read for digit in "123456789")
    factor, _, power = read.replace("\N{NO-BREAK SPACE}", "").rpartition("·")
    if not factor and "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".find(read[-1]) < 0:
        factor, power = read, "10⁰"
    lowered = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    sign = -1 if power.startswith("−") else 1
    exponent = power.removeprefix("−").removeprefix("10").translate(lowered)
    value = sign * float(factor.translate(lowered) or 1) * 10.0 ** int(exponent)
    assert value == pytest.approx(float(written), rel=1e-9)


def test_no_line_parts_a_number():
    assert " " not in printed("6.1e-06")
    assert (
        printed("at 1 : 2 ± 3, a : b")
        == "at 1\N{NO-BREAK SPACE}:\N{NO-BREAK SPACE}2\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}3, a : b"
    )


def test_where_there_is_little_room_a_power_of_ten_is_narrow():
    assert printed("δ = -2.19e-05, -0.00", gap="") == "δ = −2.19·10⁻⁵, 0.00"


def test_what_may_be_a_name_is_not_grouped():
    assert printed("issue 34336: 1e4 times", grouped=False) == "issue 34336: 10⁴ times"


@given(st.integers())
def test_commas_part_every_three_digits(number):
    assert printed(f"{number}") == f"{number:,}".replace("-", "−")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (12345678, "12,345,678"), (1.0, "1.00"), (-1234.5, "−1,230"), (2.5e8, "2.50 · 10⁸")],
)
def test_a_short_number_has_three_digits_unless_it_is_whole(value, text):
    assert short(value) == text


def test_no_line_parts_a_ratio():
    assert printed("weights of 1 : 2 : 4 : a list") == (
        "weights of 1\N{NO-BREAK SPACE}:\N{NO-BREAK SPACE}2\N{NO-BREAK SPACE}:"
        "\N{NO-BREAK SPACE}4 : a list"
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("σ − ½ and tanh + 1 are 3 × 3, but a – b", "σ_−_½ and tanh_+_1 are 3_×_3, but a – b"),
        ("rate (1 + |w|²)η, ‖a‖ · ‖b‖", "rate (1_+_|w|²)η, ‖a‖_·_‖b‖"),
        ("and MAG = 2 the bound, K = ℓ", "and MAG_=_2 the bound, K_=_ℓ"),
        ("F(x) = other words and a = b·c·d·e", None),
        ("1 : 2 : 4 and 7 nets with 2 : 3 : 4", "1_:_2_:_4 and 7 nets with 2_:_3_:_4"),
        ("at (0, 2), (−1, 0.5) and (1, 1)", "at (0,_2), (−1,_0.5) and (1,_1)"),
        ("below 1e-9 for -np.inf, - and a-b", "below 1e-~9 for -~np.inf, - and a-b"),
        ("T.-Y. Liu, 2-3-1, --due", "T.-~Y. Liu, 2-3-1, --due"),
        ("L-BFGS-B, CMA-ES, CIFAR-10", "L-~BFGS-~B, CMA-~ES, CIFAR-~10"),
        ("RNN-like, XOR-Net, A-side, K-1, plan-B", None),
        ("1/λmax, 1/(βL), ∂E/∂z and 2/3", "1/~λmax, 1/~(βL), ∂E/~∂z and 2/~3"),
        ("and/or a/b/c ./a /b x.y/z tests/checks", None),
        ("in 2016: 3, 4 (He, 2016) and a = longerthings", None),
    ],
)
def test_no_line_parts_what_is_calculated_or_compared_nor_a_pair(text, kept):
    seen = together(text).replace("\N{NO-BREAK SPACE}", "_").replace("\N{WORD JOINER}", "~")
    assert seen == (kept or text)


def test_a_letter_has_its_number_as_an_index():
    assert indexed("∂E/∂W_1 (2, 3), b_12 of layer_1") == "∂E/∂W₁ (2, 3), b₁₂ of layer_1"
