"""What jobs are started with: the executor, the environments, the places. Imported when there is one to start."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import penstock
from penstock.cli import keeping
from penstock.cli.places import Places, Wishes
from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.model.pipeline import JobKind
from penstock.model.plan import Plan
from penstock.run.environment.preparations import UvPreparations, tree_of
from penstock.run.local import LocalExecutor, missing_guarantees
from penstock.run.stations import Stations
from penstock.tools import versions


class Workshop(NamedTuple):
    """Set up once a run."""

    executor: LocalExecutor
    preparations: UvPreparations
    stations: Stations


def set_up(surroundings: Surroundings, planned: Planned, wishes: Wishes, places: Places) -> Workshop:
    """A workshop for the plan. Raises NotVerifiedError without uv."""
    folder = places.folder
    tree = tree_of(planned.snapshot, state=surroundings.state, uv=uv_binary(surroundings.environ))
    stations = Stations(
        folder=folder,
        tree=tree,
        bindings=planned.bindings,
        environ=surroundings.environ,
        processes=surroundings.processes,
        temporary=places.temporary,
        guest=Path(penstock.__file__).parent / "guest",
        own_python=sys.executable,
        echo=wishes.echo,
        timings=keeping.pinning(surroundings, folder, commit=planned.snapshot.git.commit),
        pins=surroundings.state / "pins",
        secrets=planned.secrets,
    )
    preparations = UvPreparations(
        planned.plan,
        planned.snapshot,
        tree=tree,
        folder=folder.path / "preparations",
        own=(sys.executable, "-m", "penstock"),
        environ=surroundings.environ,
        layered=_layered(planned.plan),
        offline=wishes.offline,
    )
    for lacking in missing_guarantees():
        surroundings.out.progress(f"  not guaranteed on this system: {lacking}")
    executor = LocalExecutor(surroundings.clock, folder.id, echo=surroundings.out.pass_on, secrets=planned.secrets)
    return Workshop(executor, preparations, stations)


def _layered(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Dependency sets whose jobs measure coverage: they get coverage beside the environment, if it lacks it."""
    measuring = {
        job.environment
        for job in plan.jobs
        if job.kind is JobKind.TEST
        and job.environment
        and any(name == "PENSTOCK_COVERAGE" for command in job.commands for name, _ in command.environment)
    }
    return {name.partition("/")[2]: versions.COVERAGE_LAYER for name in measuring}
