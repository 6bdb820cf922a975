"""The guests' own event writer: the form of `penstock.util.eventlog`, with the standard library alone (Python >= 3.9).

PYTEST_DONT_REWRITE

One event is one line is one write, appended to the file that PENSTOCK_EVENTS names. Tests may patch the clock, close
every descriptor, fork, or change the folder: so everything needed is bound here, before the first of them is imported.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import sys
import time
import zlib

TEXT_LIMIT = 64 << 10  # characters of a report or of captured output that are kept, half from each end


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
    r"""`text` as JSON readers accept it: a lone surrogate (a file name that is not UTF-8) is spelled out, `\udcff`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def bounded(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text`, clean, with its middle cut out where it is longer than `limit` characters."""
    if len(text) > limit:
        text = f"{text[: limit // 2]}\n… {len(text) - limit} characters left out …\n{text[-limit // 2 :]}"
    return clean(text)


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
        self._calls = (os.getpid, os.write, os.fstat, zlib.crc32)
        self._identity = (0, 0)
        self._descriptor = -1
        self._open()

    def _open(self) -> None:
        """Open the file at a number that tests are not likely to close or to count on."""
        low = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._descriptor = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 200)
        except OSError:  # fewer descriptors are allowed than that
            self._descriptor = low
        else:
            os.close(low)
        status = os.fstat(self._descriptor)
        self._identity = (status.st_dev, status.st_ino)

    def _is_ours(self) -> bool:
        """Whether the descriptor is still our file: a test may have closed it, and opened its own at that number."""
        try:
            status = self._calls[2](self._descriptor)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def here(self) -> bool:
        """Whether this is the process that the log belongs to (a test may have forked and run on into the runner)."""
        return bool(self._calls[0]() == self.pid)

    def encode(self, value: object) -> str:
        """`value` as JSON."""
        return self._encode(value)

    def emit(self, event: str, **fields: object) -> None:
        """Write one event."""
        self.emit_text(self._encode({"event": event, **fields}))

    def emit_text(self, text: str) -> None:
        """Write one event that is JSON already. Never raises OSError: what could not be written is told at the end."""
        getpid, write, _, crc32 = self._calls
        if self.broken or getpid() != self.pid:
            return
        line = text.encode("utf-8")
        line = b"%08x %b\n" % (crc32(line), line)
        try:
            if not self._is_ours():
                self._open()
            written = write(self._descriptor, line)
        except OSError as error:
            self.broken = str(error)
            return
        if written != len(line):
            self.broken = "only a part of a line could be written: is the disk full?"
        self.count += 1

    def complain(self) -> None:
        """Say on standard error why the log is not whole."""
        if self.broken and self.here():
            sys.stderr.write(f"penstock: the test log could not be written: {self.broken}\n")
