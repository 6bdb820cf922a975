"""The pytest guest changes nothing and misses nothing: the same outcome for each test as a plain run's JUnit file,
on every Python and major pytest that is meant to work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from penstock.model.events import Outcome
from penstock.model.snapshot import Suite
from penstock.tools.pytest import Pytest
from tests.fakes.guest_runs import run, write
from tests.integration.test_guest_pytest import KINDS

PAIRS = [
    ("3.9", "6.2.5"), ("3.9", "7.4.4"), ("3.9", "8.3.5"), ("3.10", "7.4.4"), ("3.10", "9.0.0"),
    ("3.11", "7.4.4"), ("3.11", "9.0.0"), ("3.12", "7.4.4"), ("3.12", "8.3.5"), ("3.13", "8.3.5"), ("3.13", "9.0.0"),
]  # fmt: skip

FILES = {
    "test_kinds.py": KINDS,
    "nested/deep/test_kinds.py": "def test_passes(): pass\n",
    "nested/deep/__init__.py": "",
    "nested/conftest.py": "collect_ignore = ['ignored.py']\n",
    "notes.txt": ">>> 1 + 1\n2\n>>> 1 + 1\n3\n",
    "pytest.ini": "[pytest]\naddopts = --doctest-glob=*.txt\n",
}


def _interpreter(minor: str) -> str | None:
    """A Python of that version on this machine: on PATH, or one of pyenv's."""
    known = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin/python"))
    return str(known[-1]) if known else shutil.which(f"python{minor}")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The Python of an environment with the pair's pytest in it."""
    minor, version = request.param
    base = _interpreter(minor)
    if base is None:
        pytest.skip(f"there is no Python {minor} on this machine")
    folder = tmp_path_factory.mktemp("environment")
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "-q", "-p", base, str(folder / "v")], check=True)
    python = str(folder / "v" / "bin" / "python")
    subprocess.run([uv, "pip", "install", "-q", "-p", python, f"pytest=={version}"], check=True)
    return python


def _junit(file: Path) -> dict[tuple[str, str], str]:
    """(class, name) -> outcome, the worst where a test has two entries."""
    found: dict[tuple[str, str], str] = {}
    for case in ET.parse(file).iter("testcase"):
        kinds = {child.tag: child for child in case}
        said = "passed"
        if "skipped" in kinds:
            said = "xfailed" if kinds["skipped"].get("type") == "pytest.xfail" else "skipped"
        said = "errored" if "error" in kinds else "failed" if "failure" in kinds else said
        key = (case.get("classname", ""), case.get("name", ""))
        found[key] = max(found.get(key, ""), said, key=["", "passed", "xfailed", "skipped", "errored", "failed"].index)
    return found


def _key(name: str) -> tuple[str, str]:
    """A node id as JUnit files write it."""
    path, *names = name.partition("[")[0].split("::")
    names[-1] += name[len(name.partition("[")[0]) :]
    return ".".join([path.removesuffix(".py").replace("/", "."), *names[:-1]]), names[-1]


@pytest.mark.slow
@pytest.mark.parametrize("environment", PAIRS, indirect=True, ids=lambda pair: f"python{pair[0]}-pytest{pair[1]}")
@pytest.mark.parametrize(
    "options", [(), ("--import-mode=importlib",), ("-p", "no:terminal")], ids=["", "importlib", "mute"]
)
def test_the_same_outcomes_as_a_plain_run(environment: str, options: tuple[str, ...], tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    junit = tmp_path / "plain.xml"
    plain = subprocess.run(
        [environment, "-m", "pytest", *options, f"--junitxml={junit}", "-p", "no:cacheprovider"],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": str(root), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    ran = run(Pytest(), root, suite=Suite(runner="pytest", as_module=True), python=environment, args=options)
    assert ran.reading.outcome is Outcome.FAILED, ran.output
    assert plain.returncode == 1
    ours = {_key(name): said.replace("xpassed", "passed") for name, said in ran.outcomes.items()}
    assert ours == _junit(junit)
