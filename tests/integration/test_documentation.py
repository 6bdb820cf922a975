"""Every command that the documentation shows is run, on the projects that it shows, and prints what it is said to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import console
from tests.conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "docs").rglob("*.md")
    if console.read(path.read_text(encoding="utf-8")).steps
)
# The Pythons that the pages show legs of.
PYTHONS = ("python3.10", "python3.11", "python3.12", "python3.13")


def _here(python: str) -> bool:
    versions = Path.home() / ".pyenv" / "versions"
    return shutil.which(python) is not None or any(versions.glob(f"{python.removeprefix('python')}.*"))


@pytest.mark.slow  # a registry, and up to a minute a page
@pytest.mark.skipif(not all(map(_here, PYTHONS)), reason=f"the pages show {', '.join(PYTHONS)}")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_is_printed(name: str, tmp_path: Path) -> None:
    page = console.read((ROOT / name).read_text(encoding="utf-8"))
    folder = tmp_path / "project"
    folder.mkdir()
    printed = console.play(page, folder)
    commands = [step for step in page.steps if isinstance(step, console.Step)]
    assert len(printed) == len(commands)
    for step, output in zip(commands, printed, strict=True):
        line = console.missing(step, output)
        assert line is None, f"{name}: `{step.command}` did not print {line!r}, but:\n{output}"
