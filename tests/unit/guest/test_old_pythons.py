"""Guests run in the project's own interpreter: each file is compiled and imported by every Python that is here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.fakes.guest_runs import BYTECODE, GUEST, write

# What the files of the guests use of pytest when they are imported; a bare interpreter has none.
PYTEST = """
def hookimpl(function=None, **_): return function if function is not None else (lambda each: each)
fixture = hookimpl
"""
REPORTS = "class TestReport: pass\n"
SCRIPT = """
import importlib, os, sys
guest = os.environ["GUEST"]
sys.path[:0] = [guest, os.getcwd()]
names = sorted(name[:-3] for name in os.listdir(guest) if name.startswith("penstock_") and name.endswith(".py"))
for name in names:
    sys.path[:1] = [guest]  # one of them takes it off again
    importlib.import_module(name)
compile(open(os.path.join(guest, "shim.py"), encoding="utf-8").read(), "shim.py", "exec")
print(len(names))
"""


@pytest.mark.parametrize("minor", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_guest_is_imported(minor: str, tmp_path: Path) -> None:
    found = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin/python"))
    if not found:
        pytest.skip(f"there is no Python {minor} on this machine")
    inner = {"_pytest/__init__.py": "", "_pytest/reports.py": REPORTS, "_pytest/junitxml.py": ""}
    write(tmp_path, {"pytest.py": PYTEST, **inner})
    done = subprocess.run(
        [str(found[-1]), "-X", f"pycache_prefix={BYTECODE}", "-W", "error", "-c", SCRIPT],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "GUEST": GUEST},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(list(Path(GUEST).glob("penstock_*.py")))
