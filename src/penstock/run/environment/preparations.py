"""The wheels and environments of one plan: which are there, which have to be made, what came of making them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from penstock.model.plan import Environment, Plan
from penstock.model.snapshot import Interpreter, Snapshot
from penstock.ports import Ended, Launch
from penstock.run.environment import history, keys, prepare
from penstock.run.environment.spec import PrepareSpec, Result, Tree
from penstock.run.preparation import Prepared
from penstock.run.schedule import Task
from penstock.util import atomic

# Predicted seconds, from cold preparations of ten projects on a 2-core machine; only their order matters.
_WHEEL_S, _NATIVE_WHEEL_S, _ENVIRONMENT_S = 2.0, 20.0, 1.0


def tree_of(snapshot: Snapshot, *, state: Path, uv: str) -> Tree:
    """What all preparations of a run share, from its snapshot. Reads the project's build files."""
    text = history.build_text(Path(snapshot.root))
    files = {name: sha for name, sha in snapshot.files.items() if _is_utf8(name)}  # the spec files are JSON
    return Tree(
        root=snapshot.root,
        state=str(state),
        uv=uv,
        project=snapshot.project,
        git=snapshot.git,
        files=files,
        keys=keys.source_keys(files, snapshot.project, text),
    )


class UvPreparations:
    """See `run.preparation.Preparations`.

    `layered`: names of dependency sets whose environments also need penstock's own packages -> their requirement lines
    (coverage where it is measured). `folder`: the run's folder for specs, results and logs. `own`: the argv that
    starts penstock. `environ`: passed on to the preparing process, which passes on to uv what uv may have.
    """

    def __init__(
        self,
        plan: Plan,
        snapshot: Snapshot,
        *,
        tree: Tree,
        folder: Path,
        own: tuple[str, ...],
        environ: Mapping[str, str],
        layered: Mapping[str, tuple[str, ...]],
        offline: bool,
    ) -> None:
        self._snapshot = snapshot
        self._tree = tree
        self._folder = folder
        self._own = own
        self._environ = tuple(environ.items())
        self._interpreters = {found.minor: found for found in reversed(snapshot.interpreters)}
        self._environments = {environment.id: environment for environment in plan.environments}
        self._examining = _examining(plan)
        self._resolutions = {resolution.dependencies: resolution for resolution in plan.resolutions}
        self._layered = layered
        self._offline = offline
        self._specs: dict[str, PrepareSpec] = {}
        self._ready: dict[str, Prepared] = {}

    def tasks(self, environments: frozenset[str]) -> tuple[Task, ...]:
        """What has to be made, so that these environments are there; what is there already is left out."""
        made: list[Task] = []
        for name in sorted(environments):
            spec = self._spec(self._environments[name])
            if spec is None:
                continue
            found = prepare.lookup(spec, self._tree)
            if found is not None:
                self._ready[name] = _prepared(name, found)
                continue
            wheel = self._wheel_task(spec, made)
            made.append(Task(id=name, needs=(wheel,) if wheel else (), estimate_s=_ENVIRONMENT_S, kind="environment"))
            self._specs[name] = spec
        return tuple(made)

    def launch(self, task: str) -> Launch:
        """The supervised process that makes it."""
        spec = self._specs[task]
        tree_file = Path(spec.tree)
        if not tree_file.exists():
            atomic.write(tree_file, msgspec.json.encode(self._tree))
        spec_file = Path(spec.result).with_suffix(".spec.json")
        atomic.write(spec_file, msgspec.json.encode(spec))
        return Launch(
            task=task,
            argv=(*self._own, "_prepare", str(spec_file)),
            directory=self._tree.root,
            environment=self._environ,
            output=str(Path(spec.result).with_suffix(".log")),
        )

    def finish(self, task: str, ended: Ended) -> Prepared:
        """What came of it. A process that died without a result has failed; its last words are the problem."""
        try:
            result = msgspec.json.decode(Path(self._specs[task].result).read_bytes(), type=Result)
        except (OSError, ValueError):
            result = Result(ok=False, problem=_last_words(ended), remedy="see the preparation's log; run again")
        self._ready[task] = _prepared(task, result)
        return self._ready[task]

    def environment(self, environment: str) -> Prepared | None:
        """The environment, if it is ready or has failed by now."""
        return self._ready.get(environment)

    def _wheel_task(self, spec: PrepareSpec, made: list[Task]) -> str | None:
        """The task that builds the wheel this environment needs: one for all Pythons, or one an ABI."""
        if not prepare.wants_wheel(spec, self._tree):
            return None
        wheel = msgspec.structs.replace(
            spec, kind="wheel", dependencies=None, layers=(), test_files=(), requirements=""
        )
        if prepare.lookup(wheel, self._tree) is not None:
            return None
        name = f"wheel@{spec.interpreter.minor}" if self._tree.project.native else "wheel"
        if name not in self._specs:
            self._specs[name] = msgspec.structs.replace(wheel, id=name, result=str(self._result(name)))
            estimate = _NATIVE_WHEEL_S if self._tree.project.native else _WHEEL_S
            made.append(Task(id=name, estimate_s=estimate, kind="wheel"))
        return name

    def _spec(self, environment: Environment) -> PrepareSpec | None:
        """What to ask for; None where it cannot be asked for, which is then said by `environment`."""
        interpreter = self._interpreters.get(environment.python)
        resolution = self._resolutions.get(environment.dependencies.name)
        blocked = dict(resolution.blocked).get(environment.python) if resolution else None
        if interpreter is None or resolution is None or resolution.problem is not None or blocked:
            problem = (resolution and resolution.problem) or blocked or _why_not(environment, interpreter)
            remedy = (resolution and resolution.remedy) or ""
            self._ready[environment.id] = Prepared(id=environment.id, ok=False, problem=problem, remedy=remedy)
            return None
        return PrepareSpec(
            id=environment.id,
            kind="environment",
            tree=str(self._folder / "tree.json"),
            result=str(self._result(environment.id)),
            interpreter=interpreter,
            dependencies=environment.dependencies,
            requirements=resolution.requirements,
            resolution=resolution.digest,
            test_files=tuple(test_files(self._snapshot, environment.dependencies.name)),
            layers=self._layered.get(environment.dependencies.name, ()),
            examines=environment.id in self._examining,
            offline=self._offline,
        )

    def _result(self, name: str) -> Path:
        return self._folder / f"{name.replace('/', '-')}.json"


