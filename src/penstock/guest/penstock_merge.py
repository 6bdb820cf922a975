"""Adds up what the test jobs measured, and has coverage.py count it (Python >= 3.9, run as a script).

    python penstock_merge.py NEEDS REPORT WORKSPACE SETTINGS

NEEDS holds one folder a job, with its `coverage.data*` files and the log of its tests, directly or in `reports/`. The
log names the files that the job's processes have saved: one that is not there makes the job a missing one. SETTINGS:
{"config": path or null, "source": [package or folder, …], "packages": [[name, path], …]}. REPORT gets JSON:
{"version", "fail_under", "legs": [{"job", "files", "branch", "problem"}], "files": [{"path", "statements", "covered",
"branches", "covered_branches", "missing", "ran": [[first line, last line], …], "forks": [[line, exits, taken], …]}],
"unplaced": [path, …], "problems": [text, …]}.

Lines are the union over all jobs. Branches are those of the newest Python: arcs of different versions cannot be added.
All figures are counts: percentages, and with them rounding, belong to who judges.
"""

from __future__ import annotations

import contextlib
import gc
import glob
import json
import os
import re
import sqlite3
import sys
import traceback
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_SCHEMA = 7  # of the data files, since coverage.py 5.0; its documentation describes it
_FILES_A_PROCESS = 50  # half a second of parsing
_PLACE = "create temporary table place (file_id integer primary key, name text)"
_LINES = "select place.name, numbits from line_bits join place using (file_id)"
_ARCS = "select place.name, fromno, tono from arc join place using (file_id)"


class Leg:
    """What one job measured, by path in the workspace. `problem`: why it does not count.

    `lines`: bit n stands for line n. `arcs`: (path, from, to).
    """

    def __init__(self, job: str) -> None:
        self.job = job
        self.files: set[str] = set()
        self.lines: dict[str, int] = {}
        self.arcs: set[tuple[str, int, int]] = set()
        self.branch = False
        self.problem = ""

    def report(self) -> dict[str, Any]:
        """The leg's line in the report."""
        return {"job": self.job, "files": len(self.files), "branch": self.branch, "problem": self.problem}

    @property
    def minor(self) -> tuple[int, ...]:
        """The Python that the job's id names, to find the newest."""
        found = re.search(r"@(?:[a-z]+)?(\d+)\.(\d+)", self.job)
        return tuple(int(number) for number in found.groups()) if found else (0, 0)


class Places:
    """Where a measured file lies in the workspace: it was measured installed, in a copy of the tree, or in place."""

    def __init__(self, workspace: str, packages: list[list[str]]) -> None:
        self._workspace = os.path.realpath(workspace)
        self._packages: dict[str, str] = dict(packages)
        self._known: dict[str, str] = {}
        self.unplaced: set[str] = set()

    def of(self, path: str) -> str:
        """The relative path, "" if it is not a file of the workspace."""
        if path not in self._known:
            self._known[path] = self._find(path)
            if not self._known[path]:
                self.unplaced.add(path)
        return self._known[path]

    def _find(self, path: str) -> str:
        path = os.path.realpath(os.path.join(self._workspace, path))
        if path.startswith(f"{self._workspace}/"):
            inside = path[len(self._workspace) + 1 :]
            if not inside.startswith(".penstock/"):
                return inside if os.path.isfile(path) else ""
        _, installed, rest = path.rpartition("/site-packages/")
        if installed:
            top, slash, below = rest.partition("/")
            place = self._packages.get(top if slash else top.rpartition(".")[0], "")
            return self._existing(f"{place}/{below}" if slash else place) if place else ""
        parts = path.split("/")
        tails = ("/".join(parts[start:]) for start in range(1, len(parts)))
        return next((tail for tail in tails if not tail.startswith(".penstock/") and self._existing(tail)), "")

    def _existing(self, path: str) -> str:
        return path if os.path.isfile(os.path.join(self._workspace, path)) else ""


