"""What the next start removes of runs that were killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.cli import machine
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from tests.fakes.clock import FakeClock
from tests.fakes.processes import FakeProcesses

DOCKER = "/bin/docker"
REMOVED = {1: "a", 2: "b"}  # the killed runs' containers


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The state folder of a project of which two runs were killed, each with a container of one job."""
    for number, name in REMOVED.items():
        run = tmp_path / "state" / "runs" / f"20261122-09000{number}-abcdef"
        services = run / "jobs" / "integ" / "services"
        services.mkdir(parents=True)
        (run / "lock").touch()
        spec = {"name": "db", "engine": DOCKER, "image": "example/db:1", "container": name}
        (services / "db.json").write_text(json.dumps(spec))
        (services / "own.json").write_text(json.dumps(spec | {"image": "", "container": "none"}))
    return tmp_path / "state"


def start(state: Path, processes: FakeProcesses) -> None:
    machine.put_in_order(Surroundings(state.parent, state, {"TMPDIR": str(state)}, processes, FakeClock(), Out()))


def removals(processes: FakeProcesses) -> list[tuple[str, ...]]:
    return sorted(call.argv for call in processes.calls)


EACH = [(DOCKER, "rm", "--force", "--volumes", name) for name in REMOVED.values()]


@pytest.mark.parametrize(
    ("code", "said"), [(0, b""), (1, b"Error: No such container: a"), (1, b'no container "a": no such container')]
)
def test_their_containers_are_removed_or_gone(
    killed: Path, code: int, said: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = FakeProcesses().says(DOCKER, stderr=said, exit_code=code)
    start(killed, processes)
    assert removals(processes) == EACH
    told = capsys.readouterr().err
    assert told.count("had been killed: what it left was put in order") == 2
    assert "may still be there" not in told
    start(killed, processes)
    assert removals(processes) == EACH, "once"


def test_a_container_that_cannot_be_removed_is_told_and_the_next_one_is_tried(
    killed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = FakeProcesses().says(
        DOCKER, "rm", "--force", "--volumes", "a", stderr=b"x\nCannot connect", exit_code=1
    )
    start(killed, processes.script(DOCKER, "rm", "--force", "--volumes", "b", answer=TimeoutError("it did not end")))
    assert removals(processes) == EACH
    told = capsys.readouterr().err
    assert "the container a may still be there: Cannot connect\n" in told
    assert "the container b may still be there: it did not end\n" in told
    assert told.count("was put in order") == 2
