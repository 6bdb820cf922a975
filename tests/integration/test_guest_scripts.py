"""The guest of `scripts` jobs, on small scripts that are really started."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from penstock.guest.penstock_console import Entry, missing
from tests.fakes.guest_runs import GUEST, write

GOOD = """\
import argparse

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dry-run", action="store_true")
    parser.parse_args()

if __name__ == "__main__":
    main()
"""
OPTIONS = {
    "help": "--help",
    "unknown": True,
    "arguments": [],
    "timeout": 20.0,
    "workers": 2,
    "console": "",
    "asked": False,
}


def told(folder: Path, files: dict[str, str], *, marks: dict[str, list[str]] | None = None, **options: Any) -> Any:
    """The report."""
    write(folder, files)
    given = marks or {}
    words = [
        json.dumps(
            {
                "path": path,
                "plain": path in given.get("plain", []),
                "unguarded": path in given.get("unguarded", []),
                "named": path in given.get("named", []),
            }
        )
        for path in files
    ]
    argv = [sys.executable, "-I", f"{GUEST}/penstock_scripts.py", str(folder / "report.json")]
    subprocess.run([*argv, json.dumps(OPTIONS | options), *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "report.json").read_text())


def test_a_script_that_does_all_that_is_asked_is_good(tmp_path: Path) -> None:
    report = told(tmp_path, {"tools/a-b.py": GOOD, "tools/c.sh": "#!/bin/sh\necho hi\n"}, arguments=["--dry-run"])
    assert report["findings"] == report["told"] == []
    assert report["measures"] == {"files": 2, "good": 2, "calls": 5}
    assert report["notes"]["summary"] == "2 of 2 scripts good"
    assert not {"failed", "problem"} & report.keys()


SILENT = GOOD.replace("ArgumentParser()", "ArgumentParser(add_help=False)").replace(
    "parser.parse_args()", "parser.parse_known_args()"
)


BROKEN = {
    "syntax.py": ("def f(:\n", "syntax", 1, "SyntaxError"),
    "lacks.py": (
        "import json\nimport no_such_module_here\n" + GOOD,
        "import",
        2,
        "No module named 'no_such_module_here'",
    ),
    "ends.py": ("import os\nos._exit(0)\n" + GOOD, "import", 0, "it ended the process while it was imported"),
    "dry.py": (GOOD.replace("parse_args()", "parse_args().x"), "arguments", 6, "`--dry-run` ended with 1"),
    "raises.py": (GOOD.replace("    parser.parse", "    1 / 0; parser.parse"), "help", 6, "division by zero"),
    "silent.py": (SILENT, "help", 0, "`--help` put out nothing"),
    "slack.py": (SILENT.replace("add_help=False", ""), "arguments", 0, "it takes an unknown option: it ended with 0"),
}


def test_each_way_of_being_broken_is_found_with_its_line(tmp_path: Path) -> None:
    report = told(tmp_path, {path: text for path, (text, *_) in BROKEN.items()}, arguments=["--dry-run"])
    found = {path: (rule, line, message) for path, line, rule, message in report["findings"]}
    for path, (_, rule, line, message) in BROKEN.items():
        assert found[path][:2] == (rule, line), path
        assert message in found[path][2]
    assert len(report["findings"]) == len(BROKEN)
    assert report["failed"].startswith(
        "7 of 7 scripts: syntax.py (syntax), lacks.py (import), ends.py (import), 4 more"
    )


def test_what_does_not_end_in_its_time_is_found(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": "import time\ntime.sleep(60)\n" + GOOD}, timeout=0.3)
    assert report["findings"] == [["a.py", 0, "import", "its import did not end within 0.3 s"]]


ACTS = "import sys, pathlib\npathlib.Path('made').touch()\nif '--help' in sys.argv: print('usage')\nelse: sys.exit(2)\n"


def test_a_script_without_a_main_guard_is_told_and_imported_only_where_that_is_declared(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": ACTS}, unknown=False)
    ((path, line, rule, _),) = report["told"]
    assert (path, line, rule) == ("a.py", 2, "no-main-guard")
    assert not {"failed", "problem"} & report.keys()
    declared = told(tmp_path, {"a.py": ACTS}, marks={"unguarded": ["a.py"]})
    assert declared["told"] == []
    assert declared["findings"][0][2] == "import"  # it exits with 2 when it is imported


def test_what_parses_no_arguments_is_not_run_by_asking_for_its_help(tmp_path: Path) -> None:
    text = "import pathlib\nif __name__ == '__main__':\n    pathlib.Path('ran').touch()\n"
    report = told(tmp_path, {"a.py": text})
    assert not (tmp_path / "ran").exists()
    ((_, _, rule, why),) = report["told"]
    assert (rule, "would run it" in why) == ("not-asked", True)
    assert report["problem"] == f"1 of 1 scripts were not asked: a.py ({why})"
    assert "`plain`" in report["remedy"]
    assert "problem" not in told(tmp_path, {"a.py": text}, marks={"plain": ["a.py"]})
    assert not (tmp_path / "ran").exists()


def test_of_an_unguarded_script_without_arguments_nothing_but_the_syntax_can_be_asked(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": "print('deployed')\n"})
    assert "nothing but its syntax could be asked" in report["problem"]


def test_a_module_beside_the_scripts_is_imported_and_not_called(tmp_path: Path) -> None:
    report = told(tmp_path, {"_common.py": "X = 1\n\ndef f():\n    return X\n"})
    assert report["measures"] == {"files": 1, "good": 1, "calls": 1}


def test_a_shell_script_is_read_by_bash(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.sh": "if true; then\necho\n", "b": "#!/usr/bin/env bash\necho b\n", "LICENSE": "MIT\n"})
    ((path, line, rule, message),) = report["findings"]
    assert (path, rule) == ("a.sh", "syntax")
    assert line >= 3
    assert "unexpected end of file" in message
    assert report["measures"]["files"] == 2
    assert "1 left out" in report["notes"]["summary"]


def test_a_file_that_is_named_and_no_script_is_not_verified(tmp_path: Path) -> None:
    report = told(tmp_path, {"run": "echo hi\n"}, marks={"named": ["run"]})
    assert "neither Python nor shell" in report["problem"]


def test_nothing_to_try_is_not_verified(tmp_path: Path) -> None:
    assert "there is no script" in told(tmp_path, {})["problem"]


def test_console_scripts_of_what_is_not_installed_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert missing("no-such-distribution", asked=False) == ""
    assert "not installed here" in missing("no-such-distribution", asked=True)
    (tmp_path / "pyproject.toml").write_text('[project.scripts]\ndemo = "demo:main"\n')
    assert "not installed here" in missing("no-such-distribution", asked=False)
    assert missing("pytest", asked=True) == ""


def test_console_scripts_are_installed_found_and_asked(tmp_path: Path) -> None:
    """By a distribution that is here: its scripts take `--help` and refuse what they do not know."""
    from penstock.guest.penstock_console import attempt, entries

    assert Entry("coverage", "coverage.cmdline:main") in entries("coverage")
    gone = attempt(Entry("demo", ""), OPTIONS)
    assert [rule for _, _, rule, _ in gone.findings] == ["install"]
    tried = attempt(Entry("coverage", "coverage.cmdline:no_such_function"), OPTIONS)
    assert "no_such_function" in tried.findings[0][3]
