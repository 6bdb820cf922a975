"""The program: the command that is meant, and what becomes of its errors."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from penstock.cli import commands_of_host, signals
from penstock.cli.commands import COMMANDS, parse
from penstock.cli.out import Out
from penstock.errors import ConfigurationError, ExitCode, PenstockError


def run(argv: Sequence[str] | None = None) -> int:
    """The program. Gives the exit code; nothing but KeyboardInterrupt's aftermath escapes it."""
    words = list(sys.argv[1:] if argv is None else argv)
    out = Out(quiet="-q" in words or "--quiet" in words, no_color="--no-color" in words)
    with commands_of_host.stopped(out, words):
        return _run(words, out)


def _run(words: list[str], out: Out) -> int:
    try:
        with signals.raised():
            return _dispatch(words, out)
    except ConfigurationError as error:
        from penstock.report import problems

        out.complain(problems.render(error.problems))
        return error.exit_code
    except PenstockError as error:
        out.complain(_sentence(error))
        return error.exit_code
    except (KeyboardInterrupt, signals.Terminated) as wish:
        return ExitCode.TERMINATED if isinstance(wish, signals.Terminated) else ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last stop: an unexpected error is our bug, and says so
        return _unexpected(error, words, out)


def _unexpected(error: Exception, words: list[str], out: Out) -> int:
    """A machine that refuses is told with what can be done about it; anything else is our bug."""
    from penstock.cli import bug

    if isinstance(error, OSError) and error.errno in bug.OF_THE_MACHINE:
        out.complain(f"penstock: not verified: {error}  [P302]\n  remedy: {bug.OF_THE_MACHINE[error.errno]}")
        return ExitCode.NOT_VERIFIED
    out.complain(bug.report(error, words, out.secrets))
    return ExitCode.BUG


def _dispatch(words: list[str], out: Out) -> int:
    if not words or words[0].startswith("-"):
        words = ["run", *words]
    name = words[0]
    if name not in COMMANDS:
        from penstock.errors import UsageError
        from penstock.util.suggest import did_you_mean

        hint = did_you_mean(name, COMMANDS) or f"to run a job of that name: penstock run {name}"
        raise UsageError(f"there is no command {name!r}", remedy=hint)
    options = parse(name, words[1:])
    options.words = words
    code: int = importlib.import_module(COMMANDS[name].module).main(options, out)
    return code


def _sentence(error: PenstockError) -> str:
    place = f"{error.place}: " if error.place else ""
    remedy = f"\n  remedy: {error.remedy}" if error.remedy else ""
    return f"penstock: {place}{error.message}  [{error.code}]{remedy}"
