"""What a check says has code and stress in it; what it quotes is not its own."""

import re
from html import unescape

import pytest

from backpass.checks import chapters
from backpass.checks.markup import html, marked
from backpass.checks.score import Score

EVERY = [
    f"{mistake} {mistake.fix}"
    for exercises in chapters().values()
    for exercise in exercises.values()
    for mistake in exercise.mistakes.values()
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Divide by n, as `error` was.", "Divide by n, as <code>error</code> was."),
        ("`a < b` or `A**j`.", "<code>a &lt; b</code> or <code>A**j</code>."),
        ("The steps go *up* the slope.", "The steps go <em>up</em> the slope."),
        ("2 * n * 3, a*b*c, **p, O(n*)", "2 * n * 3, a*b*c, **p, O(n*)"),
        ("(line 3, “x = '`' + a *b* '`'”)", "(line 3, “x = &#x27;`&#x27; + a *b* &#x27;`&#x27;”)"),
        ("one ` alone, ``", "one ` alone, ``"),
        ("∂L_t/∂h_{t−1} by w_jk:", "∂L<sub>t</sub>/∂h<sub>t−1</sub> by w<sub>jk</sub>:"),
        ("E[x_i x_j], Σ_i", "E[x<sub>i</sub> x<sub>j</sub>], Σ<sub>i</sub>"),
        ("u^T · a^silent", "u<sup>T</sup> · a<sup>silent</sup>"),
        ("‖W^k‖^(1/k), 2^−149.", "‖W<sup>k</sup>‖<sup>1/k</sup>, 2<sup>−149</sup>."),
        ("e^Z₁/(1 + 0.9^k.", "e<sup>Z₁</sup>/(1 + 0.9<sup>k</sup>."),
        ("u_range(0.5, 2), log_sizes, X_all", "u_range(0.5, 2), log_sizes, X_all"),
        ("`h_t` ** “x_t = u^T”", "<code>h_t</code> ** “x_t = u^T”"),
        ("`<script>` <script>", "<code>&lt;script&gt;</code> &lt;script&gt;"),
        ("", ""),
    ],
)
def test_code_and_stress_are_marked_and_nothing_else(text, shown):
    assert html(text) == shown


def test_no_mark_is_left_in_what_the_checks_say():
    assert any("`" in text for text in EVERY)
    for text in EVERY:
        plain = "".join(words for kind, words in marked(text) if kind is None)
        assert "`" not in plain, text
        assert not re.search(r"(?<!\w)\*\w[^*]*\*(?!\w)", plain), text


def test_nothing_is_lost():
    for text in EVERY:
        marks = r"[`_^{}()*]"  # what is a mark, and what stands in code
        shown = unescape(re.sub("<[^>]*>", "", html(text)))
        assert re.sub(marks, "", shown) == re.sub(marks, "", text)


def test_no_index_or_power_is_left_in_what_the_checks_say():
    for text in EVERY:
        plain = "".join(words for kind, words in marked(re.sub("“[^”]*”", "", text)) if not kind)
        assert not re.search(r"_\{|(?<![\w.])[^\W\d_]_[^\W_]{1,2}(?!\w)|\w\^", plain), text


def test_the_feedback_in_a_notebook_is_marked_and_its_text_is_as_it_was():
    score = Score(0, 1, "Give `credit` *all* of it.")
    assert "Give <code>credit</code> <em>all</em> of it." in score._repr_html_()
    assert score.feedback == ("Give `credit` *all* of it.",)
