"""Versions that the project's own lock holds: exported where uv can, else as constraints for the resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from penstock.errors import Place, StaleLockError
from penstock.model.snapshot import DependencySet, Interpreter, Lock
from penstock.scan.detect.dependencies import groups
from penstock.scan.detect.requirement import canonical, is_url, name_of
from penstock.scan.detect.tree import Tree
from penstock.scan.resolution.wanted import Facts, Line
from penstock.util.uvrun import Uv
from penstock.value import Value

RENEW = {"uv": "uv lock", "poetry": "poetry lock", "pdm": "pdm lock", "pylock": "uv export -o pylock.toml"}


class Export(Value, frozen=True, kw_only=True):
    """The lock's lines for a set. `problem`: why uv could not tell them."""

    requirements: str = ""
    problem: str = ""


def export(chosen: DependencySet, sources: Tree, interpreter: Interpreter | None, program: Uv) -> Export:
    """The lines of uv.lock for the set's project, extras and groups, with their hashes; the lock is not touched."""
    argv = ["export", "--frozen", "--quiet", "--no-header", "--no-annotate", "--no-editable", "--no-emit-project"]
    argv += ["--no-default-groups"]
    argv += ["--python", interpreter.path] if interpreter else []
    if chosen.install_project:
        argv += [word for extra in chosen.extras for word in ("--extra", extra)]
        argv += [word for group in chosen.groups for word in ("--group", group)]
    else:
        argv += [word for group in chosen.groups for word in ("--only-group", group)]
    done = program.run([*argv, "--offline"], directory=str(sources.root))
    if done.exit_code:
        return Export(problem=_first_line(done.stderr))
    return Export(requirements=done.stdout.decode(errors="replace"))


def can_export(chosen: DependencySet, sources: Tree) -> bool:
    """Whether uv knows all of the set's extras and groups by name, and the set is the project's own."""
    known = groups.read(sources)
    standard = all(canonical(g) in known and (known[canonical(g)].standard or g == "dev") for g in chosen.groups)
    return (
        standard and (chosen.install_project or bool(chosen.groups)) and (chosen.install_project or not chosen.extras)
    )


def constraints(lock: Lock, sources: Tree) -> tuple[Line, ...]:
    """Every version that the lock holds, as constraint lines (uv, Poetry, PDM, PEP 751 alike)."""
    held: dict[str, list[Mapping[str, Any]]] = {}
    for package in _packages(lock, sources):
        held.setdefault(canonical(str(package["name"])), []).append(package)
    place = lock.path
    return tuple(Line(text=text, place=place) for name, packages in held.items() for text in _bounds(name, packages))


def _packages(lock: Lock, sources: Tree) -> Iterator[Mapping[str, Any]]:
    table = sources.toml(lock.path)
    for package in table.get("package", table.get("packages", [])):
        if isinstance(package, dict) and package.get("name") and package.get("version") and not _elsewhere(package):
            yield package


def _elsewhere(package: Mapping[str, Any]) -> bool:
    """Not from a registry: a folder, a repository, an address."""
    source = package.get("source")
    if isinstance(source, dict):
        return "registry" not in source and source.get("type", "legacy") != "legacy"
    return any(key in package for key in ("path", "git", "url", "vcs", "directory", "archive"))


def _bounds(name: str, packages: list[Mapping[str, Any]]) -> Iterator[str]:
    versions = list(dict.fromkeys(str(package["version"]) for package in packages))
    if len(versions) == 1:
        yield f"{name}=={versions[0]}"
        return
    markers = {str(package["version"]): _marker(package) for package in packages}
    if all(markers.values()):
        yield from (f"{name}=={version} ; {marker}" for version, marker in markers.items())
        return
    from packaging.version import Version

    yield f"{name}<={max(versions, key=Version)}"  # an old lock does not say which is for whom


def _marker(package: Mapping[str, Any]) -> str:
    said = package.get("resolution-markers") or package.get("markers") or package.get("marker")
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list):
        return " or ".join(f"({marker})" for marker in said if isinstance(marker, str))
    return said if isinstance(said, str) else ""


def refuse_stale(lock: Lock, sources: Tree, facts: Facts, interpreter: Interpreter | None, program: Uv) -> str | None:
    """Raises StaleLockError if the lock does not answer what is declared. Returns a note worth telling, or None.

    uv is asked first (it changes nothing); where it does not confirm (it may lack the network), and for the other
    locks, every declared requirement has to find its version in the lock.
    """
    asked = ["lock", "--check", "--quiet", "--offline", *(["--python", interpreter.path] if interpreter else [])]
    if lock.kind == "uv" and program.run(asked, directory=str(sources.root)).exit_code == 0:
        return None
    for line in _declared(lock, sources, facts):
        held = [str(package["version"]) for package in _packages(lock, sources) if _is(package, line.text)]
        elsewhere = any(_is(package, line.text) for package in _raw(lock, sources))
        if not (_answers(line.text, held) or (elsewhere and not held)):
            raise StaleLockError(
                f"{lock.path} does not answer `{line.text}`, declared at {line.place}",
                remedy=f"renew it: {RENEW.get(lock.kind, 'lock again')}",
                place=Place(path=lock.path),
            )
    return f"uv would change {lock.path}, though it answers all that is declared" if lock.kind == "uv" else None


def _declared(lock: Lock, sources: Tree, facts: Facts) -> Iterator[Line]:
    yield from facts.dependencies
    if lock.kind in {"uv", "poetry"}:
        for lines in facts.extras.values():
            yield from lines
        for group in groups.read(sources).values():
            yield from (Line(text=text, place=f"group `{group.name}` ({group.place})") for text in group.lines)


def _raw(lock: Lock, sources: Tree) -> list[Mapping[str, Any]]:
    table = sources.toml(lock.path)
    found = table.get("package", table.get("packages", []))
    return [package for package in found if isinstance(package, dict)]


def _is(package: Mapping[str, Any], line: str) -> bool:
    return canonical(str(package.get("name", ""))) == name_of(line)


def _answers(line: str, held: list[str]) -> bool:
    """Whether one of the locked versions fits the requirement line."""
    from packaging.requirements import InvalidRequirement, Requirement

    if is_url(line) or name_of(line) is None:
        return True
    try:
        wanted = Requirement(line)
    except InvalidRequirement:
        return True  # not this function's business: the resolver will say it
    return any(wanted.specifier.contains(version, prereleases=True) for version in held)


def _first_line(text: bytes) -> str:
    lines = [re.sub(r"^(error|cause):\s*", "", line.strip()) for line in text.decode(errors="replace").splitlines()]
    return " · ".join(line for line in lines if line and not line.startswith(("hint", "warning")))[:300]
