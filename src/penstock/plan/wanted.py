"""Each wanted job together with what detection knows of it: its suite, its tools."""

from __future__ import annotations

import re

from msgspec.structs import replace

from penstock.model.pipeline import JobKind, JobSpec, Mode, Pipeline, kind_of_gate
from penstock.model.snapshot import Project, Suite, ToolUse
from penstock.value import Value

TYPE_CHECKERS = frozenset({"mypy", "pyright", "basedpyright", "ty", "pyrefly", "pyre"})

# What `lint = true` and `types = true` mean in a project that configures nothing of the kind (DESIGN.md, 1.1).
DEFAULT_LINTERS = ("ruff", "ruff-format")
DEFAULT_TYPE_CHECKERS = ("mypy",)
# What measures, and leaves it to a gate how much is too much. A gate that is declared brings its job.
MEASURES = {JobKind.COMPLEXITY: "ruff-complexity", JobKind.SECURITY: "ruff-security", JobKind.API: "griffe"}
_COUNTS = "annotations"
MEASURING = {"bandit": JobKind.SECURITY, "radon": JobKind.COMPLEXITY}  # tools of their own for the same
# What has a tool of its own, whatever the project configures.
_OWN_TOOLS = {
    JobKind.AUDIT: "uv-audit",
    JobKind.SECRETS: "detect-secrets",
    JobKind.DEPENDENCIES: "deptry",
    JobKind.FRESHNESS: "uv-outdated",
    JobKind.LICENSES: "licenses",
}
_PROVIDED = frozenset({JobKind.AUDIT, JobKind.FRESHNESS, JobKind.LICENSES})  # nothing is installed for them
_TESTS = "test"  # the name of the tests' dependency set

# The options by which pytest picks tests.
_PICKING = frozenset({"-m", "-k", "--ignore", "--ignore-glob", "--deselect"})
_PICKING_SHORT = re.compile(r"-[mk][^-]")  # -mslow


class Wanted(Value, frozen=True, kw_only=True):
    """A job spec made complete. `suite` for tests; `uses` for linters and type checkers, in order.

    `blocked_by`: why it cannot be run anywhere, as in `model.plan.Job`. `absent`: why there is nothing for it to do.
    """

    spec: JobSpec
    suite: Suite | None = None
    uses: tuple[ToolUse, ...] = ()
    blocked_by: str | None = None
    remedy: str | None = None
    absent: str = ""
    reasons: tuple[str, ...] = ()


def declared(pipeline: Pipeline, project: Project, here: tuple[JobSpec, ...] | None = None) -> tuple[Wanted, ...]:
    """The declared jobs; a gate that is declared without the job that answers it brings that job.

    `here`: those that the run at hand is for, None = all. Coverage merges what they measure, and calls for no other.
    """
    specs = pipeline.jobs or ()
    here = specs if here is None else here
    wanted = [_complete(spec, specs, project, here) for spec in specs]
    return (*wanted, *implied(pipeline, specs, project, here))


def implied(
    pipeline: Pipeline, specs: tuple[JobSpec, ...], project: Project, here: tuple[JobSpec, ...] | None = None
) -> tuple[Wanted, ...]:
    """The jobs that declared gates bring, where none of `specs` is of their kind. `here`: as in `declared`."""
    taken = {spec.name for spec in specs}
    there = {spec.kind for spec in specs}
    brought = []
    for gate in pipeline.gates:
        kind = kind_of_gate(gate.name)
        if kind is not None and kind not in _NOT_BROUGHT | there and gate.name not in taken:
            tool = "radon" if gate.name == "complexity" and dict(gate.limits).get("index") else None
            brings = JobSpec(name=gate.name, kind=kind, tool=tool)
            made = _complete(brings, specs, project, specs if here is None else here)
            brought.append(replace(made, reasons=(f"the {gate.name} gate asks for it",)))
    return tuple(brought)


# What a project has or has not, whatever a gate says.
_NOT_BROUGHT = frozenset({JobKind.TEST, JobKind.LINT, JobKind.TYPES, JobKind.BUILD})


def advised(job: Wanted, pipeline: Pipeline) -> Wanted:
    """The job, as advice where its kind is nothing else: freshness, and licences of which none is allowed or denied."""
    asks = {option for gate in pipeline.gates if gate.name == "licenses" for option, text in gate.options if text}
    advice = {JobKind.FRESHNESS} if asks & {"allow", "deny"} else {JobKind.FRESHNESS, JobKind.LICENSES}
    return replace(job, spec=replace(job.spec, mode=Mode.WARN)) if job.spec.kind in advice else job


def is_type_checker(use: ToolUse) -> bool:
    """Whether it goes into a `types` job."""
    return use.tool in TYPE_CHECKERS


def kind_of(use: ToolUse) -> JobKind:
    """The kind of job that a tool of a project goes into: what neither measures nor checks types is a linter."""
    return JobKind.TYPES if is_type_checker(use) else MEASURING.get(use.tool, JobKind.LINT)


