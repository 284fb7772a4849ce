"""The search finds the section that answers, as one types and on its own page, also from disk."""

import re

import pytest

pytestmark = pytest.mark.browser

BACKPROPAGATION, SOFTMAX = "chapters/backpropagation.html", "chapters/softmax_cross_entropy.html"
CENTRING, RELU = "chapters/sigmoid_and_tanh.html", "chapters/relu_cnn_rnn.html"
SKIPS, TIME = "chapters/residual_networks.html", "chapters/bptt.html"
BATCHES = "chapters/minibatches.html"
WHY = "chapters/why_gradients.html"
QUESTION, TERM = "pages/questions.html", "pages/glossary.html"

#: What must come first; or, of two that answer alike, one of them.
FIRST = {
    "vanishing gradient": f"{TERM}#vanishing-gradient",
    "nelder mead": f"{TERM}#nelder.?mead|{WHY}.*",
    "genetic algorithm": f"{TERM}#genetic-algorithm|{QUESTION}#is-a-genetic.*",
    "saddle": f"{TERM}#saddle.*",
    "normal equations": f"{TERM}#normal-equations|{WHY}#where-a-closed-form-exists",
    "why is tanh better than sigmoid": f"{QUESTION}#why-is-tanh-almost-always-better.*",
    "he initialization": f"{TERM}#hes-scale.*",
    "learning rate": f"{TERM}#learning-rate",
    "skip connection": f"{TERM}#skip-connection|{SKIPS}",
    "softmax derivative": f"{SOFTMAX}#the-jacobian-of-softmax",
    "truncated bptt": f"{TERM}#truncation|{TIME}#what-truncation-drops",
    "batch size": BATCHES,
    "δ": f"{TERM}#delta",
    "im2col": f"{TERM}#im2col.*",
    "dying relu": f"{TERM}#dead-unit.*",
    "sum or mean": BATCHES,
    "noise scale": f"{TERM}#gradient-noise-scale",
    "last batch": f"{BATCHES}#the-last-batch",
    "double the batch": f"({QUESTION}|{BATCHES})#double-the-batch-double-the-rate",
    "average gradients": f"{QUESTION}#do-i-sum-or-average.*",
    "without replacement": f"{BATCHES}#what-a-batch-knows",
    "exploding gradients": f"{TIME}#exploding-vanishing-and-clipping|{QUESTION}#does-a-singular.*",
    "gradient clipping": f"{TERM}#clipping|{TIME}#exploding-vanishing-and-clipping",
    "spectral radius": f"{TERM}#spectral-radius",
    "identity shortcut": f"{SKIPS}#shortcuts-that-are-not-the-identity",
    "cross entropy gradient": f"{QUESTION}#how-does-backpropagation-work-for-a-softmax.*",
    "backprop into labels": f"{SOFTMAX}#what-it-means-to-backpropagate-into-the-labels",
    "log-sum-exp": f"{TERM}#log-sum-exp",
    "overflow": f"{TERM}#overflow-underflow",
    "numerical gradient check": f"{BACKPROPAGATION}#checking-a-gradient",
    "gradient checking": f"{BACKPROPAGATION}#checking-a-gradient|{QUESTION}#how-do-i-check.*",
    "complex step": f"{QUESTION}#how-do-i-check-a-gradient.*",
    "finite difference": f"{TERM}#finite-differences",
    "symmetry breaking": f"{TERM}#symmetry-breaking",
    "weights all equal": f"{BACKPROPAGATION}#all-weights-equal",
    "vector jacobian product": f"{TERM}#vectorjacobian-product",
    "reverse mode": f"{TERM}#reverse-mode",
    "computational graph": f"{TERM}#computational-graph",
    "zero_grad": f"{QUESTION}#why-in-the-backward-pass.*",
    "squared error softmax": f"{QUESTION}#why-not-squared-error",
    "teacher student labels": f"{QUESTION}#when-should-i-stop.*|{SOFTMAX}#a-teacher-and-a-student",
    "condition number": f"{TERM}#condition-number",
    "zig zag": f"{CENTRING}#the-zig-zag",
    "lecun tanh 1.7159": f"{CENTRING}#lecun-s-tanh",
    "saturation": f"{TERM}#saturation",
    "batch normalization": f"{TERM}#batch-normalisation",
    "adding problem": f"{TERM}#adding-problem",
    "convolution backward": f"{QUESTION}#how-does-a-gradient-go-back-through-a-convolution",
    "hidden error": BACKPROPAGATION,
    "delayed recall": f"{TIME}#delayed-recall",
    "real time recurrent learning": f"{TERM}#rtrl",
    "shattered gradients": f"{SKIPS}#shattered-gradients",
    "projection shortcut": f"{TERM}#projection-shortcut|{SKIPS}#shortcuts.*",
    "preactivation": f"{TERM}#pre-activation",
    "notation": "pages/notation.html",
    "vanishng gradeint": f"{TERM}#vanishing-gradient",
    "shatered gradiants": f"{SKIPS}#shattered-gradients|{TERM}#shattered-gradients",
    "centered activations": CENTRING,
    "Why not squared error?": f"{QUESTION}#why-not-squared-error",
}