def read_leg(folder: str, places: Places) -> Leg:
    """All data files of one job. Any that cannot be read, or is not there, makes the whole leg a missing one."""
    leg = Leg(unquote(os.path.basename(folder)))
    found = {
        os.path.basename(path): path
        for pattern in ("coverage.data*", "reports/coverage.data*")
        for path in sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))
        if not path.endswith(("-journal", "-wal", "-shm"))
    }
    if not found:
        leg.problem = "it left no coverage data"
    for name, path in found.items():
        try:
            take(path, leg, places)
        except (sqlite3.Error, OSError, ValueError, TypeError, AttributeError) as error:
            leg.problem = f"{name} cannot be read: {error}"
    leg.problem = lacks(folder, set(found)) or leg.problem
    if not leg.problem and not leg.files:
        leg.problem = "it measured no file of the project"
    return leg


def lacks(folder: str, found: set[str]) -> str:
    """What the log of the job's tests tells of measurements that are not here; "" if all are.

    A session that says nothing of coverage did not measure: one that an own runner started inside its own measurement.
    """
    begun = ended = 0
    for event in sessions(folder):
        begun += event["event"] == "SessionStarted"
        if event["event"] != "SessionFinished":
            continue
        ended += 1
        note = str(event.get("coverage", ""))
        if note and not note.startswith("saved"):
            return note
        told = map(str, event.get("coverage_files", ()))
        gone = [name for name in told if name not in found and not _renamed(name, found)]
        if gone:
            return f"{gone[0]} is not there{f', nor {len(gone) - 1} more' if len(gone) > 1 else ''}"
    if not ended or begun != ended:
        return "its tests ended before coverage was saved" if begun else "it left no log of its tests"
    return ""


def _renamed(name: str, found: set[str]) -> bool:
    """Whether a process that was just saving has given its file the final name since, with a digest at its end."""
    return name.endswith("x") and any(each.startswith(f"{name}.H") for each in found)


def sessions(folder: str) -> Iterator[dict[str, Any]]:
    """The first and last events of all test sessions of a job. A damaged line is none."""
    path = next(filter(os.path.isfile, (os.path.join(folder, each, "tests.jsonl") for each in ("reports", "."))), "")
    if not path:
        return
    with open(path, "rb") as stream:
        for line in stream:
            mark, text = line[:8], line[9:].rstrip(b"\n")
            if text.startswith((b'{"event":"SessionStarted"', b'{"event":"SessionFinished"')):
                with contextlib.suppress(ValueError):
                    if int(mark, 16) == zlib.crc32(text):
                        yield json.loads(text)


def take(path: str, leg: Leg, places: Places) -> None:
    """Add one data file to its leg: all of it in two statements, as its public reader opens it anew for each file.

    Files of plug-ins (templates) are left out: their plug-in is not here. Raises sqlite3.Error, ValueError, TypeError
    for a file that is damaged; reading alone would not notice all of it.
    """
    with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as base:
        answer = base.execute("pragma integrity_check").fetchone()
        if answer != ("ok",):
            raise sqlite3.DatabaseError(str(answer))
        (schema,) = base.execute("select version from coverage_schema").fetchone()
        if schema != _SCHEMA:
            raise ValueError(f"it has schema {schema}, not {_SCHEMA}")
        placed = [
            (number, place)
            for number, file, tracer in base.execute(
                "select file.id, path, tracer from file left join tracer on tracer.file_id = file.id"
            )
            if not tracer and (place := places.of(file))
        ]
        base.execute(_PLACE)
        base.executemany("insert into place values (?, ?)", placed)
        leg.files.update(place for _, place in placed)
        leg.branch = leg.branch or ("1",) in base.execute("select value from meta where key = 'has_arcs'")
        for place, bits in base.execute(_LINES):
            leg.lines[place] = leg.lines.get(place, 0) | int.from_bytes(bits, "little")
        leg.arcs.update(base.execute(_ARCS))


