"""The tables of special kinds: what they mean, and what does not fit together in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.errors import ConfigurationError
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.pipeline import JobSpec, Limit

SERVICE: dict[str, Any] = {"start": "serve --port {port}", "calls": ["GET /"]}
LOADED = SERVICE | {"duration": "5s"}
MODEL: dict[str, Any] = {"load": "app.model:load"}


def job(kind: str, table: object, **keys: Any) -> JobSpec:
    (found,) = parse({"jobs": {"x": {kind: table, **keys}}}, Locator("", "penstock.toml")).jobs or ()
    return found


def codes(kind: str, table: object) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        job(kind, table)
    return [(problem.code, problem.message) for problem in caught.value.problems]


def limits(spec: JobSpec) -> dict[str, Limit]:
    return {limit.key: limit for limit in spec.limits}


def test_a_service_is_a_command_and_calls() -> None:
    spec = job("http", SERVICE | {"calls": ["GET /a?x=1", {"method": "POST", "path": "/p", "json": {"x": [1, True]}}]})
    assert spec.option("start") == ("serve", "--port", "{port}")
    assert [json.loads(call) for call in spec.option_words("calls")] == [
        {"method": "GET", "path": "/a?x=1"},
        {"method": "POST", "path": "/p", "json": {"x": [1, True]}},
    ]
    assert spec.cpus == 2


def test_what_is_measured_has_the_machine_for_itself_unless_the_job_says_otherwise() -> None:
    assert job("http", SERVICE, cpus=1).cpus == 1
    assert job("model", MODEL).cpus == 2


def test_no_request_may_fail_under_load_unless_it_is_permitted() -> None:
    held = limits(job("http", LOADED | {"p95": "2s", "target": "500ms", "throughput": 50}))
    assert held["http.errors"] == Limit(measure="errors", key="http.errors", most=0.0, unit="%")
    assert held["http.p95"] == Limit(measure="p95", key="http.p95", most=2.0, unit="s")
    assert held["http.target"] == Limit(measure="p95", key="http.target", most=0.5, unit="s", advises=True)
    assert held["http.throughput"] == Limit(measure="throughput", key="http.throughput", least=50.0, unit="/s")
    assert limits(job("http", LOADED | {"errors": "1%"}))["http.errors"].most == 1.0


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"calls": ["GET /"]}, ("C217", "nothing is asked: there is neither `start` nor `url`")),
        (SERVICE | {"calls": []}, ("C103", "`calls` cannot be an empty array")),
        (SERVICE | {"calls": ["/"]}, ("C103", '`calls[0]` cannot be the string "/"')),
        (SERVICE | {"calls": [{"path": "/", "jsn": 1}]}, ("C101", "unknown key `jsn` in `calls[0]`")),
        (SERVICE | {"calls": [{"path": "/", "json": 1, "body": "1"}]}, ("C212", "a call sends `json` or `body`")),
        (SERVICE | {"start": "serve && echo"}, ("C213", "`&&` means nothing here: no shell runs this command")),
        (SERVICE | {"url": "localhost:80"}, ("C103", '`url` cannot be the string "localhost:80"')),
        (SERVICE | {"p95": "2s"}, ("C217", "`p95` is about a load, and there is none")),
        (LOADED | {"requests": 9}, ("C212", "the load lasts as `duration` says, or as `requests` says")),
        (SERVICE | {"requests": 50, "p99": "2s"}, ("C217", "50 requests are too few for p99: it takes 500")),
    ],
)
def test_what_does_not_fit_together_in_a_service_is_told(table: dict[str, Any], expected: tuple[str, str]) -> None:
    assert codes("http", table) == [expected]


def test_a_model_may_be_named_by_its_loader_alone() -> None:
    assert job("model", "app.model:load") == job("model", MODEL)
    held = limits(job("model", MODEL | {"memory": "2GiB", "load_time": "10s"}))
    assert held["model.memory"] == Limit(measure="memory", key="model.memory", most=float(2 << 30), unit="B")
    assert held["model.load_time"].most == 10


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, ("C217", "a model is given by `load` or by `command`")),
        (MODEL | {"command": "x"}, ("C217", "a model is given by `load` or by `command`")),
        ({"load": "app.model"}, ("C103", '`load` cannot be the string "app.model"')),
        ({"load": "../x.py:load"}, ("C103", '`load` cannot be the string "../x.py:load"')),
        (MODEL | {"runs": 10, "p95": "1s"}, ("C217", "`runs` is 10, too few for p95: it takes 20")),
        (
            {"command": "x", "p50": "1s"},
            ("C217", "`p50` needs `load`: of a command only its `time` and its `memory` are seen"),
        ),
    ],
)
def test_what_does_not_fit_together_in_a_model_is_told(table: dict[str, Any], expected: tuple[str, str]) -> None:
    assert codes("model", table) == [expected]
