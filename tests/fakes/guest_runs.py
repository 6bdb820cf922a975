"""Runs a tool's command for real, without a supervisor: what the integration tests of the guests share."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

import penstock.guest
from penstock.model.events import TestOutcome
from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.plan import PINS, Job, Shard
from penstock.model.records import Reading
from penstock.model.snapshot import CoverageUse, Package, Project, Suite
from penstock.plan import shards
from penstock.ports import Ended, Tool, ToolContext
from penstock.run import tokens
from penstock.tools.pytest import Pytest

GUEST = str(Path(penstock.guest.__file__).parent)


# Kept between runs: compiling the standard library anew for each small project takes longer than running it.
BYTECODE = str(Path(tempfile.gettempdir()) / "penstock-tests-bytecode")


class Ran(NamedTuple):
    """One real run."""

    reading: Reading
    output: str
    log: bytes
    reports: Path

    @property
    def outcomes(self) -> dict[str, str]:
        """Test id -> outcome, of the attempt that decides."""
        return {test.id: test.outcome.value for test in self.reading.tests}

    def named(self, outcome: str) -> set[str]:
        """Ids of the tests that ended so, without their files."""
        return {name.rpartition("::")[2] for name, said in self.outcomes.items() if said == TestOutcome(outcome).value}


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Make a small project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(
    tool: Tool,
    root: Path,
    *,
    suite: Suite | None = None,
    python: str = sys.executable,
    coverage: CoverageUse | None = None,
    packages: tuple[str, ...] = (),
    environment: tuple[tuple[str, str], ...] = (),
    args: tuple[str, ...] = (),
) -> Ran:
    """Run the tool's only command in `root` with nothing but a bare environment."""
    context = ToolContext(
        project=Project(name="p", packages=tuple(Package(name=name, path=name) for name in packages)),
        spec=JobSpec(name="unit", kind=JobKind.TEST, environment=(("PYTHONPYCACHEPREFIX", BYTECODE), *environment)),
        suite=suite or Suite(runner="pytest"),
        coverage=coverage,
        pytest_args=args,
    )
    return _run(tool, root, context, python)


def run_shard(
    root: Path, shard: Shard, *, environment: tuple[tuple[str, str], ...] = (), args: tuple[str, ...] = ()
) -> Ran:
    """The same with pytest, for one shard; what is pinned lies in `root/.pins`."""
    context = ToolContext(
        project=Project(name="p"),
        spec=JobSpec(name="unit", kind=JobKind.TEST, environment=(("PYTHONPYCACHEPREFIX", BYTECODE), *environment)),
        suite=Suite(runner="pytest"),
        pytest_args=args,
    )
    return _run(Pytest(), root, context, sys.executable, shard)


def _run(tool: Tool, root: Path, context: ToolContext, python: str, shard: Shard | None = None) -> Ran:
    (command,) = tool.commands(context)
    job = Job(id="unit", name="unit", kind=JobKind.TEST, stage="fast", commands=(command,))
    if shard is not None:
        command = shards.told(command, shard)
        job = replace(job, id=f"unit#{shard}", shard=shard, commands=(command,))
    reports = root / ".penstock" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    for old in reports.iterdir():
        old.unlink()
    table = tokens.table(
        python=python,
        scripts=str(Path(python).parent),
        guest=GUEST,
        reports=str(reports),
        workspace=str(root),
        uv="uv",
        own_python=sys.executable,
        needs="",
    ) | {PINS: str(root / ".pins")}
    done = subprocess.run(
        [tokens.fill(part, table, {}) for part in command.argv],
        cwd=root / command.directory,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "LANG": "C.UTF-8",
            **{name: tokens.fill(text, table, {}) for name, text in command.environment},
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    ended = Ended(
        task="unit",
        exit_code=done.returncode if done.returncode >= 0 else None,
        signal=-done.returncode if done.returncode < 0 else None,
        cause="",
        duration_s=0.0,
        cpu_s=0.0,
        memory_bytes=0,
        tail=done.stdout[-65536:],
    )
    found = {path.name: path.read_bytes() for path in reports.iterdir()}
    return Ran(
        reading=tool.read(ended, found, job),
        output=done.stdout.decode("utf-8", "replace"),
        log=found.get("tests.jsonl", b""),
        reports=reports,
    )