@pytest.fixture(scope="module")
def tab(window, book):
    window.goto(f"{(book / 'search.html').as_uri()}?q=softmax")
    window.wait_for_selector("#search-results li")
    return window


@pytest.mark.parametrize("query", FIRST)
def test_what_answers_comes_first(tab, query):
    found = tab.evaluate(
        "async (query) => (await backpassFind(query, 3)).map(({ address }) => address)", query
    )
    assert re.fullmatch(FIRST[query], found[0]), found


def test_nothing_is_found_where_there_is_nothing(tab):
    assert tab.evaluate("backpassFind('qwrtpzx')") == []
    assert tab.evaluate("backpassFind('?!')") == []


def test_each_address_that_is_found_is_in_the_book(tab, book):
    found = tab.evaluate("async () => (await backpassFind('gradient', 500)).map((e) => e.address)")
    assert len(found) > 100
    for address in found:
        page, _, anchor = address.partition("#")
        text = (book / page).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, address


def test_a_page_shows_what_was_found_with_its_words_around(new_tab, book):
    tab = new_tab()
    tab.goto(f"{(book / 'search.html').as_uri()}?q=truncation+window")
    first = tab.locator("#search-results li").first
    first.wait_for()
    assert tab.evaluate("document.activeElement.id") == "search-results"  # not before 28 links
    assert tab.title().startswith("truncation window · ")
    assert tab.locator("main form input").input_value() == "truncation window"
    assert "truncat" in " ".join(first.locator("mark").all_inner_texts()).lower()
    first.locator("a").click()
    tab.wait_for_url("**/*.html*")
    assert tab.watch.complaints == []


def test_a_slash_leads_to_the_field_and_the_arrows_through_what_is_found(new_tab, book):
    tab = new_tab()
    tab.goto((book / "chapters/bptt.html").as_uri())
    tab.keyboard.press("/")
    field = tab.get_by_role("combobox", name="Search the book")
    tab.keyboard.type("log-sum-exp/overflow")
    assert field.input_value() == "log-sum-exp/overflow"  # a slash within it is one
    options = tab.get_by_role("option")
    options.first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    chosen = tab.locator("[role=option][aria-selected=true]")
    assert chosen.get_attribute("id") == field.get_attribute("aria-activedescendant")
    target = chosen.get_attribute("href")
    tab.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    tab.keyboard.press("ArrowDown")
    options.first.wait_for()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/{target.removeprefix('../')}")
    assert tab.watch.complaints == []


def test_without_its_index_it_says_what_is_missing(new_tab, book):
    tab = new_tab()
    tab.route("**/search-index.js", lambda route: route.abort())
    tab.goto(f"{(book / 'search.html').as_uri()}?q=softmax")
    said = tab.locator("#search-results p")
    said.wait_for()
    assert "search-index.js is missing" in said.inner_text()
