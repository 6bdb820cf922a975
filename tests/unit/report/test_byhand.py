"""A launch as a line for the shell: run through a real one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from penstock.ports import Launch
from penstock.report.byhand import command_line

SAY = "import json, os, sys; print(json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]))"


def test_the_line_does_in_a_shell_what_the_launch_does(tmp_path: Path) -> None:
    folder = tmp_path / "a b'c"
    folder.mkdir()
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/h"}
    launch = Launch(
        task="unit",
        argv=(sys.executable, "-c", SAY, "x y", "$HOME", "it's"),
        directory=str(folder),
        environment=(
            ("HOME", "/h"),
            ("PATH", "/venv/bin:/usr/bin:/bin"),
            ("PENSTOCK_EVENTS", "/gone"),
            ("PENSTOCK_ONLY", "/ids.json"),
            ("SPACED", "a  b"),
            ("TMPDIR", "/gone"),
        ),
        output="",
    )
    line = command_line(launch, environ)
    done = subprocess.run(["sh", "-c", line], env=environ, capture_output=True, text=True, check=True)
    directory, argv, variables = json.loads(done.stdout)
    assert directory == str(folder)
    assert argv == ["x y", "$HOME", "it's"]
    assert variables["PATH"] == "/venv/bin:/usr/bin:/bin"
    assert variables["SPACED"] == "a  b"
    assert variables["PENSTOCK_ONLY"] == "/ids.json"
    assert not {"PENSTOCK_EVENTS", "TMPDIR"} & set(variables)


def test_unittest_records_into_nothing() -> None:
    launch = Launch(task="u", argv=("python", "/g/penstock_unittest.py"), directory="/", environment=(), output="")
    assert command_line(launch, {}) == "cd / && env PENSTOCK_EVENTS=/dev/null python /g/penstock_unittest.py"
