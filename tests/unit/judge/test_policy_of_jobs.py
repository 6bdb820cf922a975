"""What one job asks less for, and what only looks like it."""

from __future__ import annotations

import tomllib

import pytest

from penstock.judge.policy import weakened
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.pipeline import Pipeline

BASE = """
python = ["3.11", "3.12"]
stages = { fast = "5m" }
[jobs]
lint = true
types = { tool = "mypy", args = "--strict" }
unit = { test = ["tests/unit", "tests/cli"], python = ["3.11", "3.12"], retries = 0 }
docs = { run = "mkdocs build --strict -v docs", inputs = ["docs/**", "mkdocs.yml"], when = ["docs/**", "src/**"] }
extra = { run = "pytest -k fast tests", matrix = { db = ["a", "b"] }, include = [{ db = "c" }], cache = false }
shell = { run = "make all\\nmake check", shell = true }
"""


def read(text: str) -> Pipeline:
    return parse(tomllib.loads(text), Locator(text, "penstock.toml"))


def told(old: str, new: str) -> tuple[str, ...]:
    assert old in BASE
    return weakened(read(BASE), read(BASE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('run = "mkdocs build --strict -v docs"', 'run = "true"', "jobs.docs.run: `true` asks nothing"),
        ('run = "mkdocs build --strict -v docs"', 'run = "/bin/true"', "jobs.docs.run: `/bin/true` asks nothing"),
        (
            'run = "mkdocs build --strict -v docs"',
            'run = "mkdocs --version"',
            "jobs.docs.run: `mkdocs --version` asks nothing",
        ),
        (
            'run = "mkdocs build --strict -v docs"',
            "run = ['python3', '-c', 'pass']",
            "jobs.docs.run: `python3 -c pass` asks nothing",
        ),
        ("make all\\nmake check", "echo all\\ntrue", "jobs.shell.run: `echo all true` asks nothing"),
        ("make all\\nmake check", "make all", "jobs.shell.run: without `check`"),
        (" --strict -v docs", " -v docs", "jobs.docs.run: without `--strict`"),
        (" --strict -v docs", " -v site --dirty", "jobs.docs.run: without `--strict`"),
        ("-v docs", "-v docs/guide", "jobs.docs.run: docs became docs/guide"),
        ("-v docs", "-v --ignore-errors docs", "jobs.docs.run: `--ignore-errors` came in"),
        ("-k fast tests", "-k fast -m slow tests", "jobs.extra.run: `-m slow` came in"),
        ("-k fast tests", "-k faster tests", "jobs.extra.run: `-k faster` came in"),
        ('run = "pytest -k fast tests"', 'test = "tests"', "jobs.extra: a run job became a test job"),
        ('["tests/unit", "tests/cli"]', '"tests/unit"', "jobs.unit.test: without tests/cli"),
        ("lint = true", 'lint = { paths = ["src"] }', "jobs.lint.paths: only src"),
        ('"--strict"', '"--pretty"', "jobs.types.args: without `--strict`"),
        ('"--strict"', '"--strict --exclude=a"', "jobs.types.args: `--exclude=a` came in"),
        ('"mypy", args = "--strict"', '"pyright"', "jobs.types.tool: mypy became pyright"),
        ("lint = true", 'lint = { tool = "black" }', "jobs.lint.tool: what is detected became black"),
        ("retries = 0", 'retries = 0, runner = "unittest"', "jobs.unit.runner: what is detected became unittest"),
        (', "mkdocs.yml"]', "]", "jobs.docs.inputs: it is made anew only where docs/** changes"),
        (', "src/**"]', "]", "jobs.docs.when: it runs only where docs/** changes"),
        (
            "retries = 0",
            'retries = 0, on = "nightly"',
            "jobs.unit.on: it runs for nightly, and not for change any more",
        ),
        ("retries = 0", 'retries = 0, branches = "main"', "jobs.unit.branches: it runs only on main"),
        ('python = ["3.11", "3.12"], retries', 'python = "3.12", retries', "jobs.unit.python: without 3.11"),
        ('python = ["3.11", "3.12"], retries', "retries", "jobs.unit.python: without 3.11, 3.12"),
        ('["a", "b"]', '["a"]', "jobs.extra.matrix.db: without b"),
        ('include = [{ db = "c" }], ', "", "jobs.extra.include: 1 leg went"),
        (", cache = false", "", "jobs.extra.cache: a kept result may stand for a run"),
        ("retries = 0", "retries = 2", "jobs.unit.retries: 0 became 2"),
        (", retries = 0", "", "jobs.unit.retries: 0 became auto"),
        ("retries = 0", 'retries = 0, environment = { SKIP_SLOW = "1" }', "jobs.unit.environment: SKIP_SLOW is `1`"),
        ("[jobs]", '[environment]\nPYTEST_ADDOPTS = "-k a"\n[jobs]', "environment: PYTEST_ADDOPTS is `-k a`"),
        ('fast = "5m"', 'fast = "1h"', "stages.fast: 300 s became 3600 s"),
    ],
)
def test_what_asks_for_less_is_told(old: str, new: str, said: str) -> None:
    assert said in told(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-v docs", "docs"),
        ("-v docs", "-q docs site"),
        ("mkdocs build --strict -v docs", "sphinx-build -W docs out --strict"),
        ("-k fast tests", "tests"),
        ("-k fast tests", "-k fast tests --durations=3"),
        ("pytest -k fast tests", "python -m pytest -k fast tests"),
        ("make all\\nmake check", "make all check\\nmake dist"),
        ('["tests/unit", "tests/cli"]', '["tests"]'),
        ('["tests/unit", "tests/cli"]', '["./tests/unit/", "tests/*", "tests/more"]'),
        ('python = ["3.11", "3.12"], retries', 'python = "*", retries'),
        (', "mkdocs.yml"]', ', "mkdocs.yml", "src/**"]'),
        (', "src/**"]', ', "src/**", "tests/**"]'),
        ("retries = 0", 'retries = 0, on = ["change", "nightly", "release"]'),
        (', when = ["docs/**", "src/**"]', ""),
        ('["a", "b"]', '["a", "b", "d"]'),
        ("retries = 0", 'retries = 0, environment = { DEBUG = "1" }'),
        ('fast = "5m"', 'fast = "4m"'),
        ("docs = {", "handbook = {"),
        ('args = "--strict"', 'args = "--strict --pretty"'),
    ],
)
def test_what_asks_for_as_much_is_not(old: str, new: str) -> None:
    assert told(old, new) == ()


def test_a_job_that_asked_nothing_before_asks_no_less() -> None:
    base = '[jobs]\nhello = { run = "true" }\n'
    assert weakened(read(base), read(base.replace("true", "echo hello"))) == ()
