"""A container engine by its program: what is asked of it, and what it answers (standard library, Python >= 3.9).

The words are those that Docker's and Podman's manuals have in common.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_children import End, run
else:
    sys.path.insert(0, _FOLDER)
    from penstock_children import End, run

    sys.path.remove(_FOLDER)

_CALL_S = 60.0  # for a call that builds nothing
_STOP_S = 10  # between TERM and KILL of a container
JOB, OWNER = "penstock.job", "penstock.owner"  # labels
# What says that the engine or a registry could not be reached: nothing is known of the image then.
UNREACHED = re.compile(
    r"(?i)cannot connect to the docker daemon|cannot connect to podman|is the docker daemon running"
    r"|error during connect"
    r"|failed to resolve source metadata|failed to do request|dial tcp|no such host|i/o timeout|tls handshake timeout"
    r"|pinging container registry|error pulling image|toomanyrequests|connection refused|network is unreachable"
    r"|no space left on device"
)


class State(NamedTuple):
    """Of a container."""

    running: bool
    code: int
    killed: bool  # for want of memory


class RefusedError(Exception):
    """The engine said no: why."""


class Engine:
    """Calls the program. `job`: what containers are labelled with, so that those of a killed run are found."""

    def __init__(self, program: str, job: str) -> None:
        self._program = program
        self._job = job
        self.hurried = False  # we are told to end: a container is removed without being asked to stop

    @property
    def is_podman(self) -> bool:
        """Whether it is Podman, which knows no BuildKit."""
        return "podman" in os.path.basename(self._program)

    def build(self, words: list[str]) -> tuple[int, str]:
        """Build, with the output passed on; the exit code and the end of what was said."""
        argv = [self._program, "build", *words]
        said: list[str] = []
        with subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as building:
            for line in building.stdout or ():
                text = line.decode("utf-8", "replace")
                sys.stdout.write(text)
                said = [*said[-199:], text]
        sys.stdout.flush()
        return building.returncode, "".join(said)

    def size(self, image: str) -> int:
        """Bytes of an image. Raises RefusedError."""
        text = self._need("image", "inspect", "--format", "{{.Size}}", image)
        if not text.isdecimal():
            raise RefusedError(f"its size cannot be read: {text[:100]}")
        return int(text)

    def start(self, image: str, port: int, variables: list[tuple[str, str]], owner: str) -> str:
        """Start a container of it in the background; its id. Raises RefusedError."""
        words = [f"--env={name}={value}" for name, value in variables]
        labels = [f"--label={JOB}={self._job}", f"--label={OWNER}={owner}"]
        text = self._need("run", "--detach", *labels, f"--publish=127.0.0.1::{port}", *words, image)
        return text.splitlines()[-1].strip() if text else ""

    def address(self, container: str, port: int) -> int:
        """The port of the loopback behind which it listens. Raises RefusedError."""
        text = self._need("port", container, f"{port}/tcp")
        found = re.search(r":(\d+)\s*$", text.splitlines()[0] if text else "")
        if found is None:
            raise RefusedError(f"the port {port} is not published: {text[:100]}")
        return int(found[1])

    def state(self, container: str) -> State:
        """How it is. Raises RefusedError."""
        form = "{{.State.Running}} {{.State.ExitCode}} {{.State.OOMKilled}}"
        words = self._need("inspect", "--format", form, container).split()
        if len(words) != 3 or not re.fullmatch(r"-?\d+", words[1]):
            raise RefusedError(f"the state of the container cannot be read: {' '.join(words)[:100]}")
        return State(running=words[0] == "true", code=int(words[1]), killed=words[2] == "true")

    def logs(self, container: str) -> str:
        """The last lines that it put out."""
        return self._call("logs", "--tail", "50", container).text

    def remove(self, container: str) -> bool:
        """Stop and remove it; whether it is gone."""
        if not self.hurried:
            self._call("stop", "-t", str(_STOP_S), container)
        return self._call("rm", "--force", "--volumes", container).code == 0

    def forget(self, image: str) -> None:
        """Remove an image that another has taken the place of; one in use stays."""
        self._call("image", "rm", image)

    def tagged(self, tag: str) -> str:
        """The id of the image with this name, "" if there is none."""
        end = self._call("image", "inspect", "--format", "{{.Id}}", tag)
        return end.text.strip() if end.good else ""

    def left(self) -> list[tuple[str, str]]:
        """(container, owner) of the containers that this job has left, running or not."""
        form = '{{.ID}} {{.Label "' + OWNER + '"}}'
        end = self._call("ps", "--all", "--filter", f"label={JOB}={self._job}", "--format", form)
        rows = (line.split() for line in end.text.splitlines()) if end.good else ()
        return [(row[0], row[1] if len(row) > 1 else "") for row in rows if row]

    def _call(self, *words: str) -> End:
        return run([self._program, *words], limit_s=_CALL_S)

    def _need(self, *words: str) -> str:
        end = self._call(*words)
        if not end.good:
            how = f"did not end within {_CALL_S:g} s" if end.late else f"ended with {end.code}: {end.last}"
            raise RefusedError(f"`{os.path.basename(self._program)} {words[0]}` {how}")
        return end.text.strip()
