"""`python -m penstock`, and the `penstock` script."""

from __future__ import annotations

import gc
import os
import sys

from penstock import __version__


def run() -> int:
    """The program; gives its exit code, which no stream that is closed, full or broken can change."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_streams()
    try:
        return _answer()
    finally:
        _settle_streams()


def _answer() -> int:
    """What needs no project is answered here, at the price of little imported."""
    first = sys.argv[1:2]
    if first == ["--version"]:
        try:
            sys.stdout.write(f"penstock {__version__}\n")
        except OSError:  # nobody reads it
            return 0
        return 0
    if first in (["-h"], ["--help"]):
        from penstock.cli import commands

        commands.parser(filled=False).print_help()
        return 0
    # A start only makes things that stay: looking through them for garbage is a tenth of its cost. What runs for long
    # (a workshop, a watch) collects again.
    gc.disable()
    from penstock.cli import main

    return main.run()


def _open_streams() -> None:
    """Let standard streams that were closed lead nowhere: the next file or pipe would get their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, and so this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, for good
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above


def _settle_streams() -> None:
    """What cannot be written by now goes nowhere: Python would try again at its end, and end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(run())
