"""A host that reads a configuration of CircleCI and does what it says, on this machine.

It knows the YAML and nothing of penstock: workflows, matrices, parameters, filters, `requires` with statuses, the
containers of one job, workspaces, caches, approvals, `circleci-agent step halt`. Each container is an empty folder with
a home of its own, and a clone where a step checks out. Images, resource classes and time limits are not played.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

Node = Any
SUCCESS, FAILED, CANCELED, NOT_RUN, ON_HOLD = "success", "failed", "canceled", "not_run", "on_hold"
TERMINAL = frozenset({SUCCESS, FAILED, CANCELED, NOT_RUN})
_USED = re.compile(r"(?<!\\)<<\s*([\w.-]+)\s*>>")
_INVOKED = {"name", "requires", "filters", "context", "type", "matrix", "serial-group"}
_AGENT = """\
#!/bin/sh
[ "$*" = "step halt" ] || { echo "not played: $*" >&2; exit 64; }
: > "$HALT"
"""
_PASSED = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "PIP_INDEX_URL",
    "PIP_CERT",
)


class Job(NamedTuple):
    """One job of a workflow, ready to run. `requires`: name -> the statuses that let it begin."""

    name: str
    definition: Mapping[str, Node]
    requires: Mapping[str, frozenset[str]]
    approval: bool = False


@dataclass
class Ran:
    """One pipeline. `jobs`: name -> status; `output`: what all containers of a job said."""

    jobs: dict[str, str] = field(default_factory=dict)
    output: dict[str, str] = field(default_factory=dict)
    layers: dict[str, list[Path]] = field(default_factory=dict)  # what each job handed on, in order
    plan: dict[str, Job] = field(default_factory=dict)


@dataclass
class Host:
    """`programs`: folders that stand first on PATH; `variables`: of the project's settings; `caches`: key -> files."""

    folder: Path
    programs: Sequence[Path] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    caches: dict[str, Path] = field(default_factory=dict)
    number: int = 0

    def run(
        self,
        repository: Path,
        *,
        branch: str = "main",
        parameters: Mapping[str, Node] | None = None,
        approve: Collection[str] = (),
        cancel: Collection[str] = (),
    ) -> Ran:
        """One pipeline of the commit that a branch of the repository is at."""
        config = _read(repository)
        given = {name: one.get("default") for name, one in config.get("parameters", {}).items()}
        values = {f"pipeline.parameters.{name}": value for name, value in (given | dict(parameters or {})).items()}
        values |= {"pipeline.git.branch": branch, "pipeline.project.slug": "gh/acme/tides", "pipeline.number": 7}
        ran = Ran()
        for workflow in config["workflows"].values():
            if isinstance(workflow, Mapping) and _holds(_filled(workflow.get("when", True), values)):
                self._workflow(config, workflow, values, repository, ran, approve, cancel)
        return ran

    def again(
        self, ran: Ran, name: str, repository: Path, change: Callable[[Path], object], branch: str = "main"
    ) -> Ran:
        """One job once more, over what the others handed on. `change` gets a copy of it, a folder for each layer."""
        self.number += 1
        place = self.folder / f"again-{self.number}"
        copies: dict[str, list[Path]] = {}
        for job, layers in ran.layers.items():
            copies[job] = [
                Path(shutil.copytree(layer, place / f"{job}-{number}")) for number, layer in enumerate(layers)
            ]
        change(place)
        other = Ran(jobs=dict(ran.jobs), layers=copies, plan=ran.plan)
        self._job(ran.plan[name], other, repository, branch)
        return other

    def _workflow(
        self,
        config: Node,
        workflow: Node,
        values: Mapping[str, Node],
        repository: Path,
        ran: Ran,
        approve: Collection[str],
        cancel: Collection[str],
    ) -> None:
        jobs = {job.name: job for job in _jobs(config, workflow, values)}
        ran.plan |= jobs
        pending = list(jobs.values())
        while pending:
            ready = [job for job in pending if all(ran.jobs.get(name) in TERMINAL for name in job.requires)]
            if not ready:
                ran.jobs |= {job.name: ON_HOLD for job in pending if job.approval}
                return
            job = ready[0]
            pending.remove(job)
            if any(ran.jobs[name] not in statuses for name, statuses in job.requires.items()):
                ran.jobs[job.name] = NOT_RUN
            elif job.name in cancel:
                ran.jobs[job.name] = CANCELED
            elif job.approval and job.name not in approve:
                ran.jobs[job.name] = ON_HOLD
            elif job.approval:
                ran.jobs[job.name] = SUCCESS
            else:
                self._job(job, ran, repository, str(values["pipeline.git.branch"]))

    def _job(self, job: Job, ran: Ran, repository: Path, branch: str) -> None:
        count = int(job.definition.get("parallelism", 1))
        good, said, layers = True, [], []
        for index in range(count):
            self.number += 1
            container = _Container(self, job, ran, repository, branch, index, count)
            good = container.run() and good
            said.append(container.said)
            layers += container.layers
        ran.jobs[job.name] = SUCCESS if good else FAILED
        ran.output[job.name] = "".join(said)
        ran.layers[job.name] = layers


