"""A launch as a command line to copy: the folder, the variables that matter, the argv."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from penstock.ports import Launch
from penstock.report import sanitize

# Of penstock's own variables a replay needs only the list of its tests; recording is left to penstock.
_OURS = "PENSTOCK_"
_KEPT = "PENSTOCK_ONLY"
_NOT_NEEDED = frozenset({"TMPDIR", "LANG"})
# penstock's start of unittest always records: by hand, nobody reads it.
_UNREAD = ("PENSTOCK_EVENTS", "/dev/null")


def command_line(launch: Launch, environ: Mapping[str, str]) -> str:
    """One line for a POSIX shell in which `environ` holds, that starts what `launch` starts."""
    variables = [(name, value) for name, value in launch.environment if _matters(name, value, environ)]
    if any(word.endswith("penstock_unittest.py") for word in launch.argv):
        variables.append(_UNREAD)
    words = [f"{name}={_quoted(name, value, environ)}" for name, value in variables]
    start = ["env", *words] if words else []
    return sanitize.line(" ".join(["cd", shlex.quote(launch.directory), "&&", *start, shlex.join(launch.argv)]))


def _matters(name: str, value: str, environ: Mapping[str, str]) -> bool:
    if name.startswith(_OURS):
        return name == _KEPT
    return name not in _NOT_NEEDED and environ.get(name) != value


def _quoted(name: str, value: str, environ: Mapping[str, str]) -> str:
    """A value for the shell; of a path that begins with ours only the beginning is spelled out."""
    rest = environ.get("PATH", "")
    if name == "PATH" and rest and value.endswith(f":{rest}"):
        return f'{shlex.quote(value[: -len(rest)])}"$PATH"'
    return shlex.quote(value)
