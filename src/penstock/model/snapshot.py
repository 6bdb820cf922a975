"""The facts, read once by `scan`: the tree, git, the interpreters, and what the project configures."""

from collections.abc import Mapping

from penstock.errors import Place
from penstock.model.services import Servers
from penstock.value import Value


class Decision(Value, frozen=True, kw_only=True):
    """One thing that detection settled, so that a person can check it and overrule it.

    `subject`: "tests", "dependencies", "types" …; `choice`: in words; `why`: the rule; `place`: the line it rests on;
    `runner_up`: what would have been chosen next; `setting`: the key of [tool.penstock] that overrules it.
    """

    subject: str
    choice: str
    why: str
    place: Place | None = None
    runner_up: str | None = None
    setting: str | None = None


class Interpreter(Value, frozen=True, kw_only=True):
    """One Python on this machine. `minor` is how users name it: "3.12", "3.13t", "pypy3.10".

    `identity` changes when the interpreter does (path, size and mtime of the binary, version, ABI tag).
    """

    minor: str
    version: str  # "3.12.1"
    path: str
    source: str  # "PATH" | "uv" | "pyenv" | "asdf" | "mise" | "system" | "running"
    implementation: str = "cpython"
    abi: str = ""  # "cp312"
    identity: str = ""


class Git(Value, frozen=True, kw_only=True):
    """The checkout. `state`: "none" (no repository), "unborn", "branch", "detached".

    `touched`: Python files that the working tree adds or edits, and folders ("new/") that are new as a whole. `note`:
    why a repository that seems to be there is not used ("" = nothing to say).
    """

    state: str
    commit: str | None = None
    branch: str | None = None
    shallow: bool = False
    dirty: bool = False
    touched: tuple[str, ...] = ()
    empty_submodules: tuple[str, ...] = ()
    note: str = ""


class Lock(Value, frozen=True, kw_only=True):
    """A lock file of the project: `kind` is "uv", "poetry", "pdm" or "pylock"."""

    kind: str
    path: str


class DependencySet(Value, frozen=True, kw_only=True):
    """What an environment holds, before versions are chosen. `name` is unique in a plan ("test", "types", "ruff").

    `install_project`: the project's own package goes in, too. `requirements` are PEP 508 lines; `files` are
    requirement files, `constraints` constraint files, relative to the root. `fallbacks`: declared places that the
    import closure may draw from after the install (rule I8), as (distribution's requirement line, where declared).
    `without_build`: packages only, no project (a tool's own environment). `tentative`: extras that go in, too, if there
    are versions with them (nothing says what the tests need, so they may need all that the project can use).
    `otherwise`: lines that go in only where nothing else of the set names their distribution (a tool that runs in it).
    """

    name: str
    install_project: bool = True
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    tentative: tuple[str, ...] = ()
    lock: Lock | None = None
    fallbacks: tuple[tuple[str, str], ...] = ()
    unfetchable: tuple[
        str, ...
    ] = ()  # requirements left out because they cannot be had here; makes the run not verified

    @property
    def of_project(self) -> bool:
        """Whether the project, or what it declares, goes in; a tool's own set is made of the tool's requirements."""
        return bool(self.install_project or self.extras or self.groups or self.files)


class Suite(Value, frozen=True, kw_only=True):
    """One way to run the project's tests, as one of its own files says or as found.

    `runner`: "pytest", "unittest" or "command" (an own runner: `argv` follows the interpreter, e.g. -m pkg.test).
    `counted`: test functions counted by reading the files (for guard G2), 0 = unknown.
    `strip`: options of the project's own addopts that penstock overrides (-n, --cov …), told to the user.
    """

    runner: str
    argv: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    dependencies: str = "test"  # name of the DependencySet
    counted: int = 0
    as_module: bool = False  # `python -m pytest` instead of `pytest` (puts the working directory on sys.path)
    interpreter: tuple[str, ...] = ()  # options of Python itself that the own command has: -b, -X dev, -W error
    no_capture: bool = False
    strip: tuple[str, ...] = ()
    directory: str = ""  # where the own command runs, relative to the root, as `argv` and `paths` are
    place: Place | None = None


class ToolUse(Value, frozen=True, kw_only=True):
    """A linter, formatter or type checker of the project. `blocking`: the project configures it; else it advises.

    `version`: a PEP 440 specifier ("==0.4.4") or "" for penstock's own pin. `dependencies`: the DependencySet it
    needs beside it (type checkers), None = an environment of its own. `provided`: that set brings the tool itself.
    `excludes`: what its configuration leaves out, as it says so (patterns, "" for something that is no list of them).
    `silenced`: expressions for paths of modules whose errors it is told to ignore. `unknown`: keys of its configuration
    that the tool would pass over without a word.
    """

    tool: str
    version: str = ""
    args: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()  # further requirements (flake8 plugins, mypy stubs)
    blocking: bool = True
    dependencies: str | None = None
    provided: bool = False
    place: Place | None = None
    excludes: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class CoverageUse(Value, frozen=True, kw_only=True):
    """The project's coverage settings that matter to us. `source`: packages or paths; `config`: its file.

    `enforced`: its own test command measures, and so holds `fail_under`.
    """

    source: tuple[str, ...] = ()
    branch: bool = False
    config: str | None = None
    fail_under: float | None = None
    enforced: bool = False
    place: Place | None = None


