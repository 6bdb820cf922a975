"""The distributions that a release is made of, taken out of the evidence of the job that built and checked them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.cli import evidence
from penstock.errors import NotVerifiedError, StateError
from penstock.model.events import JobFinished, Outcome
from penstock.model.pipeline import JobKind
from penstock.run.folder import safe_name
from penstock.util import digest

if TYPE_CHECKING:
    from packaging.version import Version

_FOLDER = "reports/dist/"
_AGAIN = "build it again: penstock run build --event release"


def take(sources: Sequence[Path], into: Path, version: Version) -> list[str]:
    """Copy them; gives their names. Raises NotVerifiedError where there are none, where one is of another version or is
    not what was checked; UsageError for a folder that holds no run.
    """
    files = [each for folder in evidence.folders(sources) for each in _built(folder)]
    for ending, kind in ((".tar.gz", "sdist"), (".whl", "wheel")):
        if not any(path.name.endswith(ending) for path in files):
            raise NotVerifiedError(f"the evidence holds no {kind} that was built and checked", remedy=_AGAIN)
    for path in files:
        _check(path.name, version)
    twice = sorted({path.name for path in files if sum(each.name == path.name for each in files) > 1})
    if twice:
        raise NotVerifiedError(f"{twice[0]} was built twice, and nobody can say which counts", remedy=_AGAIN)
    return _copied(files, into)


def _built(folder: Path) -> Iterator[Path]:
    """What a run has built, of jobs that passed, as their ends tell it. Raises NotVerifiedError for another content."""
    part = evidence.read(folder)
    jobs = {job.id for job in part.plan.jobs if job.kind is JobKind.BUILD}
    for end in part.log.events:
        if not isinstance(end, JobFinished) or end.job not in jobs or end.outcome is not Outcome.PASSED:
            continue
        for name, sum_ in end.reports.items():
            path = folder / "jobs" / safe_name(end.job) / name
            if name.startswith(_FOLDER) and name.endswith((".whl", ".tar.gz")):
                yield _same(path, sum_)


def _same(path: Path, sum_: str) -> Path:
    try:
        now = digest.of_file(path)
    except OSError as error:
        raise NotVerifiedError(f"{path.name} is not in the evidence: {error.strerror}", remedy=_AGAIN) from error
    if now != sum_:
        raise NotVerifiedError(f"{path.name} is not the file that was checked: its digest differs", remedy=_AGAIN)
    return path


def _check(name: str, version: Version) -> None:
    """Raises NotVerifiedError for a distribution of another version."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    try:
        told = parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidSdistFilename, InvalidWheelFilename) as error:
        raise NotVerifiedError(f"{name} is not named as a distribution is: {error}") from error
    if told != version:
        remedy = "set the version, or tag the commit that has it"
        raise NotVerifiedError(f"{name} is of version {told}, and the tag names {version}", remedy=remedy)


def _copied(files: list[Path], into: Path) -> list[str]:
    """Raises StateError where the folder holds something, or cannot be written."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise StateError(f"{into} is not empty: what is in it would be released, too", remedy="name another folder")
        for path in files:
            shutil.copyfile(path, into / path.name)
    except OSError as error:
        raise StateError(f"{into} could not be written: {error.strerror}") from error
    return sorted(path.name for path in files)
