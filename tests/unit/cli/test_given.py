"""Secrets and required variables, looked up before anything runs: what is missing says where it belongs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.cli import given
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.model.pipeline import Secret
from penstock.model.plan import Job
from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.processes import FakeProcesses

VALUE = "sk-live-9f8e7d6c5b4a"
KEY = Secret(name="API_KEY")
FORK = {"CIRCLECI": "true", "CIRCLE_PR_NUMBER": "7", "CIRCLE_SHA1": "c0ffee"}
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}


def around(root: Path, environ: Mapping[str, str]) -> Surroundings:
    return Surroundings(root, root, {"HOME": str(root), **environ}, FakeProcesses(), FakeClock(), Out(quiet=True))


def blocked(root: Path, job: Job, environ: Mapping[str, str]) -> Job:
    surroundings = around(root, environ)
    found = given.of(surroundings, [job])
    assert surroundings.out.secrets is found.secrets
    return given.blocked(builders.plan(job), found).jobs[0]


def test_what_is_there_is_handed_over_and_kept_off_the_screen(tmp_path: Path) -> None:
    job = builders.job("unit", secrets=(KEY,), require=("REGION",))
    surroundings = around(tmp_path, {"API_KEY": VALUE, "REGION": "eu"})
    found = given.of(surroundings, [job])
    assert found.lacking == {}
    assert found.secrets.of_job(job)["API_KEY"] == VALUE
    assert surroundings.out.secrets.text(f"a {VALUE} eu") == "a [secret:API_KEY] eu"


@pytest.mark.parametrize(
    ("environ", "why", "remedy"),
    [
        ({}, "the secret API_KEY is not set", "export API_KEY=… before penstock starts"),
        ({"API_KEY": " \n"}, "the secret API_KEY is empty", "export API_KEY=… before penstock starts"),
        (GITHUB, "the secret API_KEY is not set", "env: { API_KEY: ${{ secrets.API_KEY }} }"),
        ({"CIRCLECI": "true"}, "the secret API_KEY is not set", "in the project's settings (Environment Variables)"),
        (FORK, "the secret API_KEY is not set: this is a pull request from a fork", "after a review"),
        ({"API_KEY": "abc"}, "cannot be kept out of the logs: its value has 3 characters", "a longer value"),
        ({"API_KEY": "true"}, "cannot be kept out of the logs: its value is a common word", "`require`"),
    ],
)
def test_a_missing_secret_blocks_its_job(tmp_path: Path, environ: dict[str, str], why: str, remedy: str) -> None:
    made = blocked(tmp_path, builders.job("unit", secrets=(KEY,)), environ)
    assert why in str(made.blocked_by)
    assert remedy in str(made.remedy)


def test_a_missing_optional_one_does_not(tmp_path: Path) -> None:
    job = builders.job("unit", secrets=(replace(KEY, required=False),))
    assert blocked(tmp_path, job, {}) == job
    assert blocked(tmp_path, job, FORK) == job
    assert "common word" in str(blocked(tmp_path, job, {"API_KEY": "true"}).blocked_by)


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    made = blocked(tmp_path, builders.job("unit", secrets=(KEY, Secret(name="B")), require=("C",)), {"B": ""})
    assert made.blocked_by == "the secret API_KEY is not set; the secret B is empty; the variable C is not set"


def test_a_job_that_is_blocked_already_keeps_its_reason(tmp_path: Path) -> None:
    job = builders.job("unit", secrets=(KEY,), blocked_by="no Python 3.12")
    assert blocked(tmp_path, job, {}) == job


def test_others_run(tmp_path: Path) -> None:
    lint, unit = builders.job("lint"), builders.job("unit", secrets=(KEY,))
    found = given.of(around(tmp_path, {}), [lint, unit])
    assert [job.blocked_by is None for job in given.blocked(builders.plan(lint, unit), found).jobs] == [True, False]


@pytest.mark.parametrize(("name", "file"), [("key", "~/key"), ("key", "key"), ("key", "{root}/key")])
def test_a_file_gives_its_content_where_the_variable_does_not(tmp_path: Path, name: str, file: str) -> None:
    (tmp_path / name).write_text(f"{VALUE}\n\n")
    secret = Secret(name="API_KEY", file=file.format(root=tmp_path))
    job = builders.job("unit", secrets=(secret,))
    assert given.of(around(tmp_path, {}), [job]).secrets.of_job(job)["API_KEY"] == VALUE
    outside = given.of(around(tmp_path, {"API_KEY": "another-value"}), [job])
    assert outside.secrets.of_job(job)["API_KEY"] == "another-value"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not set, and ~/key cannot be read (No such file or directory)"),
        (b"", "is not set; ~/key is empty"),
        (b"a" * (65 << 10), "cannot be taken from ~/key: it is larger than 64 KiB"),
        (b"ab\0cdef", "cannot be taken from ~/key: a variable holds no NUL byte"),
    ],
)
def test_a_file_that_holds_none(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    made = blocked(tmp_path, builders.job("unit", secrets=(Secret(name="API_KEY", file="~/key"),)), {})
    assert made.blocked_by == f"the secret API_KEY {why}"
    assert "or write it to ~/key" in str(made.remedy)


def test_the_address_of_a_webhook_is_a_secret_that_no_job_gets(tmp_path: Path) -> None:
    job = builders.job("unit")
    found = given.of(around(tmp_path, {"HOOK": "https://hooks.example.org/T0/B0/x9Y8z7"}), [job], webhook="HOOK")
    assert found.secrets.text("to https://hooks.example.org/T0/B0/x9Y8z7") == "to [secret:HOOK]"
    assert found.secrets.of_job(job) == {}
    assert "HOOK" in found.secrets.withheld
    assert not given.of(around(tmp_path, {}), [job], webhook="HOOK").secrets


def test_bytes_that_are_not_utf_8_are_kept(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"caf\xe9-geheim\n")
    job = builders.job("unit", secrets=(Secret(name="K", file="key"),))
    value = given.of(around(tmp_path, {}), [job]).secrets.of_job(job)["K"]
    assert os.fsencode(value) == b"caf\xe9-geheim"
