"""The plan: every job that has to run, decided and explained before the first process starts.

A plan holds nothing of one machine but its root: programs appear as tokens (`PYTHON` …) that `run` replaces when a job
starts, so the digest is equal on every runner.
"""

from collections.abc import Mapping
from enum import StrEnum

from penstock.model.pipeline import (
    CHANGE,
    CacheFolder,
    CheckSpec,
    JobKind,
    Limit,
    Mode,
    Quarantine,
    Secret,
    Stage,
    Tolerance,
)
from penstock.model.services import Service
from penstock.model.snapshot import Decision, DependencySet, Resolution
from penstock.value import Value

PYTHON = "${penstock:python}"  # the interpreter of the job's environment
BIN = "${penstock:bin}"  # its scripts' folder: "${penstock:bin}/pytest"
GUEST = "${penstock:guest}"  # the folder of penstock.guest
REPORTS = "${penstock:reports}"  # the job's own folder for report files; exists and is empty at the start
WORKSPACE = "${penstock:workspace}"  # the folder the job runs in: the root, or its copy
UV = "${penstock:uv}"  # the uv binary
SELF = "${penstock:self}"  # penstock's own interpreter
NEEDS = "${penstock:needs}"  # the folder that holds the reports of the jobs it needs, one folder a job
BASE = "${penstock:base}"  # a private folder of the job, for the tree of the commit that the change is held against
PINS = "${penstock:pins}"  # the folder of what a plan has pinned: durations and settled splits, by their sha256


def bin_of(dependencies: str) -> str:
    """The token for the scripts' folder of another environment of the job, by the name of its dependency set."""
    return f"${{penstock:bin:{dependencies}}}"


class Command(Value, frozen=True, kw_only=True):
    """One process to start. With `templated`, tokens are replaced wherever they stand in argv and environment values.

    `environment` is added to the allow-list. `stdout`: the name of a report file that gets the standard output (the
    log then gets standard error only); "" = both go to the log. `tool`: the entry of TOOLS that reads what it leaves.
    For linters and type checkers: `listed`, the Python files that the project holds in the paths it is to examine
    (0 = unknown), `excludes`, whether the tool's own configuration leaves some of them out, `package`, the distribution
    that the tool comes in, and `version`, the tool's version where the plan fixes it ("" = left open). `base`: the
    commit whose tree the command is about: what it finds was there before, and is no answer of the job. `layered`: what
    the tool requires goes into the job's environment.
    """

    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    directory: str = ""  # relative to the workspace
    templated: bool = True
    tool: str = ""
    stdout: str = ""
    listed: int = 0
    excludes: bool = False
    package: str = ""
    version: str = ""
    layered: bool = False
    base: str = ""


class Environment(Value, frozen=True, kw_only=True):
    """One virtual environment: an interpreter and a resolved dependency set. Shared by all jobs that name its id."""

    id: str  # "3.12/test"
    python: str  # "3.12"
    dependencies: DependencySet
    resolution: str = ""  # digest of the Resolution


class Shard(Value, frozen=True, kw_only=True):
    """Which part of a leg's tests a job runs: number `index`, from 1, of `count`.

    `pin`: sha256 of the file that the split is made by; `settled`: it is a shard plan, else durations. `predicted_s`:
    seconds of its tests by these durations, None where there are none.
    """

    index: int
    count: int
    pin: str = ""
    settled: bool = False
    predicted_s: float | None = None

    def __str__(self) -> str:
        """`2/4`."""
        return f"{self.index}/{self.count}"


