"""What `run` and `args` say, as arguments."""

from __future__ import annotations

import re

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath

_QUOTED = re.compile(r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_OPERATOR = re.compile(r"&&|\|\||(?:^|(?<=\s))(?:\||;|&|[012]?>>?(?:&[12])?|<)(?=\s|$)|;(?=\s|$)")
_MASK = re.compile(
    r"\|\|\s*(?:(?:/\w+)*/?true\b|:(?=\s|$)|echo\b|printf\b|exit\s+0\b)|;\s*(?:true|exit\s+0)\s*$|\bset\s+\+e\b",
    re.MULTILINE,
)
_SHELLS = frozenset({"bash", "dash", "sh", "zsh"})


def split(command: str, path: KeyPath, findings: Findings) -> tuple[str, ...] | None:
    """A string's arguments by the quoting rules of a POSIX shell; shell operators are refused, not passed on."""
    import shlex

    operator = _OPERATOR.search(_QUOTED.sub("_", command))
    if operator:
        message = f"`{operator[0]}` means nothing here: no shell runs this command"
        findings.add("C213", message, path, remedy="say `shell = true`, or quote it if it is an argument")
        return None
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        findings.add(
            "C213", f"the command cannot be split: {str(error).lower()}", path, remedy="close it, or write a list"
        )
        return None


def of_job(command: str | tuple[str, ...], path: KeyPath, findings: Findings, *, shell: bool) -> tuple[str, ...] | None:
    """`JobSpec.run`: the arguments, or the one script if `shell`."""
    if shell and not isinstance(command, str):
        findings.add(
            "C213", "with `shell = true`, `run` is one string: the script", path, remedy="join it, or drop `shell`"
        )
        return None
    if shell and isinstance(command, str):
        return (command,) if _shows_failures(command, path, findings) else None
    arguments = split(command, path, findings) if isinstance(command, str) else command
    if arguments is None:
        return None
    if not arguments or not arguments[0].strip():
        findings.add("C213", "the command names no program", path, remedy="the first word is the program")
        return None
    if arguments[0].rpartition("/")[2] in _SHELLS and not _shows_failures("\n".join(arguments), path, findings):
        return None
    return arguments


def _shows_failures(script: str, path: KeyPath, findings: Findings) -> bool:
    mask = _MASK.search(script)
    if mask is None:
        return True
    remedy = 'leave it out, and declare allow_failure = { reason = "…", until = 2027-03-01 } if it may fail'
    findings.add("C214", f"`{mask[0].strip()}` would hide a failure of the script", path, remedy=remedy)
    return False
