"""The whole program on small declared pipelines of commands: started, watched and told to stop from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.scene import VICTIMS

PENSTOCK = (sys.executable, "-m", "penstock")
PATIENCE_S = 60.0  # on a machine that is busy; nothing that is right waits for it


class End(NamedTuple):
    """How a process ended, and what it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> str:
        """All of it, for messages of failed assertions."""
        return f"exit code {self.code}\n{self.stdout}\n{self.stderr}"


class Project(NamedTuple):
    """A folder with a penstock.toml."""

    root: Path

    @property
    def state(self) -> Path:
        """Its state folder."""
        return self.root / ".penstock"

    def start(self, *words: str, environ: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[bytes]:
        """`penstock *words` in a session of its own, so that signals reach it alone."""
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | how
        popen: Any = subprocess.Popen  # its overloads do not see what `how` holds
        process: subprocess.Popen[bytes] = popen(
            (*PENSTOCK, *words),
            cwd=self.root,
            env=(os.environ | {"XDG_CACHE_HOME": f"{self.root}.cache"}) if environ is None else environ,
            start_new_session=True,
            **how,
        )
        return process

    def run(self, *words: str, **how: Any) -> End:
        """The same to its end."""
        return ended(self.start(*(words or ("run",)), **how))

    def runs(self) -> list[Path]:
        """The folders of its runs, oldest first."""
        return sorted((self.state / "runs").glob("*-*"))

    def verdict(self) -> dict[str, Any]:
        """What the newest run keeps of its verdict."""
        told: dict[str, Any] = json.loads((self.runs()[-1] / "verdict.json").read_text())
        return told

    def outcomes(self) -> dict[str, str]:
        """Job -> outcome in the newest run; "cached" for a hit."""
        return {
            job["id"]: "cached" if job.get("cached_from") else job["outcome"] or "" for job in self.verdict()["jobs"]
        }

    def log(self, job: str) -> bytes:
        """What the job has printed in the newest run so far."""
        logs = [run / "jobs" / job / "output.log" for run in self.runs()]
        return logs[-1].read_bytes() if logs and logs[-1].exists() else b""

    def await_output(self, job: str, text: bytes = b"ready\n") -> None:
        """Wait until the job has printed `text`."""
        until(lambda: text in self.log(job))


def project(root: Path, **jobs: str) -> Project:
    """A project whose jobs are given as the inside of their tables."""
    root.mkdir(parents=True, exist_ok=True)
    lines = ["[jobs]", *(f"{name} = {{ {text} }}" for name, text in jobs.items())]
    (root / "penstock.toml").write_text("\n".join(lines) + "\n")
    return Project(root)


def victim(name: str, mark: str) -> str:
    """The `run` of a job that is one of the victims."""
    return "run = " + json.dumps([sys.executable, "-I", "-S", str(VICTIMS), name, mark])


def python(code: str) -> str:
    """The `run` of a job that runs this code."""
    return "run = " + json.dumps([sys.executable, "-I", "-S", "-c", code])


def ended(process: subprocess.Popen[bytes]) -> End:
    """Wait for the end of a process; one that hangs is killed, and that is an error."""
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return End(process.returncode, (stdout or b"").decode(errors="replace"), (stderr or b"").decode(errors="replace"))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


def peak_bytes(process: subprocess.Popen[bytes]) -> int:
    """The largest resident set of the process itself, looked at until it ends."""
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        peak = max([peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.02)
    return peak


def closed(*descriptors: int) -> Callable[[], None]:
    """For `preexec_fn`: these are not open when the program starts."""

    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return close
