"""Formulas have half of KaTeX's elements, and each glyph stands where KaTeX puts it."""

import json
import subprocess

import pytest

from backpass.book.text import katex
from backpass.files import fetched

pytestmark = pytest.mark.browser

FORMULAS = [
    r"x", r"a \ne b, \; x_i^2 + y_{t-1}", r"\delta_1 = (\delta_2 W_2^\top) \odot \varphi'(Z_1)",
    r"\boxed{\;\frac{\partial L}{\partial w} = \sum_{t=1}^{T} \sum_{k=1}^{t} \frac12 h_k\;}",
    r"\underbrace{\delta}_{\text{along the skip}} + \overbrace{a + b}^n",
    r"\begin{aligned} a &= \sqrt{\tfrac{1}{1-\rho}} \\ b &= c \end{aligned}",
    r"b = \begin{cases} 1 & x > 0 \\ 0 & y \end{cases}", r"\lim_{n \to \infty} \prod_j e^{z_{k_j}}",
    r"\Bigl(\frac{g^2}{2}\Bigr)^{k} \lVert u \rVert^2 \le \hat{y} \bar{x} \mathbb E",
    r"\left[\begin{matrix}1 & x\\2 & y_j^{2}\end{matrix}\right]",
    r"\int_0^1 u\,du, \qquad \operatorname{diag}(\varphi') W^{\top} \iff \text{MAG}^{1/T}",
]  # fmt: skip

PLAIN = """const [source, formulas] = JSON.parse(require("fs").readFileSync(0));
const module_ = { exports: {} };
new Function("module", "exports", source)(module_, module_.exports);
console.log(JSON.stringify(formulas.map((tex) =>
    [false, true].map((displayMode) => module_.exports.renderToString(tex, { displayMode })))));"""

#: Where each letter, rule and frame of each formula stands, and what room the formula takes.
PLACES = """() => [...document.querySelectorAll("main > p")].map((line) => {
    const { x, y, height } = line.getBoundingClientRect();
    const places = [], range = document.createRange();
    const walk = document.createTreeWalker(line.querySelector(".katex-html"), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        [...walk.currentNode.data].forEach((letter, place) => {
            if (!letter.trim() || letter === "\\u200b") return;
            range.setStart(walk.currentNode, place);
            range.setEnd(walk.currentNode, place + letter.length);
            const box = range.getBoundingClientRect();
            places.push([letter, box.x - x, box.y - y]);
        });
    }
    for (const part of line.querySelectorAll(".fbox, .frac-line, svg")) {
        const box = part.getBoundingClientRect();
        places.push(["frame", box.x - x, box.y - y], ["size", box.width, box.height]);
    }
    return { height, places };
})"""


def test_every_glyph_stands_where_katex_puts_it(new_tab, book):
    source = fetched.read("katex/dist/katex.min.js").decode()
    told = json.dumps([source, FORMULAS]).encode()
    done = subprocess.run([katex.NODE, "-e", PLAIN], input=told, capture_output=True, check=True)
    plain = [html for both in json.loads(done.stdout) for html in both]
    lean = [katex.render(tex, display) for tex in FORMULAS for display in (False, True)]
    assert sum(html.count("<") for html in lean) < 0.6 * sum(html.count("<") for html in plain)
    tab = new_tab()
    tab.goto((book / "pages/notation.html").as_uri())
    seen = []
    for version in (plain, lean):
        text = "".join(f"<p>{html} x</p>" for html in version)
        tab.evaluate('text => { document.querySelector("main").innerHTML = text }', text)
        tab.evaluate("document.fonts.ready.then(() => {})")
        seen.append(tab.evaluate(PLACES))
    for tex, whole, half in zip([tex for tex in FORMULAS for _ in "12"], *seen, strict=True):
        assert abs(whole["height"] - half["height"]) < 0.5, tex
        assert [one[0] for one in whole["places"]] == [one[0] for one in half["places"]]
        for (letter, x, y), (_, left, top) in zip(whole["places"], half["places"], strict=True):
            assert abs(x - left) < 2, (tex, letter)
            assert abs(y - top) < 2, (tex, letter)