def sources(workspace: str, settings: dict[str, Any]) -> set[str]:
    """Every file that could have been measured: a module that nothing imported counts with none of its lines."""
    packages: dict[str, str] = dict(settings["packages"])
    found: set[str] = set()
    for name in settings["source"] or packages:
        start = packages.get(name, name.replace(".", "/") if not os.path.isdir(os.path.join(workspace, name)) else name)
        full = os.path.join(workspace, start)
        if os.path.isfile(full):
            found.add(os.path.normpath(start))
        for folder, folders, files in os.walk(full):
            folders[:] = [each for each in folders if os.path.isfile(os.path.join(folder, each, "__init__.py"))]
            found |= {os.path.relpath(os.path.join(folder, each), workspace) for each in files if each.endswith(".py")}
    return found


def lines_of(bits: int) -> list[int]:
    """The numbers of the bits that are set."""
    return [number for number, bit in enumerate(reversed(bin(bits))) if bit == "1"]


def lines_by_file(legs: list[Leg]) -> dict[str, set[int]]:
    """What any of the legs ran of each file; where a leg has branches, these tell its lines."""
    found: dict[str, set[int]] = {path: set() for leg in legs for path in leg.files}
    bits: dict[str, int] = {}
    for leg in legs:
        for path, run in leg.lines.items():
            bits[path] = bits.get(path, 0) | run
    for path, run in bits.items():
        found[path].update(lines_of(run))
    for path, start, end in set().union(*(leg.arcs for leg in legs)):
        found[path].update((start, end))
    return {path: {line for line in run if line > 0} for path, run in found.items()}


def arcs_by_file(legs: list[Leg]) -> dict[str, set[tuple[int, int]]]:
    """The branches of the legs on the newest Python; of different versions they cannot be added."""
    newest = max((leg.minor for leg in legs), default=(0, 0))
    found: dict[str, set[tuple[int, int]]] = {}
    for path, start, end in set().union(*(leg.arcs for leg in legs if leg.minor == newest)):
        found.setdefault(path, set()).add((start, end))
    return found


def analyse(workspace: str, legs: list[Leg], settings: dict[str, Any]) -> dict[str, Any]:
    """The report's figures, by coverage.py's own reading of the sources and of the project's settings."""
    lines, arcs = lines_by_file(legs), arcs_by_file(legs)
    for path in sources(workspace, settings) if legs else ():
        lines.setdefault(path, set())
    made = loaded(settings["config"])
    paths = sorted(chosen(made, workspace, lines))
    share = cores(len(paths))

    def work(paths: list[str]) -> dict[str, Any]:
        measured = {path: (lines[path], arcs.get(path, set())) for path in paths}
        return counts(workspace, measured, settings["config"], branches=bool(arcs))

    gc.freeze()  # what was measured, perhaps millions of tuples, is not gone through again and again from here on
    gc.enable()
    parts = in_processes(work, [paths[start::share] for start in range(share)])
    return {
        "fail_under": made.get_option("report:fail_under"),
        "branches": bool(arcs),
        "files": sorted((file for part in parts for file in part["files"]), key=lambda file: str(file["path"])),
        "problems": sorted(problem for part in parts for problem in part["problems"]),
    }


