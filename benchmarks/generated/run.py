"""How much is generated, and what that costs: lines beside what people wrote, and CPU of `penstock ci generate`.

    python benchmarks/generated/run.py [--rounds 7] [--json FILE]

Three well-kept public projects check their changes and publish their releases by workflows that people wrote. For each,
the same jobs are declared here, and generated; compared are the lines of both. What one of them does and the other does
not stands beside the figures: lines alone say little.

CPU is user + system of the whole process tree, the median of the rounds. `first`: in a checkout that penstock never
saw; `again`: with what it remembers of the last time. All hosts that a project declares are written; GitHub where it
declares none.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
AIM_MS = 300
EXAMPLES = ("ml-service", "llm-framework", "web-api", "dl-service")


class Peer(NamedTuple):
    """A public project at a commit: lines of its files that do the jobs, counted there, and the same jobs for penstock.

    `theirs`: what its files do beyond that; `ours`: what the generated ones do and they do not.
    """

    name: str
    repository: str
    commit: str
    files: dict[str, int]
    jobs: str
    theirs: str
    ours: str


PEERS = (
    Peer(
        name="attrs",
        repository="python-attrs/attrs",
        commit="c1dc5dcba16ed827aa6dcad896b41a3afedb4e32",
        files={".github/workflows/ci.yml": 248, ".github/workflows/pypi-package.yml": 82},
        jobs="""\
python = ["3.10", "3.11", "3.12", "3.13"]

[jobs]
lint = true
types = { python = "*" }
unit = { test = "tests", python = "*" }
coverage = true
build = true
docs = { run = "python -m doctest README.md" }

[gates]
coverage = { total = 100 }

[ci.github]
release = true
""",
        theirs="PyPy; uploads to TestPyPI; tries the development environment",
        ours="titles and sizes of pull requests; limits of time; a changelog and a release on GitHub",
    ),
    Peer(
        name="flask",
        repository="pallets/flask",
        commit="2ac89889f4cc330eabd50f295dcef02828522c69",
        files={
            ".github/workflows/tests.yaml": 63,
            ".github/workflows/pre-commit.yaml": 29,
            ".github/workflows/publish.yaml": 62,
        },
        jobs="""\
python = ["3.10", "3.11", "3.12", "3.13"]

[jobs]
lint = true
types = true
unit = { test = "tests", python = "*" }
build = true

[ci.github]
branches = ["main", "stable"]
release = true
""",
        theirs="PyPy, free-threaded Python, Windows and macOS; least and development versions",
        ours="one required check; titles and sizes of pull requests; limits of time; a changelog",
    ),
    Peer(
        name="urllib3",
        repository="urllib3/urllib3",
        commit="6a8536b6e1b0cbe69ae801337c599951e527ae29",
        files={
            ".github/workflows/ci.yml": 211,
            ".github/workflows/lint.yml": 30,
            ".github/workflows/publish.yml": 111,
        },
        jobs="""\
python = ["3.10", "3.11", "3.12", "3.13"]

[jobs]
lint = true
unit = { test = "tests", python = "*" }
integration = { test = "tests/with", python = "3.12" }
coverage = true
build = true

[gates]
coverage = { total = 100 }

[ci.github]
release = true
""",
        theirs="PyPy, Pyodide in three browsers, macOS and Windows, an old OpenSSL; uploads to TestPyPI",
        ours="one required check; titles and sizes of pull requests; caches; a changelog",
    ),
)
_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "thing"
version = "1"
requires-python = ">=3.10"

[dependency-groups]
test = ["pytest>=8"]
lint = ["ruff==0.17.6", "mypy==2.4.1"]

[tool.ruff]

[tool.mypy]
strict = true

[tool.coverage.run]
source = ["thing"]
"""


class Cost(NamedTuple):
    """CPU of one generation, in milliseconds."""

    first_ms: float
    again_ms: float


def main() -> int:
    """Generate, count, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        projects = {peer.name: _made(Path(folder) / peer.name, peer) for peer in PEERS}
        projects |= {name: _copied(Path(folder) / name, name) for name in EXAMPLES}
        lines = {name: _generated(root) for name, root in projects.items()}
        costs = {name: _cost(root, asked.rounds) for name, root in projects.items()}
    _print(lines, costs)
    if asked.json:
        told = {name: {"lines": lines[name], **costs[name]._asdict()} for name in projects}
        asked.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0 if all(cost.first_ms < AIM_MS for cost in costs.values()) else 1


def _made(root: Path, peer: Peer) -> Path:
    """A project with the same jobs."""
    files = {
        "pyproject.toml": _PYPROJECT,
        "penstock.toml": peer.jobs,
        "src/thing/__init__.py": "def twice(number: int) -> int:\n    return 2 * number\n",
        "tests/test_thing.py": "from thing import twice\n\n\ndef test_twice() -> None:\n    assert twice(2) == 4\n",
        "tests/with/test_more.py": "from thing import twice\n\n\ndef test_more() -> None:\n    assert twice(3) == 6\n",
        "README.md": "# thing\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return _committed(root)


def _copied(root: Path, name: str) -> Path:
    unwanted = shutil.ignore_patterns(".penstock", "__pycache__", ".github", ".circleci")
    shutil.copytree(ROOT / "examples" / name, root, ignore=unwanted)
    return _committed(root)


def _committed(root: Path) -> Path:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*identity, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def _penstock(root: Path, *words: str) -> str:
    argv = [sys.executable, "-m", "penstock", "ci", "generate", "-C", str(root), *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=_environ()).stdout


def _environ() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "GIT_CEILING_DIRECTORIES": "/"}


def _generated(root: Path) -> dict[str, int]:
    """Path -> lines."""
    _penstock(root)
    files = sorted(path for place in (".github", ".circleci") for path in (root / place).rglob("*.yml"))
    return {path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def _cost(root: Path, rounds: int) -> Cost:
    def forget() -> None:
        shutil.rmtree(root / ".penstock", ignore_errors=True)

    return Cost(
        first_ms=statistics.median(_cpu_ms(root, forget) for _ in range(rounds)),
        again_ms=statistics.median(_cpu_ms(root, lambda: None) for _ in range(rounds)),
    )


def _cpu_ms(root: Path, before: Callable[[], None]) -> float:
    before()
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    _penstock(root, "--print")
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (end.ru_utime - start.ru_utime + end.ru_stime - start.ru_stime)


def _print(lines: dict[str, dict[str, int]], costs: dict[str, Cost]) -> None:
    print("| project | by hand | declared | generated | of it workflows | theirs alone | ours alone |")
    print("|---|---|---|---|---|---|---|")
    for peer in PEERS:
        ours = lines[peer.name]
        workflows = sum(number for path, number in ours.items() if "/workflows/" in path)
        declared = sum(1 for line in peer.jobs.splitlines() if line)
        place = f"[{peer.repository}](https://github.com/{peer.repository}/tree/{peer.commit}/.github/workflows)"
        cells = (place, sum(peer.files.values()), declared, sum(ours.values()), workflows, peer.theirs, peer.ours)
        print(f"| {' | '.join(map(str, cells))} |")
    print(f"\n| generated for | files | lines | CPU, first | again | aim {AIM_MS} ms |")
    print("|---|---|---|---|---|---|")
    for name, cost in costs.items():
        met = "met" if cost.first_ms < AIM_MS else "missed"
        ours = lines[name]
        figures = f"{len(ours)} | {sum(ours.values())} | {cost.first_ms:.0f} ms | {cost.again_ms:.0f} ms"
        print(f"| {name} | {figures} | {met} |")


if __name__ == "__main__":
    raise SystemExit(main())
