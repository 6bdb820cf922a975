"""What is judged beside what was run: the change against its base, and the pull request that proposes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from penstock.cli.surroundings import Surroundings
from penstock.model import baseline
from penstock.model.change import Change, Facts
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Plan
from penstock.model.snapshot import Snapshot
from penstock.scan import edited, git
from penstock.util import atomic, texts
from penstock.util.memory import Memory

NAME = "facts.json"
_OF_THE_CHANGE = frozenset({"pull_request", "package", "tests"})


def of_run(surroundings: Surroundings, taken: Snapshot, plan: Plan, *, whole: bool) -> Facts:
    """Those of a run. Where nothing else asks about the change, the policy does: on a branch, as in its pull request,
    if `whole` is what runs. It is remembered for the same tree and the same commits.
    """
    if wanted(plan, surroundings.environ):
        return of(surroundings, taken)
    top = git.top_of(surroundings.root)
    if not whole or top is None or taken.git.commit is None:
        return Facts()
    commit, _ = edited.base(git.common(top), surroundings.environ)
    if not commit or (commit == taken.git.commit and not taken.git.dirty):
        return Facts()  # nothing to compare with, or nothing that differs
    made_of = (str(surroundings.root), plan.tree, taken.git.commit, commit)
    memory = Memory(surroundings.state / "change.json", made_of, by=("scan", "judge", "cli"))
    known = memory.recall(Facts)
    if known is None:
        known = _of_change(surroundings, taken, None)
        memory.keep(known)
    return known


def wanted(plan: Plan, environ: Mapping[str, str]) -> bool:
    """Whether something beside the policy is asked about the change, as in each run of a pull request."""
    if edited.is_proposed(environ):
        return True
    if any(job.kind is JobKind.API for job in plan.jobs):
        return True
    about_it = any(gate.name in _OF_THE_CHANGE or "diff" in dict(gate.limits) for gate in plan.gates)
    return about_it or Mode.RATCHET in {*(gate.mode for gate in plan.gates), *(job.mode for job in plan.jobs)}


def of(
    surroundings: Surroundings,
    taken: Snapshot,
    *,
    base: str | None = None,
    event: Path | None = None,
    branch_too: bool = False,
) -> Facts:
    """The facts of this moment. `base`: what to compare with, if not the base branch; `event`: an event file;
    `branch_too`: where no event tells of a pull request, the local branch stands for one.

    Raises UsageError if the event file tells of none.
    """
    from penstock.scan import pull_request, tags

    told = pull_request.of_file(event) if event else pull_request.of_event(surroundings.environ)
    request = None if isinstance(told, str) else told
    about = _of_change(surroundings, taken, base)
    if request is None and branch_too:
        request = pull_request.of_branch(about.change, taken.git.branch)
    why = about.why or _reason(() if request is None else (request.body,))
    now = texts.read(surroundings.root / baseline.NAME) or ""
    held = _baseline(surroundings, about.change, now, why=why)
    return replace(
        about,
        pull_request=request,
        unread=told if isinstance(told, str) else "",
        proposed=edited.is_proposed(surroundings.environ),
        packages=tuple(package.path for package in taken.project.packages),
        baseline=tuple(sorted(baseline.fingerprints(held).elements())),
        found_by=tuple(baseline.versions(held).items()),
        standing=None if now == held else tuple(sorted(baseline.fingerprints(now).elements())),
        noted=tuple(baseline.versions(now).items()),
        released=tags.newest(surroundings.root, processes=surroundings.processes, environ=surroundings.environ),
        why=why,
    )


def _of_change(surroundings: Surroundings, taken: Snapshot, base: str | None) -> Facts:
    """The change, and what it asks less for. What cannot be read is not known."""
    from penstock.cli import eased
    from penstock.scan import change

    found = change.read(surroundings.root, processes=surroundings.processes, environ=surroundings.environ, base=base)
    if isinstance(found, str):
        return Facts(unknown=found)
    told = eased.of(surroundings, found, taken.files)
    if told.unknown:
        return Facts(unknown=told.unknown)
    why = _reason(commit.body for commit in found.commits)
    return Facts(change=found, weakened=told.weakened, idled=told.idled, deselected=told.deselected, why=why)


def _baseline(surroundings: Surroundings, change: Change | None, now: str, *, why: str) -> str:
    """The base's: what a change adds to the file forgives nothing in that change, unless it says why (`Policy: WHY`, a
    line of a commit's or the pull request's description). Where the base has none, the tree's: `now`.
    """
    if change is None or why:
        return now
    words = ("show", f"{change.base}:./{baseline.NAME}")
    before = git.said(surroundings.root, words, surroundings.processes, surroundings.environ)
    return now if before is None else before


def _reason(bodies: Iterable[str]) -> str:
    """What the change says of its policy: the first line `Policy: WHY` of its commits, or of the pull request. The word
    WHY itself is no reason.
    """
    import re

    found = (re.search(r"(?im)^policy: *(?!WHY\W*$)(\S*\w.*)$", body) for body in bodies)
    return next((match[1].strip() for match in found if match), "")


def keep(folder: Path, facts: Facts) -> None:
    """Beside the run's evidence. Raises OSError."""
    if facts != Facts():
        atomic.write(folder / NAME, msgspec.json.encode(facts))


def kept(folders: Sequence[Path]) -> Facts:
    """What the first of these runs has kept that has any; a file that cannot be read tells nothing."""
    for folder in folders:
        try:
            return msgspec.json.decode((folder / NAME).read_bytes(), type=Facts)
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            return Facts(unknown=f"{folder.name}/{NAME} cannot be read: {error}")
    return Facts()
