"""Starts a service, asks it, and has it measured under load (stdlib only, Python >= 3.9, run as a script).

    python penstock_http.py REPORT OPTIONS [PYTHON]

OPTIONS is JSON, by the keys of the job's `http` table; `calls` holds JSON texts. PYTHON: the interpreter of the load
generator's environment; without it there is no load. REPORT gets what `penstock.tools.special` reads; the service's log
lies beside it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_calls import ask, fault, name, spoken, wrong
    from penstock.guest.penstock_ports import free
    from penstock.guest.penstock_served import GRACE_S, NotStartedError, Served, how
else:
    from penstock_calls import ask, fault, name, spoken, wrong
    from penstock_ports import free
    from penstock_served import GRACE_S, NotStartedError, Served, how

_WITHIN_S = 30.0
_REQUEST_S = 30.0
_CLIENTS = 8
_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_AFTER_S = 60.0  # how much longer than its load the generator may take, to start and to write its report


class RefusedError(Exception):
    """It was asked, and the answer is no: why."""


class UnaskedError(Exception):
    """It could not be asked: why, and what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


def address(asked: dict[str, Any], port: int) -> str:
    """Where the service is asked. Raises UnaskedError for a variable that the job does not have."""
    known: dict[str, str] = {**os.environ, "port": str(port)}
    url = asked.get("url", "http://127.0.0.1:{port}")
    for variable in _VARIABLE.findall(url):
        if variable not in known:
            why = f"the job has no variable {variable}, which its `url` names"
            raise UnaskedError(why, "declare it in `environment`, or let a service of the job export it")
    return _VARIABLE.sub(lambda match: known[match[1]], url)


def wait(base: str, asked: dict[str, Any], service: Served | None) -> float:
    """Seconds until the service answered. Raises RefusedError if it ends before, or is not ready in time."""
    begun = time.monotonic()
    within_s = asked.get("within", _WITHIN_S)
    call = {"path": asked.get("wait", "/")}
    last = "nobody listens"
    while (over := time.monotonic() - begun) < within_s:
        end = service.ended() if service is not None else ""
        if end:
            raise RefusedError(f"the service {end} before it answered {name(call)}")
        try:
            last = wrong(call, *ask(base, call, max(0.1, within_s - over)))
        except (OSError, http.client.HTTPException) as error:
            last = spoken(error)
        if not last:
            return time.monotonic() - begun
        time.sleep(min(0.2, 0.01 + over / 10))
    raise RefusedError(f"the service was not ready within {within_s:g} s: {name(call)}: {last}")


def check(base: str, asked: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    """Make each call once. Raises RefusedError with all that were not answered as they ask."""
    found = [(name(call), fault(base, call, asked.get("request_timeout", _REQUEST_S))) for call in calls]
    bad = [f"{each}: {why}" for each, why in found if why]
    if bad:
        raise RefusedError("; ".join(bad))


def loaded(
    base: str, asked: dict[str, Any], calls: list[dict[str, Any]], program: tuple[str, str], service: Served | None
) -> dict[str, Any]:
    """What the generator measured. `program`: its interpreter, and the file for its report.

    Raises RefusedError if the service ends under it, UnaskedError if there is no report.
    """
    python, report = program
    kept: dict[str, Any] = {key: asked[key] for key in ("duration", "requests") if key in asked}
    options = {"base": base, "calls": calls, "clients": asked.get("clients", _CLIENTS), **kept}
    options["request_timeout"] = asked.get("request_timeout", _REQUEST_S)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "penstock_load.py")
    generator = subprocess.Popen([python, script, report, json.dumps(options)], stdin=subprocess.DEVNULL)
    over_s = asked["duration"] + options["request_timeout"] + _AFTER_S if "duration" in asked else float("inf")
    end = watched(generator, service, over_s)
    try:
        with open(report, encoding="utf-8") as stream:
            found: dict[str, Any] = json.load(stream)
    except (OSError, ValueError) as error:
        raise UnaskedError(f"the load generator {end}, and left no report", "see the end of its log") from error
    if "problem" in found:
        raise UnaskedError(found["problem"], "see the end of its log")
    return found


