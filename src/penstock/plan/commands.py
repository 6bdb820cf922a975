"""Each job's commands, from the tools' adapters, and the environments that they call for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from penstock.model.pipeline import RUNNING, SPECIAL, JobKind, Quarantine
from penstock.model.plan import Command, Environment
from penstock.model.snapshot import CoverageUse, DependencySet, Snapshot, ToolUse
from penstock.plan import environments as sets
from penstock.plan.engines import lacking
from penstock.plan.named import named
from penstock.plan.wanted import Wanted
from penstock.ports import Tool, ToolContext
from penstock.value import Value

# The adapters of kinds that are made by one tool; suites go by their runner.
_TOOL_OF = {JobKind.COVERAGE: "coverage", JobKind.BUILD: "build", JobKind.RUN: "command"}
_TOOL_OF |= {kind: kind.value for kind in SPECIAL}
# Kinds that run the project's own code, or a command of the user's, in the project's environment.
_INSTALLED = (JobKind.TEST, JobKind.RUN, *RUNNING)
_RUNNERS = {"command": "own-runner"}  # a suite's runner, where its adapter has another name


class Work(Value, frozen=True, kw_only=True):
    """What a job does on one Python. The environments are ids."""

    commands: tuple[Command, ...] = ()
    environment: str | None = None
    extra_environments: tuple[str, ...] = ()
    blocked_by: str | None = None
    remedy: str | None = None
    expected_tests: int = 0


class Workshop:
    """Makes each job's commands once a Python and collects the environments, one per Python and dependency set."""

    def __init__(
        self,
        snapshot: Snapshot,
        tools: Mapping[str, Tool],
        pytest_args: tuple[str, ...],
        *,
        measure: bool,
        edited: tuple[str, ...] = (),
        quarantine: tuple[Quarantine, ...] = (),
    ) -> None:
        self._project = snapshot.project
        self._tools = tools
        self._pytest_args = pytest_args
        known = snapshot.project.coverage or snapshot.project.unmeasured or CoverageUse()
        self._coverage = known if measure else None
        self._files = tuple(sorted(path for path in snapshot.files if path.endswith((".py", ".pyi"))))
        self._tree = snapshot.files
        self._engine = snapshot.engine
        self._edited = tuple(path for path in edited if path.endswith(".py") and path in snapshot.files)
        self._quarantine = quarantine
        self._against = snapshot.against
        self._base = snapshot.base.commit if snapshot.base is not None else ""
        self._made: dict[tuple[str, str | None], Work] = {}
        self._sets: dict[str, DependencySet] = {}
        self._places: dict[str, tuple[str, str]] = {}  # environment id -> (python, name of its set)

    def work(self, wanted: Wanted, python: str | None) -> Work:
        """The commands and environments of a job's legs on `python`."""
        key = (wanted.spec.name, python)
        if key not in self._made:
            self._made[key] = self._make(wanted, python)
        return self._made[key]

    def environments(self) -> tuple[Environment, ...]:
        """All that the jobs made so far run in."""
        return tuple(
            Environment(id=name, python=python, dependencies=self._sets[dependencies])
            for name, (python, dependencies) in sorted(self._places.items())
        )

    def _make(self, wanted: Wanted, python: str | None) -> Work:
        if wanted.blocked_by is not None or python is None:
            return Work(blocked_by=wanted.blocked_by, remedy=wanted.remedy)
        unknown = [name for name in self._adapters(wanted) if name not in self._tools]
        if unknown:
            return Work(
                blocked_by=f"penstock does not know the tool {', '.join(sorted(unknown))}",
                remedy="call it in a job of your own: run = …",
            )
        if wanted.spec.test_timeout_s is not None and self._adapters(wanted) != ("pytest",):
            return Work(
                blocked_by="`test_timeout` is kept by the pytest runner only",
                remedy=f'leave jobs.{wanted.spec.name}.test_timeout out, or set runner = "pytest"',
            )
        if wanted.spec.kind.examines:
            unknown = [key for use in wanted.uses for key in use.unknown]
            if unknown:
                why = f"{wanted.uses[0].tool} does not know {unknown[0]}"
                return Work(blocked_by=why, remedy="mend its configuration: it would pass over the key without a word")
            return self._of_uses(wanted, python)
        return self._of_special(wanted, python) if wanted.spec.kind in SPECIAL else self._of_one(wanted, python)

    def _adapters(self, wanted: Wanted) -> tuple[str, ...]:
        if wanted.suite is not None:
            return (_RUNNERS.get(wanted.suite.runner, wanted.suite.runner),)
        if wanted.spec.kind in _TOOL_OF:
            return (_TOOL_OF[wanted.spec.kind],)
        return tuple(use.tool for use in wanted.uses)

    def _of_special(self, wanted: Wanted, python: str) -> Work:
        found = named(wanted.spec, self._tree)
        for blocked_by, remedy in ((found.blocked_by, found.remedy), lacking(wanted.spec, self._engine)):
            if blocked_by is not None:
                return Work(blocked_by=blocked_by, remedy=remedy)
        return self._of_one(wanted, python, chosen=found.files)

    def _of_one(self, wanted: Wanted, python: str, *, chosen: tuple[str, ...] = ()) -> Work:
        (adapter,) = self._adapters(wanted)
        commands = self._commands(adapter, wanted, python, chosen=chosen)
        extras = tuple(self._environment(python, self._other_set(name)) for name in sets.other_sets(commands))
        main: str | None = None
        if wanted.spec.kind in _INSTALLED:
            main = self._environment(python, self._around(commands, sets.kind_set(wanted, self._project)))
        elif self._tools[adapter].requirement:
            own = sets.tool_distribution(ToolUse(tool=adapter), self._tools)
            main = self._environment(python, self._other_set(own, (ToolUse(tool=adapter),)))
        narrowed = bool(wanted.spec.marker or wanted.spec.keyword or wanted.spec.args or self._pytest_args)
        counted = wanted.suite.counted if wanted.suite and not narrowed else 0
        return _work(commands, main, extras, expected_tests=counted)

    def _of_uses(self, wanted: Wanted, python: str) -> Work:
        """A tool that names a dependency set runs inside it; any other has an environment of its own."""
        spec, tools = wanted.spec, self._tools
        inside = tuple(use for use in wanted.uses if use.dependencies is not None)
        commands: list[Command] = []
        for use in wanted.uses:
            made = self._commands(use.tool, wanted, python, use)
            alone = use.dependencies is None
            commands += sets.in_tool_environment(made, sets.tool_distribution(use, tools)) if alone else made
        with_project = spec.kind is JobKind.TYPES and self._project.backend is not None
        extras = []
        for name in sets.other_sets(tuple(commands)):
            uses = tuple(use for use in wanted.uses if sets.tool_distribution(use, tools) == name)
            extras.append(self._environment(python, self._other_set(name, uses, install_project=with_project)))
        main: str | None = None
        if inside:
            main = self._environment(python, sets.set_around_tools(inside, spec, self._project, tools))
        return _work(tuple(commands), main, tuple(extras))

    def _around(self, commands: tuple[Command, ...], base: DependencySet) -> DependencySet:
        """The project's set, and in it what the commands' tools bring along where it does not hold it itself."""
        for name in dict.fromkeys(command.tool for command in commands if command.layered):
            base = sets.with_tool(base, name, self._tools)
        return base

    def _commands(
        self,
        adapter: str,
        wanted: Wanted,
        python: str,
        use: ToolUse | None = None,
        *,
        chosen: tuple[str, ...] = (),
    ) -> tuple[Command, ...]:
        context = ToolContext(
            project=self._project,
            spec=wanted.spec,
            suite=wanted.suite,
            use=use,
            coverage=self._coverage if wanted.spec.kind in (JobKind.TEST, JobKind.COVERAGE) else None,
            python=python,
            files=self._files,
            pytest_args=self._pytest_args if wanted.spec.kind is JobKind.TEST else (),
            edited=self._edited,
            against=self._against,
            quarantine=self._quarantine,
            base=self._base,
            chosen=chosen,
            engine=self._engine.program if self._engine is not None else "",
        )
        made = self._tools[adapter].commands(context)
        return made if use is None else tuple(self._with_package(command) for command in made)

    def _with_package(self, command: Command) -> Command:
        """The command, with the distribution that its tool comes in, where the tool is one."""
        tool = self._tools.get(command.tool)
        if tool is None or not tool.requirement:
            return command
        return replace(command, package=sets.tool_distribution(ToolUse(tool=command.tool), self._tools))

    def _other_set(self, name: str, uses: tuple[ToolUse, ...] = (), *, install_project: bool = False) -> DependencySet:
        for known in self._project.dependency_sets:
            if known.name == name:
                return known
        return sets.set_of_tool(name, uses, self._tools, install_project=install_project)

    def _environment(self, python: str, dependencies: DependencySet) -> str:
        """The id of the environment, which is noted; tool sets of one name are made one by uniting what they ask."""
        name = dependencies.name
        self._sets[name] = sets.united(self._sets.get(name, dependencies), dependencies)
        self._places[f"{python}/{name}"] = (python, name)
        return f"{python}/{name}"


def _work(commands: tuple[Command, ...], main: str | None, extras: tuple[str, ...], *, expected_tests: int = 0) -> Work:
    others = tuple(name for name in dict.fromkeys(extras) if name != main)
    if main is None and others:
        main, others = others[0], others[1:]
    return Work(commands=commands, environment=main, extra_environments=others, expected_tests=expected_tests)
