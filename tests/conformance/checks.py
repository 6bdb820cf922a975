"""What a case holds beyond equal results: files that its tests wrote, reports, and what the engine said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.model.events import TestOutcome
from tests.conformance.running import Ran


def output_is_its_own(plain: Ran, ours: Ran) -> None:
    """What a failing test wrote, by Python, by a child process and to the log, is told with it and with no other."""
    said = {record.id: record.output for record in ours.log.last if record.output}
    assert set(said) == {record.id for record in plain.log.last if record.output}
    for name, output in said.items():
        if "test_fails[" not in name:
            continue
        number = name[-2]
        for word in ("OUT-OF", "CHILD-OF", "ERR-OF"):
            assert re.findall(rf"{word} (\d)", output) == [number], (name, output)
        assert f"LOG-OF {number}" in output


def scopes_pair(_plain: Ran, ours: Ran) -> None:
    """In each process a fixture's set-ups and teardowns alternate, and the session's is set up once."""
    lines = [line.split() for line in (ours.folder / "scopes.log").read_text().splitlines()]
    processes = {line[0] for line in lines}
    for process in processes:
        own = [line[1:] for line in lines if line[0] == process]
        assert own[0] == ["up", "session", "-"]
        assert own[-1] == ["down", "session", "-"]
        open_now: dict[str, str] = {}
        ups = Counter((scope, name) for way, scope, name in own if way == "up")
        for way, scope, name in own:
            assert open_now.get(scope, "") == ("" if way == "up" else name), (process, scope, name)
            open_now[scope] = name if way == "up" else ""
        assert not any(open_now.values())
        assert {key: number for key, number in ups.items() if number > 1 and key[0] in ("session", "module")} == {}


def each_leaves_once(_plain: Ran, ours: Ran) -> None:
    """Handlers of a module run in the process that imported it, once; those of a test once, where it ran."""
    lines = [line.split() for line in (ours.folder / "leaving.log").read_text().splitlines()]
    assert max(Counter(map(tuple, lines)).values()) == 1, lines
    assert all(words[0] == words[2] for words in lines if words[1] == "import"), lines
    assert sum(words[1] == "test" for words in lines) == 1
    assert sum(words[1] == "finalized" for words in lines) == 1
    assert not [path for path in ours.folder.iterdir() if path.name.startswith("tmp")]


def chances_differ(file: str) -> Callable[[Ran, Ran], None]:
    """No number that tests drew by chance came twice."""

    def check(_plain: Ran, ours: Ran) -> None:
        lines = [line.split() for line in (ours.folder / file).read_text().splitlines()]
        for column in zip(*(line[1:] for line in lines), strict=True):
            assert len(set(column)) == len(column)

    return check


def hooks_are_called(plain: Ran, ours: Ran) -> None:
    """The leader's hooks see every report and the end, as often as without workers; what they print is printed."""
    theirs = Counter((plain.folder / "hooks.log").read_text().splitlines())
    assert Counter((ours.folder / "hooks.log").read_text().splitlines()) == theirs
    (line,) = re.findall(r"HOOK-SUMMARY.*", plain.output)
    assert line in ours.output
    assert {record.id: "of the hook" in record.output for record in ours.log.last} == {
        record.id: "of the hook" in record.output for record in plain.log.last
    }


def same_junit(plain: Ran, ours: Ran) -> None:
    """The files agree, but for times and order."""

    def read(file: Path) -> list[tuple[str, ...]]:
        tree = ET.parse(file)
        cases = [
            (
                case.get("classname", ""),
                case.get("name", ""),
                *sorted(f"{child.tag} {child.get('type')}" for child in case),
            )
            for case in tree.iter("testcase")
        ]
        suite = next(iter(tree.iter("testsuite")))
        totals = tuple(suite.get(name, "") for name in ("errors", "failures", "skipped", "tests"))
        named = sorted(f"{each.get('name')}={each.get('value')}" for each in tree.iter("property"))
        return [totals, tuple(named), *sorted(cases)]

    assert read(ours.folder / "junit.xml") == read(plain.folder / "junit.xml")