def watched(generator: subprocess.Popen[bytes], service: Served | None, over_s: float) -> str:
    """How the generator ended. Raises RefusedError where the service ends first."""
    deadline = time.monotonic() + over_s
    while time.monotonic() < deadline:
        try:
            return how(generator.wait(timeout=0.1))
        except subprocess.TimeoutExpired:
            end = service.ended() if service is not None else ""
        if end:
            generator.kill()
            generator.wait()
            raise RefusedError(f"the service {end} under load")
    generator.kill()
    generator.wait()
    return "did not end in time"


def work(asked: dict[str, Any], python: str, folder: str, service: Served | None, port: int) -> dict[str, Any]:
    """The measures and notes of a service that does as it should. Raises RefusedError, UnaskedError."""
    base = address(asked, port)
    calls = [json.loads(call) for call in asked["calls"]]
    start_s = wait(base, asked, service)
    check(base, asked, calls)
    told: dict[str, Any] = {"measures": {"requests": float(len(calls)), "errors": 0.0}, "notes": {}}
    if python:
        told = loaded(base, asked, calls, (python, os.path.join(folder, "load.json")), service)
        after(base, asked, service)
    if service is not None:
        told["measures"]["start"] = start_s
    told["notes"]["summary"] = said(told["measures"], len(calls), under_load=bool(python))
    return told


def after(base: str, asked: dict[str, Any], service: Served | None) -> None:
    """Whether the service outlived its load. Raises RefusedError."""
    end = service.ended() if service is not None else ""
    if end:
        raise RefusedError(f"the service {end} under load")
    call = {"path": asked.get("wait", "/")}
    why = fault(base, call, asked.get("request_timeout", _REQUEST_S))
    if why:
        raise RefusedError(f"after the load, {name(call)}: {why}")


def said(measures: dict[str, float], calls: int, *, under_load: bool) -> str:
    """The job's line."""
    if not under_load:
        return f"{calls} call{'s' * (calls != 1)} answered"
    parts = [f"{int(measures['requests'])} requests, {measures['throughput']:.4g}/s"]
    parts += [f"{key} {1000 * measures[key]:.4g} ms" for key in ("p50", "p95") if key in measures]
    return ", ".join(parts + ([f"{measures['errors']:.3g} % failed"] if measures["errors"] else []))


def run(asked: dict[str, Any], python: str, folder: str) -> dict[str, Any]:
    """The whole job, with the service ended at its end. What goes into the report."""
    port = free("127.0.0.1")
    service: Served | None = None
    told: dict[str, Any]
    try:
        if "start" in asked:
            argv = [part.replace("{port}", str(port)) for part in asked["start"]]
            service = Served(argv, {**os.environ, "PORT": str(port)}, os.path.join(folder, "service.log"))
        told = work(asked, python, folder, service, port)
    except RefusedError as error:
        told = {"failed": str(error)}
    except UnaskedError as error:
        told = {"problem": str(error), "remedy": error.remedy}
    except NotStartedError as error:
        told = {"problem": str(error), "remedy": "does one of the job's requirements bring it?"}
    finally:
        stubborn = service.end() if service is not None else ""
    if stubborn:
        told.setdefault("notes", {})["ended"] = f"killed: it did not end within {GRACE_S:g} s of TERM: {stubborn}"
        print(f"The service was {told['notes']['ended']}")
    if service is not None and ("failed" in told or "problem" in told):
        print(f"The service's last lines:\n{service.tail() or '(none)'}")
    return told


def main(report: str, options: str, python: str = "") -> int:
    """Write the report."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the service is ended
    told = run(json.loads(options), python, os.path.dirname(report))
    for line in told.get("notes", {}).items():
        print(": ".join(line))
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
