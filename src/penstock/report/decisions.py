"""What detection settled, in one line a subject: the choice, its place, the runner-up, the key that overrules it."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.plan import LeftOut
from penstock.model.snapshot import Decision
from penstock.report import sanitize
from penstock.report.screen import Screen, cells, fit, own, pad, paint


def lines(decisions: Iterable[Decision], screen: Screen) -> list[str]:
    """`tests  pytest, tests/ (pyproject.toml:31) · else unittest · set jobs.unit.test`, aligned."""
    table = [(sanitize.line(decision.subject), _told(decision, screen)) for decision in decisions]
    width = max((cells(subject) for subject, _ in table), default=0)
    return [
        paint(screen, fit(screen, f"  {pad(subject, width)}  {told}", screen.width), "2") for subject, told in table
    ]


def _told(decision: Decision, screen: Screen) -> str:
    place = f" ({decision.place})" if decision.place else f" ({decision.why})" if decision.why else ""
    parts = [decision.choice + place]
    parts += [f"else {decision.runner_up}"] if decision.runner_up else []
    parts += [f"set {decision.setting}"] if decision.setting else []
    return own(screen, " · ").join(sanitize.line(part) for part in parts)


def left_out(left: Iterable[LeftOut], screen: Screen) -> list[str]:
    """The jobs and legs that are not in the plan; the same reason in one line."""
    by_reason: dict[str, list[str]] = {}
    for item in left:
        by_reason.setdefault(item.reason, []).append(item.id)
    return [
        fit(screen, f"  left out  {', '.join(map(sanitize.line, ids))}: {sanitize.line(reason)}", screen.width)
        for reason, ids in by_reason.items()
    ]
