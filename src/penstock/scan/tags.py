"""The newest version that a tag names, of those that the tree stands on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from penstock.ports import Processes
from penstock.scan import git

# v1.2, 1.2.3rc1, release-1.2, pkg-1.2.3, pkg@1.2.3, pkg/v1.2
_NAMED = re.compile(r"^(?:[A-Za-z][\w.]*[-_@/])*v?(?P<version>\d+(?:\.\d+)+\S*|\d+)$")


def newest(root: Path, *, processes: Processes, environ: Mapping[str, str]) -> tuple[str, str]:
    """(version, tag) of the tags that HEAD holds; ("", "") where none names a version, or there is no git."""
    from packaging.version import InvalidVersion, Version

    done = git.ask(root, ("tag", "--list", "--merged", "HEAD"), processes, environ)
    if isinstance(done, str) or done.exit_code != 0:
        return "", ""
    found: list[tuple[Version, str, str]] = []
    for tag in done.stdout.decode("utf-8", "replace").splitlines():
        match = _NAMED.match(tag.strip())
        try:
            if match:
                found.append((Version(match["version"]), match["version"], tag.strip()))
        except InvalidVersion:
            continue
    _, version, tag = max(found, default=(None, "", ""), key=lambda each: each[0])
    return version, tag
