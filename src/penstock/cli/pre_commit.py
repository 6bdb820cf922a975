"""A hook of pre-commit that runs `penstock run quality`: a text edit, so that comments and formatting stay as they are.

What the file says is read before and after by the reader that detection has: an edit that would change anything but
add the hook is not made, and the entry is shown instead, to be added by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

from penstock.cli.out import Out
from penstock.errors import ExitCode, UsageError
from penstock.scan.detect.precommit import Hook, hooks
from penstock.scan.git import top_of
from penstock.util import atomic

NAME = ".pre-commit-config.yaml"
ID = "penstock-quality"
_COMMAND = "penstock run quality"


def add(root: Path, out: Out, *, show: bool = False) -> int:
    """Add the hook to the repository's configuration, or write one. With `show`, print what it would then say.

    Raises UsageError without a repository, or where the file is not of a form that can be edited safely.
    """
    top = top_of(root)
    if top is None:
        raise UsageError("a pre-commit hook needs a git repository, and there is none", remedy="git init")
    path = top / NAME
    folder = root.relative_to(top).as_posix()
    command = _COMMAND if folder == "." else f"{_COMMAND} -C {folder}"
    if not re.fullmatch(r"[\w./-]+", folder):
        raise _by_hand(command)  # a name that would have to be quoted, for YAML and for the shell
    before = _read(path)
    if before is not None and (there := _there(before, command)):
        out.say(f"{NAME}:{there.place.line} runs penstock already")
        return ExitCode.VERIFIED
    text = with_hook(before or "", command)
    if show:
        out.say(text.removesuffix("\n"))
        return ExitCode.VERIFIED
    mode = path.stat().st_mode & 0o777 if before is not None else 0o644
    atomic.write(path.resolve(), text.encode(), mode=mode)
    what = "added the hook to" if before is not None else "wrote"
    out.say(f"{what} {NAME}: `{command}` runs before each commit, once you have run `pre-commit install`")
    return ExitCode.VERIFIED


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}", remedy="mend it, or move it away") from error


def _there(text: str, command: str) -> Hook | None:
    """The hook that does it already, ours or another that calls penstock so."""
    every = hooks(text, NAME)
    return next((hook for hook in every if hook.id == ID or hook.entry == command), None)


def with_hook(text: str, command: str = _COMMAND) -> str:
    """The configuration with the hook behind all others; of an empty text, a new one.

    Raises UsageError where the place is not plain: nothing is guessed in another program's file.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    edited = _edited(lines, command)
    if edited is None:
        raise _by_hand(command)
    made = end.join([*edited, ""])
    if _said(hooks(made, NAME)) != [*_said(hooks(text, NAME)), ("local", ID, command)]:
        raise _by_hand(command)
    return made


def _edited(lines: list[str], command: str) -> list[str] | None:
    """The lines with the hook; None where they are not of the usual form."""
    if any(re.match(r"(?:---|\.\.\.)(?:\s|$)", line) for line in lines[1:]):
        return None  # several documents
    start = next((at for at, line in enumerate(lines) if re.match(r"repos:", line)), None)
    if start is None:
        bare = all(not line.strip() or line.startswith(("#", "---")) for line in lines)
        return [*lines, "repos:", *_entry("  ", " ", command)] if bare else None
    if re.fullmatch(r"repos:\s*\[\s*\]\s*(?:#.*)?", lines[start]):
        return [*lines[:start], "repos:", *_entry("  ", " ", command), *lines[start + 1 :]]
    if not re.fullmatch(r"repos:\s*(?:#.*)?", lines[start]):
        return None  # a flow list, or an anchor
    first = next((found for line in lines[start + 1 :] if (found := re.match(r"( *)-( +)repo:", line))), None)
    if first is None:
        return None
    last = _last_of_block(lines, start)
    return [*lines[: last + 1], *_entry(first[1], first[2], command), *lines[last + 1 :]]


def _last_of_block(lines: list[str], start: int) -> int:
    """The last line that belongs to `repos`: comments that follow it without a gap are its own."""
    last = start
    for at in range(start + 1, len(lines)):
        line = lines[at]
        if not line.strip():
            continue
        if line.startswith("#") and last != at - 1:
            continue  # behind a gap: it may belong to what follows
        if not line.startswith((" ", "-", "#")):
            break
        last = at
    return last


def _entry(indent: str, gap: str, command: str) -> list[str]:
    """The hook as the file's own lists are written: `gap` stands behind their dashes."""
    inner = f"{indent} {gap}"
    return [
        f"{indent}-{gap}repo: local",
        f"{inner}hooks:",
        f"{inner}{indent}-{gap}id: {ID}",
        *(
            f"{inner}{indent} {gap}{line}"
            for line in (
                f"name: {_COMMAND}",
                f"entry: {command}",
                "language: system",
                "pass_filenames: false",
                "always_run: true",
            )
        ),
    ]


def _said(every: list[Hook]) -> list[tuple[str, str, str]]:
    return [(hook.repository, hook.id, hook.entry) for hook in every]


def _by_hand(command: str) -> UsageError:
    entry = "\n".join(_entry("  ", " ", command))
    return UsageError(f"{NAME} is not of a form that can be added to", remedy=f"add this to its `repos`:\n{entry}")
