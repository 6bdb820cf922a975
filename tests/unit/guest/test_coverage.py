"""How a measurement is set up from the project's settings, and what is refused because it would be too low."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import coverage
import pytest

from penstock.guest import penstock_coverage
from penstock.guest.penstock_coverage import Measuring


def settings(tmp_path: Path, text: str = "", *, branch: bool = False) -> str:
    config = tmp_path / "rc"
    config.write_text(f"[run]\n{text}")
    return json.dumps(
        {"data": str(tmp_path / "coverage.data"), "config": str(config), "source": ["demo"], "branch": branch}
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("patch = subprocess", "patch = subprocess"),
        ("concurrency = multiprocessing", "concurrency = multiprocessing"),
    ],
)
def test_children_that_could_not_import_coverage_make_the_measurement_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    monkeypatch.setattr(penstock_coverage, "_import", lambda _: (coverage, True))
    note = Measuring(settings(tmp_path, text), "/layer").note
    assert note == (
        f"failed: coverage could not be started: {why} needs coverage among what the project installs for its tests"
    )


def test_each_process_has_a_file_of_its_own(tmp_path: Path) -> None:
    read = json.loads(settings(tmp_path))
    made, worker = (penstock_coverage._make(read, "", name) for name in ("", "gw1"))
    assert made.config.data_file == str(tmp_path / "coverage.data")
    assert worker.config.data_file == str(tmp_path / "coverage.data.gw1")
    assert made.config.parallel
    assert worker.config.parallel


@pytest.mark.parametrize(
    ("version", "text", "branch", "core"),
    [
        ((3, 11), "", False, None),
        ((3, 12), "", False, "sysmon"),
        ((3, 13), "concurrency = multiprocessing", False, "sysmon"),
        ((3, 13), "", True, None),
        ((3, 14), "", True, "sysmon"),
        ((3, 13), "core = ctrace", False, "ctrace"),
        ((3, 13), "dynamic_context = test_function", False, None),
        ((3, 13), "concurrency = greenlet", False, None),
    ],
)
def test_the_core_is_chosen_by_the_python_and_by_what_is_measured(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, int],
    text: str,
    core: str | None,
    *,
    branch: bool,
) -> None:
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    monkeypatch.setenv("COVERAGE_FILE", "")  # what is set for multiprocessing is taken back
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    made = penstock_coverage._make(json.loads(settings(tmp_path, text, branch=branch)), "", "")
    assert made.get_option("run:core") == core
