"""What a check says has code and stress in it; what it quotes is not its own."""

import re
from html import unescape

import pytest

from backpass.checks import chapters
from backpass.checks.score import Score
from backpass.checks.words import html, marked

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
        assert unescape(re.sub("<[^>]*>", "", html(text))) == re.sub(
            r"(?<!\w)\*(\w+)\*(?!\w)", r"\1", text.replace("`", "")
        )


def test_the_feedback_in_a_notebook_is_marked_and_its_text_is_as_it_was():
    score = Score(0, 1, "Give `credit` *all* of it.")
    assert "Give <code>credit</code> <em>all</em> of it." in score._repr_html_()
    assert score.feedback == ("Give `credit` *all* of it.",)