class _StepError(Exception):
    """What the host itself has against a step."""


class _Container:
    def __init__(self, host: Host, job: Job, ran: Ran, repository: Path, branch: str, index: int, count: int) -> None:
        self.said = ""
        self.layers: list[Path] = []
        self._host, self._job, self._ran, self._repository, self._branch = host, job, ran, repository, branch
        self._place = host.folder / f"{host.number:03}-{job.name}-{index}"
        self._work, self._home = self._place / "project", self._place / "home"
        for folder in (self._work, self._home, self._place / "bin"):
            folder.mkdir(parents=True)
        agent = self._place / "bin" / "circleci-agent"
        agent.write_text(_AGENT)
        agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
        self._halt = self._place / "halt"
        self._commit = _git(repository, "rev-parse", branch).strip()
        path = os.pathsep.join([str(self._place / "bin"), *map(str, host.programs), "/usr/local/bin:/usr/bin:/bin"])
        self._environ = {
            **{name: os.environ[name] for name in _PASSED if name in os.environ},
            "PATH": path,
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "HALT": str(self._halt),
            "CI": "true",
            "CIRCLECI": "true",
            "CIRCLE_BRANCH": branch,
            "CIRCLE_SHA1": self._commit,
            "CIRCLE_JOB": job.name,
            "CIRCLE_BUILD_NUM": str(host.number),
            "CIRCLE_BUILD_URL": f"https://circleci.com/gh/acme/tides/{host.number}",
            "CIRCLE_NODE_INDEX": str(index),
            "CIRCLE_NODE_TOTAL": str(count),
            "CIRCLE_PROJECT_USERNAME": "acme",
            "CIRCLE_PROJECT_REPONAME": "tides",
            **host.variables,
            **{name: str(value) for name, value in job.definition.get("environment", {}).items()},
        }

    def run(self) -> bool:
        """Every step in order; gives whether none failed."""
        good = True
        for step, given in self._job.definition["steps"]:
            when = given.get("when", "on_success") if isinstance(given, Mapping) else "on_success"
            if self._halt.exists():
                break
            if when == ("on_success" if not good else "on_fail"):
                continue
            try:
                getattr(self, f"_{step}")(given)
            except _StepError as error:
                self.said += f"{step}: {error}\n"
                good = False
        return good

    def _checkout(self, _given: Node) -> None:
        _git(self._place, "clone", "--quiet", "--no-local", "--branch", self._branch, str(self._repository), "project")
        _git(self._work, "checkout", "--quiet", self._commit)

    def _run(self, given: Node) -> None:
        step: Mapping[str, Node] = {"command": given} if isinstance(given, str) else given
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step["command"]],
            cwd=self._work,
            env=self._environ | {name: str(value) for name, value in step.get("environment", {}).items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
            check=False,
        )
        self.said += done.stdout.decode("utf-8", "replace")
        if done.returncode:
            raise _StepError(f"{step.get('name', '')} ended with {done.returncode}")

    def _persist_to_workspace(self, given: Node) -> None:
        root = self._work / given["root"]
        if not root.is_dir():
            raise _StepError(f"{given['root']} is not there")
        layer = self._place / f"layer-{len(self.layers)}"
        layer.mkdir()
        for pattern in given["paths"]:
            found = [root] if pattern == "." else sorted(root.glob(pattern))
            if not found:
                raise _StepError(f"{pattern} matches nothing")
            for path in found:
                _copy(path, layer if path == root else layer / path.relative_to(root))
        self.layers.append(layer)

    def _attach_workspace(self, given: Node) -> None:
        before = list(_before(self._job.name, self._ran.plan))
        whose: dict[Path, str] = {}
        for name in (name for name in self._ran.layers if name in before):
            for layer in self._ran.layers[name]:
                for path in (path for path in layer.rglob("*") if path.is_file()):
                    other = whose.setdefault(path.relative_to(layer), str(layer))
                    if other != str(layer) and _owner(other, self._ran) not in _before(name, self._ran.plan):
                        raise _StepError(f"{path.relative_to(layer)} was handed on twice")
                _copy(layer, self._work / given["at"])

    def _restore_cache(self, given: Node) -> None:
        for wanted in given.get("keys") or [given["key"]]:
            key = self._key(wanted)
            found = next((name for name in reversed(self._host.caches) if name.startswith(key)), None)
            if found is not None:
                self.said += f"restored {found}\n"
                kept = self._host.caches[found]
                _copy(kept / "home", self._home)
                _copy(kept / "project", self._work)
                return

    def _save_cache(self, given: Node) -> None:
        key = self._key(given["key"])
        if key in self._host.caches:
            return
        kept = self._host.folder / "caches" / str(len(self._host.caches))
        for name in given["paths"]:
            source = self._home / name[2:] if name.startswith("~/") else self._work / name
            target = kept / "home" / name[2:] if name.startswith("~/") else kept / "project" / name
            if source.exists():
                _copy(source, target)
        self._host.caches[key] = kept

    def _key(self, template: str) -> str:
        values = {".Revision": self._commit, ".Branch": self._branch, "arch": "amd64", "epoch": str(self._host.number)}

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith(".Environment."):
                return self._environ[name.removeprefix(".Environment.")]
            if name.startswith("checksum "):
                return hashlib.sha256((self._work / name.split('"')[1]).read_bytes()).hexdigest()
            return values[name]

        return re.sub(r"\{\{\s*(.*?)\s*\}\}", value, template)

    def _store_artifacts(self, given: Node) -> None:
        source = self._work / given["path"]
        if source.exists():
            _copy(source, self._host.folder / "artifacts" / self._place.name / given.get("destination", "files"))

    def _store_test_results(self, given: Node) -> None:
        self._store_artifacts({**given, "destination": "tests"})


