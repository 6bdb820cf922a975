"""`penstock history`: questions to all runs so far, and carrying them from machine to machine."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from penstock.cli import asking, keeping
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.record import parquet, questions
from penstock.record.store import History, day
from penstock.record.timing_files import TimingFiles
from penstock.util.plural import plural
from penstock.util.suggest import did_you_mean

_LEAST_S = 0.01  # a test that is faster is not called slower: clocks and machines differ by more


class _Question(NamedTuple):
    """A question by name. `since`: where --since is not given."""

    sql: str
    since: str
    none: str
    subject: bool = False


_NONE = "no run since then has anything to tell"
_QUESTIONS: Mapping[str, _Question] = {
    "slowest": _Question(questions.SLOWEST, "30d", _NONE),
    "files": _Question(questions.FILES, "30d", _NONE),
    "trends": _Question(questions.TRENDS, "30d", _NONE),
    "runs": _Question(questions.RUNS, "30d", _NONE),
    "test": _Question(questions.TEST, "all", "no run since then knows such a test", subject=True),
    "regressed": _Question(questions.REGRESSED, "7d", "no test is slower since then"),
    "flips": _Question(questions.FLIPS, "all", "no test ended otherwise than before"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "question",
        nargs="?",
        default="slowest",
        metavar="QUESTION|SQL",
        help="slowest (default), files, trends, runs, test ID, regressed, flips; compact, export FOLDER, import "
        "FOLDER, forget; or one SELECT over runs, jobs, tests, coverage, findings",
    )
    parser.add_argument("subject", nargs="?", metavar="ID|FOLDER", help="a test's id or its end; a folder")
    parser.add_argument("--runs", type=asking.count, default=200, metavar="N", help="for flips: runs (default 200)")
    asking.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Answer, or do. Raises UsageError; NotVerifiedError without DuckDB; StateError for a newer history."""
    surroundings = look(out, directory=options.directory)
    name = options.question
    if "::" in name and not any(map(str.isspace, name)):
        name, options.subject = "test", name
    if name in _WORK:
        _need_subject(name, options.subject, wanted=name in ("export", "import"), what="a folder")
        _WORK[name](surroundings, options, out)
        return ExitCode.VERIFIED
    sql = any(map(str.isspace, name))
    if name not in _QUESTIONS and not sql:
        raise UsageError(
            f"the history has no question {name!r}",
            remedy=did_you_mean(name, (*_QUESTIONS, *_WORK)) or "penstock history --help lists them",
        )
    asked = _Question(name, "all", "no rows") if sql else _QUESTIONS[name]
    _need_subject("SQL" if sql else name, options.subject, wanted=asked.subject, what="a test's id")
    answer = asking.question(
        surroundings,
        asking.meant(options, surroundings),
        asked.sql,
        {
            "since_s": asking.since_s(options.since, surroundings.clock.wall_s(), default=asked.since),
            "job": options.job,
            "most": asking.most(options),
            "test": options.subject,
            "least_s": _LEAST_S,
            **({"runs": options.runs} if name == "flips" else {}),
        },
    )
    asking.tell(out, options, "sql" if sql else name, answer, none=asked.none)
    return ExitCode.VERIFIED


def _need_subject(name: str, subject: str | None, *, wanted: bool, what: str) -> None:
    if wanted and subject is None:
        raise UsageError(f"history {name} needs {what}", remedy=f"penstock history {name} …")
    if not wanted and subject is not None:
        raise UsageError(
            f"history {name} takes nothing more, and not {subject!r}", remedy="SQL is one argument: quote it"
        )


def _compact(surroundings: Surroundings, options: argparse.Namespace, out: Out) -> None:
    history, now_s = asking.meant(options, surroundings), surroundings.clock.wall_s()
    done = parquet.compact(history, day(now_s), whole=True)
    for problem in done.found:
        out.complain(f"penstock: {problem}")
    for path in history.sweep(now_s):
        out.say(f"put aside {path}, which no manifest names")
    out.say(f"{plural(done.files, 'file')} became {done.made}")


def _export(surroundings: Surroundings, options: argparse.Namespace, out: Out) -> None:
    source = asking.meant(options, surroundings)
    _merge(History(Path(options.subject)), source, out)


def _import(surroundings: Surroundings, options: argparse.Namespace, out: Out) -> None:
    source = History(Path(options.subject))
    if not source.manifest.exists():
        raise UsageError(f"there is no history in {source.folder}", remedy="name the folder that holds its manifest")
    _merge(History(options.place or keeping.history(surroundings.state)), source, out)


def _merge(target: History, source: History, out: Out) -> None:
    """Rows, then durations."""
    done = parquet.merge(target, source)
    told = TimingFiles.of(target.folder).merge(TimingFiles.of(source.folder))
    for problem in (*done.found, *told):
        out.complain(f"penstock: {problem}")
    out.say(f"{plural(done.runs, 'run')} and {plural(done.rows, 'row')} are new in {target.folder}")


def _forget(surroundings: Surroundings, options: argparse.Namespace, out: Out) -> None:
    out.say(f"losses that are told no more: {asking.meant(options, surroundings).forget()}")


_WORK: Mapping[str, Callable[[Surroundings, argparse.Namespace, Out], None]] = {
    "compact": _compact,
    "export": _export,
    "import": _import,
    "forget": _forget,
}
