"""The command line: one table of commands, each module imported when its command is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

from penstock import __version__
from penstock.cli.out import Out
from penstock.errors import ConfigurationError, ExitCode, PenstockError


class Command(NamedTuple):
    """A subcommand: `module` has `arguments(parser)` and `main(options, out) -> int`. Hidden without a `help`."""

    module: str
    help: str | None


COMMANDS = {
    "run": Command("penstock.cli.run", "run the pipeline, or a part of it"),
    "plan": Command("penstock.cli.plan", "show what would run, what is cached, and why"),
    "explain": Command("penstock.cli.explain", "why a job is in the plan, cached or not, and what it runs"),
    "repro": Command("penstock.cli.repro", "replay one failed test as it failed"),
    "init": Command("penstock.cli.init", "write what was detected as configuration"),
    "clean": Command("penstock.cli.clean", "remove old runs, environments and cached results"),
    "schema": Command("penstock.cli.schema", "print the JSON Schema of the configuration or of run --json"),
    "completion": Command("penstock.cli.completion", "print shell completion"),
    "_prepare": Command("penstock.cli.prepare", None),
}

_DESCRIPTION = "Run a Python project's whole pipeline, here and now, to one honest verdict."
_EPILOG = "exit codes: 0 verified · 1 a gate failed · 2 usage · 3 not verified · 4 drift · 70 bug · 130/143 interrupted"


def parser(*, only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; with `only`, the arguments of that one command (the others stay unimported)."""
    top = argparse.ArgumentParser(prog="penstock", description=_DESCRIPTION, epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"penstock {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help) if command.help else commands.add_parser(name)
        if only is None or only == name:
            sub.add_argument("-C", dest="directory", metavar="FOLDER", help="the project, if not this folder")
            sub.add_argument("-q", "--quiet", action="store_true", help="no progress, only the result")
            sub.add_argument("--no-color", action="store_true", help="plain text (NO_COLOR does the same)")
            importlib.import_module(command.module).arguments(sub)
    return top


def run(argv: Sequence[str] | None = None) -> int:
    """The program. Gives the exit code; nothing but KeyboardInterrupt's aftermath escapes it."""
    words = list(sys.argv[1:] if argv is None else argv)
    out = Out(quiet="-q" in words or "--quiet" in words, no_color="--no-color" in words)
    try:
        return _dispatch(words, out)
    except ConfigurationError as error:
        from penstock.report import problems

        out.complain(problems.render(error.problems))
        return error.exit_code
    except PenstockError as error:
        out.complain(_sentence(error))
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last stop: an unexpected error is our bug, and says so
        from penstock.cli import bug

        out.complain(bug.report(error, words))
        return ExitCode.BUG


def _dispatch(words: list[str], out: Out) -> int:
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["run", *words]
    name = words[0]
    if name in ("-h", "--help", "--version") or name in COMMANDS:
        options = parser(only=name if name in COMMANDS else "").parse_args(words)
        options.words = words
    else:
        from penstock.errors import UsageError
        from penstock.util.suggest import did_you_mean

        hint = did_you_mean(name, COMMANDS) or f"to run a job of that name: penstock run {name}"
        raise UsageError(f"there is no command {name!r}", remedy=hint)
    code: int = importlib.import_module(COMMANDS[options.command].module).main(options, out)
    return code


def _sentence(error: PenstockError) -> str:
    place = f"{error.place}: " if error.place else ""
    remedy = f"\n  remedy: {error.remedy}" if error.remedy else ""
    return f"penstock: {place}{error.message}  [{error.code}]{remedy}"
