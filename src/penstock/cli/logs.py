"""The ends of the logs of jobs that did not pass: on a host, the runner that has them is gone when somebody reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from penstock.report import sanitize
from penstock.report.inert import command_value
from penstock.report.story import Story

_MOST_JOBS = 20
_MOST_BYTES = 64 << 10


def of(root: Path, story: Story) -> list[tuple[str, str]]:
    """Title and text of each, the title safe in a workflow command. A log that cannot be read is left out."""
    bad = dict.fromkeys((*story.verdict.failed_jobs, *story.verdict.unfinished_jobs))
    return list(_every(root, story, list(bad)[:_MOST_JOBS]))


def _every(root: Path, story: Story, jobs: list[str]) -> Iterator[tuple[str, str]]:
    for job in jobs:
        try:
            text, cut = _end(root / story.logs[job])
        except (KeyError, OSError):
            continue
        if text.strip():
            yield command_value(f"{'the end of the' if cut else 'the'} log of {job}"), sanitize.text(text, color=True)


def _end(path: Path) -> tuple[str, bool]:
    """Its last lines, and whether there are others before."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _MOST_BYTES))
        text = stream.read().decode("utf-8", "replace")
    return (text.partition("\n")[2], True) if size > _MOST_BYTES else (text, False)
