"""Where a page's notebook can be opened with a kernel: Binder, a JupyterHub, Google Colab.

Set as in Jupyter Book's documentation, in ``_config.yml``: ``launch_buttons``. What each of the
three needs besides its address stands in CONTRIBUTING.md.
"""

from typing import Any
from urllib.parse import quote, urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from backpass.book.building.reasons import stop
from backpass.book.repository import Repository

#: Where each interface shows a file, below a server's address.
INTERFACES = {"classic": "tree", "jupyterlab": "lab/tree"}
#: The other keys that are known, in the order in which the links stand.
OFFERED = {"binderhub_url": "Binder", "jupyterhub_url": "JupyterHub", "colab_url": "Colab"}
#: What Jupyter Book knows besides; without it in the configuration it sets them to nothing.
UNKNOWN = ("thebe", "deepnote_url")

#: What Colab lacks: it opens the notebook alone. Chapters import autograd and cma, too.
PREPARE = """!git clone -q --depth 1 -b {branch} {url} book
%pip install -q ./book{folder} autograd cma
%cd book/{notebook}"""


def links(options: dict[str, str], repository: Repository, path: str) -> dict[str, str]:
    """The addresses at which the notebook ``path`` opens, by the name of who opens it."""
    hosts = {key: (options.get(key) or "").rstrip("/") for key in OFFERED}
    shown = INTERFACES[options.get("notebook_interface", "classic")]
    place = repository.place(path)
    found = {}
    if host := hosts["binderhub_url"]:
        found["Binder"] = f"{host}/v2/{binder(repository)}?urlpath={shown}/{place}"
    if host := hosts["jupyterhub_url"]:
        folder = repository.name.rpartition("/")[2]
        asked = {"repo": repository.url, "branch": repository.branch}
        asked["urlpath"] = f"{shown}/{folder}/{place}"
        found["JupyterHub"] = f"{host}/hub/user-redirect/git-pull?{urlencode(asked)}"
    if host := hosts["colab_url"]:
        found["Colab"] = f"{host}/github/{repository.name}/blob/{repository.branch}/{place}"
    return found


def binder(repository: Repository) -> str:
    """What a BinderHub calls the repository and its branch."""
    if repository.url.startswith("https://github.com/"):
        return f"gh/{repository.name}/{repository.branch}"
    if repository.url.startswith("https://gitlab.com/"):
        return f"gl/{quote(repository.name, safe='')}/{repository.branch}"
    return f"git/{quote(repository.url, safe='')}/{repository.branch}"


def prepare(repository: Repository, path: str) -> str:
    """What to run in Colab before the notebook, in a cell of its own."""
    folder = repository.place("")
    return PREPARE.format(
        branch=repository.branch,
        url=repository.url,
        folder=folder and f"/{folder}",
        notebook=repository.place(path).rpartition("/")[0],
    )


def check(app: Sphinx, config: Config) -> None:
    """Stop at what cannot be offered."""
    options = config.backpass_options.get("launch_buttons", {})
    found = config.backpass_repository
    if options.get("notebook_interface", "classic") not in INTERFACES:
        stop('notebook_interface in _config.yml is "classic" or "jupyterlab".')
    if asked := [key for key in UNKNOWN if options.get(key)]:
        stop(f"Of launch_buttons in _config.yml the book does not know {', '.join(asked)}.")
    if any(options.get(key) for key in OFFERED) and not found:
        stop("launch_buttons in _config.yml need the address of a repository: repository, url.")
    if options.get("colab_url") and not found.url.startswith("https://github.com/"):
        stop("Colab opens notebooks from GitHub only: take colab_url out of _config.yml.")


def offer_launch(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Offer to open a notebook's page, as the notebook, with a kernel."""
    found, options = app.config.backpass_repository, app.config.backpass_options
    path = app.env.doc2path(pagename, base=False) if doctree is not None else ""
    if found and path.endswith(".ipynb"):
        context["launch"] = links(options.get("launch_buttons", {}), found, path)
        context["prepare"] = prepare(found, path)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", check, priority=960)  # after `repository` has read the options
    app.connect("html-page-context", offer_launch)
