import http.client
import json
import socket
from contextlib import contextmanager
from threading import Thread

import pytest
from accessibility import faults
from browser import Watch, chromium
from course.made import result
from course.payloads import PAYLOADS
from places import ROOT
from playwright.sync_api import expect

from backpass.course.assignment import of_book
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Gradebook
from backpass.course.pages.review import serve
from backpass.course.results import Open

SHEET = of_book("bptt", ROOT)


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        for name in ("Ada", "Bob", "Cyd"):
            book.put(result(name, open=(Open("open-question", 4.0, f"By *{name}*’s word."),)), "k")
        yield book


@contextmanager
def running(book, **options):
    server = serve(book, SHEET, **{"names": True} | options)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(book):
    with running(book) as server:
        yield server


def ask(server, path="", method="GET", body=None, **headers):
    """The status and the text of an answer, and its headers."""
    link = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    link.request(method, path or f"/{server.token}/", body, headers)
    answer = link.getresponse()
    try:
        return answer.status, answer.read().decode(), answer.headers
    finally:
        link.close()


def send(server, mark, **headers):
    """Send a mark, as the page does."""
    usual = {"Origin": server.address.rpartition(f"/{server.token}")[0]}
    usual |= {"Content_Type": "application/json"}
    body = mark if isinstance(mark, bytes) else json.dumps(mark).encode()
    return ask(server, f"/{server.token}/mark", "POST", body, **usual | headers)[:2]


def marked(server, **other):
    """A mark for the first answer."""
    server.page()
    return {"id": next(iter(server._shown)), "points": 2.5, "comment": "Good. "} | other


def test_a_mark_stands_in_the_gradebook_at_once(server, book):
    status, said = send(server, marked(server))
    assert (status, json.loads(said)) == (200, {"saved": "2.5 of 4 points"})
    [(who, given)] = book.manual().items()
    assert who == ("Ada", "bptt", "open-question")
    assert (given.points, given.comment, given.answer) == (2.5, "Good.", "By *Ada*’s word.")


@pytest.mark.parametrize("wrong", [{"points": 5}, {"points": -1}, {"points": 1.3},
                                   {"points": True}, {"points": float("nan")}, {"points": "2"},
                                   {"points": None}, {"comment": None}, {"id": 1}])  # fmt: skip
def test_what_is_no_mark_is_refused(server, book, wrong):
    assert send(server, marked(server, **wrong))[0] == 400
    assert book.manual() == {}


def test_what_is_no_message_is_refused(server, book):
    mark = marked(server)
    assert send(server, b"{")[0] == 400
    assert send(server, b"[" * 50_000)[0] == 400
    assert send(server, [mark])[0] == 400
    assert send(server, marked(server, id="unknown"))[0] == 404
    assert send(server, mark, Content_Type="text/plain")[0] == 415
    assert send(server, mark, Content_Length="-1")[0] == 411
    assert send(server, b"", Content_Length="9999999")[0] == 413
    assert book.manual() == {}


def test_who_does_not_know_the_address_is_refused(server, book):
    token = server.token
    for path in ("/", "/mark", "//", f"/{token[:-1]}/", f"/{token}x/", f"/x/{token}/"):
        assert ask(server, path)[0] == 403, path
    mark = json.dumps(marked(server))
    origin = f"http://127.0.0.1:{server.server_port}"
    for path in ("/mark", "/wrong/mark"):
        answer = ask(server, path, "POST", mark, Origin=origin, Content_Type="application/json")
        assert answer[0] == 403
    assert book.manual() == {}
    assert len(token) >= 32


def test_the_next_server_takes_what_the_page_of_the_last_one_sends(book):
    with running(book) as server:
        mark, address = marked(server), server.address
    with running(book) as server:
        assert server.address == address
        assert send(server, mark)[0] == 200
    assert list(given(book).values()) == [(2.5, "Good.")]


def test_a_mark_is_for_the_text_that_was_read(book):
    with running(book) as server:
        mark = marked(server)
        other = result("Ada", open=(Open("open-question", 4.0, "No."),))
        book.put(other, "k2")
        server.page()
        assert send(server, mark)[0] == 200
    [kept] = book.manual().values()
    assert kept.answer == "By *Ada*’s word."
    with running(book) as server:
        assert send(server, mark)[0] == 404


