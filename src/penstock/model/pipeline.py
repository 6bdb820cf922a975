"""What the user declared: `[tool.penstock]` as values. *Spec* = declared; the bare noun (Job, in plan) = concrete."""

from enum import StrEnum

from penstock.errors import Place
from penstock.model.circleci import CircleCI
from penstock.model.hosts import SYSTEM, GitHub
from penstock.model.services import ServiceSpec
from penstock.value import Value


class Mode(StrEnum):
    """What a gate's failure does: block, be told, or block only what is new against a baseline."""

    ERROR = "error"
    WARN = "warn"
    RATCHET = "ratchet"


class JobKind(StrEnum):
    """What a job is made of. One kind = one way to make commands (see `tools`)."""

    LINT = "lint"  # the project's linters and formatters
    TYPES = "types"  # the project's type checkers
    TEST = "test"  # a test suite, recorded test by test
    COVERAGE = "coverage"  # merges what the test jobs measured
    BUILD = "build"  # sdist + wheel + metadata check
    RUN = "run"  # any command
    COMPLEXITY = "complexity"  # measures each function
    SECURITY = "security"  # looks for what an attacker could use
    AUDIT = "audit"  # asks a database for known vulnerabilities of the dependencies
    SECRETS = "secrets"  # looks for passwords, keys and tokens in the tree
    DEPENDENCIES = "dependencies"  # holds what is imported against what is declared
    ANNOTATIONS = "annotations"  # counts the functions that a type checker checks
    FRESHNESS = "freshness"  # asks the index for newer releases of the direct dependencies
    LICENSES = "licenses"  # lists the licences of what is installed
    API = "api"  # compares the public interface with the base's
    METRIC = "metric"  # reads a number from a file that another job leaves
    SCRIPTS = "scripts"  # tries scripts: syntax, import, --help, arguments
    EXAMPLES = "examples"  # runs examples, notebooks, code blocks of Markdown
    IMAGE = "image"  # builds a container image and asks it whether it is healthy
    HTTP = "http"  # starts a service, asks it, and measures it under load
    MODEL = "model"  # loads a model and measures its inference

    @property
    def examines(self) -> bool:
        """Whether its tools only read the files: no code of the project runs."""
        return self in _EXAMINING


_EXAMINING = frozenset(
    {JobKind.LINT, JobKind.TYPES, JobKind.COMPLEXITY, JobKind.SECURITY, JobKind.API}
    | {JobKind.AUDIT, JobKind.SECRETS, JobKind.DEPENDENCIES, JobKind.ANNOTATIONS}
    | {JobKind.FRESHNESS, JobKind.LICENSES}
)


def kind_of_gate(name: str) -> JobKind | None:
    """The kind of the jobs that answer a gate; None for one over something else (the pull request, the budgets)."""
    return _OF_GATES.get(name)


# Kinds that a job has by a key of its own (`metric = { … }`): each is one file in load/kinds, tools and guest. What
# they measure is held against the job's own limits, and no gate beside.
SPECIAL = (JobKind.METRIC, JobKind.SCRIPTS, JobKind.EXAMPLES, JobKind.IMAGE, JobKind.HTTP, JobKind.MODEL)
# Those of them that run the project's own code, in its environment: they take the keys that `run` jobs take for it.
RUNNING = (JobKind.SCRIPTS, JobKind.EXAMPLES, JobKind.HTTP, JobKind.MODEL)
# Their answers change while nothing here does (a metric is of what was measured just now, an image of what its base is
# today), so none is ever kept.
OF_THE_DAY = frozenset({JobKind.AUDIT, JobKind.FRESHNESS, JobKind.METRIC, JobKind.IMAGE})
# They write where they run: backends into the tree, scripts and examples wherever they are written to.
IN_A_COPY = frozenset({JobKind.BUILD, JobKind.SCRIPTS, JobKind.EXAMPLES, JobKind.IMAGE})
_OF_GATES = {kind.value: kind for kind in JobKind if kind not in (JobKind.RUN, *SPECIAL)}
_OF_GATES |= {"tests": JobKind.TEST, "package": JobKind.BUILD}


# What a run may be for: a proposed or pushed change (and any run by hand), the night, a release.
CHANGE, NIGHTLY, RELEASE = "change", "nightly", "release"
OCCASIONS = (CHANGE, NIGHTLY, RELEASE)


