"""What `history` and `flaky` share: the history that is meant, since when, and the forms of an answer."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from penstock.cli import keeping
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.record import parquet
from penstock.record.query import Answer, ask
from penstock.record.questions import LAST_RUNS
from penstock.record.store import History, day
from penstock.report.screen import Screen
from penstock.report.table import table
from penstock.run.folder import check_format

VERSION = 1  # of the answers' JSON
_UNITS_S = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of every question."""
    parser.add_argument("--since", metavar="WHEN", help="a day (2026-11-01), an age (36h, 30d, 8w) or `all`")
    parser.add_argument("--job", default="", metavar="JOB", help="only this job, or this leg of it")
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="rows at most (default 20; 0: all)")
    parser.add_argument("--from", dest="place", type=Path, metavar="FOLDER", help="a history elsewhere than .penstock")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the answer as JSON")
    form.add_argument("--csv", action="store_true", help="the answer as CSV")


def count(text: str) -> int:
    """A whole number of the command line. Raises ValueError, which argparse tells."""
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def meant(options: argparse.Namespace, surroundings: Surroundings) -> History:
    """The history that is asked. Raises UsageError if there is none."""
    check_format(surroundings.state)
    history = History(options.place or keeping.history(surroundings.state))
    now = history.read()
    if not history.manifest.exists() and not now.damage:
        written = "penstock run and penstock test write it"
        remedy = written if options.place is None else "name the folder that `history export` made"
        raise UsageError(f"there is no history in {history.folder}", remedy=remedy)
    return history


def since_s(when: str | None, now_s: float, *, default: str) -> float:
    """Epoch seconds. Raises UsageError."""
    text = when or default
    if text == "all":
        return 0.0
    if age := re.fullmatch(r"(\d{1,5})([hdw])", text):
        return now_s - int(age[1]) * _UNITS_S[age[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--since {text} is no moment", remedy="a day (2026-11-01), an age (36h, 30d, 8w) or all"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def most(options: argparse.Namespace) -> int:
    """The limit of rows, as SQL takes it."""
    return options.limit or 1 << 40


def question(surroundings: Surroundings, history: History, sql: str, parameters: Mapping[str, object]) -> Answer:
    """The answer. With `$runs` among the `parameters`, of so many last runs."""
    now_s = surroundings.clock.wall_s()
    with contextlib.suppress(OSError):  # it cannot be written: then it is read as it is
        parquet.compact(history, day(now_s), whole=False)
    first = {"since_s": LAST_RUNS} if "runs" in parameters else None
    return ask(history, sql, parameters, first=first, now_s=now_s)


def tell(out: Out, options: argparse.Namespace, name: str, answer: Answer, *, none: str) -> None:
    """Print the answer in the form that was asked for; what is missing from it on stderr, and in the JSON."""
    for problem in answer.lost:
        out.complain(f"penstock: not in this answer: {problem}")
    if options.json:
        out.say(_json(name, answer))
    elif options.csv:
        out.say(_csv(answer))
    elif answer.rows:
        out.say(table(answer.columns, answer.rows, Screen(width=out.width, color=out.color, unicode=out.unicode)))
    else:
        out.say(none)


def _json(name: str, answer: Answer) -> str:
    import msgspec

    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    document = {"version": VERSION, "question": name, "rows": rows, "lost": answer.lost}
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=_plain), indent=1).decode()


def _plain(value: object) -> object:
    return str(value)


def _csv(answer: Answer) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)
    return text.getvalue()
