"""Builds a container image, measures it, starts it, and asks it whether it is healthy (stdlib only, run as a script).

    python penstock_image.py REPORT ENGINE OPTIONS

ENGINE: the path of a program that speaks as `docker` does. OPTIONS is JSON, by the keys of the job's `image` table, and
"job": whose it is. REPORT gets what `penstock.tools.special` reads. Whatever happens, the container is stopped and
removed; one that a killed run has left is removed by the next. The image stays, for its layers, until the next build
takes its place.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import signal
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_containers import UNREACHED, Engine, RefusedError
    from penstock.guest.shim import Process, read_file
else:
    sys.path.insert(0, _FOLDER)
    from penstock_containers import UNREACHED, Engine, RefusedError
    from shim import Process, read_file

    sys.path.remove(_FOLDER)

_STEP_S = 0.2  # between two questions
_ANSWER_S = 5.0  # for one
_UNBUILT = "see the end of its log: the engine said why"


class UnaskedError(Exception):
    """It could not be asked: why, and what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


def words_of(options: dict[str, Any], tag: str, idfile: str, *, podman: bool) -> list[str]:
    """The words behind `build`. Raises UnaskedError for a cache that the engine does not know."""
    words = ["--file", options.get("file", "Dockerfile"), "--tag", tag, "--iidfile", idfile]
    if options.get("target"):
        words += ["--target", options["target"]]
    for name, value in options.get("arguments", ()):
        words += ["--build-arg", f"{name}={value}"]
    return [*words, *_cached(options.get("cache", ""), podman=podman), options.get("context", ".")]


def _cached(cache: str, *, podman: bool) -> list[str]:
    if not cache:
        return []
    if podman:
        found = re.search(r"(?:^|,)ref=([^,]+)", cache)
        if found is None:
            remedy = 'leave `cache` out, or name a registry: "type=registry,ref=…"'
            raise UnaskedError(f"podman keeps layers in a registry only, not in `{cache}`", remedy)
        return ["--layers", "--cache-from", found[1], "--cache-to", found[1]]
    source = target = cache
    if "=" not in cache:
        place = os.path.abspath(os.path.expanduser(cache))
        source, target = f"type=local,src={place}", f"type=local,dest={place}"
    target = target if "mode=" in target else f"{target},mode=max"
    # Builders that keep such a cache do not give the image to the engine by themselves.
    return ["--load", "--cache-from", source, "--cache-to", target]


def build(engine: Engine, options: dict[str, Any], told: dict[str, Any]) -> str:
    """Build and measure; the image's id, "" if the build said no. Raises UnaskedError, RefusedError."""
    tag = f"penstock-{hashlib.sha256(options['job'].encode()).hexdigest()[:16]}"
    before = engine.tagged(tag)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        idfile = os.path.join(folder, "id")
        code, said = engine.build(words_of(options, tag, idfile, podman=engine.is_podman))
        if code != 0:
            last = _said(said)
            unknown = re.search(r"unknown (?:flag|option|shorthand flag): \S+", said)
            if unknown is not None:
                remedy = (
                    "install BuildKit for it (docker buildx), or leave `cache` out: the engine keeps its own layers"
                )
                raise UnaskedError(f"the engine does not know how to build so: {unknown[0]}", remedy)
            if UNREACHED.search(said):
                raise UnaskedError(f"the image could not be built: {last}", _UNBUILT)
            told["failed"] = f"the build ended with {code}: {last}"
            return ""
        image = _read(idfile) or engine.tagged(tag)
    if not image:
        raise UnaskedError("the build ended with 0, and left no image", _UNBUILT)
    if before and before != image:
        engine.forget(before)
    told["measures"] |= {"build_s": round(time.monotonic() - began, 3), "size": engine.size(image)}
    told["notes"]["image"] = image
    return image


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read().strip()
    except (OSError, ValueError):
        return ""


