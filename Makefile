# Needs: Python >= 3.11 (with venv), git, make, a C compiler. Every target prints the plain commands that it runs.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done)
endif
BIN := .venv/bin
# Where the environment forbids to keep what was compiled, each of hundreds of processes compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check fast fast-unit fast-rest integration faults slow services browser dogfood picture screenshots dist clean

help:
	@echo "make demo     set everything up and run the pipeline on the sample project in examples/demo"
	@echo "make test     set everything up and pass the tests: what decides whether a change lands"
	@echo "make check    the rules alone: format, lint, types, architecture"
	@echo "make fast     the tests that start no pipeline: units, properties, contracts (under a minute)"
	@echo "make integration / faults: real runs, and what breaks them, without those marked slow"
	@echo "make slow     the tests that take minutes or need a package registry"
	@echo "make services the tests with real servers (installed with apt-get where they are not there)"
	@echo "make browser  the HTML report in a real Chromium (installed with apt-get where there is none)"
	@echo "make dogfood  penstock over this repository"
	@echo "make picture  record a run of the sample project and draw docs/run.svg"
	@echo "make screenshots: pictures of the HTML report in Chromium, as docs/report-*.png"
	@echo "make dist     build sdist and wheel, and check their metadata"
	@echo "make clean    remove everything that was made"

setup: .venv/ready

.venv/ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "penstock needs Python 3.11 or newer, with venv: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable . --group dev
	touch .venv/ready

demo: setup
	$(BIN)/penstock run -C examples/demo

test: check setup
	$(MAKE) --no-print-directory --output-sync=target -j4 fast-unit fast-rest integration faults

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/penstock ci check

fast: setup
	$(MAKE) --no-print-directory --output-sync=target -j2 fast-unit fast-rest

# Two processes side by side, about as long: they share nothing but the processors. What is new runs in one of them.
UNIT = $(filter-out tests/unit/guest tests/unit/scan tests/unit/__pycache__,$(wildcard tests/unit/*))
LONGER = tests/integration tests/conformance tests/faults

fast-unit: setup
	$(BIN)/python -m pytest -q -m "not slow" $(UNIT)

fast-rest: setup
	$(BIN)/python -m pytest -q -m "not slow" -o cache_dir=.pytest_cache/rest $(patsubst %,--ignore=%,$(UNIT) $(LONGER))

integration: setup
	$(BIN)/python -m pytest -q -m "not slow" -o cache_dir=.pytest_cache/integration tests/integration tests/conformance

faults: setup
	$(BIN)/python -m pytest -q -m "not slow" -o cache_dir=.pytest_cache/faults tests/faults

slow: setup
	$(BIN)/python -m pytest -q -m slow
	$(BIN)/python -m pytest -q --thorough tests/property

services: .venv/servers
	$(BIN)/python -m pytest -q -m slow tests/integration/test_services.py tests/faults/test_services.py

# Debian's servers. What their packages start is not needed: each test starts its own.
.venv/servers: .venv/ready
	@if command -v apt-get >/dev/null; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends redis-server postgresql memcached mariadb-server; \
	  else echo "no apt-get here: the tests of servers that are not installed are skipped"; fi
	touch .venv/servers

browser: .venv/browser
	$(BIN)/python -m pytest -q --browser tests/integration/test_html_in_a_browser.py

# Playwright brings no browser of its own here: the system's Chromium is what the tests start.
.venv/browser: .venv/ready
	@for program in chromium chromium-browser google-chrome; do command -v $$program && exit 0; done; \
	  command -v apt-get >/dev/null || { echo "no Chromium here, and no apt-get: install Chromium or Chrome"; exit 1; }; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group browser
	touch .venv/browser

dogfood: setup
	$(BIN)/penstock run

picture: setup
	$(BIN)/python docs/picture.py

screenshots: .venv/browser
	$(BIN)/python docs/screenshots.py

dist: setup
	rm -rf dist
	$(BIN)/uv build --quiet
	$(BIN)/uv tool run --quiet twine check --strict dist/*

clean:
	rm -rf .venv .penstock dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache examples/*/.penstock
