"""The engine with its real doors: what `run` and `repro` start jobs with."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penstock import __version__
from penstock.cli.places import Places, Wishes
from penstock.cli.surroundings import Surroundings
from penstock.model.events import Event
from penstock.model.plan import Job
from penstock.ports import Ended, Launch, Tool
from penstock.run.engine import Doors, Engine, Run
from penstock.run.grounds import Grounds, abandoned, beside
from penstock.run.preparation import Prepared
from penstock.run.recovery import recover
from penstock.run.schedule import Task
from penstock.run.spare import Spare
from penstock.util import tree

if TYPE_CHECKING:
    from penstock.cli.planning import Planned
    from penstock.cli.workshop import Workshop
    from penstock.run.attempt import Station

_REMOVAL_S = 15.0  # for a container: more than an engine takes for one, and no run waits longer for what is not its own


class Ears(NamedTuple):
    """Who is told what while it runs. `launched`: of each process, before it starts; `tick`: several times a second."""

    notify: Callable[[Event], None]
    interrupts: Callable[[], tuple[str, ...]]
    launched: Callable[[Launch], None] = lambda _: None
    tick: Callable[[], None] = lambda: None


class LaterTools(Mapping[str, Tool]):
    """The table of tools, which imports them all: not before the first report is read."""

    def __getitem__(self, name: str) -> Tool:
        from penstock.tools import TOOLS

        return TOOLS[name]

    def __iter__(self) -> Iterator[str]:
        from penstock.tools import TOOLS

        return iter(TOOLS)

    def __len__(self) -> int:
        from penstock.tools import TOOLS

        return len(TOOLS)


class _Later:
    """See `ports.Executor` and `run.preparation.Preparations`; `station`: where a job runs.

    Set up when the first thing has to be started: a run in which all is cached starts nothing and imports none of it,
    which is half of its cost.
    """

    def __init__(self, set_up: Callable[[], Workshop], launched: Callable[[Launch], None]) -> None:
        self._set_up = set_up
        self._launched = launched
        self._made: Workshop | None = None

    @property
    def _shop(self) -> Workshop:
        if self._made is None:
            gc.enable()  # the start, which makes no garbage, is over
            self._made = self._set_up()
        return self._made

    def start(self, launch: Launch) -> None:
        self._launched(launch)
        self._shop.executor.start(launch)

    def wait(self, timeout_s: float | None) -> list[Ended]:
        return self._shop.executor.wait(timeout_s)

    def stop(self, task: str, cause: str, *, grace_s: float | None = None) -> None:
        self._shop.executor.stop(task, cause, grace_s=grace_s)

    def close(self) -> None:
        if self._made is not None:
            self._made.executor.close()

    def tasks(self, environments: frozenset[str]) -> tuple[Task, ...]:
        return self._shop.preparations.tasks(environments) if environments else ()

    def launch(self, task: str) -> Launch:
        return self._shop.preparations.launch(task)

    def finish(self, task: str, ended: Ended) -> Prepared:
        return self._shop.preparations.finish(task, ended)

    def environment(self, environment: str) -> Prepared | None:
        return self._shop.preparations.environment(environment)

    def station(self, job: Job, environments: Mapping[str, Prepared]) -> Station:
        return self._shop.stations.of(job, environments)


def engine(
    surroundings: Surroundings,
    planned: Planned,
    wishes: Wishes,
    places: Places,
    ears: Ears,
    *,
    station: Callable[[Job, Station], Station] = lambda _, made: made,
) -> Engine:
    """An engine for the plan on this machine. `station`: changes where a job runs, once that is known."""

    def set_up() -> Workshop:
        from penstock.cli import workshop

        return workshop.set_up(surroundings, planned, wishes, places)

    later = _Later(set_up, ears.launched)

    return Engine(
        Run(
            id=places.folder.id,
            plan=planned.plan,
            bindings=planned.bindings,
            cpus=planned.snapshot.platform.cpus,
            version=__version__,
            argv=wishes.argv,
            exit_first=wishes.exit_first,
            whole=wishes.whole,
            memory_bytes=planned.snapshot.platform.memory_bytes,
            gpus=planned.snapshot.platform.gpus or (),
        ),
        Doors(
            later,
            surroundings.clock,
            places.sink,
            places.results,
            ears.interrupts,
            ears.notify,
            ears.tick,
            Spare(places.folder.spare, planned.snapshot.platform.cpus).offer,
        ),
        tools=LaterTools(),
        preparations=later,
        station=lambda job, environments: station(job, later.station(job, environments)),
        environ=surroundings.environ,
        grounds=Grounds(data=beside(places.temporary), shared=places.folder.path / "services"),
    )


def put_in_order(surroundings: Surroundings) -> None:
    """End and tell what runs that were killed have left."""
    with contextlib.suppress(OSError):
        found = recover(surroundings.state, surroundings.clock)
        for run_id in found.killed:
            temporary = temporary_place(surroundings, run_id)
            tree.discard(temporary)
            tree.discard(beside(temporary))
            for engine, container in abandoned(surroundings.state / "runs" / run_id):
                _remove(surroundings, engine, container)
            hide_secrets(surroundings, surroundings.state / "runs" / run_id)
            surroundings.out.progress(f"  the run {run_id} had been killed: what it left was put in order")
        for process in found.ended:
            surroundings.out.progress(f"  ended a process that it left: {process}")


def _remove(surroundings: Surroundings, engine: str, container: str) -> None:
    """A container that a killed run may have left. One that is gone is none; one that may still be there is told."""
    remove = (engine, "rm", "--force", "--volumes", container)
    try:
        done = surroundings.processes.run(remove, directory="/", environment=surroundings.environ, timeout_s=_REMOVAL_S)
    except OSError as error:  # TimeoutError is one
        why = str(error)
    else:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        if done.exit_code == 0 or "no such container" in said.lower():
            return
        why = said.rpartition("\n")[2] or f"exit code {done.exit_code}"
    surroundings.out.progress(f"  note  the container {container} may still be there: {why}")


def hide_secrets(surroundings: Surroundings, run: Path) -> None:
    """A net below all else: what was left in a run's folder by who knows nothing of secrets (uv, a job that was killed
    before anybody could clean what it wrote).
    """
    if surroundings.out.secrets.redaction is None:
        return
    from penstock.run.scrubbing import scrub

    try:
        scrub(run, surroundings.out.secrets.redaction)
    except OSError as error:
        surroundings.out.progress(f"  note  {run} may still hold secrets: it could not be cleaned: {error}")


def temporary_place(surroundings: Surroundings, run: str) -> Path:
    """Where the temporary folder of a run is, so that the next start finds what a killed one has left."""
    shared = surroundings.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - ours in it is new, and only for us
    time, _, chance = run.replace("-", "", 1).partition("-")
    short = f"{int(time):x}{chance}" if time.isdigit() else run  # sockets below it have 108 characters in all
    return Path(shared) / f"penstock-{short}"


@contextlib.contextmanager
def temporary_folder(surroundings: Surroundings, run: str) -> Iterator[Path]:
    """The run's temporary folder: outside the tree, and with a short path, because sockets' paths are bounded."""
    place = temporary_place(surroundings, run)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        try:
            place.rmdir()
        except OSError:  # something was started, and has left something
            tree.discard(place)
        tree.discard(beside(place))
