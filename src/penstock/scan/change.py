"""What differs between the merge base and the tree at hand, line by line, as git tells it.

It takes five processes, so only who needs it asks: gates over the change, and `penstock pr`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from penstock.model.change import Change, Commit, FileChange, FileStatus
from penstock.ports import Processes
from penstock.scan import edited, git
from penstock.util.plural import plural

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_HEADER = re.compile(rb"^diff --(?:git|cc|combined) ", re.MULTILINE)
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--relative", "-M", "--ignore-submodules")
_STATUS = {"A": FileStatus.ADDED, "D": FileStatus.DELETED, "R": FileStatus.RENAMED}
_LOCKS = frozenset(
    {
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile.lock",
        "pylock.toml",
        "Cargo.lock",
        "package-lock.json",
        "yarn.lock",
    }
    | {"pnpm-lock.yaml", "go.sum", "pixi.lock", "conda-lock.yml"}
)
_PYTHON = (".py", ".pyi")
_GENERATED = ("linguist-generated", "gitlab-generated")
_MOST_BYTES = 1 << 20  # of a new file whose lines are counted
_MOST_COMMITS = 1000
_BATCH = 200  # paths in one command line


class UnknownChangeError(Exception):
    """Why the change cannot be told, in words."""


def read(root: Path, *, processes: Processes, environ: Mapping[str, str], base: str | None = None) -> Change | str:
    """The change, or why it is not known. `base`: a revision to compare with, in place of the base branch's."""
    try:
        return _read(_Git(root, processes, environ), base)
    except UnknownChangeError as error:
        return str(error)


def commits(
    root: Path, revisions: str, *, processes: Processes, environ: Mapping[str, str]
) -> tuple[Commit, ...] | str:
    """The commits of a range, without merges, the oldest first; or why they are not known."""
    try:
        return tuple(_commits(_Git(root, processes, environ), revisions, "--no-merges"))
    except UnknownChangeError as error:
        return str(error)


class _Git:
    """git, asked in one folder."""

    def __init__(self, root: Path, processes: Processes, environ: Mapping[str, str]) -> None:
        self.root = root
        self.environ = environ
        self._processes = processes

    def ask(self, *words: str, may_fail: bool = False) -> tuple[int | None, bytes]:
        """Exit code and output. Raises UnknownChangeError if git refuses."""
        done = git.ask(self.root, words, self._processes, self.environ)
        if isinstance(done, str):
            raise UnknownChangeError(done)
        if done.exit_code != 0 and not may_fail:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UnknownChangeError(f"git {words[0]}: {said[0] if said else f'exit code {done.exit_code}'}")
        return done.exit_code, done.stdout


def _read(asked: _Git, wish: str | None) -> Change:
    top = git.top_of(asked.root)
    if top is None:
        raise UnknownChangeError("there is no git repository")
    commit, branch = _base(asked, top, wish)
    code, found = asked.ask("merge-base", commit, "HEAD", may_fail=True)
    if code != 0:
        shallow = " (the clone is shallow)" if (git.common(top) / "shallow").is_file() else ""
        raise UnknownChangeError(f"the base {branch or commit[:12]} and the tree have no commit in common{shallow}")
    merge_base = found.decode().strip()
    files = (*_tracked(asked, merge_base), *_untracked(asked))
    conflicts, unknown = _conflicts(asked, commit)
    return Change(
        base=merge_base,
        branch=branch,
        files=tuple(sorted(_marked(asked, files), key=lambda each: each.path)),
        commits=tuple(_commits(asked, f"{merge_base}..HEAD")),
        conflicts=conflicts,
        unknown=unknown,
    )


def _base(asked: _Git, top: Path, wish: str | None) -> tuple[str, str]:
    """The commit to compare with, and the branch that it is of."""
    if wish is not None:
        code, found = asked.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{wish}^{{commit}}", may_fail=True
        )
        if code != 0:
            raise UnknownChangeError(f"git knows no commit `{wish}`")
        return found.decode().strip(), wish
    commit, branch = edited.base(git.common(top), asked.environ)
    if commit is None:
        raise UnknownChangeError(f"the base branch {branch} was not fetched")
    if not commit:
        raise UnknownChangeError("there is no base branch to compare with")
    return commit, branch


def _tracked(asked: _Git, base: str) -> Iterator[FileChange]:
    """What git tracks. Python is text, whatever `.gitattributes` says of it."""
    files = list(_diffed(asked, base))
    told = {}
    if any(each.binary and each.path.endswith(_PYTHON) for each in files):
        found = _diffed(asked, base, "--text", paths=("--", *(f"*{suffix}" for suffix in _PYTHON)))
        told = {each.path: replace(each, added=_number(each), binary=False) for each in found}
    yield from (told.get(each.path, each) if each.binary else each for each in files)


