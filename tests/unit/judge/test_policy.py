"""What a change asks less for than its base; what it asks more for is nobody's concern."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given

from penstock.judge.policy import weakened
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.pipeline import CheckSpec, Pipeline
from tests.fakes.configurations import documents

BASE = """
python = ["3.11", "3.12"]
[jobs]
lint = true
audit = { database = "https://osv.example.org" }
unit = { test = "tests", python = "*" }
types = { tool = "mypy", mode = "ratchet" }
scoring = { run = "make score", outputs = ["score.json"] }
tools = { scripts = { paths = ["scripts/*.py", "bin/*"], arguments = ["--list"] } }
shown = { examples = { paths = ["examples/*.py"], not_run = { "examples/a.py" = "a window" } } }
box = { image = { health = "/health", max_size = "1GiB" } }
score = { metric = { file = "score.json", value = "rate", min = 40, max = 90 }, needs = ["scoring"] }
[gates]
coverage = { total = 80, diff = 90, branch = true }
tests = { min = 300 }
complexity = { max = "B", mode = "ratchet" }
security = { severity = "medium" }
audit = { severity = "high" }
pull_request = { description = "error", max_lines = 500 }
"""


def read(text: str) -> Pipeline:
    return parse(tomllib.loads(text), Locator(text, "penstock.toml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("total = 80", "total = 79.9", "gates.coverage.total: 80 became 79.9"),
        ("total = 80, ", "", "gates.coverage.total: 80 is gone"),
        ("branch = true", "branch = false", "gates.coverage.branch: true became false"),
        ("min = 300", "min = 299", "gates.tests.min: 300 became 299"),
        ("tests = { min = 300 }", "", "the gate tests is gone"),
        ('max = "B", mode = "ratchet"', 'max = "C", mode = "ratchet"', "gates.complexity.max: b became c"),
        ('max = "B", mode = "ratchet"', 'max = "B", mode = "warn"', "gates.complexity.mode: ratchet became warn"),
        ('severity = "medium"', 'severity = "high"', "gates.security.severity: medium became high"),
        ('{ severity = "high" }', '{ severity = "critical" }', "gates.audit.severity: high became critical"),
        (
            '"https://osv.example.org"',
            '"http://localhost"',
            "jobs.audit.database: https://osv.example.org became http://localhost",
        ),
        (
            'severity = "medium"',
            'severity = "medium", ignore = [{ id = "S1", reason = "r", until = 2030-01-01 }]',
            "gates.security.ignore: S1 is permitted until 2030-01-01",
        ),
        ('description = "error"', 'description = "off"', "gates.pull_request.description: error became off"),
        ("max_lines = 500", "max_lines = 900", "gates.pull_request.max_lines: 500 became 900"),
        ("lint = true", "", "the job lint is gone"),
        ("min = 40", "min = 39", "jobs.score.metric.min: 40 became 39"),
        ("max = 90", "max = 91", "jobs.score.metric.max: 90 became 91"),
        (", max = 90", "", "jobs.score.metric.max: the limit is gone"),
        (', "bin/*"]', "]", "jobs.tools.scripts.paths: without bin/*"),
        (', arguments = ["--list"]', "", "jobs.tools.scripts.arguments: without --list"),
        (
            'arguments = ["--list"]',
            'arguments = ["--list"], exclude = "bin/x"',
            "jobs.tools.scripts.exclude: also bin/x",
        ),
        (
            'arguments = ["--list"]',
            'arguments = ["--list"], help = false',
            "jobs.tools.scripts.help: it is no longer asked",
        ),
        (
            '"examples/a.py" =',
            '"examples/b.py" = "x", "examples/a.py" =',
            "jobs.shown.examples.not_run: also examples/b.py",
        ),
        ('health = "/health", ', "", "jobs.box.image.health: it is no longer asked"),
        ("1GiB", "2GiB", "jobs.box.image.max_size: 1.07374e+09 became 2.14748e+09"),
        ('tool = "mypy", mode = "ratchet"', 'tool = "mypy", mode = "warn"', "jobs.types.mode: ratchet became warn"),
        (
            'test = "tests", python = "*"',
            'test = "tests", python = "*", allow_failure = { reason = "r", until = 2030-01-01 }',
            "jobs.unit.allow_failure: it may fail until 2030-01-01",
        ),
        ('python = "*"', 'python = "*", when = ["src/**"]', "jobs.unit.when: it runs only where src/** changes"),
        ('python = "*"', 'python = "*", marker = "not slow"', "jobs.unit.marker: only tests that fit `not slow` run"),
        ('["3.11", "3.12"]', '["3.12"]', "python: without 3.11"),
        (
            "[jobs]",
            '[[quarantine]]\ntest = "t.py::t"\nowner = "o"\nreason = "r"\nuntil = 2030-01-01\n[jobs]',
            "quarantine: t.py::t may fail until 2030-01-01",
        ),
    ],
)
def test_what_asks_for_less_is_told(old: str, new: str, said: str) -> None:
    assert old in BASE
    assert weakened(read(BASE), read(BASE.replace(old, new))) == (said,)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total = 80", "total = 95"),
        ("diff = 90", "diff = 90, file = 50"),
        ('max = "B", mode = "ratchet"', 'max = "A", mode = "error"'),
        ('severity = "medium"', 'severity = "low"'),
        ("lint = true", "lint = true\nbuild = true"),
        ("max_lines = 500", "max_lines = 100"),
        ('["3.11", "3.12"]', '["3.11", "3.12", "3.13"]'),
    ],
)
def test_what_asks_for_more_is_not(old: str, new: str) -> None:
    assert weakened(read(BASE), read(BASE.replace(old, new))) == ()


def test_without_a_policy_there_is_nothing_to_weaken() -> None:
    assert weakened(Pipeline(), read(BASE)) == ()


@given(documents())
def test_a_policy_is_never_weaker_than_itself(document: dict[str, Any]) -> None:
    pipeline = parse(document, Locator("", "x"))
    assert weakened(pipeline, pipeline) == ()


@pytest.mark.parametrize(
    ("gate", "before", "after", "weaker"),
    [
        ("licenses", {"allow": "MIT"}, {"allow": "MIT,GPL-*"}, True),
        ("licenses", {"allow": "MIT,ISC"}, {"allow": "MIT"}, False),
        ("licenses", {"allow": "MIT"}, {}, True),
        ("licenses", {}, {"allow": "MIT"}, False),
        ("licenses", {"deny": "GPL-*"}, {}, True),
        ("licenses", {"deny": "GPL-*"}, {"deny": "GPL-*,SSPL-1.0"}, False),
        ("api", {"critical": "pkg.a,pkg.b"}, {"critical": "pkg.a"}, True),
        ("api", {}, {"critical": "pkg.a"}, True),
        ("api", {"critical": "pkg.a"}, {}, False),
        ("package", {"contents": "error"}, {"contents": "warn"}, True),
        ("package", {"license": "warn"}, {"license": "error"}, False),
    ],
)
def test_lists_that_a_gate_goes_by_do_not_get_longer_or_shorter_in_silence(
    gate: str, before: dict[str, str], after: dict[str, str], *, weaker: bool
) -> None:
    def declared(options: dict[str, str]) -> Pipeline:
        return Pipeline(gates=(CheckSpec(name=gate, options=tuple(options.items())),))

    assert bool(weakened(declared(before), declared(after))) is weaker
