"""What the auditors say, as evidence: nothing that was not asked is clean. Recorded: uv 0.13.9 and pip-audit 2.10.1."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import PYTHON, SELF, Job
from penstock.model.records import Reading
from penstock.model.snapshot import ToolUse
from penstock.ports import Ended, ToolContext
from penstock.run import readings
from penstock.tools import TOOLS
from tests import builders

BY_UV = {
    "schema": {"version": "preview"},
    "summary": {"audited_packages": 2, "vulnerabilities": 1, "adverse_statuses": 0},
    "vulnerabilities": [
        {
            "dependency": {"name": "jinja2", "version": "2.10"},
            "id": "PYSEC-2019-217",
            "display_id": "PYSEC-2019-217",
            "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
            "summary": "sandbox escape",
            "description": "In Pallets Jinja before 2.10.1, str.format_map allows a sandbox escape.",
            "link": "https://example.org/",
            "fix_versions": ["2.10.1"],
            "published": "2019-04-07T00:29:00Z",
            "modified": "2023-11-08T04:00:00Z",
        }
    ],
    "adverse_statuses": [],
}
BY_PIP = {
    "dependencies": [
        {
            "name": "jinja2",
            "version": "2.10",
            "vulns": [
                {
                    "id": "PYSEC-2019-217",
                    "fix_versions": ["2.10.1"],
                    "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
                    "description": "sandbox escape",
                }
            ],
        },
        {"name": "idna", "version": "3.20", "vulns": []},
    ],
    "fixes": [],
}
CLEAN: dict[str, dict[str, Any]] = {
    "uv-audit": {"summary": {"audited_packages": 2, "vulnerabilities": 0}, "vulnerabilities": []},
    "pip-audit": {"dependencies": [{"name": name, "version": "1", "vulns": []} for name in ("jinja2", "idna")]},
}
FOUND: dict[str, dict[str, Any]] = {"uv-audit": BY_UV, "pip-audit": BY_PIP}
LISTED: dict[str, Any] = {
    "source": "uv.lock",
    "listed": [
        {"name": "idna", "version": "3.20", "path": "uv.lock", "line": 9},
        {"name": "jinja2", "version": "2.10", "path": "pyproject.toml", "line": 5},
    ],
    "skipped": [],
}
SIX = {"name": "six", "why": "it comes from git https://git.example.org/six, not from an index", "path": "", "line": 0}
UV_UNREACHED = b"""\
error: Request failed after 3 retries
  cause: error sending request for url (https://api.osv.dev/v1/querybatch)
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known
"""
PIP_UNREACHED = b"""\
Traceback (most recent call last):
  File "pip_audit/_service/osv.py", line 1, in query
requests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: \
/v1/query (Caused by NewConnectionError("HTTPConnection(host='127.0.0.1', port=1): Failed to establish a new \
connection: [Errno 111] Connection refused"))
"""
AUDITORS = ("uv-audit", "pip-audit")
both = pytest.mark.parametrize("tool", AUDITORS)


def job_of(tool: str, **spec: Any) -> Job:
    use = ToolUse(tool=tool) if tool == "uv-audit" else ToolUse(tool=tool, dependencies="test", provided=True)
    declared = builders.job_spec("audit", kind=JobKind.AUDIT, **spec)
    commands = TOOLS[tool].commands(ToolContext(project=builders.project(), spec=declared, use=use))
    return builders.job("audit", kind=JobKind.AUDIT, commands=commands)


def ended(exit_code: int | None = 0, output: bytes = b"") -> Ended:
    return builders.ended(exit_code, log=output)


def read(
    tool: str,
    found: dict[str, Any] | None,
    canary: dict[str, Any] | None = None,
    *,
    listed: dict[str, Any] | None = None,
    severities: dict[str, str] | None = None,
    unlisted: tuple[dict[str, Any], ...] = (),
    exits: tuple[int, int, int, int] | None = None,
    said: bytes = b"",
) -> Reading:
    """All four processes of the job together."""
    canary = FOUND[tool] if canary is None else canary
    reports = {
        "audit/listed.json": LISTED if listed is None else listed,
        "canary.json": canary,
        "audit.json": found,
        "audit/weighed.json": {"severities": severities or {}, "unlisted": unlisted},
    }
    content = {name: msgspec.json.encode(each) for name, each in reports.items() if each}
    exits = exits or (0, 1, int(found == FOUND[tool]), 0)
    job = job_of(tool)
    parts = [
        TOOLS[command.tool].read(ended(code, said), content, job)
        for command, code in zip(job.commands, exits, strict=True)
    ]
    return readings.combine(parts)


@both
def test_what_is_found_passes_as_evidence_with_severity_aliases_and_the_mended_version(tool: str) -> None:
    reading = read(tool, FOUND[tool], severities={"PYSEC-2019-217": "high"})
    assert (reading.outcome, reading.reason) == (Outcome.PASSED, "2 of 2 dependencies audited")
    (found,) = reading.findings
    assert (found.tool, found.rule, found.severity, found.anchor) == (tool, "PYSEC-2019-217", "high", "jinja2")
    assert (found.path, found.line) == ("pyproject.toml", 5)
    assert found.message == "jinja2 2.10: sandbox escape; mended in 2.10.1"
    assert reading.notes["aliases:PYSEC-2019-217"] == "CVE-2019-10906 GHSA-462w-v97r-4m45"
    assert (reading.notes["fixed:jinja2"], reading.measures["audited"]) == ("2.10.1", 2)
    assert read(tool, CLEAN[tool]).findings == ()


@both
def test_a_severity_that_nobody_tells_is_unknown(tool: str) -> None:
    assert [each.severity for each in read(tool, FOUND[tool]).findings] == ["unknown"]


@both
def test_a_canary_that_is_not_reported_makes_the_answer_worth_nothing(tool: str) -> None:
    reading = read(tool, CLEAN[tool], canary=CLEAN[tool], exits=(0, 0, 0, 0))
    assert reading.outcome is Outcome.ERRORED
    assert "the canary was not reported: jinja2 2.10" in reading.reason
    assert "https://api.osv.dev" in reading.reason


@pytest.mark.parametrize(
    ("tool", "code", "said", "cause"),
    [
        ("uv-audit", 2, UV_UNREACHED, "failed to lookup address information: Name or service not known"),
        ("pip-audit", 1, PIP_UNREACHED, "[Errno 111] Connection refused"),
    ],
)
def test_a_database_that_does_not_answer_is_named_once_with_the_cause(
    tool: str, code: int, said: bytes, cause: str
) -> None:
    job = job_of(tool)
    content = {"audit/listed.json": msgspec.json.encode(LISTED), "audit.json": b"", "canary.json": b""}
    parts = [
        TOOLS[command.tool].read(ended(code if command.stdout else 0, said), content, job) for command in job.commands
    ]
    reading = readings.combine(parts)
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason == f"the database at https://api.osv.dev could not be asked: {cause}"
    assert "jobs.audit.database" in str(reading.remedy)


@both
def test_fewer_audited_than_listed_is_not_verified(tool: str) -> None:
    more = {**LISTED, "listed": [*LISTED["listed"], {"name": "zzz", "version": "1"}]}
    reading = read(tool, CLEAN[tool], listed=more)
    assert (reading.outcome, reading.reason) == (Outcome.ERRORED, f"{tool} audited 2 of 3 dependencies")


def test_a_dependency_that_pip_audit_passes_over_is_named() -> None:
    (one, _) = CLEAN["pip-audit"]["dependencies"]
    passed_over = {"dependencies": [one, {"name": "idna", "skip_reason": "it is not on the index"}], "fixes": []}
    reading = read("pip-audit", passed_over)
    assert (reading.outcome, reading.reason) == (Outcome.ERRORED, "pip-audit audited 1 of 2 dependencies: not idna")


@both
def test_what_has_no_version_to_ask_for_is_a_finding_of_its_own(tool: str) -> None:
    reading = read(tool, CLEAN[tool], listed={**LISTED, "skipped": [SIX]})
    assert (reading.outcome, reading.measures["dependencies"], reading.measures["audited"]) == (Outcome.PASSED, 3, 2)
    (found,) = reading.findings
    assert (found.rule, found.anchor, found.severity) == ("unaudited", "six", "unknown")
    assert found.message == f"six: {SIX['why']}"


@both
def test_what_is_declared_and_not_installed_is_not_audited_either(tool: str) -> None:
    reading = read(tool, CLEAN[tool], unlisted=({**SIX, "why": "it is declared, and not installed"},))
    assert (reading.outcome, reading.measures["dependencies"], reading.measures["audited"]) == (Outcome.PASSED, 3, 2)
    assert [(each.rule, each.anchor) for each in reading.findings] == [("unaudited", "six")]


def test_findings_that_could_not_be_weighed_are_not_complete() -> None:
    job = job_of("uv-audit")
    content = {"audit/listed.json": msgspec.json.encode(LISTED), "audit.json": msgspec.json.encode(BY_UV)}
    assert TOOLS["audit-findings"].read(ended(1), content, job).outcome is Outcome.ERRORED


@both
@pytest.mark.parametrize(
    ("exits", "listed", "said"),
    [
        ((1, 1, 0, 0), None, b"Traceback\nKeyError: 'name'\n"),
        ((0, 1, 0, 0), {"source": "uv.lock", "listed": [], "skipped": []}, b""),
        ((0, 1, 2, 0), None, b"error: unrecognized subcommand 'audit'\n"),
        ((0, 1, 1, 0), None, b""),
        ((0, 2, 0, 0), None, b"error: something else\n"),
    ],
)
def test_what_could_not_be_asked_is_not_verified(
    tool: str, exits: tuple[int, int, int, int], listed: dict[str, Any] | None, said: bytes
) -> None:
    reading = read(tool, CLEAN[tool], exits=exits, listed=listed, said=said)
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason


@pytest.mark.parametrize("report", [b"", b"[]", b"{}", b'{"summary": {}}', b'{"vulnerabilities": []}', b"Resolved"])
def test_a_report_of_another_shape_is_not_a_clean_one(report: bytes) -> None:
    job = job_of("uv-audit")
    content = {"audit/listed.json": msgspec.json.encode(LISTED), "audit.json": report}
    assert TOOLS["uv-audit"].read(ended(), content, job).outcome is Outcome.ERRORED


def test_a_report_that_counts_more_than_it_names_is_not_believed() -> None:
    assert (
        read(
            "uv-audit", {**BY_UV, "summary": {"audited_packages": 2, "vulnerabilities": 2}}, exits=(0, 1, 1, 0)
        ).outcome
        is Outcome.ERRORED
    )


@both
def test_both_lists_go_to_the_database_that_is_declared_and_nothing_is_ignored_behind_our_back(tool: str) -> None:
    given = ("--ignore", "X") if tool == "uv-audit" else ("--ignore-vuln", "X")
    job = job_of(tool, database="https://osv.example.org/mirror/", args=given)
    asked = [command.argv for command in job.commands if command.stdout]
    assert len(asked) == 2
    for argv in asked:
        assert any(word.startswith("https://osv.example.org/mirror/") for word in argv)
        assert "X" not in argv
    assert job.commands[0].argv[0] == (SELF if tool == "uv-audit" else PYTHON)
