"""What the project's configuration says of how its tests run, for `penstock test`, which plans nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penstock.cli import project
from penstock.cli.surroundings import Surroundings
from penstock.plan import alone
from penstock.scan import edited

if TYPE_CHECKING:
    from penstock.model.pipeline import Quarantine
    from penstock.tools.guests import EngineSettings


class Typed(NamedTuple):
    """What of it the command line has an answer for. `words`: pytest's, of which some are paths."""

    directory: Path
    words: Sequence[str]
    timeout_s: float | None
    retries: int | None


def engine(
    surroundings: Surroundings, typed: Typed, settings: EngineSettings, known: tuple[str, ...] | None
) -> tuple[EngineSettings, tuple[Quarantine, ...]]:
    """The engine's `settings` with what is typed, declared and edited, and the quarantine that stands.

    `known`: the files that the change edits, None = git has still to be asked. Raises ConfigurationError, StateError.
    """
    from msgspec.structs import replace

    from penstock.tools import guests

    pipeline = project.pipeline(surroundings)
    if any(job.secrets for job in pipeline.jobs or ()):
        from penstock.cli import given

        given.of(surroundings, pipeline.jobs or ())  # the tests get all variables; what is a secret is not shown
    declared = alone.declared(pipeline, _paths(surroundings.root, typed))
    _tell(surroundings, declared, typed)
    retries = declared.retries if typed.retries is None else typed.retries
    if known is None and retries != 0:
        known = edited.now(
            surroundings.root,
            state=surroundings.state,
            processes=surroundings.processes,
            environ=surroundings.environ,
        )
    base = edited.against(surroundings.root, surroundings.environ) if retries != 0 else ""
    directory = typed.directory.relative_to(surroundings.root).as_posix()
    settings = replace(
        settings,
        timeout_s=declared.test_timeout_s if typed.timeout_s is None else typed.timeout_s,
        retries=retries,
        edited=guests.without_budget("" if directory == "." else directory, known or ()),
        against=guests.Against(commit=base, root=str(surroundings.root)) if base else None,
        quarantined=tuple(entry.test for entry in pipeline.quarantine),
    )
    return settings, pipeline.quarantine


def _tell(surroundings: Surroundings, declared: alone.Declared, typed: Typed) -> None:
    """What is left out because the jobs that may be meant do not agree on it."""
    typed_too = {"test_timeout": typed.timeout_s, "retries": typed.retries}
    open_keys = [key for key in declared.differing if typed_too[key] is None]
    if open_keys:
        told = f"{' and '.join(open_keys)}: not the same in {', '.join(declared.jobs)}, so left out"
        options = ", ".join(_OPTION[key] for key in open_keys)
        surroundings.out.progress(f"  note  {told}; name the paths of one of them, or say {options}")


_OPTION = {"test_timeout": "--timeout", "retries": "--retries"}


def _paths(root: Path, typed: Typed) -> tuple[str, ...]:
    """The typed words that are paths or node ids, relative to the root; of what starts pytest elsewhere, its folder."""
    named = [word.partition("::")[0] for word in typed.words if not word.startswith("-")]
    found = [typed.directory / name for name in named if name and os.path.lexists(typed.directory / name)]
    every = found or ([] if typed.directory == root else [typed.directory])
    return tuple(path.resolve().relative_to(root).as_posix() for path in every if path.resolve().is_relative_to(root))