class Job(Value, frozen=True, kw_only=True):
    """One concrete obligation. `id` is `name`, `name@3.12`, `name@3.12,os=x`, with `#2/4` for a shard.

    `blocked_by`: why it cannot run here (a missing interpreter, an unresolved environment); it is then an obligation
    that stays unmet: the run is not verified. `inputs`: glob patterns, () = the tracked tree.
    """

    id: str
    name: str
    kind: JobKind
    stage: str
    commands: tuple[Command, ...]
    needs: tuple[str, ...] = ()
    python: str | None = None
    environment: str | None = None
    extra_environments: tuple[str, ...] = ()  # ids; the tools' own
    variables: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()  # of the outputs: files that it has to write anew
    caches: tuple[CacheFolder, ...] = ()
    workspace: str = "shared"  # "shared" | "copy"
    secrets: tuple[Secret, ...] = ()
    require: tuple[str, ...] = ()  # variables that are handed over from the surroundings, and have to be there
    cpus: int = 1
    memory_bytes: int = 0  # that its processes may use together; 0: not limited
    gpus: int = 0
    timeout_s: float | None = None
    cacheable: bool = True
    required: bool = True  # False: advises only (mode = warn, or a tool the project does not configure)
    mode: Mode = Mode.ERROR
    tolerance: Tolerance | None = None
    test_timeout_s: float | None = None
    quarantine: tuple[Quarantine, ...] = ()  # of the tests that it runs
    blocked_by: str | None = None
    remedy: str | None = None
    expected_tests: int = 0  # guard G2: test functions counted by reading the files
    reasons: tuple[str, ...] = ()
    leg: tuple[tuple[str, str], ...] = ()
    estimate_s: float = 1.0  # predicted seconds, from the plan's timings or the kind's default
    inherits: bool = False  # its processes get the caller's whole environment (`penstock test`), not the allow-list

    shard: Shard | None = None
    limits: tuple[Limit, ...] = ()  # what its measures are held against
    services: tuple[str, ...] = ()  # names of the plan's services that have to be up before its first command

    @property
    def whole(self) -> str:
        """The id without its shard: what all shards of one leg have in common."""
        return self.id.partition("#")[0]

    @property
    def reads_needs(self) -> bool:
        """Whether it reads what the jobs that it needs leave, so that it has to run where they ran."""
        texts = (text for each in self.commands for text in (*each.argv, *(value for _, value in each.environment)))
        return self.kind in _READING or any(NEEDS in text for text in texts)

    @property
    def environments(self) -> tuple[str, ...]:
        """The ids of all that it runs in, its own first."""
        return self.extra_environments if self.environment is None else (self.environment, *self.extra_environments)


_READING = frozenset({JobKind.COVERAGE, JobKind.METRIC})


class Rule(StrEnum):
    """What a pipeline can leave out a job or leg by."""

    PATHS = "paths"  # `when`: this change touches nothing that it is about
    RUNS = "runs"  # `on`, `branches`: it is for other runs, so that its absence says nothing of this change
    MATRIX = "matrix"  # `exclude`


class LeftOut(Value, frozen=True, kw_only=True):
    """A job or leg that is not in the plan. `declared`: left out by a declared rule (path filter, exclude), which can
    be evidence; otherwise by a fact of this machine or by the request. `rule`: which, of declared ones.
    `paths`: where the tests of a job are that a declared rule leaves out; () = not known, or everywhere.
    """

    id: str
    reason: str
    declared: bool = False
    rule: Rule = Rule.PATHS
    kind: JobKind | None = None  # where it is known: a gate over jobs of this kind is then not asked
    paths: tuple[str, ...] = ()


class Scope(StrEnum):
    """How much of the pipeline a plan covers. Only FULL is evidence for the whole."""

    FULL = "full"
    PARTIAL = "partial"


class Plan(Value, frozen=True, kw_only=True):
    """All obligations of one run. `jobs` is in topological order, longest path first. `tree`: digest of the files, the
    configuration and the event; what was run on one tree can be judged together. `of`: digest of the whole plan that
    this one is a shard of, "" if it is none. `command`: whose run it is, "run" or "test"; only the first tells of the
    pipeline. `occasion`: of `pipeline.OCCASIONS`, what it is for. `homes`: job name -> the runner of a CI host's
    configuration that has it, where one was asked for.
    """

    digest: str
    root: str
    scope: Scope
    jobs: tuple[Job, ...]
    environments: tuple[Environment, ...]
    resolutions: tuple[Resolution, ...]
    stages: tuple[Stage, ...]
    gates: tuple[CheckSpec, ...]
    quarantine: tuple[Quarantine, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    decisions: tuple[Decision, ...] = ()
    source: str | None = None
    commit: str | None = None
    tree: str = ""
    of: str = ""
    command: str = "run"
    occasion: str = CHANGE
    homes: Mapping[str, str] = {}
    services: tuple[Service, ...] = ()  # those that jobs name, as this machine can start them

    @property
    def reach(self) -> tuple[str, ...]:
        """What it is evidence for, in words, where that is not the whole pipeline of a change."""
        words = (self.occasion if self.occasion != CHANGE else "", "scope: partial" * (self.scope is Scope.PARTIAL))
        return tuple(filter(None, words))


class CacheState(StrEnum):
    """Whether a job's result is known already."""

    HIT = "hit"
    MISS = "miss"
    OFF = "off"


class Binding(Value, frozen=True, kw_only=True):
    """What only this machine knows of a planned job. `miss`: why there is no hit, in words. `inputs_digest` is compared
    again when the job ends: a result whose inputs changed meanwhile is not stored.
    """

    job: str
    interpreter: str | None = None  # path
    key: str = ""
    key_parts: Mapping[str, str] = {}  # what the key was made of, name -> digest: a miss is explained by it
    inputs_digest: str = ""
    cache: CacheState = CacheState.OFF
    miss: str | None = None
    estimate_s: float = 1.0
