"""The one printer: results to stdout, progress to stderr. A reader that goes away changes nothing but the silence."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from typing import TextIO

from penstock.run.secrets import NO_SECRETS, Secrets


class Out:
    """Where text goes. `quiet`: no progress. Colour and width are decided once, from the surroundings. `secrets`: are
    taken out of all of it, from when they are known.

    `together`: whoever reads the results has read the progress above them: both go to one place, or into a CI log.
    """

    def __init__(self, *, quiet: bool = False, no_color: bool = False) -> None:
        self.quiet = quiet
        self.secrets: Secrets = NO_SECRETS
        self.terminal = sys.stdout.isatty()
        forced = bool(os.environ.get("FORCE_COLOR"))
        self.color = (self.terminal or forced) and not no_color and "NO_COLOR" not in os.environ
        self.width = width() if self.terminal else 1 << 20  # `report.screen.UNLIMITED`
        self.together = not quiet and _together()
        self.afterwards: list[str] = []  # for the CI host's runner, once nothing foreign is printed any more
        self.folded: list[tuple[str, str]] = []  # title and foreign text, each to be folded away by the host
        self.unicode = (sys.stdout.encoding or "ascii").lower().replace("-", "") in ("utf8", "utf16", "utf32")

    def draws(self, environ: Mapping[str, str]) -> bool:
        """Whether a person looks at a terminal that can be drawn on."""
        able = self.terminal and sys.stderr.isatty() and environ.get("TERM", "dumb") != "dumb"
        return able and not self.quiet and not environ.get("CI")

    def say(self, text: str) -> None:
        """Write a result to stdout, with a newline if it has none."""
        _write(sys.stdout, self.secrets.text(text))

    def pass_on(self, output: bytes) -> None:
        """What a job writes, as it comes (`-s`): only colours reach the screen."""
        from penstock.report import sanitize

        _write(sys.stdout, sanitize.text(output.decode("utf-8", "backslashreplace"), color=self.color), end="")

    def progress(self, text: str) -> None:
        """Tell how it goes, on stderr."""
        if not self.quiet:
            _write(sys.stderr, self.secrets.text(text))

    def complain(self, text: str) -> None:
        """Say on stderr why it stopped, quiet or not. It may quote what anybody wrote: no escape reaches the screen."""
        from penstock.report import sanitize

        _write(sys.stderr, sanitize.text(self.secrets.text(text)))


def _together() -> bool:
    try:
        results, progress = os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    same = (results.st_dev, results.st_ino) == (progress.st_dev, progress.st_ino)
    return same or (bool(os.environ.get("CI")) and not stat.S_ISREG(results.st_mode))


def width() -> int:
    """Columns of the terminal, at least 60; 100 where there is none."""
    try:
        return max(60, os.get_terminal_size().columns)
    except OSError:
        return 100


def _write(stream: TextIO, text: str, *, end: str = "\n") -> None:
    line = text if text.endswith("\n") else text + end
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        # The reader is gone (`| head`): from here on the stream leads nowhere, and the verdict stays what it is.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError:
        # A full disk behind the stream: the exit code still says it.
        return
