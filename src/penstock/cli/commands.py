"""The table of commands and their arguments. A command's module is imported when that command is asked for."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from penstock import __version__
from penstock.cli.out import width


class Command(NamedTuple):
    """A subcommand: `module` has `arguments(parser)` and `main(options, out) -> int`. Hidden without a `help`.

    With `lets_through` it also has `split(parser, words)`: what is not its own comes as `options.theirs`.
    """

    module: str
    help: str | None
    lets_through: bool = False


COMMANDS = {
    "run": Command("penstock.cli.run", "run the pipeline, or a part of it"),
    "test": Command(
        "penstock.cli.test", "run only the tests, in the active environment, on all processors", lets_through=True
    ),
    "plan": Command("penstock.cli.plan", "show what would run, what is cached, and why"),
    "gate": Command("penstock.cli.gate", "the verdict again, from what one or many runners left"),
    "report": Command("penstock.cli.report", "a run told again: Markdown, SARIF, Cobertura, LCOV, annotations, badges"),
    "ci": Command("penstock.cli.ci", "write the configuration of a CI host, and check that it is as it was written"),
    "pr": Command("penstock.cli.pr", "check a pull request: title, description, issue, size, what should come with it"),
    "deploy": Command(
        "penstock.cli.deploy", "put what was verified where it is used, and take it back where that fails"
    ),
    "release": Command(
        "penstock.cli.release", "may a tag be released? what has changed since the one before; the files for it"
    ),
    "explain": Command("penstock.cli.explain", "why a job is in the plan, cached or not, and what it runs"),
    "repro": Command("penstock.cli.repro", "replay one failed test as it failed"),
    "history": Command("penstock.cli.history", "ask the runs so far: slowest tests, trends, SQL; carry them elsewhere"),
    "flaky": Command("penstock.cli.flaky", "tests that passed and failed on the same code"),
    "init": Command("penstock.cli.init", "write what was detected as configuration"),
    "clean": Command("penstock.cli.clean", "remove old runs, environments and cached results"),
    "schema": Command("penstock.cli.schema", "print the JSON Schema of the configuration or of run --json"),
    "completion": Command("penstock.cli.completion", "print shell completion"),
    "_prepare": Command("penstock.cli.prepare", None),
}

_DESCRIPTION = "Run a Python project's whole pipeline, here and now, to one honest verdict."
_EPILOG = "exit codes: 0 verified · 1 a gate failed · 2 usage · 3 not verified · 4 drift · 70 bug · 130/143 interrupted"


class _Parser(argparse.ArgumentParser):
    """Words that were typed come back without the codes that would steer a terminal."""

    def error(self, message: str) -> NoReturn:
        """End with 2 and the usage."""
        from penstock.report import sanitize

        super().error(sanitize.line(message))


def parser(*, filled: bool = True) -> argparse.ArgumentParser:
    """The whole command line; if not `filled`, without the arguments of the commands, which stay unimported."""
    top = _Parser(prog="penstock", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_form())
    top.add_argument("--version", action="version", version=f"penstock {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help) if command.help else commands.add_parser(name)
        if filled:
            _fill(sub, command)
    return top


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command: all that a start needs."""
    alone = _Parser(prog=f"penstock {name}", formatter_class=_form())
    _fill(alone, COMMANDS[name])
    return alone


def parse(name: str, words: Sequence[str]) -> argparse.Namespace:
    """The options of one command. What stands after `--` is not ours: `pytest_args`, where the command takes them."""
    parser = parser_of(name)
    at = words.index("--") if "--" in words else len(words)
    ours, theirs = words[:at], ()
    if COMMANDS[name].lets_through:
        ours, theirs = importlib.import_module(COMMANDS[name].module).split(parser, words[:at])
    options = parser.parse_intermixed_args(ours)
    options.theirs = tuple(theirs)
    if words[at:]:
        if not hasattr(options, "pytest_args"):
            parser.error(f"{name} takes nothing after --")
        options.pytest_args = tuple(words[at + 1 :])
    return options


def _form() -> Callable[..., argparse.HelpFormatter]:
    """The formatter, with its width: it imports shutil otherwise, in every start, to find that out."""
    return lambda prog: argparse.HelpFormatter(prog, width=width() - 2)


def _fill(sub: argparse.ArgumentParser, command: Command) -> None:
    sub.add_argument("-C", dest="directory", metavar="FOLDER", help="the project, if not this folder")
    sub.add_argument("-q", "--quiet", action="store_true", help="no progress, only the result")
    sub.add_argument("--no-color", action="store_true", help="plain text (NO_COLOR does the same)")
    importlib.import_module(command.module).arguments(sub)
