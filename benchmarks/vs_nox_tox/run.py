"""lint + types + tests on four Pythons of werkzeug: penstock, nox (uv backend), tox (tox-uv, parallel), side by side.

    python benchmarks/vs_nox_tox/run.py [--rounds 7] [--pythons 3.10,3.11,3.12,3.13] [--json FILE]

Every round runs each tool in random order in three states: *cold* (a fresh checkout: no environments, no bytecode; uv's
cache warm, offline), *warm* (all there, a test file touched so that results are not), *unchanged*. All run the same
commands on the same tree with the same pinned versions, and pass; the tests that each of them counted are held against
one another. The environments are those of the project's own tox configuration: its group `tests`, and `tests` with
`typing`. A peer that took over 1.5 times as long as the other in each of the first two rounds of a state is not asked
again there.
Printed: medians, ratios with 95 % bootstrap intervals over the rounds, and the lower bound
max(critical path, CPU work / measured throughput).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

PROJECT = ("werkzeug", "3.1.9")
LINT = ["ruff", "check", "src"]
FORMAT = ["ruff", "format", "--check", "src"]
TYPES = ["mypy"]
TESTS = ["pytest", "-q", "tests"]
RUFF = "ruff==0.14.5"
PINS = {"tests.txt": ("tests",), "typing.txt": ("tests", "typing")}  # as in the project's own tox environments

PENSTOCK = """
[tool.penstock]
python = {pythons}

[tool.penstock.jobs]
lint = {{ run = "ruff check src && ruff format --check src", shell = true, requirements = ["{ruff}"] }}
types = {{ tool = "mypy", requirements = ["-r typing.txt"] }}
unit = {{ test = "tests", python = "*", requirements = ["-r tests.txt"] }}
"""

NOX = """
import nox
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True

@nox.session(python="{newest}")
def lint(session):
    session.install("{ruff}")
    session.run(*{lint})
    session.run(*{format})

@nox.session(python="{newest}")
def types(session):
    session.install("-r", "typing.txt")
    session.install("--no-deps", "-e", ".")
    session.run(*{types})

@nox.session(python={pythons})
def unit(session):
    session.install("-r", "tests.txt")
    session.install("--no-deps", "-e", ".")
    session.run(*{tests})
"""

TOX = """
[tox]
env_list = lint, types, {envs}
[testenv]
runner = uv-venv-runner
package = editable
deps = -r tests.txt
commands = {tests}
[testenv:lint]
base_python = {newest}
skip_install = true
deps = {ruff}
commands =
  {lint}
  {format}
[testenv:types]
base_python = {newest}
deps = -r typing.txt
commands = {types}
"""


class Timing(NamedTuple):
    """One run: wall and CPU seconds (the whole tree), and the exit code."""

    wall_s: float
    cpu_s: float
    exit_code: int
    output: str


def timed(argv: list[str], directory: Path, environ: dict[str, str]) -> Timing:
    """Run to the end, with the CPU time of all processes that were waited for."""
    with tempfile.TemporaryFile() as sink:
        started = time.monotonic()
        process = subprocess.Popen(argv, cwd=directory, env=environ, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        sink.seek(0)
        output = sink.read().decode(errors="replace")
    return Timing(wall_s, usage.ru_utime + usage.ru_stime, process.returncode, output)


def lay_out(folder: Path, pythons: list[str]) -> dict[str, Path]:
    """One tree a tool, each a git checkout of the project with that tool's configuration and the same pins."""
    name, version = PROJECT
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", f"{name}=={version}"]
    subprocess.run(command, cwd=folder, check=True)
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    pins = {file: exported(source, groups) for file, groups in PINS.items()}
    words = {
        "newest": pythons[-1],
        "pythons": json.dumps(pythons),
        "ruff": RUFF,
        "envs": ", ".join(f"py{minor.replace('.', '')}" for minor in pythons),
    }
    trees = {}
    for tool, file, template in (("penstock", "", PENSTOCK), ("nox", "noxfile.py", NOX), ("tox", "tox.ini", TOX)):
        tree = folder / tool
        shutil.copytree(source, tree)
        for file_of_pins, lines in pins.items():
            (tree / file_of_pins).write_text(lines)
        project = (tree / "pyproject.toml").read_text()
        project = re.sub(r"(?ms)^\[tool\.tox.*?(?=^\[(?!tool\.tox)|\Z)", "", project)
        lists = tool == "nox"
        commands = {
            key: json.dumps(argv) if lists else " ".join(argv)
            for key, argv in (("lint", LINT), ("format", FORMAT), ("types", TYPES), ("tests", TESTS))
        }
        text = template.format(**words, **commands)
        (tree / "pyproject.toml").write_text(project + (text if not file else ""))
        if file:
            (tree / file).write_text(text)
        (tree / "uv.lock").unlink(missing_ok=True)
        (tree / ".gitignore").write_text(
            ".nox\n.tox\n.penstock\n*.egg-info\n__pycache__\n.mypy_cache\n.ruff_cache\n.pytest_cache\n"
        )
        for argv in (
            ["git", "init", "-q"],
            ["git", "add", "-A"],
            ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "x"],
        ):
            subprocess.run(argv, cwd=tree, check=True)
        trees[tool] = tree
    return trees


