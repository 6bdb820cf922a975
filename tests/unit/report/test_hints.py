"""Hints beneath failures: each is shown for its cause, and not for what only resembles it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.cli import troubleshooting
from penstock.model import records as model
from penstock.model.events import Outcome
from penstock.report import markdown, run_json, terminal
from penstock.report.grounds import Grounds, Offer
from penstock.report.hints import Hint, of_job, of_test
from penstock.report.html import content
from penstock.report.screen import Screen
from tests import stories
from tests.builders import job, plan
from tests.verdicts import attempt, job_record, records

UNIT = job("unit@3.12", environment="3.12/test", test_timeout_s=30.0)
GROUNDS = Grounds(
    own=frozenset({"demo", "helpers"}),
    offers=(
        Offer(kind="extra", name="yaml", distributions=frozenset({"pyyaml"})),
        Offer(kind="group", name="web", distributions=frozenset({"httpx", "pytest-httpx"})),
    ),
    distributions={"yaml": ("pyyaml",)},
    plugins={"mocker": "pytest-mock", "httpx_mock": "pytest-httpx", "settings": ""},
    services=frozenset({"redis"}),
    installed={"3.12/test": frozenset({"pytest", "requests", "pytest-httpx"})},
)
NOT_FOUND = (
    "file /x/test_a.py, line 3\n  def test_a({0}):\nE       fixture '{0}' not found\n>       available fixtures: a"
)


def failed(kind: str, message: str, **fields: Any) -> model.TestRecord:
    ended = fields.pop("outcome", "failed")
    return attempt(UNIT, "tests/test_a.py::test_a", ended, kind=kind, message=message, **fields)


def missing(module: str) -> model.TestRecord:
    return failed("ModuleNotFoundError", f"ModuleNotFoundError: No module named '{module}'")


def fixture(name: str) -> model.TestRecord:
    return failed("", "/x/test_a.py:3", outcome="errored", text=NOT_FOUND.format(name))


def hint(test: model.TestRecord, withheld: str = "", **fields: Any) -> Hint | None:
    return of_test(test, replace(UNIT, **fields), GROUNDS, withheld)


def refused(kind: str, message: str) -> model.TestRecord:
    return failed(kind, f"{kind}: {message}")


SEEN = [
    ("E301", missing("yaml"), 'the extra `yaml` brings it: jobs.unit.extras = ["yaml"]'),
    ("E301", missing("httpx"), 'the group `web` brings it: jobs.unit.groups = ["web"]'),
    ("E301", missing("numpy.linalg"), "no module `numpy`: declare what brings it"),
    ("E301", missing("distutils.util"), "left the standard library with Python 3.12, and setuptools brings it"),
    ("E301", failed("ModuleNotFoundError", "No module named 'telnetlib'"), "with Python 3.13"),
    ("E302", fixture("mocker"), "the fixture `mocker` is pytest-mock's"),
    ("E303", failed("OSError", "OSError: [Errno 98] Address already in use"), "another process has that port"),
    (
        "E303",
        failed("OSError", "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): in use"),
        "bind to port 0",
    ),
    (
        "E304",
        refused("ConnectionError", "Error 111 connecting to localhost:6379. Connection refused."),
        'nothing listens where Redis usually does: jobs.unit.services = ["redis"] starts one for the job',
    ),
    (
        "E304",
        refused("OperationalError", 'connection to server at "localhost" (::1), port 5432 failed: Connection refused'),
        "nothing listens where PostgreSQL usually does, and the test needs it",
    ),
    (
        "E304",
        refused("OSError", "Multiple exceptions: [Errno 111] Connect call failed ('::1', 3306, 0, 0)"),
        "nothing listens where MySQL or MariaDB usually does",
    ),
    ("E304", refused("ConnectionRefusedError", "[Errno 111] Connection refused"), "nothing listens where the test"),
    ("E305", failed("RuntimeError", "RuntimeError: No CUDA GPUs are available"), "no GPU is seen here"),
    ("E305", failed("AssertionError", "AssertionError: Torch not compiled with CUDA enabled"), "no GPU is seen here"),
    ("E306", failed("", "it ran longer than 30 s", outcome="timed_out"), "jobs.unit.test_timeout is 30 s"),
    ("E306", failed("", "the job's time limit ended it", outcome="timed_out"), "a `test_timeout` of the job"),
    ("E202", failed("", "its worker was killed, out of memory", outcome="crashed"), "no memory left"),
    ("E202", failed("MemoryError", "MemoryError"), "no memory left"),
]


@pytest.mark.parametrize(
    ("code", "test", "text"), SEEN, ids=[f"{code}-{number}" for number, (code, *_) in enumerate(SEEN)]
)
def test_a_usual_cause_is_hinted_at(code: str, test: model.TestRecord, text: str) -> None:
    found = hint(test)
    assert found is not None
    assert found.code == code
    assert text in found.text


UNSEEN = {
    "a module of the project itself": missing("demo.gone"),
    "a module that something installed should bring": missing("requests"),
    "a test about a missing module": failed("AssertionError", "assert \"No module named 'yaml'\" in 'x'"),
    "words around it": failed(
        "ModuleNotFoundError", "ModuleNotFoundError: No module named 'yaml'; 'a' is not a package"
    ),
    "the same words in another exception": failed("RuntimeError", "RuntimeError: No module named 'yaml'"),
    "a fixture that no plugin is known for": fixture("client"),
    "a fixture of a plugin that is installed": fixture("httpx_mock"),
    "a fixture with a name that is everybody's": fixture("settings"),
    "a test that prints such a sentence": failed("ValueError", "ValueError: x", text=NOT_FOUND.format("mocker")),
    "another error of the system": failed("OSError", "OSError: [Errno 13] Permission denied"),
    "an assertion about a port": failed("AssertionError", "AssertionError: [Errno 98] Address already in use"),
    "an assertion about a connection": failed("AssertionError", "assert 'connection refused' == 'x'"),
    "a connection that was cut": refused("ConnectionError", "('Connection aborted.', RemoteDisconnected('closed'))"),
    "a database that says no": refused("OperationalError", "no such table: users"),
    "another error of CUDA": failed("RuntimeError", "RuntimeError: CUDA error: an illegal memory access"),
    "a key that no variable is called by": failed("KeyError", "KeyError: 'DATABASE_URL'"),
    "a crash": failed("", "its worker died of SIGSEGV", outcome="crashed"),
    "a plain failure": failed("AssertionError", "assert 1 == 2"),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_no_hint_beats_a_wrong_one(name: str) -> None:
    assert hint(UNSEEN[name]) is None


def test_a_variable_that_the_job_did_not_get() -> None:
    test = failed("KeyError", "KeyError: 'DATABASE_URL'")
    found = hint(test, withheld="API_HOST, DATABASE_URL")
    assert found == Hint(
        code="E212",
        text="DATABASE_URL is set here, and jobs do not get it: declare it in jobs.unit.environment",
    )
    assert hint(test, withheld="API_HOST") is None


def test_a_job_with_services_is_told_where_they_are_and_not_to_declare_them() -> None:
    found = hint(SEEN[8][1], services=("cache",))
    assert found is not None
    assert "the job's services have ports of their own" in found.text


def test_in_the_active_environment_no_key_of_a_job_is_named() -> None:
    for test in (missing("yaml"), missing("numpy"), SEEN[8][1]):
        found = hint(test, inherits=True)
        assert found is not None
        assert "jobs." not in found.text


def test_nothing_is_known_of_the_project_and_the_hint_claims_nothing_of_it() -> None:
    found = of_test(missing("yaml"), UNIT, Grounds())
    assert found is not None
    assert "declare what brings it" in found.text
    assert of_test(fixture("mocker"), UNIT, Grounds()) is None


def test_of_a_job_only_what_its_remedy_does_not_say() -> None:
    def asked(reason: str, **fields: Any) -> Hint | None:
        return of_job(job_record(UNIT, outcome=Outcome.ERRORED, reason=reason, **fields), UNIT, GROUNDS)

    found = asked("2 files could not be collected: no module yaml")
    assert found is not None
    assert "the extra `yaml` brings it" in found.text
    assert asked("2 files could not be collected: no module numpy") is None
    assert asked("no test could be asked: there is no module demo") is None
    named = asked("ended with 1", notes={"withheld": "API_HOST, TOKEN"})
    assert named is not None
    assert named.text.startswith("its output names API_HOST, TOKEN, set here and not handed to jobs: declare them")
    assert asked("ended with 1") is None


def test_a_hint_stands_beneath_its_failure_in_every_report_and_changes_no_verdict() -> None:
    test = attempt(UNIT, "tests/test_a.py::test_a", "failed", kind="OSError", message=SEEN[6][1].message)
    kept = records(
        job_record(UNIT, outcome=Outcome.FAILED, measures={"collected": 1, "ran": 1, "failed": 1}), tests=(test,)
    )
    told = stories.story(plan(UNIT), kept)
    text = terminal.text(told, Screen(width=200))
    line = next(line for line in text.splitlines() if line.startswith("  hint    another process has that port"))
    assert line.endswith("(penstock explain E303)")
    hinted = re.compile(r"^Hint: `another process has that port[^`]*` \(`penstock explain E303`\)$", re.MULTILINE)
    assert hinted.search(markdown.text(told))
    page = content.of(told, {}, ())
    assert [(each["code"], each["hint"].partition(":")[0]) for each in page["failures"]] == [
        ("E303", "another process has that port")
    ]
    title, cause, remedy, example = page["codes"]["E303"]
    explained = (f"E303: {title}", f"  {cause}", f"  remedy  {remedy}", f"  e.g.    {example}")
    assert troubleshooting.of_code("E303") == explained
    (failure,) = run_json.document(told).failures
    assert (failure.code, failure.hint.partition(":")[0]) == ("E303", "another process has that port")
    other = stories.story(plan(UNIT), replace(kept, tests=(replace(test, kind="ValueError", message="x"),)))
    assert replace(told.verdict, checks=()) == replace(other.verdict, checks=())
