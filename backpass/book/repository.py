"""Where the book's files are kept, and the addresses at which one of them is mended or discussed.

Set as in Jupyter Book's documentation, in ``_config.yml``: ``repository`` and, below ``html``,
``use_repository_button``, ``use_edit_page_button`` and ``use_issues_button``.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from backpass.book.building.reasons import stop


@dataclass(frozen=True)
class Repository:
    """A repository, one branch of it, and the book's folder in it."""

    url: str
    branch: str = "main"
    folder: str = ""
    #: "github", "gitlab", or nothing if its address does not say.
    forge: str = ""

    @property
    def name(self) -> str:
        """What is behind the host: ``owner/name``, on GitLab perhaps with groups between."""
        return urlsplit(self.url).path.strip("/")

    def place(self, path: str) -> str:
        """Where a file of the book is in the repository."""
        return quote("/".join(filter(None, [self.folder, path])))

    def edit(self, path: str) -> str:
        """The address at which a file of the book is edited."""
        dash = "/-" if self.forge == "gitlab" else ""
        return f"{self.url}{dash}/edit/{self.branch}/{self.place(path)}"

    def issue(self, title: str) -> str:
        """The address at which an issue is written."""
        gitlab = self.forge == "gitlab"
        asked = urlencode({"issue[title]" if gitlab else "title": title})
        return f"{self.url}{'/-' if gitlab else ''}/issues/new?{asked}"


def repository(options: dict[str, Any], forge: str = "") -> Repository | None:
    """The repository that Jupyter Book's options name, if they do."""
    url = (options.get("repository_url") or "").strip().rstrip("/").removesuffix(".git")
    if not url:
        return None
    host = urlsplit(url).netloc
    told = forge or next((one for one in ("github", "gitlab") if one in host), "")
    folder = (options.get("path_to_docs") or "").strip("/")
    return Repository(url, options.get("repository_branch") or "main", folder, told)


def configure(app: Sphinx, config: Config) -> None:
    """Take the options from those of the theme, where Sphinx's stock extensions act on them too."""
    config.backpass_options = options = dict(config.html_theme_options)
    config.html_theme_options = {}
    config.backpass_repository = found = repository(options, config.backpass_forge)
    if config.backpass_forge not in ("", "github", "gitlab"):
        stop('backpass_forge in _config.yml is "github" or "gitlab".')
    if asks(options) and found and not found.forge:
        stop(
            f"{found.url} does not say whether it is on GitHub or on GitLab, and the links to edit "
            "a page and to report a mistake depend on it. Say so in _config.yml, under sphinx and "
            "config: backpass_forge: gitlab."
        )


def asks(options: dict[str, Any]) -> bool:
    """Whether a page has links whose form depends on the forge."""
    return bool(options.get("use_edit_page_button") or options.get("use_issues_button"))


def offer_mending(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Link to the repository, to the page's file in it and to a new issue about the page."""
    found, options = app.config.backpass_repository, app.config.backpass_options
    if found is None:
        return
    if options.get("use_repository_button"):
        context["repository"] = found.url
    if doctree is None:
        return
    path = source(app.env.doc2path(pagename, base=False), app.config.backpass_edition)
    if path and options.get("use_edit_page_button"):
        context["edit"] = found.edit(path)
    if options.get("use_issues_button"):
        title = app.env.titles[pagename].astext()
        context["issue"] = found.issue(f"{title} ({pagename})")


def source(path: str, edition: str = "full") -> str:
    """The file in which a page is mended: exercises are derived from the solutions.

    The student edition does not lead there.
    """
    if path.startswith("exercises/"):
        return "" if edition == "student" else path.replace("exercises/", "solutions/", 1)
    return path


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_forge", "", "html")
    app.add_config_value("backpass_options", {}, "html")
    app.add_config_value("backpass_repository", None, "html")
    app.connect("config-inited", configure, priority=950)
    app.connect("html-page-context", offer_mending)
