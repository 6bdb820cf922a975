"""Coverage that other programs measured, and a job's command wrote: LCOV, Cobertura. Each belongs to a flag.

It is read by `guest/penstock_imported.py`, where the sources lie; here its figures are checked and added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, NEEDS, REPORTS, SELF, WORKSPACE, Command, Job
from penstock.model.records import CoverageRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers
from penstock.value import Value

_REPORT = "imported.json"
MERGED = "coverage.json"  # the report of what the tests measured, beside this one
PYTHON_FLAG = "python"  # of what the test jobs measured


class _Source(Value, frozen=True, kw_only=True):
    job: str
    file: str
    flag: str
    problem: str = ""


class _Report(Value, frozen=True, kw_only=True):
    """What `penstock_imported.py` writes."""

    sources: tuple[_Source, ...]
    files: tuple[CoverageRecord, ...]
    unplaced: tuple[str, ...] = ()


class Imported:
    """Reads the files of the jobs that the coverage job needs: a part of `Coverage.commands`."""

    name = "coverage-import"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process of penstock's own Python; none where no job leaves such a file."""
        sources = [[each.job, each.file, each.flag] for each in context.spec.measured]
        if not sources:
            return ()
        script = (SELF, "-I", f"{GUEST}/penstock_imported.py")
        told = msgspec.json.encode(sources).decode()
        return (Command(argv=(*script, NEEDS, f"{REPORTS}/{_REPORT}", WORKSPACE, told), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Counts of each flag. A source that is not there, or cannot be trusted, makes the figure missing."""
        report = answers.document(reports, _REPORT, _Report)
        if ended.exit_code != 0 or isinstance(report, str):
            return _missing(report if isinstance(report, str) else f"exit code {ended.exit_code}", ())
        told = {(each.job, each.file): each for each in report.sources}
        for source in sources(job):
            found = told.get((source[0], source[1]))
            problem = "it was not read" if found is None else found.problem
            if problem:
                return _missing(f"the flag {source[2]}: {source[1]} of {source[0]}: {problem}", report.files)
        damage = next((each for each in report.files if not is_possible(each)), None)
        if damage is not None:
            return _missing(f"the counts of {damage.path} are impossible", ())
        twice = _twice(report.files, reports)
        if twice:
            return _missing(f"{twice} is measured twice, and nobody can say which counts: leave it out of one", ())
        measures = counts(report.files)
        for flag in {each.flag for each in report.files}:
            of_flag = counts(each for each in report.files if each.flag == flag)
            measures |= {f"flag.{flag}.{name}": number for name, number in of_flag.items()}
        notes = {"unplaced imports": ", ".join(report.unplaced[:10])[:1000]} if report.unplaced else {}
        flags = ", ".join(sorted({each.flag for each in report.files}))
        return Reading(
            outcome=Outcome.PASSED, reason=flags, measures=measures, notes=notes, coverage=tuple(report.files)
        )


class _Path(Value, frozen=True, kw_only=True):
    path: str


class _Merged(Value, frozen=True, kw_only=True):
    """Of the report of the tests' own coverage, the files."""

    files: tuple[_Path, ...] = ()


def _twice(files: Iterable[CoverageRecord], reports: Mapping[str, bytes]) -> str:
    """The first file that two measurements tell of, "" if there is none."""
    own = answers.document(reports, MERGED, _Merged)
    known = set() if isinstance(own, str) else {each.path for each in own.files}
    for each in files:
        if each.path in known:
            return each.path
        known.add(each.path)
    return ""


def sources(job: Job) -> list[list[str]]:
    """(job, file, flag) of all that is imported, as its command says."""
    words = next((command.argv[-1] for command in job.commands if command.tool == Imported.name), "[]")
    return msgspec.json.decode(words, type=list[list[str]])


def counts(files: Iterable[CoverageRecord]) -> dict[str, float]:
    """The sums of files, as the measures of a coverage job. Branches only where some are told."""
    every = tuple(files)
    measures: dict[str, float] = {
        "statements": sum(each.statements for each in every),
        "covered": sum(each.covered for each in every),
        "files": len(every),
        "expected": len(every),
    }
    if any(each.branches for each in every):
        measures["branches"] = sum(each.branches for each in every)
        measures["covered_branches"] = sum(each.covered_branches for each in every)
    return measures


def is_possible(record: CoverageRecord) -> bool:
    """Whether the counts of a file can be, and its lines and forks, where they are told, add up to them."""
    lines = 0 <= record.covered <= record.statements and len(record.missing) == record.statements - record.covered
    branches = 0 <= record.covered_branches <= record.branches and all(line > 0 for line in record.missing)
    return lines and branches and _is_consistent(record)


def _is_consistent(record: CoverageRecord) -> bool:
    ran = sum(last - first + 1 for first, last in record.ran)
    exits, taken = (sum(fork[place] for fork in record.forks) for place in (1, 2))
    forks = not record.forks or (exits, taken) == (record.branches, record.covered_branches)
    return forks and (not record.ran or ran == record.covered)


def _missing(reason: str, files: tuple[CoverageRecord, ...]) -> Reading:
    reason = f"imported coverage is missing: {reason}"[:1000]
    sound = tuple(each for each in files if is_possible(each))
    remedy = "see the log of the job that is named: its command did not write the file, or wrote another one"
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy=remedy, coverage=sound)