def _owner(layer: str, ran: Ran) -> str:
    return next(name for name, layers in ran.layers.items() if layer in map(str, layers))


def _before(name: str, plan: Mapping[str, Job]) -> set[str]:
    """All that a job waits for, directly or not."""
    found: set[str] = set()
    pending = list(plan[name].requires)
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += plan[one].requires
    return found


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _git(folder: Path, *words: str) -> str:
    environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    argv = ["git", "-c", "protocol.file.allow=always", "-c", "safe.directory=*", *words]
    return subprocess.run(argv, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout


def _read(repository: Path) -> Node:
    return YAML(typ="safe", pure=True).load((repository / ".circleci" / "config.yml").read_text())


def _filled(node: Node, values: Mapping[str, Node]) -> Node:
    """With what is known in the place of `<< … >>`: a text that is nothing else keeps the value's type."""
    if isinstance(node, Mapping):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    if not isinstance(node, str):
        return node
    whole = _USED.fullmatch(node)
    if whole and whole[1] in values:
        return values[whole[1]]
    return _USED.sub(lambda found: str(values[found[1]]) if found[1] in values else found[0], node)


def _plain(node: Node) -> Node:
    """Without the sign that keeps `<<` from being filled in. What is still to be filled in, nobody has declared."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return type(node)(_plain(value) for value in node)
    if isinstance(node, str):
        left = _USED.search(node)
        assert left is None, f"nothing stands for {left[0]}"
        return node.replace("\\<<", "<<")
    return node


def _holds(condition: Node) -> bool:
    """Whether a logic statement holds."""
    if not isinstance(condition, Mapping):
        return bool(condition)
    ((operator, value),) = condition.items()
    if operator == "equal":
        return all(one == value[0] for one in value)
    if operator == "not":
        return not _holds(value)
    return (all if operator == "and" else any)(_holds(one) for one in value)


def _wanted(filters: Node, branch: str) -> bool:
    """Whether a job's filter lets a branch through: an expression, or none."""
    if filters is None:
        return True
    return any(_term(term, branch) for term in str(filters).split(" or "))


def _term(term: str, branch: str) -> bool:
    found = re.fullmatch(r'pipeline\.git\.branch (==|starts-with) "([^"]*)"', term.strip())
    assert found, f"not played: {term}"
    return branch == found[2] if found[1] == "==" else branch.startswith(found[2])


def _steps(config: Node, steps: Iterable[Node], values: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    """The steps, with commands and conditions in place."""
    commands = config.get("commands", {})
    for step in steps:
        name, raw = (step, {}) if isinstance(step, str) else next(iter(step.items()))
        given = _filled(raw, values)
        if name in ("when", "unless"):
            if _holds(given["condition"]) is (name == "when"):
                yield from _steps(config, given["steps"], values)
        elif name in commands:
            yield from _steps(config, commands[name]["steps"], {**_pipeline(values), **_given(commands[name], given)})
        else:
            yield name, _plain(given)


def _pipeline(values: Mapping[str, Node]) -> dict[str, Node]:
    return {name: value for name, value in values.items() if name.startswith("pipeline.")}


def _given(declared: Mapping[str, Node], given: Mapping[str, Node] | None) -> dict[str, Node]:
    parameters = declared.get("parameters", {})
    told = {name: one["default"] for name, one in parameters.items() if "default" in one} | dict(given or {})
    assert told.keys() == parameters.keys(), f"parameters {sorted(parameters)}, given {sorted(told)}"
    return {f"parameters.{name}": value for name, value in told.items()}


def _jobs(config: Node, workflow: Node, values: Mapping[str, Node]) -> list[Job]:
    """The jobs of a workflow that its filters let through, in its order."""
    branch = str(values["pipeline.git.branch"])
    every: list[tuple[str, str, Mapping[str, Node], Mapping[str, Node]]] = []
    called: dict[str, list[str]] = {}
    for one in workflow["jobs"]:
        job, raw = (one, {}) if isinstance(one, str) else next(iter(one.items()))
        given = _filled(raw, values)
        matrix = given.get("matrix", {})
        cells = matrix.get("parameters", {})
        for point in product(*cells.values()):
            cell = dict(zip(cells, point, strict=True))
            inner = {f"matrix.{key}": value for key, value in cell.items()}
            name = str(_filled(given.get("name", job), inner))
            called.setdefault(matrix.get("alias", job) if cells else name, []).append(name)
            every.append((job, name, cell, given))
    here = {name for _, name, _, given in every if _wanted(given.get("filters"), branch)}
    made = (_made(config, one, called, here, values) for one in every if one[1] in here)
    return [job for job in made if job is not None]


def _made(
    config: Node,
    one: tuple[str, str, Mapping[str, Node], Mapping[str, Node]],
    called: Mapping[str, list[str]],
    here: Collection[str],
    values: Mapping[str, Node],
) -> Job | None:
    """One of them; None where all that it waits for is filtered away."""
    job, name, cell, given = one
    requires: dict[str, frozenset[str]] = {}
    for wait in given.get("requires", ()):
        other, status = (wait, SUCCESS) if isinstance(wait, str) else next(iter(wait.items()))
        statuses = TERMINAL if status == "terminal" else frozenset([status] if isinstance(status, str) else status)
        requires |= {each: statuses for each in called[other] if each in here}
    if given.get("requires") and not requires:
        return None
    if given.get("type") == "approval":
        return Job(name, {}, requires, approval=True)
    raw = config["jobs"][job]
    own = {key: value for key, value in given.items() if key not in _INVOKED} | dict(cell)
    known = {**_pipeline(values), **_given(raw, own)}
    steps = list(_steps(config, raw["steps"], known))
    return Job(name, {**_plain(_filled({**raw, "steps": []}, known)), "steps": steps}, requires)
