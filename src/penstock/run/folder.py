"""The state folder `.penstock/` and the folder of each run in it: made, found, and put in order after a kill.

    state/{.gitignore,format,runs/<YYYYmmdd-HHMMSS>-<6 hex>/{lock,plan.json,events.jsonl,verdict.json,jobs/<job>/…}}

A run holds an OS lock on `lock` while it lives and removes the file when its end is in its log. So a `lock` that
nobody holds means a run that was killed, and needs no pid to tell.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from penstock.errors import StateError, UsageError
from penstock.model.plan import Plan
from penstock.ports import Clock
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.util import atomic, digest
from penstock.util.clock import random_hex

FORMAT = 1  # of the state folder; a newer one is refused, an older one is read
_RUN = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_ODD = re.compile(rb"[^A-Za-z0-9@,=+#._-]|^\.")
LEAST_FREE_BYTES = 16 << 20  # under this a disk counts as full: reports and logs would be cut
_LONGEST_NAME = 120


class RunFolder:
    """One run's place on disk, locked while it is open. Make it with `create`."""

    def __init__(self, path: Path, lock: int | None, note: str | None = None) -> None:
        self.path = path
        self.note = note  # what the user has to be told about where this is
        self._lock = lock

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def events(self) -> Path:
        """The supervisor's event log."""
        return self.path / "events.jsonl"

    @property
    def plan(self) -> Path:
        """The plan, as JSON."""
        return self.path / "plan.json"

    @property
    def verdict(self) -> Path:
        """The verdict, as JSON; absent until it is known."""
        return self.path / "verdict.json"

    @property
    def spare(self) -> Path:
        """The file of the processors to spare, while the run lives."""
        return self.path / "spare"

    def job(self, job: str) -> Path:
        """A job's folder; not made here."""
        return self.path / "jobs" / safe_name(job)

    @property
    def whole(self) -> Path:
        """The plan of which this run is a shard, as JSON; absent where it is none."""
        return self.path / "whole.json"

    def write_plan(self, plan: Plan, whole: Plan | None = None, *, secrets: Secrets = NO_SECRETS) -> None:
        """Keep the plan, and the one that it is a shard of. Raises OSError."""
        atomic.write(self.plan, secrets.document(msgspec.json.encode(plan)))
        if whole is not None:
            atomic.write(self.whole, secrets.document(msgspec.json.encode(whole)))

    def close(self) -> None:
        """Call when the log is closed: the run is over, and nothing of it has to be looked for."""
        with contextlib.suppress(OSError):
            self.spare.unlink()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.path / "lock").unlink()
            os.close(self._lock)
            self._lock = None


def create(state: Path, clock: Clock) -> RunFolder:
    """A new run's folder under `state`, or, where that cannot be written, in a temporary place, with a note.

    Raises StateError if `state` was written by a newer penstock, or no place at all can be written.
    """
    check_format(state)
    try:
        return _create(state, clock)
    except OSError as error:
        reason = error.strerror or str(error)
    import tempfile

    try:
        place = Path(tempfile.mkdtemp(prefix="penstock-"))
        made = _create(place, clock)
    except OSError as error:
        raise StateError(
            f"{state} cannot be written ({reason}), nor can a temporary folder ({error.strerror})",
            remedy="make room, or let TMPDIR name a folder that can be written",
        ) from error
    made.note = f"{state} cannot be written ({reason}): this run is kept in {made.path} and not found later"
    return made


def check_format(state: Path) -> None:
    """Raise StateError if `state` was written by a newer penstock, or its format cannot be told. Deletes nothing."""
    try:
        text = (state / "format").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise StateError(f"{state / 'format'} cannot be read: {error}") from error
    if not text.isdigit() or int(text) > FORMAT:
        raise StateError(
            f"{state} has format {text!r}; this penstock knows up to {FORMAT}",
            remedy="use the newer penstock that wrote it, or move the folder away",
        )


def mark(state: Path) -> None:
    """Make the folder what it is: one that git does not see, of our format. Raises OSError."""
    for name, text in ((".gitignore", "*\n"), ("format", f"{FORMAT}\n")):
        if not (state / name).exists():
            atomic.write(state / name, text.encode())


def runs(state: Path) -> tuple[Path, ...]:
    """The folders of all runs, newest first."""
    return tuple(state / "runs" / name for name in run_ids(state))


def run_ids(state: Path) -> list[str]:
    """The ids of all runs, newest first."""
    try:
        names = os.listdir(state / "runs")  # noqa: PTH208 - hundreds, of which every start looks at each
    except OSError:
        return []
    return sorted(filter(_RUN.fullmatch, names), reverse=True)


def latest(state: Path) -> Path | None:
    """The folder of the newest run."""
    return next(iter(runs(state)), None)


def find(state: Path, run: str) -> Path:
    """The folder of a run by its id, or by the beginning of the id or of its last part. Raises UsageError."""
    found = [path for path in runs(state) if path.name.startswith(run) or path.name[16:].startswith(run)]
    if len(found) != 1 or not run:
        known = ", ".join(path.name for path in (found or runs(state))[:5]) or "there is none yet"
        problem = "names more than one run" if found and run else "is no run"
        raise UsageError(f"{run!r} {problem}", remedy=f"runs: {known}")
    return found[0]


def safe_name(job: str) -> str:
    """A file name for a job id: no two ids share one."""
    name = _ODD.sub(lambda odd: f"%{odd[0][0]:02X}".encode(), job.encode("utf-8", "surrogateescape")).decode("ascii")
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}%{digest.of_text(job)[:16]}"


def take_lock(path: Path) -> int | None:
    """A descriptor that holds the lock file `path`, or None if a living process holds it.

    Raises FileNotFoundError if it is not there, or was removed by its holder while we asked; OSError.
    """
    try:
        import fcntl
    except ImportError:  # Windows, where no job is started that would have to be found again
        return os.open(path, os.O_RDONLY)
    with contextlib.ExitStack() as unless_taken:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        unless_taken.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if os.fstat(descriptor).st_nlink == 0:
            raise FileNotFoundError(path)
        unless_taken.pop_all()
    return descriptor


def _create(state: Path, clock: Clock) -> RunFolder:
    (state / "runs").mkdir(parents=True, exist_ok=True)
    _refuse_full(state)
    mark(state)
    moment = datetime.fromtimestamp(clock.wall_s(), UTC)
    # Microseconds first, so that the names of runs of one second are in the order of their starts.
    path = state / "runs" / f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond:05x}{random_hex(1)}"
    path.mkdir()
    (path / "jobs").mkdir()
    # Locked before it has its name, so that no other start ever sees it free while we live.
    unnamed = path / ".lock"
    unnamed.touch()
    lock = take_lock(unnamed)
    unnamed.rename(path / "lock")
    return RunFolder(path, lock)


def _refuse_full(folder: Path) -> None:
    if hasattr(os, "statvfs"):
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize < LEAST_FREE_BYTES:
            raise OSError(28, "less than 16 MiB are free")
