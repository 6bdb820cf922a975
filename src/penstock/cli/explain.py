"""`penstock explain`: why a job is in the plan or not, cached or not, how it ended last time; what a code means."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import msgspec

from penstock.cli import judging, occasions, planning, troubleshooting
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.model.records import TestRecord
from penstock.plan.explain import explain
from penstock.plan.groups import GROUPS
from penstock.plan.request import Request
from penstock.report import last_run, sanitize
from penstock.report.document import RunDocument
from penstock.run.folder import check_format, runs, safe_name
from penstock.util.plural import plural


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "subject",
        metavar="JOB|GATE|TEST|CODE",
        help="a job or its leg, a group, an environment, a gate, a test of the last run by its id or the end of it, "
        "or a code such as E202",
    )
    occasions.argument(parser)
    parser.add_argument("--offline", action="store_true", help="use no network")


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the reasons. Raises UsageError for what neither the plan nor the last run knows."""
    if told := troubleshooting.of_code(options.subject):
        for line in told:
            out.say(line)
        return ExitCode.VERIFIED
    surroundings = look(out, directory=options.directory)
    occasion = occasions.of(options.event)
    for line in _lines(surroundings, options.subject, occasion, offline=options.offline):
        out.say(sanitize.line(line))
    return ExitCode.VERIFIED


def _lines(surroundings: Surroundings, subject: str, occasion: str, *, offline: bool) -> list[str]:
    check_format(surroundings.state)
    document = _document(surroundings.state, of_tests="::" in subject)
    if "::" in subject:  # no job is called so: nothing has to be planned
        return _test(surroundings, document, subject)
    request = Request(select=(subject,) if subject in GROUPS else (), event=occasion)
    planned = planning.plan(surroundings, request, offline=offline)
    last = None if document is None else last_run.LastRun(document=document, now_s=surroundings.clock.wall_s())
    told = [] if last is None else last_run.of_plan(last, subject)
    try:
        return [*explain(planned.plan, planned.bindings.values(), subject), *told]
    except UsageError:
        if told:
            return told
        if document is not None and (tests := last_run.of_test(_with_tests(surroundings, document), subject)):
            return tests
        raise


def _test(surroundings: Surroundings, document: RunDocument | None, subject: str) -> list[str]:
    if document is None:
        raise UsageError("there is no earlier run that could tell of a test", remedy="penstock run")
    last = _with_tests(surroundings, document)
    lines = last_run.of_test(last, subject)
    if not lines:
        known = dict.fromkeys(record.id for records in last.tests.values() for record in records)
        near = get_close_matches(subject, known, n=1, cutoff=0.6)
        remedy = f"did you mean `{near[0]}`?" if near else f"it knows {plural(len(known), 'test')}; name one by its id"
        raise UsageError(f"the last run ({document.run}) knows no test `{subject}`", remedy=remedy)
    return lines


def _document(state: Path, *, of_tests: bool) -> RunDocument | None:
    """The newest run that has a verdict of a form that we know; of the pipeline, unless a test is asked for."""
    for run in runs(state):
        try:
            found = msgspec.json.decode((run / "verdict.json").read_bytes(), type=RunDocument)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if of_tests or found.command == "run":
            return found
    return None


def _with_tests(surroundings: Surroundings, document: RunDocument) -> last_run.LastRun:
    """The run with its tests: a cached job's are in the run that did the work, if that is still here."""
    found: dict[str, tuple[TestRecord, ...]] = {}
    for job in document.jobs:
        found[job.id] = _first_tests(
            surroundings.state / "runs" / run / "jobs" / safe_name(job.id)
            for run in (document.run, job.cached_from)
            if run
        )
    tests = {job: records for job, records in found.items() if records}
    return last_run.LastRun(document=document, now_s=surroundings.clock.wall_s(), tests=tests)


def _first_tests(folders: Iterable[Path]) -> tuple[TestRecord, ...]:
    readings = (judging.reading_of(folder) for folder in folders)
    return next((reading.tests for reading in readings if reading is not None and reading.tests), ())
