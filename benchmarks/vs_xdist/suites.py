"""The suites of suites.toml, made ready: a source tree and an environment each."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

HERE = Path(__file__).parent


def _sample() -> ModuleType:
    """The sample of real projects, whose way to a source distribution this is."""
    file = HERE.parent / "real_projects" / "run.py"
    spec = importlib.util.spec_from_file_location("real_projects_run", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Suite(NamedTuple):
    """`root`: where pytest is started. `python`: of the environment. `args`: what is asked of pytest."""

    name: str
    root: Path
    python: Path
    args: tuple[str, ...]
    spawned: bool


def prepare(names: list[str], folder: Path) -> list[Suite]:
    """All suites, or those named. Needs the package index for what is not there yet."""
    table = tomllib.loads((HERE / "suites.toml").read_text())
    plugins = table.pop("plugins")
    return [_prepared(name, table[name], plugins, folder) for name in names or table]


def plugins() -> list[str]:
    """What every environment has."""
    return list(tomllib.loads((HERE / "suites.toml").read_text())["plugins"])


def _prepared(name: str, entry: dict, plugins: list[str], folder: Path) -> Suite:
    known = hashlib.sha256(json.dumps([entry, plugins], sort_keys=True).encode()).hexdigest()[:12]
    place = folder / f"{name}-{known}"
    python = place / "environment" / "bin" / "python"
    installed = entry.get("installed", False)
    if not (place / "ready").exists():
        tree = None if installed else _sample().fetch(name, entry["version"], place)
        extras = f"[{','.join(entry['extras'])}]" if "extras" in entry else ""
        project = ["-e", f"{tree}{extras}"] if tree else [f"{name}=={entry['version']}"]
        uv("venv", "-q", "--clear", "-p", interpreter(), str(place / "environment"))
        uv("pip", "install", "-q", "-p", str(python), *plugins, *project, *entry.get("requirements", ()))
        (place / "empty").mkdir(exist_ok=True)
        (place / "ready").write_text(str(tree or place / "empty"))
    root = Path((place / "ready").read_text())
    return Suite(name, root, python, tuple(entry["args"]), entry.get("spawned", False))


def interpreter() -> str:
    """CPython 3.12: one of pyenv's, or what uv finds."""
    known = sorted(Path("~/.pyenv/versions").expanduser().glob("3.12.*/bin/python"))
    return str(known[-1]) if known else "3.12"


def uv(*argv: str) -> None:
    """Call the uv beside this interpreter."""
    subprocess.run([str(Path(sys.executable).parent / "uv"), *argv], check=True)