class Package(Value, frozen=True, kw_only=True):
    """An import package or module of the project: its top-level name and where its source lies (relative)."""

    name: str
    path: str


class Project(Value, frozen=True, kw_only=True):
    """What detection found out about the project."""

    name: str
    backend: str | None = None  # "setuptools.build_meta", None = no backend: dependencies only, root on the path
    native: bool = False
    layout: str = "flat"  # "src" | "flat" | "lib" | "module" | "none"
    packages: tuple[Package, ...] = ()
    requires_python: str = ""
    declared_pythons: tuple[str, ...] = ()  # minors that requires-python and the classifiers allow
    suites: tuple[Suite, ...] = ()
    dependency_sets: tuple[DependencySet, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    coverage: CoverageUse | None = None
    unmeasured: CoverageUse | None = None  # the settings where nothing shows that it measures: for who asks for it
    released: bool = False  # an unpacked source distribution: a release, not the project's own tree
    static_metadata: bool = True  # False: dependencies are known only after the backend has been asked
    decisions: tuple[Decision, ...] = ()


class Platform(Value, frozen=True, kw_only=True):
    """This machine. `cpus`: what the process may use (affinity and cgroup quota); memory in bytes. `gpus`: the devices
    by which CUDA_VISIBLE_DEVICES knows them; None where nobody has looked.
    """

    system: str
    machine: str
    cpus: int
    memory_bytes: int
    gpus: tuple[str, ...] | None = None

    @property
    def tag(self) -> str:
        """`linux-x86_64`."""
        return f"{self.system}-{self.machine}"


class Resolution(Value, frozen=True, kw_only=True):
    """A dependency set with its versions chosen, for every planned interpreter at once.

    `requirements`: the pinned lines, as `uv pip install -r` reads them. `problem`: why there is none (then the jobs
    that need it are errored: 3), with the remedy. `blocked`: interpreters for which there is none though there is one
    for others, (minor, why). `unfetchable`: requirements that cannot be had here and were left out, with the reason: a
    run without them is not verified (rule I10). `notes`: what else a person should know of it.
    """

    dependencies: str
    digest: str
    requirements: str = ""
    problem: str | None = None
    remedy: str | None = None
    newest_allowed: str | None = None  # --exclude-newer, where it was used
    blocked: tuple[tuple[str, str], ...] = ()
    unfetchable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Timings(Value, frozen=True, kw_only=True):
    """Predicted seconds from earlier runs. Unknown jobs are estimated by their kind."""

    jobs: Mapping[str, float] = {}
    digest: str = ""


class Base(Value, frozen=True, kw_only=True):
    """What the tree is compared with. `commit`: the merge base with `branch`. Without one, either `absent` says why
    there is none (no repository), or `unknown` why nobody can tell (it was not fetched), with the remedy.
    """

    commit: str = ""
    branch: str = ""
    absent: str = ""
    unknown: str = ""
    remedy: str | None = None


class Engine(Value, frozen=True, kw_only=True):
    """The container engine of this machine: one that answers, not one whose client is installed.

    `program`: its path, "" where none answers; then `deaf` says why the one that is installed does not, "" if none is.
    """

    program: str = ""
    name: str = ""  # "docker" | "podman"
    deaf: str = ""


class Held(Value, frozen=True, kw_only=True):
    """What the baseline of a ratchet says of itself. `versions`: (tool's package, version) by which its findings were
    found. `commit`: whose tree shows what another version finds in the code before the change; "" where that is not
    known.
    """

    versions: tuple[tuple[str, str], ...] = ()
    commit: str = ""


class Snapshot(Value, frozen=True, kw_only=True):
    """Everything planning may know of the world. `files`: path relative to the root -> content digest ("x" mode and
    link target included). `looked_in`: where interpreters were searched, for the message about a missing one.
    """

    root: str
    files: Mapping[str, str]
    git: Git
    interpreters: tuple[Interpreter, ...]
    looked_in: tuple[str, ...]
    platform: Platform
    project: Project
    changed: tuple[str, ...] | None = None  # against the base of the event; None = unknown
    base: Base | None = None  # None: nothing compares with it, so nobody asked
    servers: Servers | None = None  # None: no job names a service, so nobody asked
    engine: Engine | None = None  # None: no job asks for one, so nobody looked
    held: Held | None = None  # None: nothing is held against a baseline
    against: str = ""  # the commit that the base branch of the change at hand is at, as far as git knows
    edited: tuple[str, ...] = ()  # Python files that the change at hand adds or edits, as far as git knows
