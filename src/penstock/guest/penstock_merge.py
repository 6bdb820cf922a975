"""Adds up what the test jobs measured, with coverage.py's public interface (Python >= 3.9, run as a script).

    python penstock_merge.py NEEDS REPORT WORKSPACE SETTINGS

NEEDS holds one folder a job with its `coverage.data*` files, directly or in `reports/`. SETTINGS is JSON:
{"config": path or null, "source": [package or folder, …], "packages": [[name, path], …]}. REPORT gets JSON:
{"version", "fail_under", "legs": [{"job", "files", "branch", "problem"}], "files": [{"path", "statements", "covered",
"branches", "covered_branches", "missing"}], "unplaced": [path, …], "problems": [text, …]}.

Lines are the union over all jobs. Branches are those of the newest Python: arcs of different versions cannot be added.
All figures are counts: percentages, and with them rounding, belong to who judges.
"""

from __future__ import annotations

import glob
import json
import os
import re
import sqlite3
import sys
from typing import Any
from urllib.parse import unquote


class Leg:
    """What one job measured: path in the workspace -> lines and arcs. `problem`: why it does not count."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.lines: dict[str, set[int]] = {}
        self.arcs: dict[str, set[tuple[int, int]]] = {}
        self.branch = False
        self.problem = ""

    def report(self) -> dict[str, Any]:
        """The leg's line in the report."""
        return {"job": self.job, "files": len(self.lines), "branch": self.branch, "problem": self.problem}

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
        return next((tail for tail in tails if self._existing(tail)), "")

    def _existing(self, path: str) -> str:
        return path if os.path.isfile(os.path.join(self._workspace, path)) else ""


def read_leg(folder: str, places: Places) -> Leg:
    """All data files of one job. Any that cannot be read makes the whole leg a missing one."""
    import coverage

    leg = Leg(unquote(os.path.basename(folder)))
    found = sorted(
        path
        for pattern in ("coverage.data*", "reports/coverage.data*")
        for path in glob.glob(os.path.join(glob.escape(folder), pattern))
        if not path.endswith(("-journal", "-wal", "-shm"))
    )
    if not found:
        leg.problem = "it left no coverage data"
    for path in found:
        try:
            check(path)
            part = coverage.CoverageData(basename=path, suffix=False)
            try:
                part.read()
                take(part, leg, places)
            finally:
                part.close()
        except (coverage.CoverageException, sqlite3.Error, OSError, ValueError, TypeError) as error:
            leg.problem = f"{os.path.basename(path)} cannot be read: {error}"
    if not leg.problem and not leg.lines:
        leg.problem = "it measured no file of the project"
    return leg


def check(path: str) -> None:
    """Raise sqlite3.Error if the file's structure is damaged: reading alone would not notice all of it."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        answer = connection.execute("pragma integrity_check").fetchone()
    finally:
        connection.close()
    if answer != ("ok",):
        raise sqlite3.DatabaseError(str(answer))


def take(part: Any, leg: Leg, places: Places) -> None:
    """Add one data file to its leg. Files of plug-ins (templates) are left out: their plug-in is not here."""
    leg.branch = leg.branch or part.has_arcs()
    for measured in part.measured_files():
        path = "" if part.file_tracer(measured) else places.of(measured)
        if path:
            leg.lines.setdefault(path, set()).update(part.lines(measured) or ())
            if part.has_arcs():
                leg.arcs.setdefault(path, set()).update(part.arcs(measured) or ())


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


def joined(parts: Any) -> dict[str, set[Any]]:
    """Path -> everything that any of the parts has for it."""
    found: dict[str, set[Any]] = {}
    for part in parts:
        for path, run in part.items():
            found.setdefault(path, set()).update(run)
    return found


def analyse(workspace: str, legs: list[Leg], settings: dict[str, Any]) -> dict[str, Any]:
    """The report's figures, by coverage.py's own reading of the sources and of the project's settings."""
    import coverage

    never = [dict.fromkeys(sources(workspace, settings), ())] if legs else []
    lines = joined([leg.lines for leg in legs] + never)
    newest = max((leg.minor for leg in legs), default=(0, 0))
    arcs = joined(leg.arcs for leg in legs if leg.minor == newest)
    by_line, by_branch = loaded(settings), loaded(settings)
    by_line.get_data().add_lines({os.path.join(workspace, path): run for path, run in lines.items()})
    by_branch.get_data().add_arcs({os.path.join(workspace, path): run for path, run in arcs.items()})
    files, problems = [], []
    for path in sorted(chosen(by_line, workspace, lines)):
        full = os.path.join(workspace, path)
        try:
            files.append(counted(path, by_line.analysis2(full), by_branch.branch_stats(full) if arcs else {}))
        except coverage.CoverageException as error:
            problems.append(f"{path}: {error}")
    limit = by_line.get_option("report:fail_under")
    for made in (by_line, by_branch):
        made.get_data().close(force=True)  # held in memory: it is not closed without force
    return {"fail_under": limit, "branches": bool(arcs), "files": files, "problems": problems}


def loaded(settings: dict[str, Any]) -> Any:
    """An empty coverage.Coverage with the project's reporting settings (excluded lines, patterns)."""
    import coverage

    made = coverage.Coverage(data_file=None, config_file=settings["config"] or False)
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


def counted(path: str, analysis: Any, branches: dict[int, tuple[int, int]]) -> dict[str, Any]:
    """One file's counts."""
    _, statements, _, missing, _ = analysis
    return {
        "path": path,
        "statements": len(statements),
        "covered": len(statements) - len(missing),
        "branches": sum(total for total, _ in branches.values()),
        "covered_branches": sum(taken for _, taken in branches.values()),
        "missing": list(missing),
    }


def main(arguments: list[str]) -> int:
    """Write the report; 0 if it could be written, whatever it says."""
    import coverage

    needs, target, workspace, text = arguments
    settings = json.loads(text)
    workspace = os.path.realpath(workspace)
    os.chdir(workspace)
    places = Places(workspace, settings["packages"])
    folders = sorted(entry.path for entry in os.scandir(needs) if entry.is_dir())
    legs = [read_leg(folder, places) for folder in folders]
    report = {"version": coverage.__version__, "legs": [leg.report() for leg in legs]}
    report.update(analyse(workspace, [leg for leg in legs if not leg.problem], settings))
    report["unplaced"] = sorted(places.unplaced)[:100]
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(report, stream)
    for leg in legs:
        print(f"{leg.job}: {leg.problem or f'{len(leg.lines)} files'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
