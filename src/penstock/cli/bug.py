"""What a bug of penstock leaves: a log file with everything needed to mend it, and a request to report it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

from penstock import __version__


def report(error: BaseException, argv: Sequence[str]) -> str:
    """Write the log file; gives what to tell the user. No variable values go into the log."""
    lines = [
        f"penstock {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"argv: {list(argv)!r}",
        f"cwd: {os.getcwd()}",  # noqa: PTH109 - a string is wanted
        "",
        "".join(traceback.format_exception(error)),
    ]
    text = "\n".join(lines)
    try:
        descriptor, path = tempfile.mkstemp(prefix="penstock-bug-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError:
        sys.stderr.write(text)
        path = "(above: no log file could be written)"
    return (
        f"penstock: internal error: {type(error).__name__}: {error}  [P700]\n"
        f"  this is a bug of penstock, not of your project; please report it with this file: {path}"
    )