def exported(source: Path, groups: tuple[str, ...]) -> str:
    """The versions of the project's own lock for these groups, as requirement lines."""
    chosen = ["--no-default-groups", *(word for group in groups for word in ("--group", group))]
    argv = [uv(), "export", "--frozen", "--no-emit-project", "--no-hashes", "--quiet", *chosen]
    return subprocess.run(argv, cwd=source, check=True, capture_output=True, text=True).stdout


def uv() -> str:
    """The uv beside this interpreter."""
    return str(Path(sys.executable).parent / "uv")


def commands(peers: Path) -> dict[str, list[str]]:
    """How each tool runs everything."""
    return {
        "penstock": [sys.executable, "-m", "penstock", "run", "-q"],
        "nox": [str(peers / "bin" / "nox"), "-s", "lint", "types", "unit"],
        "tox": [str(peers / "bin" / "tox"), "run-parallel", "-p", "auto", "--parallel-no-spinner", "--parallel-live"],
    }


CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache")
STATE = {"penstock": (".penstock", *CACHES), "nox": (".nox", *CACHES), "tox": (".tox", *CACHES)}


def clear(tree: Path, names: tuple[str, ...]) -> None:
    """Remove these folders of the tree, then the bytecode of what is left."""
    for name in names:
        shutil.rmtree(tree / name, ignore_errors=True)
    for folder in [*tree.rglob("__pycache__")]:
        shutil.rmtree(folder, ignore_errors=True)


def bring_into(state: str, tool: str, tree: Path, turn: int) -> None:
    """Cold: a fresh checkout: no environments, results, bytecode. Warm: all there, one test file changed."""
    if state == "cold":
        clear(tree, STATE[tool])
    if state == "warm":
        file = tree / "tests" / "test_urls.py"
        file.write_text(re.sub(r"\n# turn \d+\n", "", file.read_text()) + f"\n# turn {turn}\n")


def interval(ratios: list[float], rng: random.Random) -> tuple[float, float]:
    """95 % bootstrap interval of the median ratio."""
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[1949]


