"""What `penstock init` writes: valid, beside what is there, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli import main
from penstock.cli.init import spec_of
from penstock.load.file import declared, read
from penstock.load.starter import starter
from penstock.plan.defaults import detected
from penstock.plan.wanted import declared as wanted_of
from penstock.scan.detect.detection import project as detect
from tests.conftest import ROOT

PROJECT = '# mine\n[project]\nname = "demo"  # short\nversion = "1"\nrequires-python = ">=3.12"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_a():\n    pass\n")
    return tmp_path


def init(folder: Path, *words: str) -> int:
    return main.run(["init", "-C", str(folder), *words])


def test_it_is_added_to_what_is_there_and_can_be_read(project: Path) -> None:
    assert init(project) == 0
    text = (project / "pyproject.toml").read_text()
    assert text.startswith(f"{PROJECT}\n[tool.penstock]\n# What `penstock run` does here")
    pipeline = read(project)
    assert [job.name for job in pipeline.jobs or ()] == ["lint", "unit"]
    assert pipeline.python is None


def test_a_second_time_is_refused_and_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(project) == 0
    first = (project / "pyproject.toml").read_bytes()
    assert init(project) == 2
    assert "has a configuration already" in capsys.readouterr().err
    assert (project / "pyproject.toml").read_bytes() == first


def test_line_ends_and_a_missing_last_one_are_kept(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(PROJECT.rstrip("\n").replace("\n", "\r\n").encode())
    assert init(project, "--pythons") == 0
    content = (project / "pyproject.toml").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert content.startswith(PROJECT.rstrip("\n").replace("\n", "\r\n").encode() + b"\r\n\r\n[tool.penstock]")
    assert "3.12" in (read(project).python or ())


def test_a_file_that_has_no_place_for_it_is_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed = f"tool = {{ other = {{ x = 1 }} }}\n{PROJECT}"
    (project / "pyproject.toml").write_text(closed)
    assert init(project) == 2
    told = capsys.readouterr().err
    assert "[tool.penstock] cannot stand at the end of pyproject.toml" in told
    assert "penstock init --print" in told
    assert (project / "pyproject.toml").read_text() == closed


def test_a_link_stays_a_link(project: Path) -> None:
    (project / "real.toml").write_text(PROJECT)
    (project / "pyproject.toml").unlink()
    (project / "pyproject.toml").symlink_to("real.toml")
    assert init(project) == 0
    assert (project / "pyproject.toml").is_symlink()
    assert "[tool.penstock.jobs]" in (project / "real.toml").read_text()


def test_without_a_pyproject_it_is_a_file_of_its_own(project: Path) -> None:
    (project / "pyproject.toml").unlink()
    assert init(project) == 0
    assert (project / "penstock.toml").read_text().startswith("# What `penstock run` does here")
    assert [job.name for job in read(project).jobs or ()] == ["lint", "unit"]


SHAPES = sorted((ROOT / "tests" / "projects" / "detect").iterdir())


@pytest.mark.parametrize("root", SHAPES, ids=lambda path: path.name)
def test_what_is_written_is_what_was_detected_for_every_shape_of_project(root: Path) -> None:
    """The jobs that run by the file are those that run without it: kinds, tools, tests and what blocks."""
    found = detect(root, [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()])
    before = detected(found)
    pipeline = declared(None, starter(found, (), [spec_of(wanted) for wanted in before], table=""))
    after = wanted_of(pipeline, found)
    assert {job.spec.kind for job in after} == {job.spec.kind for job in before}
    tools = [{(use.tool, job.spec.mode) for job in jobs for use in job.uses} for jobs in (before, after)]
    assert tools[0] == tools[1]
    tests = [
        {(job.spec.name, job.spec.paths, job.spec.python) for job in jobs if job.suite} for jobs in (before, after)
    ]
    assert tests[0] <= tests[1]