class Stage(Value, frozen=True, kw_only=True):
    """A named part of the pipeline. No barrier: order breaks ties; the budget counts from the run's start."""

    name: str
    budget_s: float | None = None


class Tolerance(Value, frozen=True, kw_only=True):
    """A declared permission to fail: listed in every verdict, void after `until` (ISO date)."""

    reason: str
    until: str


class Quarantine(Value, frozen=True, kw_only=True):
    """A declared permission for tests to fail: they run and are shown, and do not block. Void after `until` (ISO date).

    `test`: a test's id, with or without its parameters, or a pattern in which `*` and `?` stand for other characters.
    """

    test: str
    owner: str
    reason: str
    until: str
    place: Place | None = None

    def covers(self, test: str) -> bool:
        """Whether a test's id is meant."""
        from penstock.guest.penstock_retry import covers

        return covers(self.test, test)


class CacheFolder(Value, frozen=True, kw_only=True):
    """A folder that a job's own programs keep from run to run. No part of its inputs, and so of no key.

    `path`: relative to the project's root, from `~/`, or absolute. `penstock clean` prunes it where `max_bytes` or
    `max_age_s` is declared, and never touches it otherwise.
    """

    path: str
    max_bytes: int | None = None
    max_age_s: float | None = None

    def __str__(self) -> str:
        """Its path."""
        return self.path


class Measured(Value, frozen=True, kw_only=True):
    """A file with coverage that a job's own command measures and writes. `file`: relative to the project's root.

    `job`: who writes it, where that is not the one that says so.
    """

    file: str
    flag: str
    job: str = ""


class Limit(Value, frozen=True, kw_only=True):
    """What a number that a job measures may be, at least and at most, in the measure's own unit.

    `key`: where it is declared in the job's table (`http.p95`); `unit`: "s", "B" (bytes), "/s", "%" or "" (a plain
    number); `advises`: to miss it is told, and blocks nothing.
    """

    measure: str
    key: str
    least: float | None = None
    most: float | None = None
    unit: str = ""
    advises: bool = False


Option = str | int | float | bool | tuple[str | tuple[str, str], ...]


class Secret(Value, frozen=True, kw_only=True):
    """A variable whose value nobody may see: only its name is ever kept. `file`: where the value is read where the
    variable is not set, relative to the project's root, from `~/`, or absolute.
    """

    name: str
    required: bool = True
    file: str = ""


