"""A failed job made into one that can be run again for one test, as it ran: what came before it, its seed, its folder.

Pure; the files that it names are written by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from penstock.model.events import CollectionFinished, Event, SessionStarted, TestStarted
from penstock.model.plan import Command, Job, Plan
from penstock.value import Value

# Adapters whose guests can keep a session to some of its tests. A project's own runner runs whole.
_SELECTING = frozenset({"pytest", "unittest"})
_RANDOMLY = "randomly_seed="
_HASH_SEED = "PYTHONHASHSEED="
_ENGINE = "PENSTOCK_ENGINE"  # a replay is one process, in the order of then
# What chooses tests by the last run, which is another one now, or ends before the last test.
_OF_THE_MOMENT = frozenset(
    {
        *("--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first"),
        *("--sw", "--stepwise", "--sw-skip", "--stepwise-skip", "-x", "--exitfirst"),
    }
)


class Session(Value, frozen=True, kw_only=True):
    """What a job's test log tells of the process that a test failed in. `before`: ids, in the order they ran in."""

    before: tuple[str, ...]
    seed: str = ""
    runner: str = ""

    @property
    def hashing_fixed(self) -> bool:
        """Whether sets and dicts of strings have the same order in a replay."""
        return _HASH_SEED in self.seed


def session(events: Iterable[Event], test: str) -> Session | None:
    """The session of `test`, with the tests that its process had started before it; None if it is in no session.

    A test that never started comes after all that did; one that crashed is the last that started.
    """
    found: SessionStarted | None = None
    collected: frozenset[str] = frozenset()
    started: list[TestStarted] = []
    for event in events:
        if isinstance(event, SessionStarted):
            if test in collected:
                break
            found, collected, started = event, frozenset(), []
        elif isinstance(event, CollectionFinished):
            collected |= frozenset(event.ids)
        elif isinstance(event, TestStarted):
            started.append(event)
            if event.id == test:
                break
    own = next((event for event in reversed(started) if event.id == test), None)
    if found is None or (own is None and test not in collected):
        return None
    before = [event.id for event in started if event.id != test and (own is None or event.worker == own.worker)]
    return Session(before=tuple(dict.fromkeys(before)), seed=found.seed, runner=found.runner)


def can_select(job: Job) -> bool:
    """Whether the job can be run for one of its tests."""
    return any(command.tool in _SELECTING for command in job.commands)


def job_again(job: Job, *, only: str | None = None, seed: str = "") -> Job:
    """The job by itself. `only`: the file with the ids of the tests to run; None = all that it runs."""
    commands = tuple(_again(command, only, seed) for command in job.commands)
    shard = job.shard if only is None else None  # what runs for one test runs no shard
    return replace(job, commands=commands, needs=(), cacheable=False, expected_tests=0, shard=shard)


def plan_again(plan: Plan, job: Job) -> Plan:
    """The plan of this job alone, with the versions that the run had resolved."""
    return replace(
        plan,
        jobs=(job,),
        environments=tuple(each for each in plan.environments if each.id in job.environments),
        gates=(),
        left_out=(),
    )


def _again(command: Command, only: str | None, seed: str) -> Command:
    if command.tool not in _SELECTING or only is None:
        return command
    variables = dict(command.environment)
    variables["PENSTOCK_ONLY"] = only
    variables.pop(_ENGINE, None)
    words = seed.split()
    for word in words:
        if word.startswith(_HASH_SEED):
            variables["PYTHONHASHSEED"] = word.removeprefix(_HASH_SEED)
    argv: Sequence[str] = [word for word in command.argv if word not in _OF_THE_MOMENT]
    chance = next((word.removeprefix(_RANDOMLY) for word in words if word.startswith(_RANDOMLY)), None)
    if chance is not None and "penstock_pytest" in argv:
        at = argv.index("penstock_pytest") + 1
        argv = (*argv[:at], f"--randomly-seed={chance}", *argv[at:])
    return replace(command, argv=tuple(argv), environment=tuple(sorted(variables.items())))
