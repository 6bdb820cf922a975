"""Which environments a job runs in: the fewest that serve it, one per Python and dependency set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from penstock.model import plan
from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.plan import Command, Environment, bin_of
from penstock.model.snapshot import DependencySet, Project, ToolUse
from penstock.plan.wanted import Wanted
from penstock.ports import Tool
from penstock.util.digest import of_parts

_OTHER_BIN = re.compile(r"\$\{penstock:bin:([^}]+)\}")
_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def set_for_tests(wanted: Wanted, project: Project) -> DependencySet:
    """The set that the suite names, changed by what the job declares."""
    named = wanted.suite.dependencies if wanted.suite else "test"
    return changed_set(_detected(named, project), wanted.spec)


def set_for_command(wanted: Wanted, project: Project) -> DependencySet:
    """The test set; or the project with nothing but what the job declares."""
    spec, tests = wanted.spec, _detected("test", project)
    if (spec.extras, spec.groups, spec.requirements) == (None, None, None):
        return tests
    bare = replace(tests, name="project", extras=(), tentative=(), groups=(), requirements=(), files=(), fallbacks=())
    return changed_set(bare, spec)


def set_around_tools(
    inside: tuple[ToolUse, ...], spec: JobSpec, project: Project, tools: Mapping[str, Tool]
) -> DependencySet:
    """The project's dependencies that the tools want around them, and in it the tools that those do not bring."""
    named = next((use.dependencies for use in inside if use.dependencies is not None), "project")
    base = changed_set(_detected(named, project), spec)
    added = tuple(
        use
        for use in inside
        if not (use.provided and use.dependencies == named)
        and not _names(base.requirements, tool_distribution(use, tools))
    )
    if not added:
        return base
    pins = _ordered([line for use in added for line in tool_requirements(use, tools)])
    own = "+".join(dict.fromkeys(tool_distribution(use, tools) for use in added))
    return replace(base, name=f"{base.name}+{own}", otherwise=pins)


def with_tool(base: DependencySet, name: str, tools: Mapping[str, Tool]) -> DependencySet:
    """The set, and in it what the tool requires where the set does not name it itself."""
    pins = _ordered((*base.otherwise, *tools[name].requirement.splitlines()))
    return replace(base, name=f"{base.name}+{name}", otherwise=pins)


def set_of_tool(
    name: str, uses: tuple[ToolUse, ...], tools: Mapping[str, Tool], *, install_project: bool = False
) -> DependencySet:
    """The own environment of a program: all requirements of the uses that share it."""
    lines = [line for use in uses for line in tool_requirements(use, tools)]
    if not lines:
        lines = (tools[name].requirement or name).splitlines() if name in tools else [name]
    return DependencySet(name=name, install_project=install_project, requirements=_ordered(lines))


def united(one: DependencySet, other: DependencySet) -> DependencySet:
    """One set that holds what both of its name ask for; versions that do not agree are told when it is resolved."""
    if one == other:
        return one
    install = one.install_project or other.install_project
    lines = _ordered((*one.requirements, *other.requirements))
    return replace(
        one, install_project=install, requirements=lines, otherwise=_ordered((*one.otherwise, *other.otherwise))
    )


def tool_distribution(use: ToolUse, tools: Mapping[str, Tool]) -> str:
    """The package that a tool comes from: ruff for `ruff-format`. Names the tool's dependency set."""
    requirement = tools[use.tool].requirement if use.tool in tools else ""
    found = _DISTRIBUTION.match(requirement)
    return found[0] if found else use.tool


def tool_requirements(use: ToolUse, tools: Mapping[str, Tool]) -> tuple[str, ...]:
    """The project's version of the tool, else penstock's pin; and the tool's plugins."""
    pin = tools[use.tool].requirement if use.tool in tools else ""
    own = f"{tool_distribution(use, tools)}{use.version}" if use.version else pin or use.tool
    return (*own.splitlines(), *use.plugins)


