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
    out.say(shtab.complete(command_line(), shell=options.shell))
    return ExitCode.VERIFIED
