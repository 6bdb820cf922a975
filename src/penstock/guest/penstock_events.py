"""The guests' own event writer: the form of `penstock.util.eventlog`, with the standard library alone (Python >= 3.9).

PYTEST_DONT_REWRITE

One event is one line, appended to the file that PENSTOCK_EVENTS names; what a test passed before its teardown waits for
that, so that a test costs two writes. Tests may patch the clock, close every descriptor, fork, or change the folder: so
everything needed is bound here, before the first of them is imported.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import resource
import sys
import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.guest.penstock_redaction import Redaction

_HIGH = 200  # where the log is opened if nothing is known of the limit
TEXT_LIMIT = 64 << 10  # characters of a report or of captured output that are kept, half from each end


def _redaction() -> Redaction | None:
    """What takes the job's secrets out of all that is written; PENSTOCK_SECRETS names their variables."""
    names = os.environ.get("PENSTOCK_SECRETS", "").split(",")
    values = {name: value for name in names if (value := os.environ.get(name, ""))}
    if not values:
        return None
    if TYPE_CHECKING:
        from penstock.guest.penstock_redaction import Redaction
    else:
        from penstock_redaction import Redaction
    return Redaction(values.items())


_REDACTION = _redaction()


def claim(name: str) -> str:
    """Take a variable out of the environment, so that neither the tests nor their children see it; "" if unset."""
    return os.environ.pop(name, "")


def leave_path() -> None:
    """Take the guests' folder off sys.path and PYTHONPATH: tests and their children find nothing of ours."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if folder in sys.path:
        sys.path.remove(folder)
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if folder in entries:
        entries.remove(folder)
        if any(entries):
            os.environ["PYTHONPATH"] = os.pathsep.join(entries)
        else:
            del os.environ["PYTHONPATH"]


def leave_plugins(name: str) -> None:
    """Take `name` out of PYTEST_PLUGINS: a pytest session that a test starts could not import it."""
    rest = [each for each in os.environ.pop("PYTEST_PLUGINS", "").split(",") if each and each != name]
    if rest:
        os.environ["PYTEST_PLUGINS"] = ",".join(rest)


def clean(text: str) -> str:
    r"""`text` without secrets, as JSON readers accept it: a lone surrogate is spelled out, `\udcff`."""
    return _spelled(text if _REDACTION is None else _REDACTION.text(text))


def _spelled(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _without_secrets(line: bytes, redaction: Redaction) -> bytes:
    r"""A net below `clean`. What only looks like a secret, because of the `n` of an escaped newline, stays."""
    done = redaction.content(line)
    if done is not line:
        try:
            json.loads(done)
        except ValueError:
            return line
    return done


def bounded(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text`, clean, with its middle cut out where it is longer than `limit` characters."""
    text = clean(text)  # before it is cut: half a secret is not recognised
    if len(text) > limit:
        text = f"{text[: limit // 2]}\n… {len(text) - limit} characters left out …\n{text[-limit // 2 :]}"
    return text


def digest(ids: list[str]) -> str:
    """sha256 of the ids joined by newlines."""
    return hashlib.sha256("\n".join(ids).encode("utf-8")).hexdigest()


def attempt_seed() -> str:
    """What PYTHONHASHSEED says, in words; "" if it says nothing."""
    seed = os.environ.get("PYTHONHASHSEED", "")
    return f"PYTHONHASHSEED={seed}" if seed and seed != "random" else ""


def imported(packages: str) -> list[tuple[str, str]]:
    """Which of the project's packages (names joined by commas) are imported, and from where."""
    found = []
    for name in filter(None, packages.split(",")):
        module = sys.modules.get(name)
        if module is not None:
            path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
            found.append((clean(name), clean(str(path))))
    return found


class EventWriter:
    """Appends events to one file, for the process that made it and no other."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.count = 0
        self.broken = ""  # why nothing is written any more: a log with a hole must not look whole
        self.pid = os.getpid()
        self.monotonic_s = time.monotonic
        self._encode = json.JSONEncoder(separators=(",", ":")).encode
        self._getpid, self._write, self._fstat, self._crc32 = os.getpid, os.write, os.fstat, zlib.crc32
        self._identity = (0, 0)
        self._descriptor = -1
        self._waiting = b""  # whole lines
        self._open()

    def _open(self) -> None:
        """Open the file at a number so high that a test's own files hardly come to stand there."""
        low = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        number = min(allowed, 1024) - 1 if allowed > low else _HIGH
        try:
            self._descriptor = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, number)
        except OSError:  # it is taken, and no higher one is allowed
            self._descriptor = low
        else:
            os.close(low)
        status = os.fstat(self._descriptor)
        self._identity = (status.st_dev, status.st_ino)

    def hold(self) -> None:
        """Open the file again if the descriptor is not ours any more: tests close what they do not know."""
        if self._getpid() != self.pid or self.broken:
            return
        try:
            status = self._fstat(self._descriptor)
            if (status.st_dev, status.st_ino) != self._identity:
                self._open()
        except OSError:
            self._reopen()

    def _reopen(self) -> bool:
        try:
            self._open()
        except OSError as error:
            self.broken = str(error)
        return not self.broken

    def here(self) -> bool:
        """Whether this is the process that the log belongs to (a test may have forked and run on into the runner)."""
        return self._getpid() == self.pid

    def encode(self, value: object) -> str:
        """`value` as JSON."""
        return self._encode(value)

    def emit(self, event: str, **fields: object) -> None:
        """Write one event."""
        self.emit_text(self._encode({"event": event, **fields}))

    def emit_text(self, text: str, *, waits: bool = False) -> None:
        """Write one event that is JSON already. Never raises OSError: what could not be written is told at the end.

        `waits`: it may be written with the next one; if the process dies before, it is as if it had not come to it.
        """
        if self.broken or self._getpid() != self.pid:
            return
        line = text.encode("utf-8")
        line = line if _REDACTION is None else _without_secrets(line, _REDACTION)
        line = b"%b%08x %b\n" % (self._waiting, self._crc32(line), line)
        self.count += 1
        self._waiting = line if waits else b""
        if not waits:
            self._append(line)

    def flush(self) -> None:
        """Write what waits for the next event."""
        line, self._waiting = self._waiting, b""
        if line and not self.broken and self._getpid() == self.pid:
            self._append(line)

    def _append(self, line: bytes) -> None:
        try:
            written = self._write(self._descriptor, line)
        except OSError as error:
            if error.errno != errno.EBADF:
                self.broken = str(error)
                return
            if not self._reopen():
                return
            written = self._write(self._descriptor, line)
        if written != len(line):
            self.broken = "only a part of a line could be written: is the disk full?"

    def complain(self) -> None:
        """Say on standard error why the log is not whole."""
        if self.broken and self.here():
            sys.stderr.write(f"penstock: the test log could not be written: {self.broken}\n")
