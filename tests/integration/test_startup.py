"""What a start may import and start. Nothing is timed here: benchmarks/startup does that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Prints what the program imported beyond msgspec (in which a bystander such as typing_extensions may come along),
# and which programs it started.
DRIVER = """
import json, sys
started = []
def note(event, arguments):
    if event == "subprocess.Popen":
        started.append([str(word) for word in arguments[1]])
    elif event in ("os.fork", "os.exec", "os.posix_spawn", "os.system"):
        started.append([event])
out, bare, *sys.argv = sys.argv[1:]
if bare != "bare":
    import msgspec
before = set(sys.modules)
sys.addaudithook(note)
from penstock.__main__ import run
code = run()
with open(out, "w") as file:
    json.dump({"code": code, "modules": sorted(set(sys.modules) - before), "started": started}, file)
"""

# Of the standard library and of others: what costs more than it gives in a start.
HEAVY = {
    "ast", "asyncio", "concurrent", "configparser", "csv", "dataclasses", "difflib", "email", "hashlib", "html", "http",
    "importlib.metadata", "inspect", "json", "logging", "multiprocessing", "pickle", "random", "runpy", "shutil",
    "socket", "ssl", "tempfile", "tomllib", "traceback", "unittest", "urllib.request", "uuid", "xml", "zipfile",
    "packaging", "rich", "uv", "shtab",
}  # fmt: skip
# Of our own: what finds out, plans, prepares, starts and reads, when there is nothing of that to do.
IDLE = {
    "penstock.cli.bug", "penstock.cli.workshop", "penstock.guest", "penstock.load.parse", "penstock.plan.assemble",
    "penstock.plan.draft", "penstock.plan.keys", "penstock.report.junit", "penstock.report.svg",
    "penstock.run.attempt", "penstock.run.environment", "penstock.run.local", "penstock.run.orphans",
    "penstock.run.spawning", "penstock.run.supervised", "penstock.run.workspace", "penstock.scan.detect",
    "penstock.scan.resolution", "penstock.tools", "penstock.util.uvrun",
}  # fmt: skip


class Start:
    """One start: its exit code, what it imported, what it started."""

    def __init__(self, told: dict[str, object]) -> None:
        self.code = told["code"]
        self.modules: list[str] = list(told["modules"])  # type: ignore[call-overload]  # as the driver wrote it
        self.started: list[list[str]] = list(told["started"])  # type: ignore[call-overload]  # likewise

    def among(self, names: set[str]) -> list[str]:
        """The imported modules that are of `names` or below one of them."""
        return [
            module for module in self.modules if any(module == name or module.startswith(f"{name}.") for name in names)
        ]


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Start]:
    """Starts the program in a small committed project; with `bare`, not even msgspec is taken for granted."""
    root = tmp_path / "demo"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "demo"\nversion = "1"\n[tool.penstock.jobs]\n'
        'one = { run = ["python", "-c", "print(1)"] }\ntwo = { run = ["python", "-c", "print(2)"], needs = ["one"] }\n'
    )
    environ = dict(os.environ) | {"HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": "/dev/null"}
    if shutil.which("git"):
        for words in (
            ["init", "-q"],
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
        ):
            subprocess.run(["git", *words], cwd=root, env=environ, check=True)

    def started(*words: str, bare: bool = False) -> Start:
        told = tmp_path / "told.json"
        command = [sys.executable, "-c", DRIVER, str(told), "bare" if bare else "", "penstock", *words]
        subprocess.run(command, cwd=root, env=environ, check=True, capture_output=True)
        return Start(json.loads(told.read_text()))

    return started


def test_the_version_costs_a_bare_python(start: Callable[..., Start]) -> None:
    found = start("--version", bare=True)
    assert found.code == 0
    assert [module for module in found.modules if module.startswith("penstock")] == ["penstock", "penstock.__main__"]
    assert not found.among({"argparse", "re", "typing", "msgspec", "pathlib"})


def test_help_costs_the_parser(start: Callable[..., Start]) -> None:
    found = start("--help", bare=True)
    assert found.code == 0
    assert not found.among({"msgspec", "pathlib", "penstock.errors", "penstock.model", "penstock.cli.run"})


@pytest.mark.parametrize("words", [("plan",), ("run",)])
def test_where_nothing_changed_only_git_is_asked(start: Callable[..., Start], words: tuple[str, ...]) -> None:
    assert start("run").code == 0
    start(*words)
    found = start(*words)
    assert found.code == 0
    assert found.among(HEAVY) == []
    assert found.among(IDLE) == []
    assert [command[0] for command in found.started] == ["git"] * 2 * bool(shutil.which("git"))
    assert all("--no-optional-locks" in command for command in found.started)


def test_a_plan_imports_nothing_that_only_a_run_needs(start: Callable[..., Start]) -> None:
    start("plan")
    found = start("plan")
    idle = {"penstock.judge", "penstock.record.collect", "penstock.run.engine", "penstock.cli.running"}
    assert found.among(idle | {"penstock.model.records", "penstock.model.verdict"}) == []
