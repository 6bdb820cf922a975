"""What a replay keeps of the first time: order, seed, worker."""

from __future__ import annotations

from penstock.model import events
from penstock.model.events import CollectionFinished, Event, SessionStarted
from penstock.model.plan import Command, Plan
from penstock.run import replay
from tests.builders import environment, job, plan


def start(**fields: str) -> SessionStarted:
    known = {"python": "3.12.1", "implementation": "cpython", "executable": "", "prefix": "", "runner": "pytest 9"}
    return SessionStarted(pid=1, **(known | fields))  # type: ignore[arg-type]  # all are strings but the pid


def collected(*ids: str) -> CollectionFinished:
    return CollectionFinished(ids=ids, digest="", deselected=0)


def began(name: str, worker: str = "") -> events.TestStarted:
    return events.TestStarted(id=name, at_s=0.0, worker=worker)


def test_what_ran_before_comes_before() -> None:
    log: list[Event] = [start(seed="PYTHONHASHSEED=3"), collected("a", "b", "c"), *map(began, "abc")]
    found = replay.session(log, "b")
    assert found is not None
    assert (found.before, found.seed, found.hashing_fixed) == (("a",), "PYTHONHASHSEED=3", True)


def test_another_worker_does_not_count() -> None:
    log: list[Event] = [start(), collected("a", "b", "c"), began("a", "gw0"), began("b", "gw1"), began("c", "gw0")]
    found = replay.session(log, "c")
    assert found is not None
    assert found.before == ("a",)


def test_a_test_that_never_started_comes_after_all_that_did() -> None:
    found = replay.session([start(), collected("a", "b", "c"), began("a")], "c")
    assert found is not None
    assert found.before == ("a",)


def test_the_second_session_has_its_own_order() -> None:
    log: list[Event] = [start(), collected("a"), began("a"), start(seed="x"), collected("b", "c"), *map(began, "bc")]
    found = replay.session(log, "c")
    assert found is not None
    assert (found.before, found.seed) == (("b",), "x")


def test_an_unknown_test_is_in_no_session() -> None:
    assert replay.session([start(), collected("a"), began("a")], "z") is None
    assert replay.session([], "a") is None


PYTEST = Command(argv=("pytest", "-p", "penstock_pytest", "tests"), environment=(("A", "1"),), tool="pytest")


def test_the_command_gets_the_list_and_the_seeds() -> None:
    again = replay.job_again(
        job("unit@3.12", commands=(PYTEST,), needs=("x",), expected_tests=9),
        only="/ids.json",
        seed="randomly_seed=77 PYTHONHASHSEED=5",
    )
    (command,) = again.commands
    assert command.argv == ("pytest", "-p", "penstock_pytest", "--randomly-seed=77", "tests")
    assert dict(command.environment) == {"A": "1", "PENSTOCK_ONLY": "/ids.json", "PYTHONHASHSEED": "5"}
    assert (again.needs, again.expected_tests, again.cacheable) == ((), 0, False)


def test_a_runner_of_the_projects_own_runs_whole() -> None:
    own = job("unit", commands=(Command(argv=("python", "run.py"), tool="own-runner"),))
    assert not replay.can_select(own)
    assert replay.job_again(own, only="/ids.json").commands == own.commands


def test_the_plan_of_one_job_holds_its_environment_alone() -> None:
    unit = job("unit@3.12", environment="3.12/test")
    whole: Plan = plan(unit, job("lint"), environments=(environment("3.12/test"), environment("3.12/ruff")))
    again = replay.plan_again(whole, unit)
    assert [each.id for each in again.jobs] == ["unit@3.12"]
    assert [each.id for each in again.environments] == ["3.12/test"]