def _said(text: str) -> str:
    """The line that tells why: the last that begins as an error does, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)(?:error|fatal|#\d+ error)\b", line)]
    return [*lines[-1:], *errors][-1][:300] if lines else "it said nothing"


def ask(engine: Engine, image: str, options: dict[str, Any], told: dict[str, Any]) -> None:
    """Start it, and ask until it is healthy or its time is over. Raises RefusedError."""
    port, path, within_s = int(options.get("port", 8000)), options["health"], float(options.get("within", 60.0))
    began = time.monotonic()
    container = engine.start(image, port, options.get("variables", []), owner())
    try:
        why = _asked(engine, container, (port, path), within_s)
        told["measures"]["start_s"] = round(time.monotonic() - began, 3)
        if why:
            told["failed"] = why
            print(f"── the container's own log ──\n{engine.logs(container)}", flush=True)
    finally:
        if not engine.remove(container):
            told["told"] = [["", 0, "container", f"the container {container[:12]} could not be removed"]]


def _asked(engine: Engine, container: str, where: tuple[int, str], within_s: float) -> str:
    """Why it is not healthy, "" if it is."""
    port, path = where
    until_s = time.monotonic() + within_s
    at = 0
    while True:
        state = engine.state(container)
        if not state.running:
            how = "for want of memory" if state.killed else f"with exit code {state.code}"
            return f"the container ended by itself {how}"
        at = at or engine.address(container, port)
        why = _answer(at, path)
        if not why:
            return ""
        if time.monotonic() >= until_s:
            return f"not healthy within {within_s:g} s: {why}"
        time.sleep(_STEP_S)


def _answer(port: int, path: str) -> str:
    """Why one question had no good answer, "" if it had."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"GET {path}: {type(error).__name__}: {error}".rstrip(": ")
    finally:
        connection.close()
    return "" if 200 <= status <= 299 else f"GET {path} answered {status}"


def owner() -> str:
    """This process, so that a later one can tell whether it lives: `PID:START`, as /proc has it."""
    return f"{os.getpid()}:{_start_of(os.getpid())}"


def _start_of(pid: int) -> str:
    """When a process began, in the system's ticks; "" if there is none."""
    stat = read_file(f"/proc/{pid}/stat")
    return str(Process(pid, stat).start) if b")" in stat else ""


def clear(engine: Engine) -> None:
    """Remove what runs of this job have left that were killed."""
    for container, label in engine.left():
        if not _lives(label):
            print(f"removing the container {container} of a run that was killed", flush=True)
            engine.remove(container)


def drop(engine: Engine) -> None:
    """Remove our own, also one that was being started when we were told to end, and that nobody has told us of."""
    for container, label in engine.left():
        if label == owner():
            engine.remove(container)


def _lives(label: str) -> bool:
    """Whether the process that started a container is there; without /proc, whether one with its number is."""
    pid, _, start = label.partition(":")
    if not pid.isdecimal():
        return False
    if start:
        return _start_of(int(pid)) == start
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _summary(told: dict[str, Any]) -> str:
    measures = told["measures"]
    words = [f"{measures['size'] / (1 << 20):.4g} MiB"] if "size" in measures else []
    words += [f"built in {measures['build_s']:.1f} s"] if "build_s" in measures else []
    words += [f"healthy after {measures['start_s']:.1f} s"] if "start_s" in measures and "failed" not in told else []
    return ", ".join(words)


def main(target: str, program: str, settings: str) -> int:
    """Write the report."""
    options = json.loads(settings)
    engine = Engine(program, options["job"])

    def end(number: int, frame: object) -> None:  # a signal is an exit, so that the container is removed on the way
        del frame
        engine.hurried = True
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    told: dict[str, Any] = {"measures": {}, "notes": {}}
    try:
        clear(engine)
        image = build(engine, options, told)
        if image and options.get("health"):
            ask(engine, image, options, told)
    except UnaskedError as error:
        told |= {"problem": str(error), "remedy": error.remedy}
    except RefusedError as error:
        told |= {"problem": str(error), "remedy": "see what the engine says of it"}
    except SystemExit:
        drop(engine)
        raise
    told["notes"]["summary"] = _summary(told)
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
