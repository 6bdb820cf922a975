"""What the baseline of a ratchet was made by, and the commit whose tree tells what a newer tool finds in old code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from penstock.model import baseline
from penstock.model.snapshot import Base, Git, Held
from penstock.ports import Processes
from penstock.scan import git
from penstock.util import texts


def of(root: Path, base: Base, checkout: Git, *, processes: Processes, environ: Mapping[str, str]) -> Held:
    """As the base's file says, else as that of the tree does. Two processes at most.

    Where nothing differs from the base, as on the base branch itself, the change is what its last commit brought: held
    against itself, everything would have been there before.
    """
    asked = partial(git.said, root, processes=processes, environ=environ)
    text = asked(("show", f"{base.commit}:./{baseline.NAME}")) if base.commit else None
    if text is None:
        text = texts.read(root / baseline.NAME) or ""
    versions = tuple(baseline.versions(text).items())
    commit = base.commit
    if versions and commit and commit == checkout.commit and not checkout.dirty:
        commit = (asked(("rev-parse", "--verify", "--quiet", "HEAD^1^{commit}")) or "").strip()
    return Held(versions=versions, commit=commit if versions else "")
