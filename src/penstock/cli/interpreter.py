"""The interpreter that `penstock test` runs pytest with: the active environment's, as the shell would find it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from penstock.errors import NotVerifiedError, UsageError
from penstock.ports import Processes

_NAMES = ("python", "python3")
_HAS_PYTEST = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"


class Chosen(NamedTuple):
    """An interpreter by its path, why it is the one, and the words that start pytest with it."""

    python: str
    source: str
    start: tuple[str, ...]


def choose(wish: str | None, environ: Mapping[str, str], processes: Processes, directory: Path) -> Chosen:
    """The interpreter that `wish` names (a program, or an environment's folder), else the active environment's.

    Raises UsageError for one that is not there, NotVerifiedError if there is none, or it has no pytest.
    """
    python, source = _find(wish, environ, directory)
    script = Path(python).parent / "pytest"
    if _is_python(script):
        return Chosen(
            python, source, (python, str(script))
        )  # what it is, `pytest`: the working folder is not on sys.path
    if processes.run((python, "-c", _HAS_PYTEST), directory=str(directory)).exit_code != 0:
        raise NotVerifiedError(f"{python} ({source}) has no pytest", remedy=_remedy(python, directory))
    return Chosen(python, source, (python, "-m", "pytest"))


def _find(wish: str | None, environ: Mapping[str, str], directory: Path) -> tuple[str, str]:
    if wish is not None:
        return _named(wish, environ, directory), "--python"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = environ.get(variable)
        if folder:
            found = _in_environment(Path(folder))
            if found is None:
                raise UsageError(
                    f"{variable} names {folder}, which holds no Python",
                    remedy=f"activate an environment that is there, or unset {variable}",
                )
            return found, variable
    found = _on_path(_NAMES, environ)
    if found is None:
        raise NotVerifiedError("there is no python on PATH", remedy="name one: penstock test --python PATH")
    return found, "PATH"


def _named(wish: str, environ: Mapping[str, str], directory: Path) -> str:
    path = directory / Path(wish).expanduser()
    found = _in_environment(path) if path.is_dir() else str(path) if _is_program(path) else None
    if found is None and "/" not in wish:
        found = _on_path((wish, f"python{wish}"), environ)
    if found is None:
        raise UsageError(f"--python {wish}: there is no such interpreter", remedy="name a program or an environment")
    return found


def _on_path(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    folders = [Path(folder) for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    return next((str(folder / name) for folder in folders for name in names if _is_program(folder / name)), None)


def _in_environment(folder: Path) -> str | None:
    return next((str(folder / "bin" / name) for name in _NAMES if _is_program(folder / "bin" / name)), None)


def _is_program(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def _is_python(script: Path) -> bool:
    """Whether it is a script that Python runs, not the shim of a version manager or a shell's wrapper."""
    try:
        with script.open("rb") as stream:
            start = stream.read(400)
    except OSError:
        return False
    return start.startswith(b"#!") and (b"python" in start.partition(b"\n")[0] or b"'''exec'" in start)


def _remedy(python: str, directory: Path) -> str:
    beside = _in_environment(directory / ".venv")
    if beside is not None and _is_python(Path(beside).parent / "pytest"):
        return "the environment .venv has it: penstock test --python .venv"
    return f"install it: {python} -m pip install pytest; or name another environment: penstock test --python PATH"
