"""The project's lock file, and the versions that it holds."""

from __future__ import annotations

import re

from penstock.model.snapshot import Lock
from penstock.scan.detect.metadata import Metadata
from penstock.scan.detect.requirement import canonical
from penstock.scan.detect.tree import Tree

_FILES = (("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pdm", "pdm.lock"), ("pylock", "pylock.toml"))


def find(tree: Tree, metadata: Metadata) -> Lock | None:
    """The first lock file at the root that is this project's own.

    uv.lock names the project as a package whose source is this folder; poetry.lock belongs to a `[tool.poetry]` or
    `[project]` beside it; the others stand for themselves.
    """
    for kind, path in _FILES:
        if path in tree and (kind != "uv" or _is_own(tree.text(path), metadata.name)):
            return Lock(kind=kind, path=path)
    return None


def version(tree: Tree, lock: Lock | None, name: str) -> str:
    """The version that the lock holds for a distribution, the newest of several (for several Pythons), "" if none."""
    if lock is None:
        return ""
    pattern = rf'^name = "{re.escape(canonical(name))}"\nversion = "([^"]+)"'
    found = re.findall(pattern, tree.text(lock.path), re.MULTILINE | re.IGNORECASE)
    return max(found, key=lambda version: [int(part) for part in re.findall(r"\d+", version)], default="")


def _is_own(text: str, name: str) -> bool:
    here = r'source = \{ (?:editable|virtual|directory) = "\." \}'
    pattern = rf'^name = "{re.escape(canonical(name))}"\n(?:version = .*\n)?{here}'
    return re.search(pattern, text, re.MULTILINE) is not None
