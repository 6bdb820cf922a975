"""Which container engine answers; one whose client is installed is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.snapshot import Engine
from penstock.scan.containers import engine
from penstock.util.process import SystemProcesses
from tests.fakes.engine import FakeEngine
from tests.fakes.processes import FakeProcesses


def installed(folder: Path, *names: str) -> dict[str, str]:
    """An environment in which these programs are on PATH."""
    for name in names:
        (folder / name).touch(mode=0o755)
    return {"PATH": f"relative:/no/such/folder:{folder}"}


def test_where_none_is_installed_nothing_is_started(tmp_path: Path) -> None:
    processes = FakeProcesses()
    assert engine(installed(tmp_path), processes) == Engine()
    assert processes.calls == []


def test_the_first_that_answers_is_taken(tmp_path: Path) -> None:
    docker, podman = str(tmp_path / "docker"), str(tmp_path / "podman")
    environ = installed(tmp_path, "docker", "podman")
    both = FakeProcesses().says(docker, "info").says(podman, "info")
    assert engine(environ, both) == Engine(program=docker, name="docker")
    assert len(both.calls) == 1
    deaf = FakeProcesses().says(docker, "info", stderr=b"x\nCannot connect", exit_code=1).says(podman, "info")
    assert engine(environ, deaf) == Engine(program=podman, name="podman")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (TimeoutError("docker did not end within 5 s"), "docker did not end within 5 s"),
        (PermissionError("denied"), "denied"),
    ],
)
def test_one_that_does_not_answer_is_none_and_why_is_kept(tmp_path: Path, answer: Exception, why: str) -> None:
    environ = installed(tmp_path, "docker")
    processes = FakeProcesses().script(str(tmp_path / "docker"), "info", answer=answer)
    assert engine(environ, processes) == Engine(deaf=f"docker is installed, and does not answer: {why}")


def test_a_client_without_its_daemon_is_none(tmp_path: Path) -> None:
    fake = FakeEngine(tmp_path, deaf=True)
    found = engine({"PATH": f"{tmp_path}:/usr/bin:/bin"}, SystemProcesses())
    assert not found.program
    assert "Cannot connect to the Docker daemon" in found.deaf
    fake.wish()
    assert engine({"PATH": f"{tmp_path}:/usr/bin:/bin"}, SystemProcesses()).program == str(fake.program)
