"""Small builders of the nouns: what a test does not mention is ordinary. Every keyword goes to the noun itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from penstock.model.pipeline import JobKind, JobSpec, Pipeline
from penstock.model.plan import Command, Environment, Job, Plan, Scope
from penstock.model.snapshot import (
    DependencySet,
    Git,
    Interpreter,
    Package,
    Platform,
    Project,
    Resolution,
    Snapshot,
    Suite,
    ToolUse,
)
from penstock.ports import Ended


def interpreter(minor: str, **fields: Any) -> Interpreter:
    """A CPython under /pythons, one patch release in."""
    digits = minor.removeprefix("pypy").rstrip("t")
    defaults: dict[str, Any] = {
        "version": f"{digits}.1",
        "path": f"/pythons/{minor}/bin/python",
        "source": "pyenv",
        "abi": "cp" + digits.replace(".", "") + ("t" if minor.endswith("t") else ""),
        "identity": f"identity-{minor}",
    }
    return Interpreter(minor=minor, **(defaults | fields))


def platform(**fields: Any) -> Platform:
    """Four cpus, 16 GiB, Linux."""
    defaults: dict[str, Any] = {"system": "linux", "machine": "x86_64", "cpus": 4, "memory_bytes": 16 << 30}
    return Platform(**(defaults | fields))


def git(**fields: Any) -> Git:
    """A clean checkout of `main`."""
    defaults: dict[str, Any] = {"state": "branch", "branch": "main", "commit": "c0ffee" * 6 + "c0ff"}
    return Git(**(defaults | fields))


def suite(**fields: Any) -> Suite:
    """pytest over tests/."""
    return Suite(**({"runner": "pytest", "paths": ("tests",)} | fields))


def tool_use(tool: str, **fields: Any) -> ToolUse:
    """A tool that the project configures."""
    return ToolUse(tool=tool, **fields)


def dependency_set(name: str = "test", **fields: Any) -> DependencySet:
    """The project with its test extra."""
    return DependencySet(name=name, **fields)


def project(**fields: Any) -> Project:
    """A pure package `demo` under src/ with a pytest suite, declared for 3.11 to 3.13, without tools."""
    defaults: dict[str, Any] = {
        "name": "demo",
        "backend": "hatchling.build",
        "layout": "src",
        "packages": (Package(name="demo", path="src/demo"),),
        "requires_python": ">=3.11",
        "declared_pythons": ("3.11", "3.12", "3.13"),
        "suites": (suite(),),
        "dependency_sets": (dependency_set(extras=("test",)),),
    }
    return Project(**(defaults | fields))


FILES: Mapping[str, str] = {
    "README.md": "d0",
    "docs/index.md": "d1",
    "pyproject.toml": "d2",
    "src/demo/__init__.py": "d3",
    "src/demo/core.py": "d4",
    "tests/test_core.py": "d5",
}


def snapshot(*, pythons: Iterable[str] = ("3.11", "3.12", "3.13"), **fields: Any) -> Snapshot:
    """`project()` on a machine with these Pythons."""
    defaults: dict[str, Any] = {
        "root": "/home/someone/demo",
        "files": FILES,
        "git": git(),
        "interpreters": tuple(interpreter(minor) for minor in pythons),
        "looked_in": ("PATH", "pyenv"),
        "platform": platform(),
    }
    merged = defaults | fields
    return Snapshot(**(merged | {"project": merged.get("project") or project()}))


def job_spec(name: str, kind: JobKind | str = JobKind.RUN, **fields: Any) -> JobSpec:
    """A declared job; a `run` job without a command runs `true`."""
    kind = JobKind(kind)
    defaults: dict[str, Any] = {"run": ("true",)} if kind is JobKind.RUN else {}
    return JobSpec(name=name, kind=kind, **(defaults | fields))


def pipeline(*jobs: JobSpec, **fields: Any) -> Pipeline:
    """A declaration in pyproject.toml with these jobs (none: zero configuration)."""
    if jobs:
        fields = {"source": "pyproject.toml", "digest": "declared"} | fields
    return Pipeline(jobs=jobs or None, **fields)


def command(*argv: str, **fields: Any) -> Command:
    """One process."""
    return Command(argv=argv or ("true",), **fields)


def job(job_id: str = "unit@3.12", **fields: Any) -> Job:
    """A concrete test job."""
    name, _, python = job_id.partition("@")
    defaults: dict[str, Any] = {
        "name": name,
        "kind": JobKind.TEST,
        "stage": "",
        "commands": (command(),),
        "python": python.partition(",")[0] or None,
    }
    return Job(id=job_id, **(defaults | fields))


def ended(exit_code: int | None = 0, *, log: bytes = b"", directory: str = "") -> Ended:
    """A process that is over. `log`: all that it wrote."""
    return Ended(
        task="x",
        exit_code=exit_code,
        signal=None,
        cause="",
        duration_s=1.0,
        cpu_s=1.0,
        memory_bytes=1,
        head=log,
        output_bytes=len(log),
        directory=directory,
    )


def environment(environment_id: str = "3.12/test", **fields: Any) -> Environment:
    """One virtual environment of the plan."""
    python, _, name = environment_id.partition("/")
    defaults: dict[str, Any] = {"python": python, "dependencies": dependency_set(name), "resolution": f"r-{name}"}
    return Environment(id=environment_id, **(defaults | fields))


def resolution(name: str = "test", **fields: Any) -> Resolution:
    """A resolved set."""
    return Resolution(dependencies=name, **({"digest": f"r-{name}"} | fields))


def plan(*jobs: Job, **fields: Any) -> Plan:
    """A whole plan of these jobs."""
    defaults: dict[str, Any] = {
        "digest": "plan",
        "root": "/home/someone/demo",
        "scope": Scope.FULL,
        "environments": (),
        "resolutions": (),
        "stages": (),
        "gates": (),
    }
    return Plan(jobs=jobs, **(defaults | fields))
