"""Finding servers: programs in made-up folders, versions from scripted answers, engines that answer or do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.services import Recipe, Server
from penstock.scan.servers import find
from tests.fakes.processes import FakeProcesses


def recipe(*servers: Server) -> Recipe:
    return Recipe(name="x", servers=servers, health=("tcp",), exports=(), install="apt-get install x")


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    path.chmod(0o755)
    return str(path)


def server(tmp_path: Path, *programs: str) -> Server:
    return Server(programs=programs, command=(programs[0],), places=(f"{tmp_path}/versions/*/bin",))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path}/bin"}


def test_a_server_is_found_with_its_version_and_the_programs_beside_it(tmp_path: Path, environ: dict[str, str]) -> None:
    processes = FakeProcesses()
    for version in ("15", "9"):
        path = program(tmp_path / f"versions/{version}/bin/servit")
        program(tmp_path / f"versions/{version}/bin/makeit")
        processes.says(path, stdout=f"servit (It) {version}.8 (Debian {version}.8-0+deb12u1)\n".encode())
    program(tmp_path / "versions/17/bin/servit")  # without what it takes
    found = find(
        [recipe(server(tmp_path, "servit", "makeit"))], environ=environ, processes=processes, state=tmp_path / "state"
    )
    assert [(one.version, dict(one.beside)["makeit"]) for one in found.programs] == [
        ("15.8", f"{tmp_path}/versions/15/bin/makeit"),
        ("9.8", f"{tmp_path}/versions/9/bin/makeit"),
    ]
    assert found.engine == ""
    assert not any("docker" in call.argv[0] for call in processes.calls)


def test_a_version_is_asked_once_until_the_file_changes(tmp_path: Path, environ: dict[str, str]) -> None:
    path = program(tmp_path / "bin/servit")
    processes = FakeProcesses().says(path, stderr=b"servit/1.22.1\n")

    def ask() -> tuple[str, str, int]:
        (one,) = find(
            [recipe(server(tmp_path, "servit"))], environ=environ, processes=processes, state=tmp_path / "state"
        ).programs
        return one.version, one.identity, len(processes.calls)

    first, again = ask(), ask()
    assert first == again == ("1.22.1", first[1], 1)
    Path(path).write_text("another program")
    processes.says(path, stdout=b"servit 2.0\n")
    version, identity, calls = ask()
    assert (version, calls) == ("2.0", 2)
    assert identity != first[1]


def test_a_server_that_tells_no_version_is_one_all_the_same(tmp_path: Path, environ: dict[str, str]) -> None:
    path = program(tmp_path / "bin/servit")
    processes = FakeProcesses().script(path, answer=TimeoutError("it hangs"))
    found = find([recipe(server(tmp_path, "servit"))], environ=environ, processes=processes, state=tmp_path / "state")
    assert [one.version for one in found.programs] == [""]


def test_an_engine_is_one_only_where_it_answers(tmp_path: Path, environ: dict[str, str]) -> None:
    client, podman = program(tmp_path / "bin/docker"), program(tmp_path / "bin/podman")
    processes = FakeProcesses()
    processes.says(client, "info", stderr=b"Cannot connect to the Docker daemon\n", exit_code=1)
    processes.says(podman, "info")
    absent = [recipe(server(tmp_path, "servit"))]
    found = find(absent, environ=environ, processes=processes, state=tmp_path / "state")
    assert (found.engine, found.deaf) == (podman, "")
    processes.script(podman, "info", answer=TimeoutError("podman did not end within 5 s"))
    found = find(absent, environ=environ, processes=processes, state=tmp_path / "state")
    assert found.engine == ""
    assert found.deaf == "docker is installed, and does not answer: Cannot connect to the Docker daemon"


def test_an_engine_is_asked_where_an_image_wants_one(tmp_path: Path, environ: dict[str, str]) -> None:
    client = program(tmp_path / "bin/docker")
    processes = FakeProcesses().says(client, "info")
    assert find([], environ=environ, processes=processes, state=tmp_path, engine=True).engine == client
    assert find([], environ=environ, processes=processes, state=tmp_path).engine == ""