class JobSpec(Value, frozen=True, kw_only=True):
    """One declared job. Keys that do not fit the kind are refused by `load`, so they are empty here.

    `python`: () = the pipeline's newest interpreter only, ("*",) = all of the pipeline's, else the ones named.
    `matrix`: axis name -> values, crossed with `python`; `include` adds legs, `exclude` removes those it matches.
    `systems`: the values of its axis `system`, each of which asks for a machine of that system.
    `run`: argv, or one string for `bash -eo pipefail -c` if `shell`. `options` and `limits`: what the key of a special
    kind says, by the names of its table.
    """

    name: str
    kind: JobKind
    place: Place | None = None
    stage: str | None = None
    needs: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    matrix: tuple[tuple[str, tuple[str, ...]], ...] = ()
    systems: tuple[str, ...] = ()
    include: tuple[tuple[tuple[str, str], ...], ...] = ()
    exclude: tuple[tuple[tuple[str, str], ...], ...] = ()
    paths: tuple[str, ...] = ()
    marker: str | None = None  # pytest -m
    keyword: str | None = None  # pytest -k
    args: tuple[str, ...] = ()  # handed to the job's tool as they are
    runner: str | None = None  # "pytest" | "unittest" | None = detected
    tool: str | None = None
    database: str | None = None  # the root address of a service that speaks OSV's API; None = the tool's own
    run: tuple[str, ...] = ()
    shell: bool = False
    extras: tuple[str, ...] | None = None  # None = detected
    groups: tuple[str, ...] | None = None
    requirements: tuple[str, ...] | None = None  # PEP 508 lines or "-r file"
    environment: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str, ...] = ()  # () = undeclared: the tracked tree
    outputs: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()  # what the job leaves; of a coverage job, what it reads beside the tests' data
    caches: tuple[CacheFolder, ...] = ()
    services: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    require: tuple[str, ...] = ()  # variables of the surroundings, which are no secrets
    workspace: str | None = None  # "copy": the job runs in a copy of the tree
    cpus: int = 1
    memory_bytes: int = 0  # 0: as much as it takes
    gpus: int = 0
    timeout_s: float | None = None
    test_timeout_s: float | None = None
    cache: bool | None = None  # None = as the kind of job has it; with services or secrets it is not kept
    mode: Mode = Mode.ERROR
    tolerance: Tolerance | None = None
    on: tuple[str, ...] = ()  # of OCCASIONS; () = as `occasions` has it
    branches: tuple[str, ...] = ()  # patterns: the job is wanted on a branch that fits one; () = always
    when: tuple[str, ...] = ()  # path filters: the job is wanted when a changed file matches; () = always
    retries: int | None = None  # None = "auto"
    shards: int | None = None  # over how many jobs its tests are spread; 0 = "auto"
    target_s: float | None = None  # how long one shard should take
    options: tuple[tuple[str, Option], ...] = ()
    limits: tuple[Limit, ...] = ()

    @property
    def occasions(self) -> tuple[str, ...]:
        """What it is wanted for: without a word, all but a release, which takes what builds packages."""
        return self.on or (OCCASIONS if self.kind is JobKind.BUILD else (CHANGE, NIGHTLY))

    @property
    def axes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Those of the matrix, and the operating systems as one more."""
        return (*self.matrix, (SYSTEM, self.systems)) if self.systems else self.matrix

    def option(self, name: str, default: Option = "") -> Option:
        """What the key of a special kind says by this name."""
        return dict(self.options).get(name, default)

    def option_words(self, name: str) -> tuple[str, ...]:
        """The option, as the list of texts that it is."""
        found = self.option(name, ())
        return tuple(word for word in found if isinstance(word, str)) if isinstance(found, tuple) else ()

    def option_pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """The option, as the table of texts that it is."""
        found = self.option(name, ())
        return tuple(pair for pair in found if not isinstance(pair, str)) if isinstance(found, tuple) else ()


class Ignored(Value, frozen=True, kw_only=True):
    """A declared permission for one kind of finding. Void after `until` (ISO date).

    `id`: the rule's name, in any of its spellings (`S101` is `B101`); `paths`: patterns, () = everywhere.
    """

    id: str
    reason: str
    until: str
    paths: tuple[str, ...] = ()


class CheckSpec(Value, frozen=True, kw_only=True):
    """One declared gate. `limits`: the numbers it holds evidence against (percent as 80.0, counts as numbers)."""

    name: str
    mode: Mode = Mode.ERROR
    limits: tuple[tuple[str, float], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    ignored: tuple[Ignored, ...] = ()
    place: Place | None = None


class Notify(Value, frozen=True, kw_only=True):
    """Whom to tell of protected runs. `webhook`: the variable that holds its address, which is a secret; `on`: what to
    tell of, "failure" and "recovery".
    """

    webhook: str
    on: tuple[str, ...] = ("failure", "recovery")


class Deployment(Value, frozen=True, kw_only=True):
    """One place where what was verified is put. `run`, `rollback`: argv.

    `health`: ("http", ADDRESS) or ("command", ARGUMENT, …); asked until it is healthy, for `health_timeout_s`. `after`:
    deployments of the same commit that have to be healthy before. `approval`: somebody has to agree, on the host.
    `branches`: patterns as in `providers.context`. `timeout_s`: of `run`, and of `rollback`.
    """

    name: str
    run: tuple[str, ...]
    health: tuple[str, ...]
    rollback: tuple[str, ...] = ()
    health_timeout_s: float = 120.0
    timeout_s: float = 1800.0
    after: tuple[str, ...] = ()
    approval: bool = False
    branches: tuple[str, ...] = ("main",)
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    require: tuple[str, ...] = ()


class Pipeline(Value, frozen=True, kw_only=True):
    """The whole declaration. `jobs` is None where nothing was declared: then the plan takes what scan detected."""

    source: str | None = None  # "pyproject.toml", "penstock.toml" or None
    python: tuple[str, ...] | None = None  # None: not declared
    stages: tuple[Stage, ...] = ()
    jobs: tuple[JobSpec, ...] | None = None
    gates: tuple[CheckSpec, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    quarantine: tuple[Quarantine, ...] = ()
    notify: Notify | None = None
    services: tuple[ServiceSpec, ...] = ()
    github: GitHub | None = None
    circleci: CircleCI | None = None
    deployments: tuple[Deployment, ...] = ()
    digest: str = ""  # of the declaring tables