def same_html(plain: Ran, ours: Ran) -> None:
    """The page has as many tests of each kind."""

    def read(file: Path) -> Counter[str]:
        return Counter(re.findall(r"&#34;result&#34;: &#34;(\w+)&#34;", file.read_text()))

    assert read(plain.folder / "report.html")
    assert read(ours.folder / "report.html") == read(plain.folder / "report.html")


def same_snapshots(plain: Ran, ours: Ran) -> None:
    """The files of snapshots are the same, byte for byte."""

    def read(folder: Path) -> dict[str, str]:
        return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.ambr")}

    assert read(plain.folder)
    assert read(ours.folder) == read(plain.folder)


def same_coverage(report: str) -> Callable[[Ran, Ran], None]:
    """The same lines and branches of each file; data that the engine left in pieces is put together first."""

    def check(plain: Ran, ours: Ran) -> None:
        def read(ran: Ran) -> dict[str, Any]:
            if not (ran.folder / report).exists():
                pieces = sorted(path.name for path in ran.folder.glob("measured*"))
                for argv in (
                    ("combine", "-q", "--data-file=whole", *pieces),
                    ("json", "-q", "--data-file=whole", "-o", report),
                ):
                    subprocess.run([ran.log.executable, "-m", "coverage", *argv], cwd=ran.folder, check=True)
            files = json.loads((ran.folder / report).read_text())["files"]
            return {name: (file["executed_lines"], file.get("executed_branches")) for name, file in files.items()}

        assert read(plain)["gate.py"]
        assert read(ours) == read(plain)

    return check


def workers_have_names(plain: Ran, ours: Ran) -> None:
    """Each process has one name, every name is one process's, and the run has one id."""
    lines = [line.split() for line in (ours.folder / "workers.log").read_text().splitlines()]
    names = {process: name for process, name, _ in lines}
    assert len(set(names.values())) == len(names) == 2
    assert all(re.fullmatch(r"gw\d+", name) for name in names.values())
    assert len({run for _, _, run in lines}) == 1
    assert ours.workers == set(names.values())
    assert plain.workers == set()


def told_as_crashed(_plain: Ran, ours: Ran) -> None:
    """What killed a worker is named."""
    said = {record.id.rpartition("::")[2]: record.message for record in ours.log.last}
    assert "SIGKILL" in said["test_killed"]
    assert "SIGSEGV" in said["test_segfault"]
    assert "SIGABRT" in said["test_abort"]
    assert "0" in said["test_leaves_with_0"]
    assert ours.exit_code == 1
    assert not ours.log.passed


def not_green(_plain: Ran, ours: Ran) -> None:
    """A session that ended early proves nothing, whatever code it ends with."""
    assert not ours.log.passed


def dies_at_the_end(plain: Ran, ours: Ran) -> None:
    """No test is lost, and the death is nobody's secret."""
    assert set(ours.ends) == set(plain.ends)
    assert {*ours.ends.values()} <= {"passed", "crashed"}
    assert not ours.log.passed
    assert ours.exit_code != 0


def ended_early(plain: Ran, ours: Ran) -> None:
    """It stopped after as many failures, and left tests over."""
    failures = [sum(record.outcome is TestOutcome.FAILED for record in ran.log.last) for ran in (plain, ours)]
    assert failures[0] <= failures[1] <= failures[0] + 1  # the other worker may be in a failing test just then
    assert ours.log.missing
    assert "stopping after" in ours.output


def child_is_gone(_plain: Ran, ours: Ran) -> None:
    """The process that a hanging test had started ended with it."""
    pid = int((ours.folder / "child.pid").read_text())
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    raise AssertionError("a hanging test's child is still there")
