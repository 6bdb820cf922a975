"""The commands of `http` and `model` jobs, the environments that they call for, and how their reports are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.plan import GUEST, PYTHON, REPORTS, SELF, bin_of
from penstock.model.records import Reading
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from penstock.tools import TOOLS
from tests.builders import ended, job, pipeline, snapshot

SERVICE: dict[str, Any] = {"start": ("serve", "{port}"), "calls": ('{"method": "GET", "path": "/"}',)}


def planned(kind: JobKind, options: dict[str, Any], **fields: Any) -> Draft:
    spec = JobSpec(name="x", kind=kind, options=tuple(options.items()), **fields)
    return draft(pipeline(spec), snapshot(), Request(), TOOLS)


def requirements(found: Draft) -> dict[str, tuple[str, ...]]:
    return {one.id: one.dependencies.requirements for one in found.environments}


def test_a_service_runs_in_the_project_s_environment_and_the_generator_in_one_of_its_own() -> None:
    found = planned(JobKind.HTTP, SERVICE | {"duration": 5.0})
    (only,) = found.jobs
    (command,) = only.commands
    assert command.argv[:3] == (SELF, f"{GUEST}/penstock_http.py", f"{REPORTS}/http.json")
    assert json.loads(command.argv[3])["start"] == ["serve", "{port}"]
    assert command.argv[4] == f"{bin_of('http')}/python"
    assert (only.environment, only.extra_environments) == ("3.13/test", ("3.13/http",))
    assert requirements(found)["3.13/http"][0].startswith("locust==")


def test_without_a_load_there_is_no_generator() -> None:
    found = planned(JobKind.HTTP, SERVICE)
    assert len(found.jobs[0].commands[0].argv) == 4
    assert set(requirements(found)) == {"3.13/test"}


def test_a_service_that_the_job_does_not_start_is_asked_anew_each_time() -> None:
    elsewhere = {"url": "http://127.0.0.1:1", "calls": SERVICE["calls"]}
    assert planned(JobKind.HTTP, SERVICE).jobs[0].cacheable
    assert not planned(JobKind.HTTP, elsewhere).jobs[0].cacheable


def test_a_model_runs_in_the_project_s_interpreter() -> None:
    found = planned(JobKind.MODEL, {"load": "app:load"}, extras=("ml",))
    (only,) = found.jobs
    assert only.commands[0].argv[:2] == (PYTHON, f"{GUEST}/penstock_model.py")
    assert only.environment == "3.13/project+ml"


def test_no_option_of_the_user_s_is_taken_for_a_token() -> None:
    found = planned(JobKind.MODEL, {"command": ("echo", "${penstock:self}")})
    (text,) = found.jobs[0].commands[0].argv[3:]
    assert "${penstock:" not in text
    assert json.loads(text)["command"] == ["echo", "${penstock:self}"]


def read(report: object, exit_code: int = 0) -> Reading:
    reports = {} if report is None else {"http.json": json.dumps(report).encode()}
    return TOOLS["http"].read(ended(exit_code), reports, job("x", kind=JobKind.HTTP))


@pytest.mark.parametrize(
    ("report", "exit_code", "outcome", "reason"),
    [
        ({"measures": {"p95": 0.1}, "notes": {"summary": "9 requests"}}, 0, Outcome.PASSED, "9 requests"),
        ({"failed": "GET /: it answered 500"}, 0, Outcome.FAILED, "GET /: it answered 500"),
        ({"problem": "no program", "remedy": "bring it"}, 0, Outcome.ERRORED, "no program"),
        ({"measures": {"p95": 0.1}}, 1, Outcome.ERRORED, "it ended with exit code 1 and no word why"),
        (None, 0, Outcome.ERRORED, "it left no report http.json (it ended with exit code 0)"),
        ({"measures": {"p95": "fast"}}, 0, Outcome.ERRORED, None),
    ],
)
def test_a_report_and_its_end_must_tell_one_story(
    report: object, exit_code: int, outcome: Outcome, reason: str | None
) -> None:
    reading = read(report, exit_code)
    assert reading.outcome is outcome
    assert reason is None or reading.reason == reason
