"""Which workflows are written, and what of them `penstock ci check` asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli import main
from tests.fakes.guest_runs import write

JOBS = """\
python = ["3.12"]
[jobs]
build = true
a = { run = "true" }
"""
NIGHTLY, RELEASE = "nightly.yml", "release.yml"


def project(tmp_path: Path, more: str) -> Path:
    files = {"pyproject.toml": "[project]\nname='p'\nversion='1'\n", "penstock.toml": JOBS + more}
    return write(tmp_path / "p", files)


def ci(root: Path, *words: str) -> int:
    return main.run(["ci", "-C", str(root), "--no-color", *words])


def workflows(root: Path) -> set[str]:
    return {path.name for path in (root / ".github" / "workflows").glob("*.yml")} - {"ci.yml", "pr.yml"}


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("", set()),
        ('b = { run = "true", on = ["change"] }\n', set()),
        ('b = { run = "true", on = ["nightly"] }\n', {NIGHTLY}),
        ('[ci.github]\nnightly = "03:00"\n', {NIGHTLY}),
        ("[ci.github]\nrelease = true\n", {RELEASE}),
        ("[ci.github]\nrelease = false\n", set()),
    ],
)
def test_a_workflow_is_written_where_it_is_asked_for(tmp_path: Path, more: str, names: set[str]) -> None:
    root = project(tmp_path, more)
    assert ci(root, "generate") == 0
    assert workflows(root) == names


def test_each_has_the_jobs_of_its_occasion(tmp_path: Path) -> None:
    root = project(tmp_path, 'b = { run = "true", on = ["nightly"] }\n[ci.github]\nrelease = true\n')
    assert ci(root, "generate") == 0
    folder = root / ".github" / "workflows"
    found = {name: (folder / name).read_text() for name in ("ci.yml", NIGHTLY, RELEASE)}
    has = {name: {job for job in ("a", "b", "build") if f"\n  {job}:\n" in text} for name, text in found.items()}
    assert has == {"ci.yml": {"a", "build"}, NIGHTLY: {"a", "b", "build"}, RELEASE: {"build"}}


def test_a_release_of_which_nothing_is_built_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, "[ci.github]\nrelease = true\n")
    path = root / "penstock.toml"
    path.write_text(path.read_text().replace("build = true\n", ""))
    assert ci(root, "generate") == 2
    assert "ci.github.release: no job builds the package for a release" in capsys.readouterr().err


def test_coverage_that_nothing_measures_is_not_uploaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, "[ci.github]\ncodecov = true\n")
    assert ci(root, "generate") == 2
    assert "ci.github.codecov: no job merges coverage" in capsys.readouterr().err


def test_a_job_that_is_put_in_beside_the_night_s_verdict_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, '[ci.github]\nnightly = "03:00"\n')
    assert ci(root, "generate") == 0
    assert ci(root, "check") == 0
    path = root / ".github" / "workflows" / NIGHTLY
    path.write_text(path.read_text().replace("needs: [plan, build, a]", "needs: [plan, build]"))
    assert ci(root, "check") == 4
    assert "the verdict does not wait for `a`" in capsys.readouterr().out
