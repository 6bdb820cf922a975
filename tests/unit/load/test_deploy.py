"""`[tool.penstock.deploy]` and `[tool.penstock.ci.circleci]`."""

from __future__ import annotations

import tomllib

import pytest

from penstock.errors import ConfigurationError
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.circleci import CircleCI
from penstock.model.pipeline import Deployment, Pipeline

JOBS = 'python = ["3.12"]\nstages = ["fast", "full"]\n[jobs]\nlint = true\n'
STAGING = '[deploy.staging]\nrun = "./deploy.sh staging"\nhealth = "https://example.org/health"\n'


def read(text: str) -> Pipeline:
    return parse(tomllib.loads(text), Locator(text, "penstock.toml"))


def codes(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [problem.code for problem in caught.value.problems]


def test_a_deployment() -> None:
    (one,) = read(STAGING + 'rollback = "./back.sh"\nhealth_timeout = "5m"\n').deployments
    assert one == Deployment(
        name="staging",
        run=("./deploy.sh", "staging"),
        rollback=("./back.sh",),
        health=("http", "https://example.org/health"),
        health_timeout_s=300.0,
    )


def test_a_script_and_a_command_that_asks() -> None:
    (one,) = read('[deploy.x]\nrun = "a | b"\nshell = true\nhealth = ["curl", "-f", "x"]\n').deployments
    assert one.run == ("bash", "-eo", "pipefail", "-c", "a | b", "bash")
    assert one.health == ("command", "curl", "-f", "x")


def test_where_it_is_deployed_and_how_a_host_is_set_up_change_no_plan() -> None:
    bare, told = read(JOBS), read(JOBS + STAGING + "[ci.circleci]\nlayer_cache = true\n")
    assert bare.digest == told.digest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('deploy = "x"', "C102"),
        ("deploy.x = 3", "C102"),
        ('deploy.x = { run = "a" }', "C105"),
        ('deploy.x = { health = "https://x.org" }', "C105"),
        ('deploy.x = { run = "a", health = "https://u:p@x.org" }', "C103"),
        ('deploy.x = { run = "a", health = "x.org" }', "C103"),
        ('deploy.x = { run = "a | b", health = "https://x.org" }', "C213"),
        ('deploy.x = { run = "a || true", shell = true, health = "https://x.org" }', "C214"),
        ('deploy.x = { run = "a", health = "https://x.org", after = "y" }', "C224"),
        ('deploy.x = { run = "a", health = "https://x.org", after = "x" }', "C203"),
        ('deploy.x = { run = "a", health = "https://x.org", continue_on_error = true }', "C106"),
        ('deploy."a b" = { run = "a", health = "https://x.org" }', "C103"),
    ],
)
def test_what_is_wrong_with_a_deployment_is_told(text: str, code: str) -> None:
    assert code in codes(text)


def test_circleci() -> None:
    text = (
        JOBS
        + STAGING
        + (
            '[ci.circleci]\nresource_classes = { gpu = "gpu.nvidia.medium" }\nexecutors = { full = "performance" }\n'
            'contexts = { lint = "a", staging = ["b", "c d"] }\n'
        )
    )
    found = read(text).circleci
    assert found == CircleCI(
        resource_classes=(("gpu", "gpu.nvidia.medium"),),
        executors=(("full", "performance"),),
        contexts=(("lint", ("a",)), ("staging", ("b", "c d"))),
    )
    assert (found.classes["gpu"], found.classes["standard"]) == ("gpu.nvidia.medium", "large")
    assert read(JOBS).circleci is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('image = "cimg/python:latest"', "C103"),
        ('image = "cimg/python"', "C103"),
        ('resource_classes = { huge = "x" }', "C101"),
        ('executors = { full = "big" }', "C103"),
        ('executors = { ful = "performance" }', "C223"),
        ('contexts = { lnt = "keys" }', "C223"),
        ("contexts = { lint = [] }", "C103"),
        ('penstock = "/etc/x"', "C103"),
        ("layer_cache = 1", "C102"),
    ],
)
def test_what_is_wrong_with_circleci_is_told(text: str, code: str) -> None:
    assert code in codes(f"{JOBS}[ci.circleci]\n{text}\n")
