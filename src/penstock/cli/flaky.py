"""`penstock flaky`: tests that passed and failed on the same code, in the same environment."""

from __future__ import annotations

import argparse

from penstock.cli import asking
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from penstock.errors import ExitCode
from penstock.record import questions
from penstock.util.plural import plural


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--runs", type=asking.count, default=200, metavar="N", help="runs to look at (default 200)")
    asking.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Print them, the likeliest to fail again first. Raises UsageError; NotVerifiedError without DuckDB; StateError."""
    surroundings = look(out, directory=options.directory)
    answer = asking.question(
        surroundings,
        asking.meant(options, surroundings),
        questions.FLAKY,
        {
            "since_s": asking.since_s(options.since, surroundings.clock.wall_s(), default="all"),
            "job": options.job,
            "most": asking.most(options),
            "runs": options.runs,
        },
    )
    none = f"no test passed and failed on the same code in the last {plural(options.runs, 'run')}"
    asking.tell(out, options, "flaky", answer, none=none)
    return ExitCode.VERIFIED
