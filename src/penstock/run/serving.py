"""One service that runs: what its guest is told, what it tells, and what of its log is shown.

`guest/penstock_service.py` reads a file beside the log, and writes others there when the server is up or over.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from penstock.model.plan import Job
from penstock.model.services import Service
from penstock.ports import Ended, Launch
from penstock.run import variables
from penstock.run.attempt import Station
from penstock.run.folder import safe_name
from penstock.value import Value

FOLDER = "services"  # in a job's folder
_LAST_LINES = 12
_LAST_BYTES = 8 << 10

_Told = TypeVar("_Told")


class Up(Value, frozen=True, kw_only=True):
    """What a guest tells when its server is healthy. `variables`: for the jobs."""

    address: str
    port: int
    pid: int
    variables: Mapping[str, str]


class Over(Value, frozen=True, kw_only=True):
    """What a guest tells when its service is over without having been told to end."""

    reason: str
    remedy: str = ""


class Instance:
    """One server. `up` once it is healthy; `over` once it has ended, with the reason if it was not told to."""

    def __init__(self, service: Service, task: str, folder: Path, root: str, started_s: float) -> None:
        name = safe_name(service.name)
        self.service = service
        self.task = task
        self._root = root
        self.started_s = started_s
        self.spec = folder / f"{name}.json"
        self.log = folder / f"{name}.log"
        self.told_up = folder / f"{name}.up"
        self.told_over = folder / f"{name}.over"
        self.up: Up | None = None
        self.up_s = 0.0
        self.over = False
        self.reason = ""
        self.remedy = ""
        self.stopped = False
        self._served_bytes: int | None = None  # of its log, when it was told to end

    def look(self, now_s: float) -> None:
        """Whether it is up by now."""
        if self.up is None and not self.over:
            self.up = _read(self.told_up, Up)
            self.up_s = now_s

    def end(self, ended: Ended, now_s: float) -> None:
        """It has ended: by order, or for a reason of its own."""
        self.look(now_s)
        self.over = True
        told = _read(self.told_over, Over)
        if told is not None:
            self.fail(told.reason, told.remedy, now_s)
        elif not self.stopped:
            how = f"signal {ended.signal}" if ended.signal is not None else f"exit code {ended.exit_code}"
            self.fail(ended.problem or f"what runs it ended with {how}", "", now_s)

    def stop(self) -> None:
        """It is about to be told to end: what it writes from now is about that."""
        self.stopped = True
        with contextlib.suppress(OSError):
            self._served_bytes = self.log.stat().st_size

    def fail(self, reason: str, remedy: str, now_s: float) -> None:
        """Note why it is over. The first reason counts."""
        if not self.reason:
            after = f", {now_s - self.up_s:.1f} s after it was up" if self.up is not None else ""
            self.reason, self.remedy = reason + after, remedy or f"its log: {self._place}"

    @property
    def died(self) -> bool:
        """Whether its process is gone, though nobody has told so yet."""
        if self.up is None or self.over:
            return False
        try:
            os.kill(self.up.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:  # it belongs to another user
            return False
        return False

    @property
    def told(self) -> str:
        """Who served, and how long it took to be up."""
        up = f"up in {self.up_s - self.started_s:.2f} s" if self.up is not None else "never up"
        return f"{self.service.told}, {up}"

    @property
    def _place(self) -> str:
        return str(self.log.relative_to(self._root)) if self.log.is_relative_to(self._root) else str(self.log)

    def last_lines(self, most: int) -> list[bytes]:
        """The end of its log, as it was when it was told to end; nothing where it cannot be read."""
        try:
            with self.log.open("rb") as stream:
                end = self.log.stat().st_size if self._served_bytes is None else self._served_bytes
                stream.seek(max(0, end - _LAST_BYTES))
                return stream.read(min(end, _LAST_BYTES)).splitlines()[-most:]
        except OSError:
            return []


def launch(instance: Instance, job: Job, station: Station, data: Path, environ: Mapping[str, str]) -> Launch:
    """Write down what the guest needs; gives what to start. A command of the project's own stands where the job does.

    `data`: its own folder, which is not there yet. Raises OSError.
    """
    service = instance.service
    instance.spec.parent.mkdir(parents=True, exist_ok=True)
    instance.spec.write_bytes(msgspec.json.encode(_spec(instance, job, data)))
    own = not service.identity and not service.engine
    guest = f"{station.guest}/penstock_service.py"
    return Launch(
        task=instance.task,
        argv=(station.own_python, "-I", "-S", "-X", "utf8", guest, str(instance.spec)),
        directory=station.workspace,
        environment=variables.of_job(
            environ,
            scripts=station.scripts if own else None,
            virtual_environment=station.virtual_environment if own else None,
            temporary=station.temporary,
            declared=job.variables if own else (),
            own={},
            withheld=station.secrets.withheld,
        ),
        output=str(instance.log),
    )


def _spec(instance: Instance, job: Job, data: Path) -> dict[str, Any]:
    service = instance.service
    return {
        "name": service.name,
        "folder": str(data),
        "ready": str(instance.told_up),
        "end": str(instance.told_over),
        "command": service.command,
        "first": service.first,
        "files": service.files,
        "environment": service.environment,
        "exports": service.exports,
        "health": service.health,
        "ports": service.ports,
        "users": service.users,
        "stop": service.stop,
        "timeout_s": service.timeout_s if job.timeout_s is None else min(service.timeout_s, job.timeout_s),
        "engine": service.engine,
        "image": service.image,
        "container": f"{data.parent.name}-{data.name}",
    }


def tell_in(log: Path, instance: Instance) -> None:
    """The end of a service's log in the log of the job that it failed. What cannot be written is left out."""
    lines = instance.last_lines(_LAST_LINES)
    if lines:
        head = f"[penstock: the last lines of the service {instance.service.name}]".encode()
        with contextlib.suppress(OSError), log.open("ab") as stream:
            stream.write(b"\n".join([head, *lines, b""]))


def _read(path: Path, kind: type[_Told]) -> _Told | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError):
        return None
