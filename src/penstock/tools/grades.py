"""Complexity in grades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import GRADES
from penstock.tools.answers import KEPT_FINDINGS


def grade(number: int) -> str:
    """The grade of a complexity."""
    return next(name for name, most in GRADES.items() if number <= most)


def words(name: str, number: int) -> dict[str, str]:
    """The fields of a finding about a function. Its rule is its grade: a worse one is another finding."""
    return {
        "rule": grade(number),
        "message": f"{name} has complexity {number} (grade {grade(number)})",
        "anchor": name,
        "severity": "note",
    }


def graded(reading: Reading, numbers: Sequence[int], findings: Iterable[FindingRecord]) -> Reading:
    """The reading with how many functions have which grade, the worst number, and the findings, the worst first."""
    counts = dict.fromkeys(GRADES, 0)
    for number in numbers:
        counts[grade(number)] += 1
    ordered = sorted(findings, key=lambda each: (each.rule, each.path, each.line), reverse=True)
    measures = {f"grade_{name}": float(count) for name, count in counts.items()}
    told = {**reading.measures, **measures, "functions": float(len(numbers)), "worst": float(max(numbers, default=0))}
    return replace(reading, measures=told | {"findings": float(len(ordered))}, findings=tuple(ordered[:KEPT_FINDINGS]))
