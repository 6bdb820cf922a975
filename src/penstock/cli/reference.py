"""docs/reference/commands.md, made from the command line itself; committed, and held current by a test."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from penstock.cli.commands import COMMANDS, parser_of

_MADE = "<!-- Made from the source by `pytest --update-golden`; do not edit. -->"
_INTRODUCTION = (
    "`penstock` alone is `penstock run`, also with options: `penstock --failed`. Every command ends with one of the "
    "[exit codes](exit-codes.md). Results go to standard output, progress and problems to standard error; what is read "
    "in one place is told once. Without a terminal nothing is cut and nothing is redrawn."
)


def page() -> str:
    """The page."""
    parts = ["# Commands", _MADE, _INTRODUCTION]
    for name, command in COMMANDS.items():
        if command.help:
            parts += [f"## penstock {name}", f"{command.help[0].upper()}{command.help[1:]}.", *_options(name)]
    return "\n\n".join(parts) + "\n"


def _options(name: str) -> Iterator[str]:
    parser = parser_of(name)
    rows = [_row(action) for action in parser._actions if "-h" not in action.option_strings]  # noqa: SLF001 - argparse has no public list of its arguments
    yield "\n".join(["| argument | meaning |", "| --- | --- |", *rows])
    if parser.epilog:
        yield parser.epilog


def _row(action: argparse.Action) -> str:
    meaning = (action.help or "").replace("|", "\\|")
    return f"| {', '.join(f'`{word}`' for word in _words(action))} | {meaning} |"


def _words(action: argparse.Action) -> list[str]:
    """`-C FOLDER`, `--json FILE`; a positional by its name, in brackets where it may be left out."""
    value = _value(action)
    if action.option_strings:
        return [f"{option} {value}".rstrip() for option in action.option_strings]
    several = " …" if action.nargs in ("*", "+") else ""
    return [f"[{value}{several}]" if action.nargs in ("*", "?") else f"{value}{several}"]


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return " or ".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper()).replace("|", " or ")
