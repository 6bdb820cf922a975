"""Zero configuration: the jobs that a project's own files ask for."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.model.pipeline import JobKind, JobSpec, Mode
from penstock.model.snapshot import Project, Suite, ToolUse
from penstock.plan.wanted import Wanted, is_type_checker, kind_of


def detected(project: Project, absent: Sequence[str] = ()) -> tuple[Wanted, ...]:
    """Linters, type checkers, test suites, coverage, package build: what is there, and nothing else.

    Tools that the project holds itself to block, the others advise (mode = warn). A project without tests gets a job
    that cannot run, because a run without tests is not verified. `absent`: supported Pythons that are not here.
    """
    tests = _tests(project)
    return (
        *_lint(project),
        *_types(project),
        *_measuring(project),
        *tests,
        *_coverage(project, tests, absent),
        *_build(project),
    )


def _lint(project: Project) -> tuple[Wanted, ...]:
    linters = tuple(use for use in project.tools if kind_of(use) is JobKind.LINT)
    blocking = tuple(use for use in linters if use.blocking)
    advising = tuple(use for use in linters if not use.blocking)
    both = bool(blocking and advising)
    return tuple(
        _of_tools(name, JobKind.LINT, uses)
        for name, uses in (("lint", blocking), ("lint-advice" if both else "lint", advising))
        if uses
    )


def _types(project: Project) -> tuple[Wanted, ...]:
    checkers = tuple(use for use in project.tools if is_type_checker(use))
    alone = len(checkers) == 1
    return tuple(_of_tools("types" if alone else f"types-{use.tool}", JobKind.TYPES, (use,)) for use in checkers)


def _measuring(project: Project) -> tuple[Wanted, ...]:
    """What the project has for complexity and security."""
    kinds = (JobKind.COMPLEXITY, JobKind.SECURITY)
    own = tuple((kind, use) for kind in kinds for use in project.tools if kind_of(use) is kind)
    return tuple(_of_tools(kind.value, kind, (use,)) for kind, use in own)


def _of_tools(name: str, kind: JobKind, uses: tuple[ToolUse, ...]) -> Wanted:
    blocking = uses[0].blocking
    whence = {f"{use.tool}: {use.place}" if use.place else use.tool for use in uses}
    verb = "configured by the project" if blocking else "advises only, the project does not hold itself to it"
    spec = JobSpec(name=name, kind=kind, mode=Mode.ERROR if blocking else Mode.WARN)
    return Wanted(spec=spec, uses=uses, reasons=(f"{verb} ({', '.join(sorted(whence))})",))


def _tests(project: Project) -> tuple[Wanted, ...]:
    if not project.suites:
        spec = JobSpec(name="unit", kind=JobKind.TEST)
        remedy = 'say where they are: [tool.penstock.jobs] unit = { test = "tests" }'
        return (Wanted(spec=spec, blocked_by="no tests were found", remedy=remedy),)
    wanted: list[Wanted] = []
    names: set[str] = set()
    for suite in project.suites:
        name = _free(_suite_name(suite) if names else "unit", names)
        names.add(name)
        spec = JobSpec(name=name, kind=JobKind.TEST, python=("*",), paths=suite.paths)
        whence = f"{suite.runner} tests, {suite.place}" if suite.place else f"{suite.runner} tests"
        wanted.append(Wanted(spec=spec, suite=suite, reasons=(f"detected: {whence}",)))
    return tuple(wanted)


def _suite_name(suite: Suite) -> str:
    """`tests/integration` -> integration; a suite at the root or in `tests` goes by its runner."""
    last = suite.paths[0].rstrip("/").rpartition("/")[2].removesuffix(".py") if len(suite.paths) == 1 else ""
    usable = last.replace("-", "").replace("_", "").isalnum()
    return last if usable and last not in ("tests", "test") else suite.runner


def _free(name: str, taken: set[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate


def _coverage(project: Project, tests: tuple[Wanted, ...], absent: Sequence[str]) -> tuple[Wanted, ...]:
    """It blocks only where the project's own test command holds the limit, and all that it is held over can run here.

    Other limits are held over more than one environment, by jobs that we do not see.
    """
    found = project.coverage
    if found is None:
        return ()
    doubt = ""
    if found.fail_under is None:
        doubt = "advises: no limit is set"
    elif not found.enforced:
        doubt = "advises: its own test command does not hold the limit"
    elif absent:
        doubt = f"advises: not measured on {', '.join(absent)}, which is not on this machine"
    needs = tuple(job.spec.name for job in tests)
    spec = JobSpec(name="coverage", kind=JobKind.COVERAGE, needs=needs, mode=Mode.WARN if doubt else Mode.ERROR)
    whence = f" ({found.place})" if found.place else ""
    reasons = (f"the project configures coverage{whence}", *([doubt] if doubt else []))
    return (Wanted(spec=spec, reasons=reasons),)


def _build(project: Project) -> tuple[Wanted, ...]:
    if project.backend is None:
        return ()
    return (Wanted(spec=JobSpec(name="build", kind=JobKind.BUILD), reasons=(f"build backend {project.backend}",)),)
