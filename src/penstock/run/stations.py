"""Where each job runs on this machine: its environment's paths, its workspace, its private folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from penstock.model.pipeline import JobKind
from penstock.model.plan import Binding, Job
from penstock.ports import Processes
from penstock.run.attempt import Station
from penstock.run.environment.history import give_history
from penstock.run.environment.spec import Tree
from penstock.run.folder import RunFolder, safe_name
from penstock.run.preparation import Prepared
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.run.spare import VARIABLE as SPARE
from penstock.util import digest
from penstock.util import tree as files
from penstock.util.uvrun import Uv


class Stations(NamedTuple):
    """Makes the station of a job. `temporary`: the run's private folder outside the tree, with a short path.

    `timings`: writes the durations that a job's test engine plans by into the run's folder; gives the file's path, None
    if there are none. `pins`: the folder of what the plan has pinned.
    """

    folder: RunFolder
    tree: Tree
    bindings: Mapping[str, Binding]
    environ: Mapping[str, str]
    processes: Processes
    temporary: Path
    guest: Path
    own_python: str
    echo: bool
    timings: Callable[[Job], Path | None] = lambda _: None
    pins: Path = Path()
    secrets: Secrets = NO_SECRETS

    def of(self, job: Job, environments: Mapping[str, Prepared]) -> Station:
        """The station of `job`, whose environments are ready. Raises OSError if a copy of the tree cannot be made."""
        main = environments.get(job.environment or "")
        folder = self.folder.job(job.id)
        temporary = self.temporary / str(len(list(self.temporary.iterdir())))
        workspace = next((one.workspace for one in environments.values() if one.workspace), None)
        variables = {name: text for one in environments.values() for name, text in one.variables.items()}
        if job.kind is JobKind.TEST and not _declares_hash_seed(job):
            variables["PYTHONHASHSEED"] = self._hash_seed(job)
        if job.kind is JobKind.TEST and (timings := self.timings(job)) is not None:
            variables["PENSTOCK_TIMINGS"] = str(timings)
        if job.kind is JobKind.TEST:
            variables[SPARE] = str(self.folder.spare)
        if job.workspace == "copy":
            workspace, pretended = self._copy(temporary / "tree")
            variables |= pretended
        if workspace is not None:
            self._share_caches(job, Path(workspace))
        return Station(
            folder=str(folder),
            root=self.tree.root,
            workspace=workspace or self.tree.root,
            temporary=str(temporary),
            python=main.python if main else self.bindings[job.id].interpreter,
            scripts=main.scripts if main else None,
            virtual_environment=main.folder if main else None,
            other_bins={name.partition("/")[2]: one.scripts for name, one in environments.items() if one.scripts},
            needs=str(folder / "needs"),
            pins=str(self.pins),
            needed=tuple(
                (safe_name(need), str(self.folder.job(need) / "reports"))
                for need in job.needs
                if need in self.bindings  # another runner's job leaves nothing here
            ),
            guest=str(self.guest),
            uv=self.tree.uv,
            own_python=self.own_python,
            own_variables=variables | self._named(job),
            secrets=self.secrets,
            echo=self.echo,
        )

    def _named(self, job: Job) -> dict[str, str]:
        """What the job gets of the surroundings because it names it."""
        required = {name: self.environ[name] for name in job.require if name in self.environ}
        return {**required, **self.secrets.of_job(job)}

    def _share_caches(self, job: Job, workspace: Path) -> None:
        """Declared cache folders of the tree in its copy, so that what they hold outlives the copy."""
        for cache in job.caches:
            place = workspace / cache.path  # an absolute path and one from "~" lie outside of both
            if not place.is_relative_to(workspace) or cache.path.startswith("~") or os.path.lexists(place):
                continue
            kept = Path(self.tree.root) / cache.path
            kept.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(kept, target_is_directory=True)

    def _hash_seed(self, job: Job) -> str:
        """Another one each run, so that what depends on the order of sets shows; told, so that `repro` repeats it."""
        return str(int(digest.of_parts((self.folder.id, job.id))[:8], 16))

    def _copy(self, target: Path) -> tuple[str, Mapping[str, str]]:
        """A copy of the tree for this job alone, with git's history where versions are read from it."""
        uv = Uv(program=self.tree.uv, processes=self.processes, environ=self.environ, offline=False, say=lambda _: None)
        history = give_history(self.tree, target, uv)
        files.copy_files(Path(self.tree.root), sorted(self.tree.files), target)
        return str(target), history.variables


def _declares_hash_seed(job: Job) -> bool:
    given = (*job.variables, *(pair for command in job.commands for pair in command.environment))
    return any(name == "PYTHONHASHSEED" for name, _ in given)
