"""The container engine of this machine: it is there where it answers, not where its client is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from penstock.model.snapshot import Engine
from penstock.ports import Processes

_ENGINES = ("docker", "podman")
_TIMEOUT_S = 5.0
_LONGEST = 200  # characters of what it says


def engine(environ: Mapping[str, str], processes: Processes) -> Engine:
    """The first engine that answers; else why the first that is installed does not. Each is asked once."""
    deaf = ""
    for name in _ENGINES:
        path = next(_on_path(name, environ), None)
        if path is None:
            continue
        why = _silence(path, processes, environ)
        if not why:
            return Engine(program=path, name=name)
        deaf = deaf or f"{name} is installed, and does not answer: {why}"
    return Engine(deaf=deaf)


def _on_path(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    for folder in environ.get("PATH", "").split(os.pathsep):
        path = f"{folder}/{name}"
        if folder.startswith("/") and os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - strings all along
            yield path


def _silence(path: str, processes: Processes, environ: Mapping[str, str]) -> str:
    """Why it does not answer, "" if it does."""
    try:
        done = processes.run((path, "info"), directory="/", environment=environ, timeout_s=_TIMEOUT_S)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        return str(error)[:_LONGEST]
    if done.exit_code == 0:
        return ""
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LONGEST] if lines else f"exit code {done.exit_code}"