def cores(files: int) -> int:
    """How many processes share the parsing of the sources, which is what takes long."""
    if not hasattr(os, "fork"):
        return 1
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(here, files // _FILES_A_PROCESS))


def in_processes(work: Callable[[list[str]], dict[str, Any]], shares: list[list[str]]) -> list[dict[str, Any]]:
    """What `work` gives for each share: the first here, the others in forks. Raises RuntimeError if one fails."""
    sys.stdout.flush()
    begun = [_begin(work, share) for share in shares[1:]]
    done = [work(shares[0])]
    for pid, reading in begun:
        with open(reading, "rb") as stream:
            text = stream.read()
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError("a process that counted failed")
        done.append(json.loads(text))
    return done


def _begin(work: Callable[[list[str]], dict[str, Any]], share: list[str]) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        with open(writing, "wb") as stream:
            stream.write(json.dumps(work(share)).encode())
        status = 0
    except BaseException:  # noqa: BLE001 - told, and the exit code makes the whole fail
        traceback.print_exc()
    finally:
        os._exit(status)


def counts(
    workspace: str, run: dict[str, tuple[set[int], set[tuple[int, int]]]], config: Any, *, branches: bool
) -> dict[str, Any]:
    """The counts of some files, and what is wrong with others. `run`: path -> lines and arcs."""
    import coverage

    made = loaded(config)
    measured = made.get_data()
    if branches:
        measured.add_arcs({os.path.join(workspace, path): with_lines(*each) for path, each in run.items()})
    else:
        measured.add_lines({os.path.join(workspace, path): lines for path, (lines, _) in run.items()})
    files, problems = [], []
    for path in run:
        try:  # its one reading of a source gives everything; the public ones parse it for each question
            files.append(counted(path, made._analyze(os.path.join(workspace, path))))  # noqa: SLF001
        except coverage.CoverageException as error:
            problems.append(f"{path}: {error}")
    measured.close(force=True)  # held in memory: it is not closed without force
    return {"files": files, "problems": problems}


def with_lines(lines: set[int], arcs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The arcs, and the lines that only another Python ran: each as the way into a function, which is no branch."""
    others = lines.difference(line for arc in arcs for line in arc)
    return arcs.union((-line, line) for line in others)


def loaded(config: Any) -> Any:
    """An empty coverage.Coverage with the project's reporting settings (excluded lines, patterns)."""
    import coverage

    made = coverage.Coverage(data_file=None, config_file=config or False)
    made.set_option("run:plugins", [])
    return made


def chosen(made: Any, workspace: str, paths: Any) -> set[str]:
    """The paths that the project's include and omit patterns leave, of measuring and of reporting alike."""
    from coverage.files import GlobMatcher, prep_patterns

    kept = set(paths)
    for section in ("run", "report"):
        for option, keeps in (("include", True), ("omit", False)):
            patterns = made.get_option(f"{section}:{option}")
            if patterns:
                matcher = GlobMatcher(prep_patterns(patterns), option)
                kept = {path for path in kept if matcher.match(os.path.join(workspace, path)) is keeps}
    return kept


def counted(path: str, analysis: Any) -> dict[str, Any]:
    """One file's counts."""
    exits, missing = analysis.numbers, sorted(analysis.missing)
    forks = sorted(analysis.branch_stats().items()) if exits.n_branches else []
    return {
        "path": path,
        "statements": len(analysis.statements),
        "covered": len(analysis.statements) - len(missing),
        "branches": exits.n_branches,
        "covered_branches": exits.n_branches - exits.n_missing_branches,
        "missing": missing,
        "ran": runs_of(analysis.statements - analysis.missing),
        "forks": [[line, total, taken] for line, (total, taken) in forks],
    }


def runs_of(lines: set[int]) -> list[list[int]]:
    """The first and the last number of each run of lines without a gap."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if not runs or runs[-1][1] != line - 1:
            runs.append([line, line])
        runs[-1][1] = line
    return runs


def main(arguments: list[str]) -> int:
    """Write the report; 0 if it could be written, whatever it says."""
    import coverage

    needs, target, workspace, settings = *arguments[:2], os.path.realpath(arguments[2]), json.loads(arguments[3])
    os.chdir(workspace)
    places = Places(workspace, settings["packages"])
    gc.disable()  # until all is read: it would go through everything that was read before, again and again
    legs = [read_leg(path, places) for path in sorted(entry.path for entry in os.scandir(needs) if entry.is_dir())]
    report = {"version": coverage.__version__, "legs": [leg.report() for leg in legs]}
    report.update(analyse(workspace, [leg for leg in legs if not leg.problem], settings))
    report["unplaced"] = sorted(places.unplaced)[:100]
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(report, stream)
    for leg in legs:
        print(f"{leg.job}: {leg.problem or f'{len(leg.files)} files'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
