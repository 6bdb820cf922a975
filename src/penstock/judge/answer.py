"""The only way to an answer. What rests on nothing, or on less than it should, cannot come out as passed."""

from __future__ import annotations

import msgspec

from penstock.model.pipeline import Mode
from penstock.model.plan import Plan
from penstock.model.verdict import CheckResult, Status


def sound(result: CheckResult) -> CheckResult:
    """The result, with a pass turned into *missing* where `examined == 0` or `examined < expected`."""
    if result.status is not Status.PASSED or result.examined >= max(1, result.expected):
        return result
    lack = f"{result.examined} of {result.expected} examined" if result.expected > 1 else "nothing was examined"
    return msgspec.structs.replace(result, status=Status.MISSING, summary=f"{lack}: {result.summary}")


def mode_of_gate(plan: Plan, name: str) -> Mode:
    """What the failure of the gate `name` does. A gate that nobody declared blocks."""
    return next((gate.mode for gate in plan.gates if gate.name == name), Mode.ERROR)


def limits_of_gate(plan: Plan, name: str) -> dict[str, float]:
    """The declared limits of a gate, by name."""
    return {limit: number for gate in plan.gates if gate.name == name for limit, number in gate.limits}


def options_of_gate(plan: Plan, name: str) -> dict[str, str]:
    """The declared options of a gate, by name."""
    return {option: text for gate in plan.gates if gate.name == name for option, text in gate.options}
