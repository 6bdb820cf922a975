# Needs: Python >= 3.11 (with venv), git, make, a C compiler. Every target prints the plain commands that it runs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test check fast slow picture docs clean

help:
	@echo "make demo   set everything up and run the pipeline on the sample project in examples/demo"
	@echo "make test   set everything up and pass the tests"
	@echo "make check  the rules alone: format, lint, types, architecture"
	@echo "make slow   the tests that take minutes or need a package registry"

setup: .venv/ready

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "penstock needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable . --group dev
	touch .venv/ready

demo: setup
	$(BIN)/penstock run -C examples/demo

test: check fast

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: setup
	$(BIN)/python -m pytest -q -m "not slow"

slow: setup
	$(BIN)/python -m pytest -q -m slow

clean:
	rm -rf .venv .penstock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache examples/*/.penstock
