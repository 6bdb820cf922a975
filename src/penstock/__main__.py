"""`python -m penstock`, and the `penstock` script."""

from __future__ import annotations

import sys

from penstock import __version__


def run() -> int:
    """The program; gives its exit code. What needs no project is answered here, at the price of little imported."""
    first = sys.argv[1:2]
    if first == ["--version"]:
        sys.stdout.write(f"penstock {__version__}\n")
        return 0
    if first in (["-h"], ["--help"]):
        from penstock.cli import commands

        commands.parser(filled=False).print_help()
        return 0
    from penstock.cli import main

    return main.run()


if __name__ == "__main__":
    sys.exit(run())
