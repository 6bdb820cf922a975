"""Declared permissions for findings: what they forgive, which are void, and which fit nothing any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from penstock.judge.standing import expired
from penstock.model.pipeline import Ignored
from penstock.model.plan import Plan
from penstock.model.records import FindingRecord
from penstock.util.globs import matching
from penstock.value import Value

Covers = Callable[[Ignored, FindingRecord], bool]


class Sifted(Value, frozen=True, kw_only=True):
    """Findings held against permissions. `void`: past their last day; `idle`: valid, and nothing is found of theirs."""

    bad: tuple[FindingRecord, ...]
    forgiven: tuple[FindingRecord, ...]
    void: tuple[Ignored, ...] = ()
    idle: tuple[Ignored, ...] = ()

    def told(self, gate: str) -> Iterator[str]:
        """What of the permissions a person should know, a line each."""
        for entry in self.void:
            yield f"the permission for {entry.id} ended on {entry.until} ({entry.reason})"
        for entry in self.idle:
            yield f"the permission for {entry.id} fits nothing: take it out of gates.{gate}.ignore"

    @staticmethod
    def renewed(gate: str) -> str:
        """What to do about a permission that is void."""
        return f"mend what it was for, or declare a new last day in gates.{gate}.ignore"

    @property
    def counted(self) -> str:
        """`, 2 ignored`; "" where nothing is."""
        return f", {len(self.forgiven)} ignored" if self.forgiven else ""


def of_gate(plan: Plan, gate: str) -> tuple[Ignored, ...]:
    """The permissions that a gate declares."""
    return next((each.ignored for each in plan.gates if each.name == gate), ())


def sift(findings: Sequence[FindingRecord], entries: Sequence[Ignored], today: str, covers: Covers) -> Sifted:
    """Part what is permitted from what is not. A permission that is void forgives nothing."""
    void = tuple(entry for entry in entries if expired(entry, today))
    valid = [entry for entry in entries if entry not in void]
    used = {entry: [each for each in findings if covers(entry, each) and _there(entry, each)] for entry in valid}
    forgiven = {id(each) for found in used.values() for each in found}
    return Sifted(
        bad=tuple(each for each in findings if id(each) not in forgiven),
        forgiven=tuple(each for each in findings if id(each) in forgiven),
        void=void,
        idle=tuple(entry for entry, found in used.items() if not found),
    )


def _there(entry: Ignored, finding: FindingRecord) -> bool:
    return not entry.paths or bool(matching(entry.paths, (finding.path,)))