def test_a_port_that_is_taken_meanwhile_is_another_one(book):
    with running(book) as server, running(book) as other:
        assert server.token == other.token
        assert server.server_port != other.server_port
    with running(book) as third:
        assert third.address == other.address
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", 0))
        port = mine.getsockname()[1]
    with running(book, port=port) as fourth:
        assert fourth.server_port == port


def test_only_the_page_itself_may_send_marks(server, book):
    for origin in ("http://evil.example", "null", f"http://evil.example:{server.server_port}", ""):
        assert send(server, marked(server), Origin=origin)[0] == 403
    assert book.manual() == {}


def test_another_name_for_this_machine_is_refused(server):
    port = server.server_port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "", f"127.0.0.1:{port}.x"):
        assert ask(server, Host=host)[0] == 403, host
    assert ask(server, Host=f"localhost:{port}")[0] == 200


def test_nothing_else_is_served(server):
    for path in ("../page.css", "page.css", "..%2f..%2fetc/passwd", "mark", "review.html", "/"):
        assert ask(server, f"/{server.token}/{path}")[0] == 404
    assert ask(server, f"/{server.token}/", "POST", "x", Origin=server.address)[0] == 404
    assert ask(server, method="PUT")[0] == 501


def test_only_this_machine_is_listened_to(server):
    assert server.server_address[0] == "127.0.0.1"
    with socket.socket() as other:
        other.settimeout(1)
        assert other.connect_ex(("127.0.0.2", server.server_port)) != 0


def test_each_answer_says_what_the_page_may_do(server):
    for path in ("", "/wrong/"):
        headers = ask(server, path)[2]
        assert "default-src 'none'; script-src 'self';" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_names_are_left_out_if_that_is_wanted(book):
    book.put(result("Zoë Zander", open=(Open("open-question", 4.0, "Why."),)), "k")
    with running(book, names=False) as server:
        assert "Zoë" not in ask(server)[1]
    with running(book) as server:
        assert "Zoë" in ask(server)[1]


def test_the_question_its_checklist_and_a_model_stand_beside(book):
    with running(book, models={"open-question": "A *model*."}) as server:
        page = ask(server)[1]
    assert "☐ It says of the forward pass" in page
    assert "A <em>model</em>." in page


def test_a_port_that_is_taken_is_told(server, book):
    with pytest.raises(CourseError, match=r"Port .* cannot be used"):
        serve(book, SHEET, names=True, port=server.server_port)


# In a browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.watch = Watch(context)
    yield tab
    context.close()


def field(tab, name="points"):
    return tab.locator(f"article:not([hidden]) [name={name}]")


def given(book):
    return {who[0]: (one.points, one.comment) for who, one in book.manual().items()}


@pytest.mark.browser
def test_a_class_is_graded_by_the_keyboard_alone(server, book, tab):
    tab.goto(server.address)
    expect(field(tab)).to_be_focused()
    tab.keyboard.type("2.5")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 2 of 3: Bob")
    expect(tab.get_by_role("status")).to_have_text("Saved: 2.5 of 4 points. 1 of 3 graded.")
    assert given(book) == {"Ada": (2.5, "")}
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("c")
    tab.keyboard.type("Not quite.")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 3 of 3: Cyd")
    tab.keyboard.press("p")
    tab.keyboard.press("p")
    expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 1 of 3: Ada")
    tab.keyboard.press("u")
    expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 3 of 3: Cyd")
    tab.keyboard.type("4")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=2)).to_have_text("All answers have points")
    assert given(book) == {"Ada": (2.5, ""), "Bob": (0.5, "Not quite."), "Cyd": (4, "")}
    tab.reload()
    expect(tab.get_by_role("heading", level=2)).to_have_text("All answers have points")
    assert tab.watch.complaints == []
    assert all(url.startswith(server.address) for url in tab.watch.requests)


@pytest.mark.browser
def test_a_mark_is_saved_when_it_is_left_not_only_when_the_button_is_pressed(server, book, tab):
    tab.goto(server.address)
    field(tab).fill("3")
    tab.get_by_role("button", name="Next", exact=True).click()
    expect(tab.get_by_role("status")).to_contain_text("Saved: 3 of 4")
    assert given(book) == {"Ada": (3, "")}


