"""Tags that name versions: the newest that the tree stands on, and what one of them stands on itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.model.release import Tagged
from penstock.ports import Processes
from penstock.scan import git

if TYPE_CHECKING:
    from packaging.version import Version

# v1.2, 1.2.3rc1, release-1.2, pkg-1.2.3, pkg@1.2.3, pkg/v1.2
_NAMED = re.compile(r"^(?:[A-Za-z][\w.]*[-_@/])*v?(?P<version>\d+(?:\.\d+)+\S*|\d+)$")


def newest(root: Path, *, processes: Processes, environ: Mapping[str, str]) -> tuple[str, str]:
    """(version, tag) of the tags that HEAD holds; ("", "") where none names a version, or there is no git."""
    found = _versions(root, "HEAD", processes, environ)
    _, version, tag = max(found, default=(None, "", ""), key=lambda each: each[0])
    return version, tag


def read(root: Path, tag: str, default: str, *, processes: Processes, environ: Mapping[str, str]) -> Tagged:
    """What git knows of a tag. `default`: the default branch, "" where nobody has said."""

    def commit(revision: str) -> str:
        words = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return (git.said(root, words, processes, environ) or "").strip()

    at = commit(f"refs/tags/{tag}")
    top = git.top_of(root)
    names = (f"origin/{default}", default) if default else ("origin/HEAD", "main", "master")
    refs = (f"refs/{'remotes' if name.startswith('origin/') else 'heads'}/{name}" for name in names)
    branch = next((each for each in refs if commit(each)), "")
    held = git.ask(root, ("merge-base", "--is-ancestor", at, branch), processes, environ) if at and branch else ""
    return Tagged(
        tag=tag,
        commit=at,
        head=commit("HEAD"),
        branch=branch.removeprefix("refs/remotes/").removeprefix("refs/heads/"),
        merged=None if isinstance(held, str) or held.exit_code not in (0, 1) else held.exit_code == 0,
        shallow=top is not None and (git.common(top) / "shallow").is_file(),
        before=_before(root, tag, processes, environ) if at else "",
    )


def version_of(tag: str) -> Version | None:
    """The version that a tag names."""
    from packaging.version import InvalidVersion, Version

    match = _NAMED.match(tag.strip())
    try:
        return Version(match["version"]) if match else None
    except InvalidVersion:
        return None


def _before(root: Path, tag: str, processes: Processes, environ: Mapping[str, str]) -> str:
    """The tag of the release before; before a final one, of the final one before."""
    now = version_of(tag)
    if now is None:
        return ""
    earlier = (each for each in _versions(root, f"refs/tags/{tag}", processes, environ) if each[0] < now)
    fit = (each for each in earlier if now.is_prerelease or not each[0].is_prerelease)
    return max(fit, default=(None, "", ""), key=lambda each: each[0])[2]


def _versions(
    root: Path, revision: str, processes: Processes, environ: Mapping[str, str]
) -> Iterator[tuple[Version, str, str]]:
    """(version, as it is written, tag) of the tags that a revision stands on."""
    for line in (git.said(root, ("tag", "--list", "--merged", revision), processes, environ) or "").splitlines():
        version = version_of(line)
        if version is not None:
            match = _NAMED.match(line.strip())
            yield version, match["version"] if match else "", line.strip()
