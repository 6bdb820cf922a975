"""All facts of one moment, so that planning is a function of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from penstock.model.snapshot import Decision, Git, Project, Snapshot
from penstock.ports import Processes
from penstock.scan import edited, files, git, interpreters, memory, platform
from penstock.util import digest
from penstock.value import Value


def take(
    root: Path, *, state: Path, processes: Processes, environ: Mapping[str, str], pythons: bool = True
) -> Snapshot:
    """Read the world once: the tree, git, the interpreters, this machine, and what the project configures.

    `root`: the project's folder. `state`: penstock's own folder, which may not exist and may not be writable: what is
    remembered there only saves time. `pythons`: which ones are here is asked, too: each is started once, and what
    is written for other machines must not hang on that. Raises OSError if `root` cannot be read.
    """
    root = root.resolve(strict=True)
    checkout = git.read(root, processes, environ)
    digests = files.digests(root, state, processes, checkout, environ)
    found, looked_in = interpreters.find(environ, processes, state) if pythons else ((), ())
    project = _project(root, digests, state)
    project = msgspec.structs.replace(project, decisions=(*project.decisions, *_decisions(checkout)))
    return Snapshot(
        root=str(root),
        files=digests,
        git=checkout,
        interpreters=found,
        looked_in=looked_in,
        platform=platform.read(),
        project=project,
        against=edited.against(root, environ) if checkout.commit else "",
        edited=edited.of(root, checkout, digests, state=state, processes=processes, environ=environ),
    )


class _Detected(Value, frozen=True, kw_only=True):
    """What detection said, the files that it read, and the digest of what stood in them."""

    project: Project
    read: tuple[str, ...]
    contents: str


def _project(root: Path, digests: Mapping[str, str], state: Path) -> Project:
    """What detection says, or said of a tree with the same names and the same content of what it had read.

    It reads configuration and tests, and costs more than the rest of a start.
    """
    names = {path: content if content.startswith("l") else "" for path, content in digests.items()}
    kept = memory.of(str(root), names, state / "project.json")
    known = kept.recall(_Detected)
    if known is not None and known.contents == _contents(known.read, digests):
        return known.project
    from penstock.scan.detect import detection

    project, read = detection.look(root, digests)
    if files.unchanged(root, state, digests):  # what was read is what the digests are of
        kept.keep(_Detected(project=project, read=read, contents=_contents(read, digests)))
    return project


def _contents(read: tuple[str, ...], digests: Mapping[str, str]) -> str:
    return digest.of_parts(digests[path] for path in read)


def _decisions(checkout: Git) -> Iterator[Decision]:
    """What the user should know about the checkout before believing a result."""
    if checkout.state == "none" and checkout.note:
        yield Decision(subject="git", choice="the files as they lie in the folder", why=checkout.note)
    for folder in checkout.empty_submodules:
        why = "git knows the submodule, but its files were not checked out: `git submodule update --init`"
        yield Decision(subject="git", choice=f"without the files of {folder}", why=why)
