"""The real program in a process of its own, on a small project: what the tests of the command line share."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_NETWORK = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)  # of tests that fetch
_SGR = re.compile(r"\x1b\[[0-9;]*m")


class Done(NamedTuple):
    """How it ended and what it said. With `together`, or on a terminal, all is in `out`."""

    code: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        """What it said on standard output, a line each, without what surrounds it."""
        return [line.strip() for line in self.out.splitlines() if line.strip()]

    def token(self) -> str:
        """The first repro token of the report."""
        found = re.search(r"penstock repro (\S+)", self.out)
        assert found, self.out
        return found[1]


def penstock(root: Path, *args: str, together: bool = False, environ: Mapping[str, str] | None = None) -> Done:
    """`penstock *args` in `root`. `together`: progress and results go to one pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "penstock", *args],
        cwd=root,
        env=_environ(root) | dict(environ or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if together else subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr or "")


def on_a_terminal(root: Path, *args: str, press: tuple[float, bytes] | None = None) -> Done:
    """The same on a pseudo-terminal of 24 x 80. `press`: keys, so many seconds after the start. Colours taken out."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(root)
        os.execve(sys.executable, [sys.executable, "-m", "penstock", *args], _environ(root) | {"TERM": "xterm"})
    started_s, said = time.monotonic(), b""
    while time.monotonic() - started_s < 120:
        if press is not None and time.monotonic() - started_s > press[0]:
            os.write(terminal, press[1])
            press = None
        try:
            said += os.read(terminal, 65536) if select.select([terminal], [], [], 0.05)[0] else b""
        except OSError:  # the other side has closed it
            break
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    return Done(code, _SGR.sub("", said.decode("utf-8", "replace")).replace("\r\n", "\n"))


def _environ(root: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", *_NETWORK) if name in os.environ}
    paths = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if Path(entry).name == "src")
    return {**kept, "LANG": "C.UTF-8", "PYTHONPATH": paths, "GIT_CEILING_DIRECTORIES": str(root.parent)}
