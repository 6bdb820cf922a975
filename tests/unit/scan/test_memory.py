"""What is remembered of a tree is what a fresh look gives, for every shape of project; a changed tree is looked at."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from penstock.model.snapshot import Snapshot
from penstock.scan import snapshot
from penstock.scan.detect import detection
from tests.fakes.processes import FakeProcesses

PROJECTS = Path(__file__).parents[2] / "projects" / "detect"


def take(root: Path) -> Snapshot:
    environ = {"PATH": "", "HOME": "/nonexistent"}
    return snapshot.take(root, state=root / ".penstock", processes=FakeProcesses(), environ=environ)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes every fresh detection."""
    seen: list[str] = []
    fresh = detection.look

    def look(root: Path, files: object) -> object:
        seen.append(root.name)
        return fresh(root, files)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(detection, "look", look)
    return seen


def test_every_shape_is_remembered_as_it_was_detected(tmp_path: Path, looks: list[str]) -> None:
    shapes = sorted(path.name for path in PROJECTS.iterdir())
    for shape in shapes:
        shutil.copytree(PROJECTS / shape, tmp_path / shape)
        detected = take(tmp_path / shape).project
        assert take(tmp_path / shape).project == detected
    assert looks == shapes


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "demo"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
    (root / "test_a.py").write_text("def test_a(): pass\n")
    return root


def test_any_change_is_looked_at(project: Path, looks: list[str]) -> None:
    assert take(project).project.suites[0].counted == 1
    (project / "test_a.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    assert take(project).project.suites[0].counted == 2
    (project / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "1"\n')
    assert take(project).project.name == "other"
    (project / "test_a.py").rename(project / "test_c.py")
    take(project)
    moved = project.rename(project.with_name("moved"))
    take(moved)
    assert len(looks) == 5
    take(moved)
    assert len(looks) == 5


def test_what_detection_does_not_read_makes_no_difference(project: Path, looks: list[str]) -> None:
    (project / "src" / "demo").mkdir(parents=True)
    (project / "src" / "demo" / "__init__.py").write_text("")
    (project / "src" / "demo" / "inside.py").write_text("a = 1\n")
    first = take(project)
    (project / "src" / "demo" / "inside.py").write_text("a = 2\n")
    again = take(project)
    assert again.files != first.files
    assert again.project == first.project == detection.project(project, again.files)
    assert len(looks) == 2  # the first one, and the one just above


def test_a_link_counts_with_what_it_leads_to(project: Path, looks: list[str]) -> None:
    hidden = project / ".venv" / "tox.ini"  # a folder that is never listed
    hidden.parent.mkdir()
    hidden.write_text("[tox]\n")
    (project / "tox.ini").symlink_to(hidden)
    take(project)
    hidden.write_text("[tox]\nenvlist = py312\n")
    take(project)
    hidden.unlink()
    take(project)
    assert len(looks) == 3


def test_a_damaged_memory_is_not_used(project: Path, looks: list[str]) -> None:
    first = take(project)
    path = project / ".penstock" / "project.json"
    path.write_bytes(path.read_bytes().replace(b"demo", b"demi"))
    assert take(project) == first
    path.unlink()
    path.mkdir()
    assert take(project) == first
    assert len(looks) == 3


def test_a_file_that_changes_while_it_is_read_is_not_remembered(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = detection.look

    def look(root: Path, files: object) -> object:
        (root / "test_a.py").write_text("def test_a(): pass\n" * 3)
        os.utime(root / "test_a.py", (1, 1))
        return fresh(root, files)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(detection, "look", look)
    take(project)
    assert not (project / ".penstock" / "project.json").exists()
