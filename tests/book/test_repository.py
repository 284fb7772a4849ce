"""Links to mend a page, where a repository is configured."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from books import build_book

from backpass.book.launch import check
from backpass.book.repository import Repository, configure, repository, source

GITHUB = "https://github.com/some/book"
GITLAB = "https://gitlab.com/some/group/book"


def made(url, **more):
    return repository({"repository_url": url, **more})


@pytest.mark.parametrize(
    ("url", "edit", "issue"),
    [
        (GITHUB, "edit/main/chapters/a%20b.ipynb", "issues/new?title=Why%3F+%28x%29"),
        (
            GITLAB,
            "-/edit/main/chapters/a%20b.ipynb",
            "-/issues/new?issue%5Btitle%5D=Why%3F+%28x%29",
        ),
    ],
)
def test_each_forge_has_its_own_form_of_address(url, edit, issue):
    for written in (url, f"{url}/", f"{url}.git"):
        found = made(written)
        assert found.edit("chapters/a b.ipynb") == f"{url}/{edit}"
        assert found.issue("Why? (x)") == f"{url}/{issue}"


def test_branch_and_folder_are_part_of_the_address():
    found = made(GITHUB, repository_branch="next", path_to_docs="/text/")
    assert found.edit("intro.md") == f"{GITHUB}/edit/next/text/intro.md"


def test_a_forge_is_told_by_its_address_or_by_the_configuration():
    options = {"repository_url": "https://git.example.org/some/book"}
    assert repository(options) == Repository(options["repository_url"])
    assert repository(options, "gitlab").forge == "gitlab"
    assert made("https://gitlab.example.org/a/b").forge == "gitlab"
    assert made("") is made(None) is None


def test_an_exercise_is_mended_in_its_solution_but_not_from_the_students_edition():
    assert source("exercises/one/one.ipynb") == "solutions/one/one.ipynb"
    assert source("exercises/one/one.ipynb", "student") == ""
    assert source("chapters/one.ipynb", "student") == "chapters/one.ipynb"


def configured(own, *changes):
    path = own / "_config.yml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return build_book(own, own)


def test_a_configured_book_links_to_its_files_its_issues_and_its_kernels(own):
    """All of it at once: a build takes long. Unset, none of it is there."""
    before = (own / "_build/html/chapters/one.html").read_text()
    for sign in ("Edit this page", "Report a mistake", "The book’s files", "Colab", "Binder"):
        assert sign not in before
    kernels = [("binderhub_url", "https://mybinder.org"), ("jupyterhub_url", "https://hub.example"),
               ("colab_url", "https://colab.research.google.com")]  # fmt: skip
    run = configured(
        own,
        ('  url: "" ', f'  url: "{GITHUB}" '),
        *((f"use_{one}_button: false", f"use_{one}_button: true")
          for one in ("repository", "edit_page", "issues")),
        *((f'{key}: "" ', f'{key}: "{url}" ') for key, url in kernels),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    page = (own / "_build/html/exercises/one/one.html").read_text()
    place = "exercises/one/one.ipynb"
    for link in [
        f"{GITHUB}/edit/main/solutions/one/one.ipynb",
        f"{GITHUB}/issues/new?title=Exercises+of+one+%28exercises%2Fone%2Fone%29",
        f"https://mybinder.org/v2/gh/some/book/main?urlpath=lab/tree/{place}",
        f"https://colab.research.google.com/github/some/book/blob/main/{place}",
    ]:
        assert f'href="{link}"' in page
    assert f'<a href="{GITHUB}">' in page
    assert "%cd book/exercises/one" in page
    start = (own / "_build/html/intro.html").read_text()
    assert f"{GITHUB}/edit/main/intro.md" in start
    assert "Colab" not in start  # no notebook
    asked = page.partition("https://hub.example/hub/user-redirect/git-pull")[2].partition('"')[0]
    assert parse_qs(urlsplit(asked.replace("&amp;", "&")).query) == {
        "repo": [GITHUB],
        "branch": ["main"],
        "urlpath": [f"lab/tree/book/{place}"],
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"use_issues_button": True}, "backpass_forge: gitlab"),
        ({"launch_buttons": {"colab_url": "https://c.example"}}, "from GitHub only"),
        ({"launch_buttons": {"notebook_interface": "lab"}}, 'is "classic" or "jupyterlab"'),
        ({"launch_buttons": {"thebe": True}}, "does not know thebe"),
        ({"repository_url": "", "launch_buttons": {"binderhub_url": "x"}}, "address of a repo"),
    ],
)
def test_what_cannot_be_offered_stops_the_build_with_a_reason(options, said):
    options = {"repository_url": "https://git.example.org/a/b", **options}
    config = SimpleNamespace(html_theme_options=options, backpass_forge="")

    def start():
        configure(None, config)
        check(None, config)

    with pytest.raises(SystemExit, match=said):
        start()
