"""The verdict in the file that GitHub's runner shows as a job's summary."""

from __future__ import annotations

from pathlib import Path

from penstock.cli.surroundings import Surroundings
from penstock.report.story import Story

_VARIABLE = "GITHUB_STEP_SUMMARY"
_STEP_BYTES = 1 << 20  # what GitHub takes of one step


def write(surroundings: Surroundings, story: Story) -> None:
    """Below what the step has written already. Without such a file, nothing; what cannot be written is told."""
    name = surroundings.environ.get(_VARIABLE)
    if not name:
        return
    from penstock.report.markdown import SUMMARY_BYTES, text

    path = Path(name)
    try:
        room = _STEP_BYTES - (path.stat().st_size if path.exists() else 0) - 2
        page = text(story, min(SUMMARY_BYTES, room)).encode("utf-8", "replace")
        if len(page) > room:
            surroundings.out.complain("penstock: not published: summary: the step has written a MiB already  [P303]")
            return
        with path.open("ab") as stream:
            stream.write(b"\n" + page)
    except OSError as error:
        surroundings.out.complain(f"penstock: not published: summary: {error.strerror}  [P303]")
    else:
        surroundings.out.progress("  published  summary")
