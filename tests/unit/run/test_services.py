"""The services of a run under the engine, with no process: when they start, what they change, when they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.model.plan import Job
from penstock.model.services import Service
from tests.fakes.executor import Script
from tests.fakes.rehearsal import Rehearsal, job

NO = Script(exit_code=1)
FOREVER_S = 1e6


def service(name: str, **fields: Any) -> Service:
    return Service(
        name=name, told=f"the {name}", health=("tcp",), exports=((f"{name.upper()}_PORT", "{port}"),), **fields
    )


def up(folder: Path, name: str, port: int = 4000) -> dict[str, bytes]:
    told = {"address": "127.0.0.1", "port": port, "pid": 1, "variables": {f"{name.upper()}_PORT": str(port)}}
    return {str(folder / f"{name}.up"): json.dumps(told).encode()}


def over(folder: Path, name: str, reason: str, remedy: str = "") -> dict[str, bytes]:
    return {str(folder / f"{name}.over"): json.dumps({"reason": reason, "remedy": remedy}).encode()}


class Play:
    """A rehearsal of jobs with services that are up at once, unless `scripts` say otherwise."""

    def __init__(self, folder: Path, *jobs: Job, services: tuple[Service, ...], **how: Any) -> None:
        self.run = Rehearsal(folder, *jobs, **how)
        self.run.services = services

    def own(self, name: str) -> Path:
        return self.run.job_folder(name) / "services"

    @property
    def shared(self) -> Path:
        return self.run.folder / "shared"

    def serve(self, task: str, folder: Path, **fields: Any) -> None:
        name = task.split(":")[1]
        usual: dict[str, Any] = {"lasts_s": FOREVER_S, "at_once": up(folder, name)}
        script = Script(**(usual | fields))
        self.run.executor._scripts[task] = script


def test_a_service_is_up_before_the_first_command_and_ends_before_the_job(tmp_path: Path) -> None:
    play = Play(tmp_path, job("integ", services=("redis",), commands=2), services=(service("redis"),))
    play.serve("service:redis:integ", play.own("integ"))
    play.run.play()
    assert [launch.task for launch in play.run.executor.launched] == ["service:redis:integ", "integ", "integ"]
    assert [dict(launch.environment)["REDIS_PORT"] for launch in play.run.launches("integ")] == ["4000", "4000"]
    assert play.run.outcomes == {"integ": "passed"}
    assert play.run.executor.stopped == [("service:redis:integ", "cancelled")]
    assert play.run.ends["integ"].notes["service:redis"].startswith("the redis, up in ")


def test_each_job_has_one_of_its_own_and_a_job_without_any_waits_for_none(tmp_path: Path) -> None:
    jobs = (job("a", services=("redis",)), job("b", services=("redis",)), job("c"))
    play = Play(tmp_path, *jobs, services=(service("redis"),))
    for name, port in (("a", 4001), ("b", 4002)):
        play.serve(f"service:redis:{name}", play.own(name), at_once=up(play.own(name), "redis", port))
    play.run.play()
    given = {name: dict(play.run.launches(name)[0].environment).get("REDIS_PORT") for name in "abc"}
    assert given == {"a": "4001", "b": "4002", "c": None}
    assert set(play.run.outcomes.values()) == {"passed"}


def test_a_shared_one_is_started_once_and_ends_after_the_last_that_names_it(tmp_path: Path) -> None:
    names: dict[str, Any] = {"services": ("db",)}
    jobs = (job("a", **names), job("b", "a", **names), job("bad", **names), job("skipped", "bad", **names))
    play = Play(tmp_path, *jobs, services=(service("db", shared=True),), scripts={"bad": NO})
    play.serve("service:db", play.shared)
    play.run.play()
    tasks = [launch.task for launch in play.run.executor.launched]
    assert tasks.count("service:db") == 1
    assert play.run.executor.stopped == [("service:db", "cancelled")]
    assert play.run.outcomes == {"a": "passed", "b": "passed", "bad": "failed", "skipped": "skipped"}


def test_one_that_is_never_up_makes_its_job_errored_before_anything_of_it_runs(tmp_path: Path) -> None:
    jobs = (job("integ", services=("redis", "db")), job("other"))
    play = Play(tmp_path, *jobs, services=(service("redis"), service("db")))
    folder = play.own("integ")
    told = over(folder, "db", "it was not up within 60 s: 127.0.0.1:4000: Connection refused", "look there")
    play.serve("service:db:integ", folder, lasts_s=60.0, exit_code=1, at_once={}, files=told, output=b"one\ntwo\n")
    play.serve("service:redis:integ", folder)
    play.run.play()
    assert play.run.launches("integ") == []
    end = play.run.ends["integ"]
    assert end.outcome == "errored"
    assert end.reason == "the service db: it was not up within 60 s: 127.0.0.1:4000: Connection refused"
    assert end.notes["remedy"] == "look there"
    assert ("service:redis:integ", "cancelled") in play.run.executor.stopped
    log = (play.run.job_folder("integ") / "output.log").read_bytes()
    assert log == b"[penstock: the last lines of the service db]\none\ntwo\n"
    assert play.run.outcomes["other"] == "passed"


@pytest.mark.parametrize(("code", "outcome"), [(0, "errored"), (1, "failed")])
def test_one_that_dies_midway_leaves_no_job_green_whatever_its_exit_code(
    tmp_path: Path, code: int, outcome: str
) -> None:
    play = Play(
        tmp_path,
        job("integ", services=("redis",)),
        services=(service("redis"),),
        scripts={"integ": Script(lasts_s=9.0, exit_code=code)},
    )
    folder = play.own("integ")
    play.serve("service:redis:integ", folder, lasts_s=4.0, exit_code=1, files=over(folder, "redis", "it died"))
    play.run.play()
    end = play.run.ends["integ"]
    assert end.outcome == outcome
    assert "the service redis: it died, " in end.reason
    assert "after it was up" in end.reason
    assert end.notes["remedy"] == f"its log: {folder / 'redis.log'}"


def test_one_whose_supervisor_is_killed_has_died_too(tmp_path: Path) -> None:
    play = Play(
        tmp_path,
        job("integ", services=("redis",)),
        services=(service("redis"),),
        scripts={"integ": Script(lasts_s=9.0)},
    )
    play.serve("service:redis:integ", play.own("integ"), lasts_s=4.0, signal=9)
    play.run.play()
    assert play.run.outcomes == {"integ": "errored"}
    assert "signal 9" in play.run.ends["integ"].reason


def test_a_shared_one_that_died_is_not_started_again(tmp_path: Path) -> None:
    jobs = (job("a", services=("db",)), job("b", services=("db",)))
    play = Play(tmp_path, *jobs, services=(service("db", shared=True),), scripts={"a": Script(lasts_s=9.0)})
    play.serve("service:db", play.shared, lasts_s=4.0, exit_code=1, files=over(play.shared, "db", "it died"))
    play.run.play(cpus=1)
    assert play.run.outcomes == {"a": "errored", "b": "errored"}
    assert len(play.run.launches("service:db")) == 1
    assert play.run.launches("b") == []


def test_a_guest_that_hangs_is_given_up(tmp_path: Path) -> None:
    play = Play(tmp_path, job("integ", services=("redis",)), services=(service("redis", timeout_s=5.0),))
    play.serve("service:redis:integ", play.own("integ"), at_once={})
    play.run.play()
    assert play.run.outcomes == {"integ": "errored"}
    assert "does not answer" in play.run.ends["integ"].reason
    assert play.run.clock.monotonic_s() < 1100


def test_an_interrupt_while_it_starts_cancels_the_job_and_ends_the_service(tmp_path: Path) -> None:
    play = Play(tmp_path, job("integ", services=("redis",)), services=(service("redis"),), signals=[(1.0, "SIGINT")])
    play.serve("service:redis:integ", play.own("integ"), at_once={})
    assert play.run.play() == "SIGINT"
    assert play.run.outcomes == {"integ": "cancelled"}
    assert play.run.executor.stopped == [("service:redis:integ", "cancelled")]
    assert play.run.launches("integ") == []


def test_a_second_interrupt_leaves_a_deaf_service_no_grace(tmp_path: Path) -> None:
    play = Play(
        tmp_path,
        job("integ", services=("redis",)),
        services=(service("redis"),),
        scripts={"integ": Script(lasts_s=50.0)},
        signals=[(1.0, "SIGINT"), (3.0, "SIGINT")],
    )
    play.serve("service:redis:integ", play.own("integ"), ignores_term=True)
    started_s = play.run.clock.monotonic_s()
    assert play.run.play() == "SIGINT"
    assert play.run.outcomes == {"integ": "cancelled"}
    assert play.run.clock.monotonic_s() - started_s < 5.0


def test_the_limit_of_a_job_is_that_of_the_start_of_its_services_too(tmp_path: Path) -> None:
    limited = job("integ", services=("redis",), timeout_s=7.0)
    play = Play(tmp_path, limited, services=(service("redis"),))
    play.serve("service:redis:integ", play.own("integ"))
    play.run.play()
    spec = json.loads((play.own("integ") / "redis.json").read_text())
    assert spec["timeout_s"] == 7.0
    assert spec["folder"].startswith(str(play.run.folder / "data"))


def test_a_log_that_was_cut_is_told(tmp_path: Path) -> None:
    play = Play(tmp_path, job("integ", services=("redis",)), services=(service("redis"),))
    play.serve("service:redis:integ", play.own("integ"), unlogged="the output was cut")
    play.run.play()
    assert play.run.results.troubles == ["service:redis:integ: the output was cut"]


def test_what_the_job_declares_reaches_a_command_of_the_project_and_no_built_in_server(tmp_path: Path) -> None:
    one = job("integ", services=("own", "redis"), variables=(("PGHOST", "elsewhere"),))
    play = Play(tmp_path, one, services=(service("own"), service("redis", identity="x")))
    for name in ("own", "redis"):
        play.serve(f"service:{name}:integ", play.own("integ"))
    play.run.play()
    seen = {
        name: "PGHOST" in dict(play.run.launches(f"service:{name}:integ")[0].environment) for name in ("own", "redis")
    }
    assert seen == {"own": True, "redis": False}


def test_what_a_service_said_last_while_it_was_needed_goes_with_a_failure(tmp_path: Path) -> None:
    play = Play(tmp_path, job("integ", services=("db",)), services=(service("db"),), scripts={"integ": NO}, readings={})
    log = {str(play.own("integ") / "db.log"): b"ready\nERROR: no such table\n"}
    at_once = up(play.own("integ"), "db") | log
    play.serve("service:db:integ", play.own("integ"), at_once=at_once, output=b"shutting down\nbye\n")
    play.run.play()
    end = play.run.ends["integ"]
    assert end.outcome == "failed"
    assert end.notes["service log:db"] == "ready\nERROR: no such table"
    assert (play.own("integ") / "db.log").read_bytes().endswith(b"bye\n")
