"""What is judged beside what was run: the change against its base, and the pull request that proposes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from penstock.cli.surroundings import Surroundings
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec
from penstock.model.snapshot import Snapshot
from penstock.util import atomic

NAME = "facts.json"


def wanted(gates: Iterable[CheckSpec]) -> bool:
    """Whether a declared gate is about the change: git is asked for nothing else."""
    return any(gate.name == "pull_request" or "diff" in dict(gate.limits) for gate in gates)


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
    from penstock.scan import change, pull_request

    found = change.read(surroundings.root, processes=surroundings.processes, environ=surroundings.environ, base=base)
    known = None if isinstance(found, str) else found
    request = pull_request.of_file(event) if event else pull_request.of_event(surroundings.environ)
    if request is None and branch_too:
        request = pull_request.of_branch(known, taken.git.branch)
    return Facts(
        change=known,
        unknown=found if isinstance(found, str) else "",
        pull_request=request,
        packages=tuple(package.path for package in taken.project.packages),
    )


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