def _examining(plan: Plan) -> frozenset[str]:
    """The environments in which nothing but linters and type checkers runs."""
    running = {name for job in plan.jobs if not job.kind.examines for name in job.environments}
    return frozenset(name for job in plan.jobs for name in job.environments) - running


def test_files(snapshot: Snapshot, dependencies: str) -> Iterator[str]:
    """The Python files of the suites that run in environments of this dependency set."""
    suites = [suite for suite in snapshot.project.suites if suite.dependencies == dependencies]
    paths = tuple(path.rstrip("/") for suite in suites for path in suite.paths)
    for name in snapshot.files if suites else ():
        if name.endswith(".py") and _is_utf8(name):
            under = any(path in {"", "."} or name == path or name.startswith(f"{path}/") for path in paths)
            if under if paths else _looks_like_a_test(name):
                yield name


def _looks_like_a_test(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.startswith("test_") or path.name.endswith("_test.py") or path.name == "conftest.py"


def _why_not(environment: Environment, interpreter: Interpreter | None) -> str:
    if interpreter is None:
        return f"there is no Python {environment.python} on this machine"
    return f"the dependencies of {environment.dependencies.name} were not resolved"


def _last_words(ended: Ended) -> str:
    words = ended.tail.decode(errors="replace").strip().splitlines()
    how = (
        ended.problem
        or ended.cause
        or (f"exit code {ended.exit_code}" if ended.signal is None else f"signal {ended.signal}")
    )
    return f"the preparation died ({how})" + (f": {words[-1]}" if words else "")


def _prepared(name: str, result: Result) -> Prepared:
    made = result.environment
    if not result.ok or made is None:
        notes = {"wheel": result.wheel.digest} if result.wheel else {}
        return Prepared(
            id=name, ok=result.ok, problem=result.problem, remedy=result.remedy, reused=result.reused, notes=notes
        )
    return Prepared(
        id=name,
        ok=True,
        reused=result.reused,
        python=made.python,
        scripts=made.scripts,
        folder=str(Path(made.scripts).parent),
        workspace=result.workspace,
        variables={"PENSTOCK_LAYER": made.layer} if made.layer else {},
        notes=dict(_notes(result)),
    )


def _notes(result: Result) -> Iterator[tuple[str, str]]:
    made = result.environment
    if made is None:
        return
    yield "packages", made.packages
    yield "mode", made.mode
    if made.wheel:
        yield "wheel", made.wheel
    if made.added:
        yield "added", "; ".join(f"{line}: {why}" for line, why in made.added)
    if made.undeclared:
        yield "undeclared", "; ".join(f"{module}: {why}" for module, why in made.undeclared)
    if made.notes:
        yield "told", "; ".join(made.notes)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
