"""penstock-baseline.txt: the findings that a ratchet forgives, and by which versions of the tools they were found.

One fingerprint a line, sorted, so that two changes of it merge as text; a finding that is there twice has two lines.
The versions are remarks, so that an older penstock reads the file as it did: one a line, sorted, before the findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from penstock.model.pipeline import CheckSpec, Mode
from penstock.model.plan import Job

NAME = "penstock-baseline.txt"
HEAD = (
    "# Findings that were there before, one a line: they do not block. `penstock gate tighten` takes out what is gone."
)
_VERSION = "# found by "
_AND = " | "


def fingerprints(text: str) -> Counter[str]:
    """The fingerprints of a baseline, each as often as it stands there. Remarks and empty lines are none."""
    return Counter(line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#"))


def versions(text: str) -> dict[str, str]:
    """Tool -> the version that the findings were found by, by the name of the tool's package.

    Where there are several (legs differ, or two changes have merged), all of them, as `tools` writes them.
    """
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.startswith(_VERSION):
            tool, _, version = line.removeprefix(_VERSION).strip().partition(" ")
            if version:
                found.setdefault(tool, set()).add(version)
    return {tool: _AND.join(sorted(each)) for tool, each in sorted(found.items())}


def written(found: Iterable[str], by: Mapping[str, str]) -> str:
    """The file's content. `by`: tool -> version."""
    lines = sorted(f"{_VERSION}{tool} {each}" for tool, every in by.items() for each in every.split(_AND) if each)
    return "\n".join((HEAD, *lines, *sorted(found), ""))


def is_other(before: str, now: str) -> bool:
    """Whether a tool's version is not one of those that the findings were found by."""
    return not set(now.split(_AND)) <= set(before.split(_AND))


def jobs(every: Iterable[Job], gates: Iterable[CheckSpec]) -> tuple[Job, ...]:
    """Those whose findings are held against the baseline, by their own mode or that of their gate."""
    names = {gate.name for gate in gates if gate.mode is Mode.RATCHET}
    return tuple(job for job in every if job.mode is Mode.RATCHET or job.kind.value in names)


def tools(of: Sequence[Job]) -> dict[str, str]:
    """Package -> version of the tools of these jobs, as far as the plan fixes it; of several versions, all."""
    found: dict[str, set[str]] = {}
    for job in of:
        for command in job.commands:
            if command.package and command.version:
                found.setdefault(command.package, set()).update(command.version.split(_AND))
    return {package: _AND.join(sorted(each)) for package, each in sorted(found.items())}
