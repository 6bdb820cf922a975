"""Both sides of changed files, as the merge base has them and as they lie in the tree: one process for all of them.

git is asked for each file as a whole, whatever `.gitattributes` calls it: a Python file that is said to be binary is
read all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from penstock.model.change import Change, FileStatus, Sides
from penstock.ports import Processes
from penstock.scan import git
from penstock.util import texts

# What rules are written in, and what can be made to say less.
PATTERNS = (
    *("*.py", "*.pyi", "*.toml", "*.cfg", "*.ini", ".coveragerc", ".flake8", "*pylintrc", ".bandit", ".isort.cfg"),
    *("pyrightconfig.json", "*requirements*.txt", "*requirements*.in", "requirements/*.txt", "constraints*.txt"),
    *("uv.lock", "*/uv.lock"),
)
_WHOLE = "--unified=1000000000"
_DIFF = (
    *("diff", "--raw", "-z", "--patch", "--text", _WHOLE, "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--relative", "-M", "--ignore-submodules"),
)
_HEADER = b"diff --git "


def read(root: Path, change: Change, *, processes: Processes, environ: Mapping[str, str]) -> tuple[Sides, ...] | str:
    """The files of the change that have text, in git's order, then those that git does not track yet; or why they
    cannot be read.
    """
    done = git.ask(root, (*_DIFF, change.base, "--", *PATTERNS), processes, environ)
    if isinstance(done, str):
        return done
    if done.exit_code != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"git diff: {said[0] if said else f'exit code {done.exit_code}'}"
    listed, separator, patch = done.stdout.partition(b"\0\0" + _HEADER)
    tracked = list(_tracked(root, listed, _HEADER + patch if separator else b""))
    known = {each.path for each in tracked}
    return (*tracked, *_untracked(root, change, known))


def _tracked(root: Path, listed: bytes, patch: bytes) -> Iterator[Sides]:
    """Entries and patches are in the same order. One that is renamed, or has another mode, has no lines in the patch:
    both of its sides are what lies there.
    """
    for (status, path, was), lines in zip(_names(listed), _patches(patch), strict=False):
        if lines or status in "AD":
            before = None if status == "A" else _side(lines, b"-")
            yield Sides(path=path, was=was, before=before, now=None if status == "D" else _side(lines, b"+"))
        else:
            text = texts.read(root / path)
            yield Sides(path=path, was=was, before=text, now=text)


def _names(listed: bytes) -> Iterator[tuple[str, str, str]]:
    """(letter of the status, path, path in the base) of each raw entry."""
    words = iter(os.fsdecode(listed).split("\0"))
    for word in words:
        if word.startswith(":"):
            status, was = word.rpartition(" ")[2][:1], next(words)
            yield status, (next(words) if status in "RC" else was), was


def _patches(patch: bytes) -> Iterator[list[bytes]]:
    """The lines of each file's hunk."""
    found: list[bytes] | None = None
    inside = False
    for line in patch.split(b"\n"):
        if line.startswith(_HEADER):
            if found is not None:
                yield found
            found, inside = [], False
        elif not inside and line.startswith(b"@@ "):
            inside = True
        elif inside and found is not None:
            found.append(line)
    if found is not None:
        yield found


def _side(lines: list[bytes], own: bytes) -> str:
    kept = (line[1:] for line in lines if line[:1] in (own, b" "))
    return b"\n".join((*kept, b"")).decode("utf-8", "replace")


def _untracked(root: Path, change: Change, known: set[str]) -> Iterator[Sides]:
    """What nobody added yet, by the names that git goes by."""
    for file in change.files:
        new = file.status is FileStatus.ADDED and file.path not in known and not file.binary
        if new and any(fnmatchcase(file.path, pattern) for pattern in PATTERNS):
            yield Sides(path=file.path, was=file.path, before=None, now=texts.read(root / file.path))
