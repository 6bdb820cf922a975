"""The coverage of all test jobs in one. The merging itself is `guest/penstock_merge.py`, beside coverage.py."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, NEEDS, REPORTS, WORKSPACE, Command, Job, bin_of
from penstock.model.records import CoverageRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, versions
from penstock.tools.imported import MERGED, PYTHON_FLAG, Imported, counts, is_possible, sources
from penstock.util.plural import noun, plural
from penstock.value import Value

_REPORT = MERGED


class _Leg(Value, frozen=True, kw_only=True):
    job: str
    files: int = 0
    branch: bool = False
    problem: str = ""


class _Report(Value, frozen=True, kw_only=True):
    """What `penstock_merge.py` writes."""

    version: str
    legs: tuple[_Leg, ...]
    files: tuple[CoverageRecord, ...]
    branches: bool = False
    fail_under: float | None = None
    unplaced: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class _Settings(Value, frozen=True, kw_only=True):
    """What the merging is given. `packages`: name and place of each."""

    packages: tuple[tuple[str, str], ...] = ()


class Coverage:
    """Merges `coverage.data*` of the jobs that the coverage job needs."""

    name = "coverage"
    requirement = versions.COVERAGE

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process: coverage's own `combine` exits with 0 when a file is corrupt, and says nothing of the job."""
        measured = context.coverage
        settings = {
            "config": measured.config if measured is not None else None,
            "source": list(measured.source) if measured is not None else [],
            "packages": [[package.name, package.path] for package in context.project.packages],
        }
        script = (f"{bin_of(self.name)}/python", "-I", f"{GUEST}/penstock_merge.py")
        places = (NEEDS, f"{REPORTS}/{_REPORT}", WORKSPACE)
        merge = Command(argv=(*script, *places, msgspec.json.encode(settings).decode()), tool=self.name)
        imports = Imported().commands(context)
        alone = {each.job for each in context.spec.measured}.issuperset(context.spec.needs) and bool(imports)
        return imports if alone else (merge, *imports)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Counts, by file and in all. Data that a needed job did not leave makes the figure missing, not lower."""
        report = answers.document(reports, _REPORT, _Report)
        if ended.exit_code != 0 or isinstance(report, str):
            why = report if isinstance(report, str) else f"exit code {ended.exit_code}"
            return _missing(f"the measurements could not be merged: {why}", ())
        legs = {leg.job: leg for leg in report.legs}
        others = {name for name, _, _ in sources(job)}
        needs = [need for need in job.needs if need.partition("@")[0].partition("#")[0] not in others]
        lost = [f"{need}: {_lack(legs.get(need))}" for need in needs if _lack(legs.get(need))]
        if lost or not needs:
            return _missing(f"measurements are missing: {'; '.join(lost) or 'no test job is needed'}", report.files)
        damage = next((each for each in report.files if not is_possible(each)), None)
        if damage is not None:
            return _missing(f"the counts of {damage.path} are impossible", ())
        if report.problems:
            return _missing(f"not every file could be analysed: {'; '.join(report.problems)}", report.files)
        elsewhere = _elsewhere(job, report.files)
        if elsewhere:
            return _missing(elsewhere, (), "name the package in `source` of the coverage configuration")
        return _reading(report, flagged=bool(others))


def _reading(report: _Report, *, flagged: bool) -> Reading:
    """Integers only: the percentage belongs to who compares it with a limit."""
    measures = counts(report.files)
    if report.branches:
        measures["branches"] = sum(each.branches for each in report.files)
        measures["covered_branches"] = sum(each.covered_branches for each in report.files)
    if flagged:
        measures |= {f"flag.{PYTHON_FLAG}.{name}": number for name, number in measures.items()}
    if report.fail_under is not None and 0 < report.fail_under <= 100:
        measures["fail_under"] = report.fail_under
    notes = {"version:coverage": report.version[:40]}
    if report.unplaced:
        notes["unplaced"] = ", ".join(report.unplaced[:10])[:1000]
    files = tuple(replace(each, flag=PYTHON_FLAG) for each in report.files) if flagged else report.files
    covered = f"{int(measures['covered'])} of {plural(int(measures['statements']), 'statement')}"
    return Reading(outcome=Outcome.PASSED, reason=covered, measures=measures, notes=notes, coverage=files)


def _lack(leg: _Leg | None) -> str:
    return "it left no coverage data" if leg is None else leg.problem[:200]


def _elsewhere(job: Job, files: tuple[CoverageRecord, ...]) -> str:
    """That the figure tells nothing of the project's packages, in words; "" where it does, or where there are none."""
    if not any(each.statements for each in files):
        return "no statement of the project was measured"
    settings = next((command.argv[-1] for command in job.commands if command.tool == Coverage.name), "")
    try:
        packages = msgspec.json.decode(settings, type=_Settings).packages
    except msgspec.MsgspecError:
        return ""
    if not packages or any(_inside(each.path, path) for each in files for _, path in packages):
        return ""
    names = ", ".join(name for name, _ in packages)
    return f"nothing of the {noun(len(packages), 'package')} {names} was measured, only {files[0].path} and the like"


def _inside(file: str, place: str) -> bool:
    root = place.rstrip("/")
    return root in {"", ".", file} or file.startswith(f"{root}/")


_LOST = "see the log of the job that is named: its tests ended before coverage was saved, or did not run"


def _missing(reason: str, files: tuple[CoverageRecord, ...], remedy: str = _LOST) -> Reading:
    """Errored, with what there is as a lower bound."""
    reason = reason[:1000]
    sound = tuple(each for each in files if is_possible(each))
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy=remedy, coverage=sound)