def lower_bound(tree: Path, pythons: list[str], environ: dict[str, str], *, cold: bool) -> tuple[float, float]:
    """max(critical path, CPU work / throughput), from each job's commands run alone; and the throughput measured.

    Throughput: how many processors' worth of one test leg this machine gives when all are busy with the same leg.
    Environments are there in both states, so that of a cold run only the commands count, without bytecode and caches.
    """
    if cold:
        clear(tree, CACHES)
    bins = {minor: tree / ".nox" / f"unit-{minor.replace('.', '-')}" / "bin" for minor in pythons}
    legs = [timed([str(bins[minor] / TESTS[0]), *TESTS[1:]], tree, environ) for minor in pythons]
    lint = timed([str(tree / ".nox" / "lint" / "bin" / "ruff"), *LINT[1:]], tree, environ)
    types = timed([str(tree / ".nox" / "types" / "bin" / "mypy")], tree, environ)
    cpus = len(os.sched_getaffinity(0))
    argv = [str(bins[pythons[-1]] / TESTS[0]), *TESTS[1:]]
    started = time.monotonic()
    crowd = [
        subprocess.Popen(argv, cwd=tree, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(cpus)
    ]
    for process in crowd:
        process.wait()
    crowded_s = time.monotonic() - started
    throughput = cpus * legs[-1].wall_s / crowded_s
    everything = [*legs, lint, types]
    longest_s = max(job.wall_s for job in everything)
    return max(longest_s, sum(job.wall_s for job in everything) / throughput), throughput


class Contest(NamedTuple):
    """What is compared: each tool's command and tree, under one environment."""

    argvs: dict[str, list[str]]
    trees: dict[str, Path]
    environ: dict[str, str]

    def rounds(self, number: int, rng: random.Random) -> dict[tuple[str, str], list[Timing]]:
        """Every state and tool once a round, the tools in random order. Exits if one of them does not pass."""
        results: dict[tuple[str, str], list[Timing]] = {}
        for turn in range(number):
            for state in STATES:
                for tool in rng.sample(contenders(state, results), k=len(contenders(state, results))):
                    bring_into(state, tool, self.trees[tool], turn)
                    timing = timed(self.argvs[tool], self.trees[tool], self.environ)
                    must_pass(tool, timing)
                    results.setdefault((state, tool), []).append(timing)
                    told = f"{timing.wall_s:7.2f} s wall {timing.cpu_s:7.2f} s cpu"
                    print(f"round {turn + 1} {state:9} {tool:8} {told}", flush=True)
        return results


STATES = ("cold", "warm", "unchanged")


PEERS = ("nox", "tox")


def contenders(state: str, results: dict[tuple[str, str], list[Timing]]) -> list[str]:
    """Who runs the next round of a state: all, without a peer that is beaten by the other one beyond doubt."""
    walls = {peer: [one.wall_s for one in results.get((state, peer), ())] for peer in PEERS}
    beaten = [
        peer
        for peer, other in (PEERS, PEERS[::-1])
        if len(walls[peer]) >= 2 and min(walls[peer]) > 1.5 * max(walls[other])
    ]
    return sorted({"penstock", *PEERS} - set(beaten))


TOLD = re.compile(r"(\d+) passed")


def must_agree(timings: dict[str, Timing]) -> None:
    """All tools ran as many tests. What a tool does not show (tox, in parallel) cannot be held against the others."""
    counted = {tool: sorted(map(int, TOLD.findall(timing.output))) for tool, timing in timings.items()}
    told = {tuple(counts) for counts in counted.values() if counts}
    print(f"tests passed, by leg: {counted}", flush=True)
    if len(told) > 1:
        sys.exit("they did not run the same tests: nothing to compare")


def must_pass(tool: str, timing: Timing) -> None:
    """Nothing is compared that did not pass."""
    if timing.exit_code:
        print(timing.output[-4000:])
        sys.exit(f"{tool} ended with {timing.exit_code}: nothing to compare")


def summary(
    state: str, results: dict[tuple[str, str], list[Timing]], bounds_s: dict[str, float], rng: random.Random
) -> dict:
    """One state's medians, and penstock's ratio to the better peer with its interval."""
    walls = {tool: [one.wall_s for one in results[state, tool]] for tool in STATE}
    cpus = {f"{tool} cpu": statistics.median(one.cpu_s for one in results[state, tool]) for tool in STATE}
    better = min(PEERS, key=lambda tool: statistics.median(walls[tool]))
    ratios = [ours / theirs for ours, theirs in zip(walls["penstock"], walls[better], strict=True)]
    low, high = interval(ratios, rng)
    figures = {tool: statistics.median(values) for tool, values in walls.items()} | cpus
    figures |= {"ratio": statistics.median(ratios), "low": low, "high": high}
    if state in bounds_s:
        figures |= {"over bound": statistics.median(walls["penstock"]) / bounds_s[state]}
    return {"state": state, "better peer": better, **{name: round(figure, 3) for name, figure in figures.items()}}


def install_peers(folder: Path) -> Path:
    """Nox and tox in an environment of their own."""
    peers = folder / "peers"
    subprocess.run([uv(), "venv", "-q", "--clear", str(peers)], check=True)
    python = str(peers / "bin" / "python")
    subprocess.run([uv(), "pip", "install", "-q", "--python", python, "nox[uv]", "tox", "tox-uv"], check=True)
    return peers


def surroundings(pythons: list[str]) -> dict[str, str]:
    """The environment of all tools: the Pythons on PATH, nothing downloaded."""
    pyenv = Path.home() / ".pyenv" / "versions"
    finds = [str(path / "bin") for minor in pythons for path in sorted(pyenv.glob(f"{minor}.*"))]
    path = ":".join([*finds, os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PATH": path, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--pythons", default="3.10,3.11,3.12,3.13")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    pythons = chosen.pythons.split(",")
    rng = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="vs-nox-tox-"))
    environ = surroundings(pythons)
    contest = Contest(commands(install_peers(folder)), lay_out(folder, pythons), environ | {"UV_OFFLINE": "1"})
    first = {}
    for tool, tree in contest.trees.items():  # with the network: warms uv's cache, and shows that all of them pass
        first[tool] = timed(contest.argvs[tool], tree, environ)
        must_pass(tool, first[tool])
    must_agree(first)
    results = contest.rounds(chosen.rounds, rng)
    bounds_s = {}
    for state in ("cold", "warm"):
        bounds_s[state], throughput = lower_bound(contest.trees["nox"], pythons, contest.environ, cold=state == "cold")
        print(
            f"lower bound, {state}: {bounds_s[state]:.2f} s (throughput of all processors together: {throughput:.2f})"
        )
    table = [summary(state, results, bounds_s, rng) for state in STATES]
    for line in table:
        print("  ".join(f"{name} {figure}" for name, figure in line.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": table, "bounds_s": bounds_s}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
