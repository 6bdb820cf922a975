"""The files of a release are those that a job built and checked, and of the tag's version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from packaging.version import Version

from penstock.cli import built
from penstock.errors import NotVerifiedError, StateError, UsageError
from penstock.model.events import JobFinished, Outcome
from penstock.model.pipeline import JobKind
from penstock.util import digest
from penstock.util.eventlog import encode_line
from tests.builders import job, plan

SDIST, WHEEL = "tides-1.2.3.tar.gz", "tides-1.2.3-py3-none-any.whl"


def run(
    folder: Path, *names: str, kind: JobKind = JobKind.BUILD, outcome: Outcome = Outcome.PASSED, told: str = ""
) -> Path:
    """The evidence of a job that left these files; `told`: the digest of all of them, if not their own."""
    dist = folder / "jobs" / "build" / "reports" / "dist"
    dist.mkdir(parents=True)
    for name in names:
        (dist / name).write_text(name)
    reports = {f"reports/dist/{name}": told or digest.of_file(dist / name) for name in names}
    end = JobFinished(job="build", outcome=outcome, reason="", at_s=1.0, duration_s=1.0, reports=reports)
    (folder / "events.jsonl").write_bytes(encode_line(end))
    (folder / "plan.json").write_bytes(msgspec.json.encode(plan(job("build", kind=kind))))
    return folder


def take(tmp_path: Path, *folders: Path, version: str = "1.2.3") -> list[str]:
    return built.take(folders, tmp_path / "dist", Version(version))


def test_they_are_copied_with_their_content(tmp_path: Path) -> None:
    assert take(tmp_path, run(tmp_path / "a", SDIST, WHEEL)) == [WHEEL, SDIST]
    assert (tmp_path / "dist" / WHEEL).read_text() == WHEEL
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == [WHEEL, SDIST]


def test_several_wheels_of_several_runs_are_one_release(tmp_path: Path) -> None:
    other = "tides-1.2.3-cp313-cp313-linux_x86_64.whl"
    assert take(tmp_path, run(tmp_path / "a", SDIST, WHEEL), run(tmp_path / "b", other)) == [other, WHEEL, SDIST]


@pytest.mark.parametrize(
    ("names", "given", "words"),
    [
        ([WHEEL], {}, "no sdist"),
        ([SDIST], {}, "no wheel"),
        ([], {}, "no sdist"),
        ([SDIST, WHEEL], {"kind": JobKind.RUN}, "no sdist"),
        ([SDIST, WHEEL], {"outcome": Outcome.FAILED}, "no sdist"),
        ([SDIST, WHEEL], {"told": "0" * 64}, "not the file that was checked"),
        ([SDIST, "tides-1.2.4-py3-none-any.whl"], {}, "is of version 1.2.4, and the tag names 1.2.3"),
        ([SDIST, WHEEL, "tides.whl"], {}, "not named as a distribution is"),
    ],
)
def test_what_was_not_built_checked_and_meant_is_not_released(
    tmp_path: Path, names: list[str], given: dict[str, Any], words: str
) -> None:
    folder = run(tmp_path / "a", *names, **given)
    with pytest.raises(NotVerifiedError, match=words):
        take(tmp_path, folder)
    assert not (tmp_path / "dist").exists()


def test_one_that_is_gone_or_there_twice_is_not_released(tmp_path: Path) -> None:
    first, second = run(tmp_path / "a", SDIST, WHEEL), run(tmp_path / "b", WHEEL)
    with pytest.raises(NotVerifiedError, match="built twice"):
        take(tmp_path, first, second)
    (first / "jobs" / "build" / "reports" / "dist" / WHEEL).unlink()
    with pytest.raises(NotVerifiedError, match="is not in the evidence"):
        take(tmp_path, first)


def test_a_folder_that_holds_something_is_not_added_to(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "old.whl").write_text("")
    with pytest.raises(StateError, match="is not empty"):
        take(tmp_path, run(tmp_path / "a", SDIST, WHEEL))


def test_without_a_run_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotVerifiedError, match="holds no sdist"):
        take(tmp_path)
    with pytest.raises(UsageError, match="holds no run"):
        take(tmp_path, tmp_path)