def _complete(spec: JobSpec, specs: tuple[JobSpec, ...], project: Project, here: tuple[JobSpec, ...]) -> Wanted:
    reasons = (f"declared at {spec.place}" if spec.place else "declared",)
    if spec.kind is JobKind.TEST:
        return Wanted(spec=spec, suite=_suite(spec, project), reasons=reasons)
    if spec.kind.examines:
        return Wanted(spec=spec, uses=_uses(spec, project), reasons=reasons)
    if spec.kind is JobKind.COVERAGE:
        needs = spec.needs or tuple(
            sorted(other.name for other in here if other.kind is JobKind.TEST or other.measured)
        )
        measured = tuple(
            replace(each, job=other.name) for other in specs if other.name in needs for each in other.measured
        )
        return Wanted(spec=replace(spec, needs=needs, measured=measured), reasons=reasons)
    return Wanted(spec=spec, reasons=reasons)


def _uses(spec: JobSpec, project: Project) -> tuple[ToolUse, ...]:
    """The tool that the spec names; else those that the project configures; else those that advise; else defaults.

    What measures by ruff's rules takes the project's own ruff.
    """
    if spec.kind is JobKind.API:
        return (ToolUse(tool=MEASURES[spec.kind]),)
    if spec.kind is JobKind.ANNOTATIONS:
        return (ToolUse(tool=_COUNTS),)
    if spec.kind in MEASURES:
        return (_measuring(spec, project),)
    if spec.kind in _OWN_TOOLS:
        return (_own(spec, project),)
    types = spec.kind is JobKind.TYPES
    if spec.tool:
        named = tuple(use for use in project.tools if use.tool in (spec.tool, f"{spec.tool}-format"))
        return named or (ToolUse(tool=spec.tool),)
    known = tuple(use for use in project.tools if kind_of(use) is spec.kind)
    defaults = DEFAULT_TYPE_CHECKERS if types else DEFAULT_LINTERS
    return tuple(use for use in known if use.blocking) or known or tuple(ToolUse(tool=tool) for tool in defaults)


def _own(spec: JobSpec, project: Project) -> ToolUse:
    """The one tool of a kind, in the version that the project pins, and where it has to stand to see what it asks for.

    uv reads a uv.lock by itself; without one, what is audited is what the tests' environment holds.
    """
    tool = spec.tool or _OWN_TOOLS[spec.kind]
    version = next((use.version for use in project.tools if use.tool == tool), "")
    if spec.kind is JobKind.SECRETS or (tool == "uv-audit" and locked(project)):
        return ToolUse(tool=tool, version=version)
    return ToolUse(tool=tool, version=version, dependencies=_TESTS, provided=spec.kind in _PROVIDED)


def locked(project: Project) -> bool:
    """Whether the project has a uv.lock."""
    return any(one.lock is not None and one.lock.kind == "uv" for one in project.dependency_sets)


def _measuring(spec: JobSpec, project: Project) -> ToolUse:
    """What measures: the tool that the spec names, else the one that the project has for it, else ruff's rules."""
    own = next((use for use in project.tools if kind_of(use) is spec.kind and spec.tool in (None, use.tool)), None)
    if own is not None and (own.blocking or spec.tool):
        return own
    if spec.tool in MEASURING:
        return ToolUse(tool=spec.tool)
    ruff = next((use for use in project.tools if use.tool == "ruff"), ToolUse(tool="ruff"))
    return ToolUse(tool=MEASURES[spec.kind], version=ruff.version, excludes=ruff.excludes)


def _suite(spec: JobSpec, project: Project) -> Suite:
    """The detected suite that fits best, with the declared paths instead of its own.

    How it is called is taken from the suite; what of the paths runs is said by the declaration alone, or a declared
    `test = "tests"` could come out green for the part that some command of the project happens to pick.
    """
    fitting = [suite for suite in project.suites if spec.runner in (None, suite.runner)]
    if spec.paths and spec.runner is None:  # a project's own runner takes no paths
        fitting = [suite for suite in fitting if suite.runner != "command"]
    if not fitting:
        return Suite(runner=spec.runner or "pytest", paths=spec.paths)
    if not spec.paths:
        return fitting[0]
    best = next((suite for suite in fitting if set(suite.paths) & set(spec.paths)), fitting[0])
    if best.runner == "pytest":
        best = replace(best, argv=split(best.argv)[0])
    return best if best.paths == spec.paths else replace(best, paths=spec.paths, counted=0)


def split(argv: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The options of a pytest command in two: how the tests are run, and which of them."""
    how: list[str] = []
    which: list[str] = []
    words = iter(argv)
    for word in words:
        option, equals, _ = word.partition("=")
        if option in _PICKING:
            which += [word] if equals else [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            (which if _PICKING_SHORT.match(word) else how).append(word)
    return tuple(how), tuple(which)
