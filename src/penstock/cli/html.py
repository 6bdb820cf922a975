"""The HTML report with what only the machine knows: the sources of measured files, and the trends of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.cli import asking, keeping
from penstock.cli.surroundings import Surroundings
from penstock.errors import PenstockError
from penstock.model.plan import Plan
from penstock.model.records import CoverageRecord
from penstock.record import questions
from penstock.record.store import History
from penstock.report.html import content, page
from penstock.report.story import Story
from penstock.scan import git

_MOST_BYTES = 4 << 20  # of one source
_DAYS = 90


def of(surroundings: Surroundings, story: Story) -> bytes:
    """The whole file."""
    assets = Path(page.__file__).parent
    style, script = ((assets / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    told = content.of(story, _sources(surroundings, story.plan, story.records.coverage), _trends(surroundings))
    return page.text(told, style=style, script=script).encode("utf-8", "replace")


def _sources(surroundings: Surroundings, plan: Plan, records: Sequence[CoverageRecord]) -> Mapping[str, Sequence[str]]:
    """The lines of files of which some were not run. None where the checkout is of another commit than was run."""
    wanted = [record.path for record in records if record.missing or record.forks]
    if not wanted or _commit(surroundings) != plan.commit:
        return {}
    root = surroundings.root.resolve()
    return {path: lines for path in wanted if (lines := _lines(root, path))}


def _commit(surroundings: Surroundings) -> str | None:
    return git.read(surroundings.root, surroundings.processes, surroundings.environ, certain=False).commit


def _lines(root: Path, path: str) -> list[str]:
    """The file's lines; none where it does not lie below the root or cannot be read."""
    place = (root / path).resolve()
    try:
        if not place.is_relative_to(root) or place.stat().st_size > _MOST_BYTES:
            return []
        return place.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _trends(surroundings: Surroundings) -> list[dict[str, Any]]:
    """A row a day, the newest first. None where there is no history, or nothing that reads it."""
    history = History(keeping.history(surroundings.state))
    if not history.manifest.exists():
        return []
    since_s = surroundings.clock.wall_s() - _DAYS * 86_400
    try:
        answer = asking.question(
            surroundings, history, questions.TRENDS, {"since_s": since_s, "job": "", "most": _DAYS}
        )
    except PenstockError as error:  # without DuckDB there are no trends, and a report all the same
        surroundings.out.progress(f"  note  no trends: {error}")
        return []
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
