"""What a bug of penstock leaves: a log file with everything needed to mend it, and a request to report it."""

from __future__ import annotations

import errno
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from penstock import __version__
from penstock.run.secrets import NO_SECRETS, Secrets

# Refusals of the machine that no program can prevent, each with what a person can do about it.
OF_THE_MACHINE = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room: the quota is used up",
    errno.EFBIG: "raise the largest size that a file may have (ulimit -f)",
    errno.EROFS: "let XDG_CACHE_HOME name a folder that can be written",
    errno.EACCES: "look at the permissions of that file and of the folders above it",
    errno.EPERM: "look at the permissions of that file and of the folders above it",
    errno.EMFILE: "raise the number of files that a process may open (ulimit -n)",
    errno.ENFILE: "end programs that hold many files open",
    errno.ENOMEM: "end programs that use much memory",
    errno.EAGAIN: "raise the number of processes that a user may have (ulimit -u)",
    errno.EIO: "look at that disk: it fails",
}


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError as error:
        return f"({error.strerror})"


def report(error: BaseException, argv: Sequence[str], secrets: Secrets = NO_SECRETS) -> str:
    """Write the log file; gives what to tell the user. No variable values go into the log, and no secrets."""
    lines = [
        f"penstock {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"argv: {list(argv)!r}",
        f"cwd: {_working_folder()}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    text = secrets.text("\n".join(lines))
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
