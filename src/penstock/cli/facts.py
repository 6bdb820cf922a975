"""What is judged beside what was run: the change against its base, and the pull request that proposes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from penstock.cli.surroundings import Surroundings
from penstock.errors import ConfigurationError
from penstock.load import file as configuration
from penstock.model.change import Change, Facts, PullRequest
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Plan
from penstock.model.snapshot import Snapshot
from penstock.scan import edited
from penstock.util import atomic

NAME = "facts.json"
_OF_THE_CHANGE = frozenset({"pull_request", "package", "tests"})


def wanted(plan: Plan, environ: Mapping[str, str]) -> bool:
    """Whether something is asked about the change, as in each run of a pull request: git is asked for nothing else."""
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
    from penstock.scan import change, pull_request, tags

    found = change.read(surroundings.root, processes=surroundings.processes, environ=surroundings.environ, base=base)
    known = None if isinstance(found, str) else found
    told = pull_request.of_file(event) if event else pull_request.of_event(surroundings.environ)
    request = None if isinstance(told, str) else told
    if request is None and branch_too:
        request = pull_request.of_branch(known, taken.git.branch)
    why = _reason(known, request)
    return Facts(
        change=known,
        unknown=found if isinstance(found, str) else "",
        pull_request=request,
        unread=told if isinstance(told, str) else "",
        packages=tuple(package.path for package in taken.project.packages),
        baseline=tuple(sorted(_baseline(surroundings, known, why=why).elements())),
        weakened=(*_weakened(surroundings, known), *_loosened(surroundings, known)),
        released=tags.newest(surroundings.root, processes=surroundings.processes, environ=surroundings.environ),
        why=why,
    )


def _weakened(surroundings: Surroundings, change: Change | None) -> tuple[str, ...]:
    """What the tree's configuration asks less for than the base's. A base that cannot be read asks for nothing."""
    if change is None or not any(map(change.file, _SOURCES)):
        return ()
    from penstock.judge import policy

    try:
        before = configuration.declared(*(_before(surroundings, change, name) for name in _SOURCES))
    except ConfigurationError:
        return ()
    return policy.weakened(before, configuration.read(surroundings.root))


def _loosened(surroundings: Surroundings, change: Change | None) -> tuple[str, ...]:
    """What the settings of tools ask less for than the base's."""
    from penstock.judge import settings, settings_files

    if change is None:
        return ()
    touched = [
        path for file in change.files for path in (file.path, file.before) if settings_files.holds_settings(path)
    ]
    if not touched:
        return ()
    # Which file counts may hang on another one that did not change.
    places = sorted({*touched, *settings_files.NAMES})
    before = {path: text for path in places if (text := _before(surroundings, change, path)) is not None}
    now = {path: text for path in places if (text := _now(surroundings, path)) is not None}
    return tuple(settings.loosened(settings_files.of_files(before), settings_files.of_files(now)))


def _now(surroundings: Surroundings, path: str) -> str | None:
    try:
        return (surroundings.root / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


_SOURCES = (configuration.PYPROJECT, configuration.OWN)


def _before(surroundings: Surroundings, change: Change, name: str) -> str | None:
    """A file as the base has it; None where it has none."""
    from penstock.scan import git

    words = ("show", f"{change.base}:./{name}")
    done = git.ask(surroundings.root, words, surroundings.processes, surroundings.environ)
    return None if isinstance(done, str) or done.exit_code != 0 else done.stdout.decode("utf-8", "replace")


def _baseline(surroundings: Surroundings, change: Change | None, *, why: str) -> Counter[str]:
    """The base's: what a change adds to the file forgives nothing in that change, unless it says why (`Policy: WHY`, a
    line of a commit's or the pull request's description). Where the base has none, the tree's.
    """
    from penstock.judge import ratchet

    before = None if change is None or why else _before(surroundings, change, ratchet.NAME)
    if before is not None:
        return ratchet.read(before)
    return ratchet.read(_now(surroundings, ratchet.NAME) or "")


def _reason(change: Change | None, request: PullRequest | None) -> str:
    """What the change says of its policy: the first line `Policy: WHY` of its commits, or of the pull request."""
    import re

    bodies = (*(commit.body for commit in (change.commits if change else ())), request.body if request else "")
    found = (re.search(r"(?im)^policy: *(\S.*)$", body) for body in bodies)
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
