"""The commit that the tree is compared with, where something compares: the merge base with the base branch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.model.snapshot import Base
from penstock.ports import Processes
from penstock.scan import edited, git
from penstock.util.process import Completed

_FETCH = "fetch the base branch with its history (`fetch-depth: 0`)"


def of(root: Path, *, processes: Processes, environ: Mapping[str, str]) -> Base:
    """The base, or why there is none, or why it is not known. Two processes at most."""
    top = git.top_of(root)
    if top is None:
        return Base(absent="there is no git repository")
    folder = git.common(top)
    commit, branch = edited.base(folder, environ)
    if commit is None:
        return Base(unknown=f"the base branch {branch} was not fetched", remedy=_FETCH)
    if not commit and ((folder / "shallow").is_file() or (folder / "refs" / "remotes").is_dir()):
        return Base(unknown="the clone holds no base branch", remedy=_FETCH)
    if not commit:
        return Base(absent="there is no base branch (main, master) to compare with")
    return _merge_base(git.ask(root, ("merge-base", commit, "HEAD"), processes, environ), folder, branch or commit[:12])


def _merge_base(done: Completed | str, folder: Path, branch: str) -> Base:
    if isinstance(done, str):
        return Base(unknown=done)
    if done.exit_code != 0:
        shallow = " (the clone is shallow)" if (folder / "shallow").is_file() else ""
        why = f"the base {branch} and the tree have no commit in common{shallow}"
        return Base(unknown=why, remedy=_FETCH)
    return Base(commit=done.stdout.decode().strip(), branch=branch)
