"""Finding Pythons: what counts as one, in which order, and how often it is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penstock.model.snapshot import Interpreter
from penstock.scan import interpreters
from penstock.util.process import Completed
from tests.fakes.processes import Call, FakeProcesses


class Machine:
    """A home folder with programs that look like Pythons and answer as they are told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.processes = FakeProcesses()
        self.environ = {"PATH": str(root / "bin"), "HOME": str(root)}
        self.state = root / "state"
        (root / "bin").mkdir()

    def program(self, path: str, says: str | Exception | None, content: bytes = b"\x7fELF") -> Path:
        """A program; `says` is its answer ("cpython 3.12.1"), None = ends with 1."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755)
        if isinstance(says, Exception):
            self.processes.script(str(file), answer=says)
        else:
            code = 1 if says is None else 0
            self.processes.says(str(file), stdout=f"penstock {says}\n".encode(), exit_code=code)
        return file

    def find(self) -> tuple[Interpreter, ...]:
        """The interpreters of this home; those of the real machine (/usr/bin …) are not scripted, so they fail."""
        return interpreters.find(self.environ, self.processes, self.state)[0]

    def minors(self) -> list[str]:
        return [found.minor for found in self.find()]

    def asked(self) -> list[Call]:
        return [call for call in self.processes.calls if call.argv[0].startswith(str(self.root))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_version_build_and_origin_are_told(machine: Machine) -> None:
    path = machine.program("bin/python3.13t", "cpython 3.13.2 -t")
    (found,) = machine.find()
    assert found == Interpreter(
        minor="3.13t", version="3.13.2", path=str(path), source="PATH", abi="cp313t", identity=found.identity
    )


def test_the_order_is_newest_first_with_oddities_behind(machine: Machine) -> None:
    machine.program("bin/pypy3.10", "pypy 3.10.14 -")
    machine.program("bin/python3.13t", "cpython 3.13.2 -t")
    machine.program(".pyenv/versions/3.12.1/bin/python3.12", "cpython 3.12.1 -")
    machine.program(".pyenv/versions/3.12.10/bin/python3.12", "cpython 3.12.10 -")
    machine.program(".local/share/uv/python/cpython-3.14/bin/python3.14", "cpython 3.14.0b2 -")
    machine.program(".local/share/uv/python/cpython-3.14r/bin/python3.14", "cpython 3.14.0 -")
    found = machine.find()
    assert [(each.minor, each.version) for each in found] == [
        ("3.14", "3.14.0"),
        ("3.14", "3.14.0b2"),
        ("3.12", "3.12.10"),
        ("3.12", "3.12.1"),
        ("3.13t", "3.13.2"),
        ("pypy3.10", "3.10.14"),
    ]
    assert [each.source for each in found] == ["uv", "uv", "pyenv", "pyenv", "PATH", "PATH"]


def test_a_store_that_the_environment_names_is_used(machine: Machine) -> None:
    machine.environ |= {"UV_PYTHON_INSTALL_DIR": str(machine.root / "uvs"), "PYENV_ROOT": str(machine.root / "pyenvs")}
    machine.program("uvs/a/bin/python3.11", "cpython 3.11.1 -")
    machine.program("pyenvs/versions/3.10.4/bin/python3.10", "cpython 3.10.4 -")
    assert machine.minors() == ["3.11", "3.10"]


def test_many_names_of_one_program_are_one(machine: Machine) -> None:
    machine.program(".pyenv/versions/3.12.1/bin/python3.12", "cpython 3.12.1 -")
    for name in (".pyenv/versions/3.12.1/bin/python3", "bin/python3.12", "bin/python"):
        (machine.root / name).symlink_to(machine.root / ".pyenv/versions/3.12.1/bin/python3.12")
    assert machine.minors() == ["3.12"]
    assert len(machine.asked()) == 1


def test_shims_and_other_scripts_are_never_started(machine: Machine) -> None:
    machine.program(".pyenv/shims/python3.12", "cpython 3.12.1 -", content=b"#!/usr/bin/env bash\n")
    machine.environ["PATH"] = str(machine.root / ".pyenv/shims")
    assert machine.find() == ()
    assert machine.asked() == []


def test_a_virtual_environment_leads_to_its_base(machine: Machine) -> None:
    base = machine.program("opt/bin/python3.12", "cpython 3.12.1 -")
    (machine.root / "venv/bin").mkdir(parents=True)
    (machine.root / "venv/pyvenv.cfg").touch()
    (machine.root / "venv/bin/python").symlink_to(base)
    machine.program("venv/bin/python3", "cpython 3.12.1 -")  # a copy, as `python -m venv --copies` makes
    machine.environ["PATH"] = str(machine.root / "venv/bin")
    assert [found.path for found in machine.find()] == [str(base)]


@pytest.mark.parametrize(
    "says", [None, "cpython 2.7.18 -", "", "cpython x", "a\nb", TimeoutError("slow"), OSError("no")]
)
def test_a_bad_program_is_passed_over_and_in_the_end_left_alone(machine: Machine, says: str | Exception | None) -> None:
    machine.program("bin/python3", says)
    machine.program("bin/python3.11", "cpython 3.11.1 -")
    for _ in range(5):
        assert machine.minors() == ["3.11"]
    assert len([call for call in machine.asked() if call.argv[0].endswith("python3")]) == 3


def test_a_file_that_is_not_executable_is_not_started(machine: Machine) -> None:
    machine.program("bin/python3", "cpython 3.11.1 -").chmod(0o644)
    if os.access(machine.root / "bin/python3", os.X_OK):
        pytest.skip("the superuser may run it")
    assert machine.find() == ()
    assert machine.asked() == []


def test_a_repeat_starts_nothing_until_the_program_changes(machine: Machine) -> None:
    path = machine.program("bin/python3.11", "cpython 3.11.1 -")
    before = machine.find()
    assert machine.find() == before
    assert len(machine.asked()) == 1
    path.write_bytes(b"\x7fELF changed")
    machine.processes.says(str(path), stdout=b"penstock cpython 3.11.2 -\n")
    (after,) = machine.find()
    assert after.version == "3.11.2"
    assert after.identity != before[0].identity


def test_a_damaged_memory_is_no_memory(machine: Machine) -> None:
    machine.program("bin/python3.11", "cpython 3.11.1 -")
    machine.state.mkdir()
    (machine.state / "interpreters.json").write_bytes(b'{"x": 3')
    assert machine.minors() == ["3.11"]


def test_a_state_folder_that_cannot_be_written_costs_only_time(machine: Machine) -> None:
    machine.program("bin/python3.11", "cpython 3.11.1 -")
    machine.state.write_text("a file where the folder should be")
    assert machine.minors() == ["3.11"]
    assert machine.minors() == ["3.11"]


def test_the_projects_python_variables_do_not_reach_the_question(machine: Machine) -> None:
    machine.environ["PYTHONHOME"] = "/nonexistent"
    machine.program("bin/python3.11", "cpython 3.11.1 -")
    machine.find()
    assert "PYTHONHOME" not in (machine.asked()[0].environment or {})


def test_the_places_looked_in_are_told_whether_they_exist_or_not(machine: Machine) -> None:
    _, looked_in = interpreters.find(machine.environ, machine.processes, machine.state)
    home = machine.root
    assert looked_in[:3] == ("PATH", f"uv ({home}/.local/share/uv/python)", f"pyenv ({home}/.pyenv/versions)")
    assert "/usr/bin" in looked_in


def test_a_program_answers_as_a_completed_process(machine: Machine) -> None:
    machine.processes.script(
        str(machine.root / "bin/python3"), answer=Completed(exit_code=0, stdout=b"\xff" * 9, stderr=b"")
    )
    (machine.root / "bin/python3").write_bytes(b"\x7fELF")
    (machine.root / "bin/python3").chmod(0o755)
    assert machine.find() == ()