def _number(file: FileChange) -> int:
    """How many lines are new or edited: git counts none of what it is told is binary."""
    return sum(last - first + 1 for first, last in file.lines)


def _diffed(asked: _Git, base: str, *more: str, paths: tuple[str, ...] = ()) -> Iterator[FileChange]:
    """The list with its numbers, then the lines. Both name the files in the same order."""
    _, listed = asked.ask(*_DIFF, *more, "--raw", "--numstat", "-z", base, *paths)
    files = list(_listed(listed))
    _, patch = asked.ask(*_DIFF, *more, "--unified=0", base, *paths)
    starts = [match.start() for match in _HEADER.finditer(patch)]
    if len(starts) != len(files):
        raise UnknownChangeError(f"git lists {plural(len(files), 'changed file')} and shows {len(starts)}")
    ends = [*starts, len(patch)][1:]
    for file, start, end in zip(files, starts, ends, strict=True):
        yield replace(file, lines=tuple(_ranges(patch[start:end])))


def _ranges(patch: bytes) -> Iterator[tuple[int, int]]:
    for match in _HUNK.finditer(patch):
        first, number = int(match[1]), int(match[2]) if match[2] is not None else 1
        if number:
            yield first, first + number - 1


def _listed(output: bytes) -> Iterator[FileChange]:
    """`--raw --numstat -z`: entries that begin with a colon, then one of numbers for each of them."""
    words = iter(os.fsdecode(output).split("\0"))
    raw: dict[str, tuple[FileStatus, str]] = {}
    for word in words:
        if word.startswith(":"):
            status = word.rpartition(" ")[2]
            before = next(words)
            path = next(words) if status[0] in "RC" else before
            raw[path] = _STATUS.get(status[0], FileStatus.EDITED), before if path != before else ""
        elif word:
            added, removed, path = word.split("\t", 2)
            if not path:
                _, path = next(words), next(words)
            status, before = raw.get(path, (FileStatus.EDITED, ""))
            yield FileChange(
                path=path,
                status=status,
                before=before,
                added=int(added) if added.isdigit() else 0,
                removed=int(removed) if removed.isdigit() else 0,
                binary=added == "-",
            )


def _untracked(asked: _Git) -> Iterator[FileChange]:
    """New files that nobody added yet."""
    _, listed = asked.ask("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    for path in filter(None, os.fsdecode(listed).split("\0")):
        try:
            content = (asked.root / path).read_bytes() if (asked.root / path).is_file() else b""
        except OSError:
            content = b""
        binary = b"\0" in content[:8000] or len(content) > _MOST_BYTES
        lines = 0 if binary else len(content.splitlines())
        yield FileChange(
            path=path,
            status=FileStatus.ADDED,
            added=lines,
            lines=((1, lines),) if lines else (),
            binary=binary,
        )


def _marked(asked: _Git, files: Sequence[FileChange]) -> Iterator[FileChange]:
    """The files, with those marked that nobody reads."""
    told: set[str] = set()
    for first in range(0, len(files) if (asked.root / ".gitattributes").is_file() else 0, _BATCH):
        paths = [each.path for each in files[first : first + _BATCH]]
        _, output = asked.ask("check-attr", "-z", *_GENERATED, "--", *paths)
        words = os.fsdecode(output).split("\0")
        told |= {path for path, value in zip(words[::3], words[2::3], strict=False) if value in ("set", "true")}
    for each in files:
        lock = each.path.rpartition("/")[2] in _LOCKS
        yield replace(each, generated=True) if lock or each.path in told else each


def _commits(asked: _Git, revisions: str, *more: str) -> Iterator[Commit]:
    form = "--format=%H%x00%s%x00%b%x00"
    most = f"--max-count={_MOST_COMMITS}"
    _, output = asked.ask("log", "--no-show-signature", "--reverse", "-z", most, form, *more, revisions)
    words = output.decode("utf-8", "replace").split("\0")
    for number in range(0, len(words) - 3, 4):
        yield Commit(id=words[number].strip(), subject=words[number + 1], body=words[number + 2].strip())


def _conflicts(asked: _Git, commit: str) -> tuple[tuple[str, ...] | None, str]:
    """The paths that conflict with the newest commit of the base, by a merge that touches no file."""
    words = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", commit, "HEAD")
    code, output = asked.ask(*words, may_fail=True)
    if code == 0:
        return (), ""
    if code != 1 or not output:
        return None, "this git cannot try a merge without a working tree (2.38 can)"
    paths = [path for path in os.fsdecode(output).split("\0") if path]
    return tuple(dict.fromkeys(paths[1:])), ""