def other_sets(commands: tuple[Command, ...]) -> tuple[str, ...]:
    """Names of the dependency sets whose scripts the commands call beside their own, in order."""
    texts = (text for command in commands for text in _texts(command))
    return tuple(dict.fromkeys(name for text in texts for name in _OTHER_BIN.findall(text)))


def in_tool_environment(commands: tuple[Command, ...], name: str) -> tuple[Command, ...]:
    """The same commands, run from the environment of the set `name` beside the job's own."""
    folder = bin_of(name)

    def moved(text: str) -> str:
        return text.replace(plan.PYTHON, f"{folder}/python").replace(plan.BIN, folder)

    return tuple(
        replace(
            command,
            argv=tuple(moved(text) for text in command.argv),
            environment=tuple((key, moved(text)) for key, text in command.environment),
        )
        if command.templated
        else command
        for command in commands
    )


def changed_set(base: DependencySet, spec: JobSpec) -> DependencySet:
    """`base` with each key that the job declares in place of what was detected for it, under a name of its content.

    A declared `requirements` replaces detected requirement files, too; its "-r file" entries are files.
    """
    changed = base
    if spec.extras is not None:
        changed = replace(changed, extras=spec.extras, tentative=())
    if spec.groups is not None:
        changed = replace(changed, groups=spec.groups)
    if spec.requirements is not None:
        files = tuple(_file(line) for line in spec.requirements if _file(line))
        lines = tuple(line for line in spec.requirements if not _file(line))
        changed = replace(changed, requirements=lines, files=files)
    if changed == base:
        return base
    words = (*changed.extras, *changed.groups)
    content = of_parts((repr((changed.requirements, changed.files, changed.extras, changed.groups)),))[:8]
    listed = changed.requirements != base.requirements or changed.files != base.files
    suffix = "+".join((*words, content) if listed or not words else words)
    return replace(changed, name=f"{base.name}+{suffix}")


def shared(environments: Iterable[Environment]) -> dict[str, str]:
    """Environment id -> the one to take instead, for those that turn out to hold just the same versions.

    So a type checker that the tests' own dependencies hold needs no environment beside theirs.
    """
    first: dict[tuple[str, str, DependencySet], str] = {}
    instead: dict[str, str] = {}

    def words(one: Environment) -> tuple[int, int, str]:
        return len(one.dependencies.otherwise), len(one.dependencies.requirements), one.id

    for environment in sorted(environments, key=words):
        if environment.resolution:
            rest = replace(environment.dependencies, name="", requirements=(), otherwise=())
            same = first.setdefault((environment.python, environment.resolution, rest), environment.id)
            instead[environment.id] = same
    return {one: other for one, other in instead.items() if one != other}


def kind_set(wanted: Wanted, project: Project) -> DependencySet:
    """The main set of kinds that have one by themselves."""
    if wanted.spec.kind is JobKind.TEST:
        return set_for_tests(wanted, project)
    return set_for_command(wanted, project)


def _detected(name: str, project: Project) -> DependencySet:
    for found in project.dependency_sets:
        if found.name == name:
            return found
    base = DependencySet(name=name, install_project=project.backend is not None)
    lock = next((found.lock for found in project.dependency_sets if found.lock), None)
    return replace(base, lock=lock)


def _names(requirements: tuple[str, ...], distribution: str) -> bool:
    found = (_DISTRIBUTION.match(line) for line in requirements)
    return distribution.lower() in {match[0].lower() for match in found if match}


def _file(line: str) -> str:
    """`-r requirements/dev.txt` -> requirements/dev.txt; "" for any other line."""
    for prefix in ("--requirement=", "--requirement ", "-r"):
        if line.startswith(prefix):
            return line.removeprefix(prefix).strip()
    return ""


def _texts(command: Command) -> tuple[str, ...]:
    return (*command.argv, *(text for _, text in command.environment)) if command.templated else ()


def _ordered(lines: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(lines)))
