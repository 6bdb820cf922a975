"""What detection settled, a line a subject: the choice, its place, the runner-up, the key that overrules it.

Where a line is too long for the screen, what could be otherwise stands on lines of its own below.
"""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.plan import LeftOut
from penstock.model.snapshot import Decision
from penstock.report import sanitize
from penstock.report.screen import Screen, cells, own, pad, paint, wrap


def lines(decisions: Iterable[Decision], screen: Screen) -> list[str]:
    """`tests  pytest, tests/ (pyproject.toml:31) · else unittest · set jobs.unit.test`, aligned."""
    table = [(sanitize.line(decision.subject), *_told(decision, screen)) for decision in decisions]
    width = max((cells(subject) for subject, _, _ in table), default=0)
    return [
        paint(screen, line, "2")
        for subject, choice, others in table
        for line in _lines(f"  {pad(subject, width)}  ", choice, others, screen)
    ]


def _lines(start: str, choice: str, others: str, screen: Screen) -> list[str]:
    both = own(screen, " · ").join(part for part in (choice, others) if part)
    indent = min(cells(start), screen.width // 2)
    if cells(start + both) <= screen.width:
        return [start + both]
    below = wrap(" " * indent + others, screen.width, indent=indent) if others else []
    return [*wrap(start + choice, screen.width, indent=indent), *below]


def _told(decision: Decision, screen: Screen) -> tuple[str, str]:
    """The choice with its place; what else there is, and the key that says so."""
    place = f" ({decision.place})" if decision.place else f" ({decision.why})" if decision.why else ""
    others = [f"else {decision.runner_up}"] if decision.runner_up else []
    others += [f"set {decision.setting}"] if decision.setting else []
    return sanitize.line(decision.choice + place), own(screen, " · ").join(map(sanitize.line, others))


def left_out(left: Iterable[LeftOut], screen: Screen) -> list[str]:
    """The jobs and legs that are not in the plan; the same reason in one line."""
    by_reason: dict[str, list[str]] = {}
    for item in left:
        by_reason.setdefault(item.reason, []).append(item.id)
    return [
        line
        for reason, ids in by_reason.items()
        for line in wrap(
            f"  left out  {', '.join(map(sanitize.line, ids))}: {sanitize.line(reason)}", screen.width, indent=12
        )
    ]
