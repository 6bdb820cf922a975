"""Which Python files the change at hand adds or edits: their tests get no further try (TRUST.md §2).

The change is all that differs from the merge base with the base branch: what is committed since, and what lies in the
working tree. Where that is not known (no repository, no commit, a shallow clone, a base that was not fetched), nothing
counts as edited.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from penstock.model.snapshot import Git
from penstock.ports import Processes
from penstock.scan import files
from penstock.scan import git as repository
from penstock.util.memory import Memory

# Where CI hosts name the branch that a pull request goes to: GitHub, GitLab, Bitbucket, Buildkite, Azure, Jenkins.
_BASES = (
    *("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH"),
    *("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH", "CHANGE_TARGET"),
)
# A fork's own main may be behind: the project's comes first.
_REMOTES = ("refs/remotes/upstream", "refs/remotes/origin")
_DEFAULTS = ("HEAD", "main", "master")
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_S = 10.0  # what it tells is not worth more; then nothing counts as edited


def is_proposed(environ: Mapping[str, str]) -> bool:
    """Whether a CI host says that this is a pull request's run."""
    return any(environ.get(name) for name in _BASES)


def now(root: Path, *, state: Path, processes: Processes, environ: Mapping[str, str]) -> tuple[str, ...]:
    """See `of`, for who has not looked at the checkout yet: it takes one process more."""
    if repository.top_of(root) is None:
        return ()
    checkout = repository.read(root, processes, environ, certain=False)
    return of(root, checkout, None, state=state, processes=processes, environ=environ)


def of(
    root: Path,
    checkout: Git,
    listed: Iterable[str] | None,
    *,
    state: Path,
    processes: Processes,
    environ: Mapping[str, str],
) -> tuple[str, ...]:
    """Paths relative to `root`, sorted. `listed`: all files of the tree, where they are known.

    It takes a process only where the commit or its base is another than when it was asked last: what is committed is
    remembered in `state`, and what is not stands in `checkout`.
    """
    top = repository.top_of(root)
    if top is None or checkout.commit is None or checkout.shallow:
        return ()
    base_commit, _ = base(repository.common(top), environ)
    committed = (
        _committed(root, checkout.commit, base_commit, state, processes, environ) if base_commit is not None else None
    )
    if committed is None:
        return ()
    return tuple(sorted({*committed, *_in_the_tree(root, checkout.touched, listed)}))


def against(root: Path, environ: Mapping[str, str]) -> str:
    """The commit that the base branch is at, HEAD where there is no such branch; "" where nobody knows.

    No process is started: who has something to compare asks git for the merge base.
    """
    top = repository.top_of(root)
    if top is None:
        return ""
    commit, _ = base(repository.common(top), environ)
    return "" if commit is None else commit or "HEAD"


def _in_the_tree(root: Path, touched: Iterable[str], listed: Iterable[str] | None) -> Iterator[str]:
    """Files that are edited or new in the working tree."""
    folders = []
    for path in touched:
        if path.endswith("/"):
            folders.append(path)
        elif listed is not None or os.path.lexists(root / path):
            yield path
    if folders:
        found = listed if listed is not None else files.below(root, folders)
        below = tuple(folders)
        yield from (path for path in found if path.endswith(".py") and path.startswith(below))


def _committed(
    root: Path, commit: str, base: str, state: Path, processes: Processes, environ: Mapping[str, str]
) -> tuple[str, ...] | None:
    """What the commits since the merge base add or edit; None if git does not know."""
    if base in ("", commit):
        return ()
    memory = Memory(state / "edited.json", (str(root), commit, base), by=("scan",))
    known = memory.recall(tuple[str, ...])
    if known is not None:
        return known
    words = ("diff", "--name-only", "--relative", "--no-renames", "--diff-filter=d", "-z", f"{base}...{commit}")
    alone = {**environ, "GIT_NO_LAZY_FETCH": "1"}  # a partial clone is not asked to fetch what it lacks
    done = repository.ask(root, (*words, "--", "*.py"), processes, alone, timeout_s=_LONGEST_S)
    if isinstance(done, str) or done.exit_code != 0:
        return None
    found = tuple(path for path in os.fsdecode(done.stdout).split("\0") if path)
    memory.keep(found)
    return found


def base(folder: Path, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """The commit that the base branch is at, and the branch; "" where there is no base but the last commit, None if it
    is not known.

    `folder`: the repository's own. On a CI host the base is what the host names, and no other.
    """
    named = next((environ[name] for name in _BASES if environ.get(name)), "").removeprefix("refs/heads/")
    if (commit := environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")) and _OID.fullmatch(commit):
        return commit, named
    refs = _Refs(folder)
    if named:
        places = (f"{remote}/{named}" for remote in reversed(_REMOTES))
        return next(filter(None, map(refs.commit, places)), None), named
    for place in (*_REMOTES, "refs/heads"):
        for name in _DEFAULTS:
            if commit := refs.commit(f"{place}/{name}"):
                return commit, f"{place}/{name}".removeprefix("refs/remotes/").removeprefix("refs/heads/")
    return "", ""


class _Refs:
    """The refs of a repository, read as the files that they are: asking git would be a process for each question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packed: dict[str, str] | None = None

    def commit(self, name: str, depth: int = 5) -> str:
        """What a ref is at, "" if there is none. `depth`: of refs that only name another one."""
        try:
            content = (self._folder / name).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            content = self._of_packed(name)
        if content.startswith("ref: ") and depth:
            return self.commit(content.removeprefix("ref: "), depth - 1)
        return content if _OID.fullmatch(content) else ""

    def _of_packed(self, name: str) -> str:
        if self._packed is None:
            try:
                text = (self._folder / "packed-refs").read_text(encoding="utf-8", errors="surrogateescape")
            except OSError:
                text = ""
            lines = (line.partition(" ") for line in text.splitlines() if line[:1] not in ("#", "^"))
            self._packed = {ref: commit for commit, _, ref in lines}
        return self._packed.get(name, "")
