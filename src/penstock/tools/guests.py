"""What every recorded test command gets: the guests' variables, and who owns a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from penstock.model.plan import GUEST, REPORTS, WORKSPACE, Job
from penstock.ports import ToolContext
from penstock.tools.recorded import EVENTS
from penstock.value import Value

COVERAGE_FILE = "coverage.data"  # in the job's report folder; processes that the tests start add a suffix
ENGINE = "PENSTOCK_ENGINE"  # how the pytest guest distributes the tests; absent: one process
_PACKAGES = "PENSTOCK_PACKAGES"
_TEST_FOLDERS = ("tests", "test", "testing", "conftest")


class Against(Value, frozen=True, kw_only=True):
    """The base that a suspect is run at, too. `commit`: where the base branch is; the guest asks git for the merge base
    if it has a suspect. `root`: the project's folder. `packages`: (name, path below it); () = as they lie there. `why`:
    the base cannot be compared with.
    """

    commit: str = ""
    root: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    why: str = ""


class EngineSettings(Value, frozen=True, kw_only=True):
    """What the pytest guest is told. `workers`: how many at most; 1 = one process. `timings`, `shard_plan`: paths, or
    "". `timeout_s`: a test's own limit. `retries`: None = as the posterior says. `edited`: files or ids of tests that
    have no retry budget, or "*" for all. `against`: the base of the change, where that is known. `quarantined`:
    patterns of tests that do not block. `shard`: (number from 1, of how many).
    """

    workers: int = 1
    start: str = "auto"  # "auto" | "fork" | "spawn"
    timings: str = ""
    timeout_s: float | None = None
    retries: int | None = None
    edited: tuple[str, ...] = ()
    against: Against | None = None
    quarantined: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None
    shard_plan: str = ""
    order: str = "kept"  # "kept" | "shuffled"
    own_coverage: bool = False  # the project's own pytest-cov measures


def engine_settings(settings: EngineSettings) -> str:
    """The value of PENSTOCK_ENGINE: what differs from the defaults, and always the number of workers."""
    given = {"workers": settings.workers, **msgspec.to_builtins(settings)}
    text = msgspec.json.encode(given).decode()
    if text.isascii():
        return text
    import json  # in an environment of any encoding other characters are safe only when they are spelled out

    return json.dumps(given, separators=(",", ":"))


# Characters of file names: an environment variable holds 128 KiB on Linux, with what else stands in it.
_MOST_EDITED = 60_000


def engine_of(context: ToolContext) -> str:
    """The value of PENSTOCK_ENGINE for a job's pytest."""
    return engine_settings(
        EngineSettings(
            timeout_s=context.spec.test_timeout_s,
            retries=context.spec.retries,
            edited=bounded(seen_from(directory(context), context.edited)),
            against=_against(context),
            quarantined=tuple(entry.test for entry in context.quarantine),
        )
    )


def _against(context: ToolContext) -> Against | None:
    """The base, where the change is known; native code would have to be built for it."""
    if not context.against:
        return None
    if context.project.native:
        return Against(why="the project has native code, which would have to be built for it")
    packages = tuple((package.name, package.path) for package in context.project.packages)
    return Against(commit=context.against, root=WORKSPACE, packages=packages)


def without_budget(directory: str, edited: tuple[str, ...]) -> tuple[str, ...]:
    """Edited files for a pytest whose root is not known: the project's, or `directory`, where it was started."""
    return bounded(tuple(dict.fromkeys((*edited, *seen_from(directory, edited)))))


def bounded(edited: tuple[str, ...]) -> tuple[str, ...]:
    """Edited files, as far as they can be handed over; so many are told as all of them."""
    return edited if sum(map(len, edited)) <= _MOST_EDITED else ("*",)


def variables(context: ToolContext, *, on_path: bool) -> tuple[tuple[str, str], ...]:
    """The environment of a recorded command: what the suite and the job declare, and what the guests read.

    `on_path`: the guests' folder goes first on PYTHONPATH (the guest takes it off again when it is loaded).
    """
    declared = {**dict(context.suite.environment if context.suite else ()), **dict(context.spec.environment)}
    table = dict(declared)
    table["PENSTOCK_EVENTS"] = f"{REPORTS}/{EVENTS}"
    table[_PACKAGES] = ",".join(package.name for package in context.project.packages)
    if on_path:
        rest = declared.get("PYTHONPATH", "")
        table["PYTHONPATH"] = f"{GUEST}:{rest}" if rest else GUEST
    if context.coverage is not None:
        import json

        table["PENSTOCK_COVERAGE"] = json.dumps(
            {
                "data": f"{REPORTS}/{COVERAGE_FILE}",
                "config": _config(context),
                "source": list(context.coverage.source) or [package.name for package in context.project.packages],
                "branch": context.coverage.branch,
            }
        )
    return tuple(sorted(table.items()))


def _config(context: ToolContext) -> str | None:
    """The file of the coverage settings, by its whole path where the command does not run at the root."""
    path = context.coverage.config if context.coverage is not None else None
    return f"{WORKSPACE}/{path}" if path and directory(context) else path


def directory(context: ToolContext) -> str:
    """Where the suite's own command runs, relative to the workspace."""
    return context.suite.directory if context.suite is not None else ""


def seen_from(directory: str, words: Iterable[str]) -> tuple[str, ...]:
    """Words that name files from the root, as they are written in `directory`; others stay."""
    if not directory:
        return tuple(words)
    return tuple("." if word == directory else word.removeprefix(f"{directory}/") for word in words)


def owner(job: Job) -> Callable[[str], bool]:
    """Whether a module is the project's own, as far as the job's commands tell: then its absence is a failure."""
    names = set(_TEST_FOLDERS)
    for command in job.commands:
        given: Mapping[str, str] = dict(command.environment)
        names |= set(given.get(_PACKAGES, "").split(","))
    return lambda module: module.partition(".")[0] in names