@pytest.mark.browser
def test_the_first_answer_without_points_opens(server, book, tab):
    book.give("Ada", "bptt", "open-question", 1, "Ok.", answer="By *Ada*’s word.")
    book.give("Bob", "bptt", "open-question", 1, answer="Another.")
    tab.goto(server.address)
    expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 2 of 3: Bob")
    assert "Another answer was handed in since it had 1 point." in tab.inner_text("main")
    expect(tab.locator("#progress")).to_have_text("1 of 3 graded")
    tab.keyboard.press("p")
    expect(field(tab)).to_have_value("1")
    expect(field(tab, "comment")).to_have_value("Ok.")


@pytest.mark.browser
def test_points_that_are_none_are_not_sent(server, book, tab):
    tab.goto(server.address)
    for wrong in ("5", "-1", "1.3", ""):
        field(tab).fill(wrong)
        field(tab).press("Enter")
        expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 1 of 3: Ada")
    assert given(book) == {}


@pytest.mark.browser
def test_a_save_that_fails_is_told_and_nothing_is_lost(server, book, tab, monkeypatch):
    def full(*_, **__):
        raise CourseError("There is no room left.")

    tab.goto(server.address)
    with monkeypatch.context() as broken:
        broken.setattr(book, "give", full)
        field(tab, "comment").fill("Well said.")
        field(tab).fill("3")
        field(tab).press("Enter")
        expect(tab.get_by_role("alert")).to_contain_text("Not saved, 3 points: There is no room")
        expect(tab.get_by_role("status")).to_have_text("")
        expect(field(tab)).to_have_value("3")
        tab.on("dialog", lambda dialog: dialog.accept())  # the page asks before it is left
        tab.reload()
        expect(tab.get_by_role("alert")).to_contain_text("Not saved, 3 points")
        expect(field(tab)).to_have_value("3")
        expect(field(tab, "comment")).to_have_value("Well said.")
        tab.keyboard.press("n")
        expect(tab.get_by_role("heading", level=2)).to_have_text("Answer 2 of 3: Bob")
    assert given(book) == {}
    tab.keyboard.type("1")
    tab.keyboard.press("Enter")
    expect(tab.locator("#progress")).to_have_text("2 of 3 graded")
    assert given(book) == {"Ada": (3, "Well said."), "Bob": (1, "")}
    expect(tab.get_by_role("alert")).to_have_text("")


@pytest.mark.browser
def test_a_server_that_has_gone_is_told(book, tab):
    with running(book) as server:
        tab.goto(server.address)
    field(tab).fill("3")
    field(tab).press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("does not answer. Is it still running?")
    expect(field(tab)).to_have_value("3")


@pytest.mark.browser
def test_what_could_not_be_sent_is_sent_to_the_next_server(book, tab):
    with running(book) as server:
        tab.goto(server.address)
    field(tab, "comment").fill("Well said.")
    field(tab).fill("3")
    field(tab).press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("They stay here; save again to send them.")
    with running(book):
        field(tab).press("Enter")
        expect(tab.locator("#progress")).to_have_text("1 of 3 graded")
        expect(tab.get_by_role("alert")).to_have_text("")
    assert given(book) == {"Ada": (3, "Well said.")}


@pytest.mark.browser
def test_answers_run_nothing(book, tab):
    for i, text in enumerate(PAYLOADS):
        book.put(result(f"Z{i} {text}", open=(Open("open-question", 4.0, text),)), "k")
        book.give(f"Z{i} {text}", "bptt", "open-question", 1, text, answer=text)
    dialogs = []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    with running(book) as server:
        tab.goto(server.address)
        for _ in range(len(PAYLOADS) + 3):
            tab.keyboard.press("n")
        assert tab.title() == SHEET.title
        assert tab.locator("script, link").count() == 2
        assert tab.locator("main :is(style, img, svg, iframe, object, embed, base)").count() == 0
    assert dialogs == []
    assert tab.watch.complaints == []
    assert {url.removeprefix(server.address) for url in tab.watch.requests} <= {
        "", "review.css", "review.js",
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everyone_can_review(browser, server, scheme, width):
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    )
    tab = context.new_page()
    tab.goto(server.address)
    assert faults(tab) == []
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert faults(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for left in (2, 1, 0):
        field(tab).fill("1")
        field(tab).press("Enter")
        expect(tab.get_by_role("status")).to_contain_text("Saved")
        if left:  # until the next answer is there
            expect(field(tab)).to_have_value("")
    expect(tab.locator("#done")).to_be_visible()
    assert faults(tab) == []
    context.close()
