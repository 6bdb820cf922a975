"""Reports and warnings from a worker to the leader: frames in a file, most of them a few bytes.

PYTEST_DONT_REWRITE

A passed phase without anything special is a tuple of numbers: the leader knows the test and makes the report anew.
Everything else goes through pytest's own serialization, as plugins expect it. Frames are sent together, as `length,
marshal`; a file survives its writer, and never makes it wait.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import importlib
import marshal
import os
import pickle
import struct
import warnings
from typing import Any

from _pytest.reports import TestReport

_LENGTH = struct.Struct("<I")
_OBJECTS = "objects"  # the kind of a frame that holds more than basic types: pickled, and in basic types
_PLAIN = frozenset(
    (
        "nodeid",
        "_id",  # what pytest >= 9.2 keeps of it
        "location",
        "keywords",
        "outcome",
        "longrepr",
        "when",
        "user_properties",
        "sections",
        "duration",
        "start",
        "stop",
    )
)


class Outbox:
    """A worker's end: frames appended to its own file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open, self._write, self._close, self._fstat = os.open, os.write, os.close, os.fstat
        self._descriptor = self._opened()
        status = os.fstat(self._descriptor)
        self._identity = (status.st_dev, status.st_ino)
        self._held: list[tuple[Any, ...]] = []

    def _opened(self) -> int:
        return self._open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def hold(self, kind: str, *parts: Any) -> None:
        """Keep a frame until `send`."""
        self._held.append((kind, *parts))

    def send(self) -> None:
        """Write what was held. Raises OSError if it cannot be: the worker then ends, and its test is told as lost."""
        if not self._held:
            return
        try:
            body = marshal.dumps(self._held)
        except ValueError:  # something that is no basic type
            body = marshal.dumps([(_OBJECTS, _pickled(frame), _plain(frame)) for frame in self._held])
        content = _LENGTH.pack(len(body)) + body
        self._held.clear()
        try:
            status = self._fstat(self._descriptor)
            same = (status.st_dev, status.st_ino) == self._identity
        except OSError:
            same = False
        if not same:  # a test closed what it did not know
            self._descriptor = self._opened()
        while content:
            content = content[self._write(self._descriptor, content) :]


class Inbox:
    """The leader's end: reads what has come, whole frames only."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._at = 0
        self._rest = b""

    def read(self) -> list[tuple[Any, ...]]:
        """The frames that came since the last time."""
        parts = [self._rest]
        while True:
            content = os.pread(self._descriptor, 1 << 20, self._at)
            if not content:
                break
            self._at += len(content)
            parts.append(content)
        content = b"".join(parts)
        frames, at = [], 0
        while len(content) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(content, at)
            end = at + _LENGTH.size + length
            if end > len(content):
                break
            sent = marshal.loads(content[at + _LENGTH.size : end])  # noqa: S302 - our own worker's file
            frames += [_objects(frame[1], frame[2]) if frame[0] == _OBJECTS else frame for frame in sent]
            at = end
        self._rest = content[at:]
        return frames

    def close(self) -> None:
        """Read no more."""
        os.close(self._descriptor)


def _pickled(frame: tuple[Any, ...]) -> bytes:
    """The frame's objects; none if a test noted one that cannot leave its process."""
    try:
        return pickle.dumps(frame)
    except Exception:  # noqa: BLE001 - a project's own object may raise anything
        return b""


def _plain(value: Any) -> Any:
    """The same in basic types; objects in words, as junitxml writes them."""
    if value is None or type(value) in (str, bytes, int, float, bool):
        return value
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return (tuple if isinstance(value, tuple) else list)(map(_plain, value))
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - as above
        return f"<{type(value).__name__}>"


def _objects(pickled: bytes, plain: tuple[Any, ...]) -> tuple[Any, ...]:
    """The frame with its objects, where this process can import what they are made of."""
    if pickled:
        with contextlib.suppress(Exception):
            frame: tuple[Any, ...] = pickle.loads(pickled)  # noqa: S301 - our own worker's file
            return frame
    return plain


def pack(report: Any, config: Any) -> tuple[Any, ...]:
    """A report as a frame without its kind and its test's number."""
    table = report.__dict__
    if report.outcome == "passed" and type(report).__name__ == "TestReport" and _PLAIN.issuperset(table):
        return (
            report.when,
            table.get("start"),
            table.get("stop"),
            report.duration,
            report.sections or None,
            report.user_properties or None,
            report.location if report.when == "setup" else None,  # it costs the leader much to find it out
        )
    return (config.hook.pytest_report_to_serializable(config=config, report=report),)


def unpack(frame: tuple[Any, ...], item: Any, config: Any, location: Any, *, worded: bool = True) -> Any:
    """The report that `pack` was given. `frame`: as `pack` gave it. `location`: as an earlier report has it.

    `worded`: with keywords; where nobody looks at those of a test that passed, they are spared.
    """
    if len(frame) == 1:
        part = frame[0].get("_subtest.context")  # pytest changes what it is given
        report = config.hook.pytest_report_from_serializable(config=config, data=frame[0])
        if part:
            report.context.kwargs.update(part["kwargs"])  # pytest 9 quotes them once more
        return report
    when, start, stop, duration, sections, properties, own = frame
    words: Any = {str(word): 1 for word in item.keywords} if worded else {}
    report = TestReport(item.nodeid, own or location or item.location, words, "passed", None, "call")
    report.when = when
    report.sections = list(sections or ())
    report.user_properties = list(properties or ())
    report.duration = duration
    if start is not None:
        report.start, report.stop = start, stop
    return report


def pack_warning(warning: warnings.WarningMessage, when: str, nodeid: str, location: Any) -> tuple[Any, ...]:
    """A recorded warning in basic types."""
    kind = warning.category
    return (
        str(warning.message),
        kind.__module__,
        kind.__name__,
        warning.filename,
        warning.lineno,
        when,
        nodeid,
        location,
    )


def unpack_warning(frame: tuple[Any, ...]) -> dict[str, Any]:
    """The arguments of pytest_warning_recorded."""
    message, module, name, filename, line, when, nodeid, location = frame
    kind: Any = getattr(importlib.import_module(module), name, UserWarning)
    try:
        spoken = kind(message)
    except Exception:  # noqa: BLE001 - a project's own warning may want other arguments
        kind, spoken = UserWarning, UserWarning(message)
    told = warnings.WarningMessage(message=spoken, category=kind, filename=filename, lineno=line)
    return {"warning_message": told, "when": when, "nodeid": nodeid, "location": location}
