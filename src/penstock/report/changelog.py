"""What a release changes, in Markdown, from the titles of its commits. Pure.

Titles are foreign text: they stand in code, where they mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from penstock.report.inert import span
from penstock.util.plural import plural
from penstock.value import Value

_SECTIONS = (
    ("Features", ("feat",)),
    ("Fixes", ("fix",)),
    ("Performance", ("perf",)),
    ("Reverts", ("revert",)),
    ("Documentation", ("docs",)),
)
_OTHER = "Other changes"
_MOST = 500  # entries: GitHub takes 125,000 characters
_LONGEST = 150


class Entry(Value, frozen=True, kw_only=True):
    """One commit. `type`, `scope`: as its title has them, "" where it follows no convention; `commit`: its id."""

    commit: str
    description: str
    type: str = ""
    scope: str = ""
    breaking: bool = False


def text(entries: Sequence[Entry], *, before: str) -> str:
    """The notes of a release, with a newline at their end. `entries`: the oldest first; `before`: the tag before, ""
    for the first release.
    """
    since = (
        f"Since {span(before)}: {plural(len(entries), 'commit')}." if before else f"{plural(len(entries), 'commit')}."
    )
    shown = entries[-_MOST:]
    lines = [since, *_section("Breaking changes", [each for each in shown if each.breaking])]
    told = {type_ for _, types in _SECTIONS for type_ in types}
    for title, types in _SECTIONS:
        lines += _section(title, [each for each in shown if each.type in types and not each.breaking])
    lines += _section(_OTHER, [each for each in shown if each.type not in told and not each.breaking])
    if len(entries) > len(shown):
        lines += ["", f"*{plural(len(entries) - len(shown), 'older commit')} more*"]
    return "\n".join([*lines, ""])


def _section(title: str, entries: Sequence[Entry]) -> list[str]:
    return ["", f"## {title}", "", *map(_line, entries)] if entries else []


def _line(entry: Entry) -> str:
    scope = f"**{span(entry.scope, 40)}** " if entry.scope else ""
    return f"- {scope}{span(entry.description, _LONGEST)} {entry.commit[:12]}"
