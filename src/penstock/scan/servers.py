"""Servers on this machine: their programs with their versions, and the container engine that answers."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from penstock.model.services import Program, Recipe, Server, Servers
from penstock.model.snapshot import Engine
from penstock.ports import Processes
from penstock.scan import containers
from penstock.util import atomic, digest
from penstock.value import Value

_TIMEOUT_S = 5.0
_VERSION = re.compile(r"\d+(?:\.\d+)+")
# Where servers are that are no programs for users; a PATH without them is usual.
_SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")


class _Answer(Value, frozen=True, kw_only=True):
    """What a program said of its version when it was asked, and its file at that time."""

    size: int
    mtime_ns: int
    version: str


def find(
    recipes: Iterable[Recipe],
    *,
    environ: Mapping[str, str],
    processes: Processes,
    state: Path,
    engine: bool = False,
    asked: Engine | None = None,
) -> Servers:
    """The programs of these services that are here. `engine`: a container engine is wanted, whatever servers are here;
    else it is asked only where a service has none. `asked`: what it said, if it was asked before.

    Each program is started once to say its version; the answer is kept in `state`, by path, size and time.
    """
    store = state / "servers.json"
    known = _load(store)
    answers: dict[str, _Answer] = {}
    found: list[Program] = []
    lacking = False
    for recipe in recipes:
        here = [program for server in recipe.servers for program in _programs(server, environ)]
        lacking = lacking or not here
        for program in here:
            answer = _ask(program.path, known.get(program.path), processes, environ)
            if answer is not None:
                answers[program.path] = answer
                identity = digest.of_parts((program.path, str(answer.size), str(answer.mtime_ns), answer.version))
                found.append(msgspec.structs.replace(program, version=answer.version, identity=identity))
    if answers.items() - known.items():
        _save(store, known | answers)
    found.sort(key=lambda program: _numbers(program.version), reverse=True)
    answering = (asked or containers.engine(environ, processes)) if engine or lacking else Engine()
    return Servers(programs=tuple(found), engine=answering.program, deaf=answering.deaf)


def _programs(server: Server, environ: Mapping[str, str]) -> Iterator[Program]:
    """Every place where the server and all programs that it takes are."""
    name, *others = server.programs
    common = tuple(dict.fromkeys(_path(environ)))
    seen: set[str] = set()
    for folder in (*common, *_places(server)):
        path = f"{folder}/{name}"
        if not _is_program(path) or (real := os.path.realpath(path)) in seen:
            continue
        seen.add(real)
        # Those of its own version lie beside it, where a link may lead; those of other versions do not count.
        near = (folder, os.path.dirname(real), *common)  # noqa: PTH120 - strings all along, hundreds of them
        beside = [(other, next(filter(_is_program, (f"{one}/{other}" for one in near)), "")) for other in others]
        if all(there for _, there in beside):
            yield Program(name=name, path=path, beside=tuple(beside))


def _places(server: Server) -> Iterator[str]:
    for pattern in server.places:
        yield from sorted(glob.glob(pattern), reverse=True)  # noqa: PTH207 - strings all along


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - strings all along


def _ask(path: str, known: _Answer | None, processes: Processes, environ: Mapping[str, str]) -> _Answer | None:
    """Its version, "" if it tells none; None if it has gone meanwhile."""
    try:
        seen = Path(path).stat()
    except OSError:
        return None
    if known is not None and (known.size, known.mtime_ns) == (seen.st_size, seen.st_mtime_ns):
        return known
    said = _run((path, "--version"), processes, environ)
    match = _VERSION.search(said)
    return _Answer(size=seen.st_size, mtime_ns=seen.st_mtime_ns, version=match[0] if match else "")


def _run(argv: tuple[str, ...], processes: Processes, environ: Mapping[str, str]) -> str:
    try:
        done = processes.run(argv, directory="/", environment=environ, timeout_s=_TIMEOUT_S)
    except (OSError, ValueError):  # TimeoutError is an OSError
        return ""
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _path(environ: Mapping[str, str]) -> tuple[str, ...]:
    named = (part.rstrip("/") for part in environ.get("PATH", "").split(os.pathsep) if part.startswith("/"))
    return (*named, *_SYSTEM)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _load(store: Path) -> dict[str, _Answer]:
    try:
        return msgspec.json.decode(store.read_bytes(), type=dict[str, _Answer])
    except (OSError, ValueError):
        return {}


def _save(store: Path, answers: Mapping[str, _Answer]) -> None:
    try:
        atomic.write(store, msgspec.json.encode(answers))
    except (OSError, ValueError):  # a read-only folder: the next run asks again
        return
