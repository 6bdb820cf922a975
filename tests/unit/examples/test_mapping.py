"""Each example says what does what its source asked for: all of it is there, and what is named exists."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.cli.commands import COMMANDS
from tests.examples import FOLDER, HOSTS, declared, mapping, named, not_verified

STATES = {"yes", "part", "later", "no"}
TABLES = ("jobs", "gates", "deploy", "ci", "notify")
# The requirements that the source of each example stands behind.
ROWS = {
    "llm-framework": "A1 A3 A4 B1 B3 B5 C3 D1 D2 D3 E1 E2 E3 E4 E6 F1 F2 F3 F4 F5 G1 G2 G3 H1 H2 I1 I4 I7 L1",
    "web-api": "A1 A7 B1 B2 B3 B10 B8 C1 C2 C3 C4 G3 I1 L1",
    "dl-service": "A1 A2 A3 A4 A5 A6 B1 B5 B6 B7 B10 C5 D1 E1 E3 F5 H2 I2 I3 I5 I7 L1 L2",
}
# Its jobs and parts, as the source names them.
PARTS = {
    "llm-framework": """
        Lint & Type Check; Unit Tests; Integration Tests; Build Package; Quality Summary; Dependency Freshness;
        Breaking Change Detection; Performance Check; PR Metadata; Test Plan Check; Documentation Check; Conflict Check;
        Validation Summary; Comprehensive Tests; Load Tests; Chaos Tests; Flaky Test Detection; Dependency Audit;
        Nightly Summary; Coverage verification; Codecov integration; Coverage badge generation; HTML report artifacts;
        Dependency scanning; Code security; Secret Detection; Dependency review; Standard benchmarks; Stress tests;
        Adversarial tests; Tool comparison; Result visualization; Package build; Changelog generation;
        GitHub release creation; PyPI publication; Required Status Checks; Merge Requirements; Docker Compose""",
    "web-api": """
        Wheelhouse Caching; Parallel Test Execution; Duration-Based Test Splitting; Concurrency Control; Path Filtering;
        Coverage Merging; MyPy Caching; Pytest Caching; Shallow Checkouts; Running Locally; Use uv instead of pip;
        Self-hosted runners; Database optimization; Test caching; Matrix reduction""",
    "dl-service": """
        Linting & Formatting; Unit Tests; Parallel Execution; Security Scanning; Integration Tests; Model Validation;
        Dependency Checks; End-to-End Tests; Performance Benchmarks; GPU Compatibility; Docker Build & Deploy;
        Code Quality Requirements; Test Coverage Requirements; Security Requirements; Performance Requirements;
        Required Environment Variables; Optional variables; Resource Classes; All Branches; Main Branch;
        Feature Branches; GPU Branches; Nightly Benchmarks; Manual Approval; Running Tests Locally; Code Quality Checks;
        Common Issues & Solutions; Model Loading Optimization; Test Parallelization; Caching Strategies;
        Slack Integration; Performance Monitoring; Failed Build Notifications; Fallback models for CI;
        From GitHub Actions, from Jenkins; Staging Environment; Production Environment""",
}


@pytest.mark.parametrize("name", HOSTS)
def test_every_requirement_and_every_part_of_the_source_has_one_row(name: str) -> None:
    rows = mapping(name)
    assert [row["row"] for row in rows if "row" in row] == ROWS[name].split()
    told = [row.get("job") or row.get("part") or row["section"] for row in rows if "row" not in row]
    assert told == [" ".join(part.split()) for part in PARTS[name].split(";")]
    assert {row["state"] for row in rows} <= STATES
    assert all(row["by"] for row in rows)


@pytest.mark.parametrize("name", HOSTS)
def test_what_is_named_is_there(name: str) -> None:
    settings = declared(name)
    texts = [text for row in mapping(name) for text in named(row["by"])]
    assert [text for text in texts if not _is_there(text, name, settings)] == []


@pytest.mark.parametrize("name", HOSTS)
def test_every_job_does_something_that_was_asked_for(name: str) -> None:
    texts = {text for row in mapping(name) for text in named(row["by"])}
    unnamed = {job for job in declared(name)["jobs"] if not any(f"jobs.{job}" in text for text in texts)}
    assert unnamed <= {"scripts", "docs", "readme"}  # beyond what was asked for


@pytest.mark.parametrize("name", HOSTS)
def test_what_cannot_be_verified_everywhere_is_a_job(name: str) -> None:
    assert not_verified(name) <= set(declared(name)["jobs"])


def _is_there(text: str, name: str, settings: dict[str, Any]) -> bool:
    """A key that is declared, a command, a file of the example; other words say nothing that could be looked up."""
    first, _, rest = text.partition(" ")
    if first == "penstock":
        return rest.partition(" ")[0] in COMMANDS
    if first.partition(".")[0] in TABLES:
        return _declared(first, settings)
    return "/" not in first or "#" in first or (FOLDER / name / first).exists()


def _declared(key: str, settings: Any) -> bool:
    for part in key.split("."):
        if not isinstance(settings, dict) or part not in settings:
            return False
        settings = settings[part]
    return True
