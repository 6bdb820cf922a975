"""`penstock completion SHELL`: a script for the shell to source, made by shtab from the command line itself."""

from __future__ import annotations

import argparse

from penstock.cli.out import Out
from penstock.errors import ExitCode, NotVerifiedError


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the script."""
    from penstock.cli.commands import parser as command_line

    try:
        import shtab
    except ImportError:
        raise NotVerifiedError(
            "shell completion needs shtab",
            remedy="install penstock[completion], e.g. uv tool install penstock[completion]",
        ) from None
    top = command_line()
    _offer_groups(top)
    out.say(shtab.complete(top, shell=options.shell))
    return ExitCode.VERIFIED


def _offer_groups(top: argparse.ArgumentParser) -> None:
    """Let the shell know the groups wherever a part of the pipeline is named; the jobs are each project's own."""
    from penstock.plan.groups import GROUPS

    words = " ".join(GROUPS)
    offered = {
        "bash": "_penstock_groups",
        "zsh": f"({words})",
        "tcsh": f"({words})",
        "preamble": {"bash": f'_penstock_groups() {{ compgen -W "{words}" -- "$1"; }}'},
    }
    commands = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001 - argparse has no public list of its arguments
    for parser in commands.choices.values():
        for action in parser._actions:  # noqa: SLF001 - as above
            if action.dest == "select":
                vars(action)["complete"] = offered  # where shtab looks
