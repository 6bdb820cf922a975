"""Whether the lines that the change adds or edits were run. Exact arithmetic, as for the total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.change import Change, FileChange, FileStatus
from penstock.model.records import CoverageRecord
from penstock.value import Value


class Changed(Value, frozen=True, kw_only=True):
    """What of one file's change counts: lines, and the exits of changed lines that have several. `missing`: numbers of
    the lines that were not run, and of those that did not take all their exits.
    """

    path: str
    lines: int = 0
    covered: int = 0
    exits: int = 0
    taken: int = 0
    missing: tuple[int, ...] = ()
    partial: tuple[int, ...] = ()


def measured(change: Change, files: Iterable[CoverageRecord]) -> tuple[Changed, ...]:
    """What was measured of each changed file that has a record, in the order of the change."""
    records = {record.path: record for record in files}
    return tuple(_of_file(each, records[each.path]) for each in change.files if each.path in records and each.lines)


def _of_file(file: FileChange, record: CoverageRecord) -> Changed:
    ran = sum(_common(runs, each) for runs in record.ran for each in file.lines)
    missing = tuple(line for line in record.missing if file.touches(line))
    forks = [fork for fork in record.forks if file.touches(fork[0])]
    return Changed(
        path=file.path,
        lines=ran + len(missing),
        covered=ran,
        exits=sum(exits for _, exits, _ in forks),
        taken=sum(taken for _, _, taken in forks),
        missing=missing,
        partial=tuple(line for line, exits, taken in forks if taken < exits and line not in missing),
    )


def _common(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How many lines two runs have in common."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]) + 1)


def unmeasured(change: Change, files: Iterable[CoverageRecord], packages: tuple[str, ...]) -> tuple[str, ...]:
    """Changed Python files of the project's packages that have no record: nobody can say whether they were run."""
    known = {record.path for record in files}
    return tuple(
        each.path
        for each in change.files
        if each.path.endswith(".py")
        and each.path not in known
        and each.lines
        and each.status is not FileStatus.DELETED
        and not each.generated
        and any(each.path == root or each.path.startswith(f"{root.rstrip('/')}/") for root in packages)
    )


def spans(numbers: Iterable[int]) -> str:
    """`3, 7-9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def told(changed: Iterable[Changed], *, branch: bool) -> Mapping[str, str]:
    """Of each file that lacks something: the lines, and those that did not take all their exits, in words."""
    found = {}
    for each in changed:
        words = [f"line{'s' if len(each.missing) > 1 else ''} {spans(each.missing)} not run"] if each.missing else []
        words += [f"not all exits of {spans(each.partial)}"] if branch and each.partial else []
        if words:
            found[each.path] = "; ".join(words)
    return found
