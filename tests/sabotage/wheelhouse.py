"""Wheels of what is installed beside these tests, and of tools that are fetched once: the projects get their tools from
them, and from no registry.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from penstock.tools import versions

# What the projects' jobs need: pytest for their tests, and the tools in the very versions that penstock brings.
WANTED = ("pytest", "coverage", "ruff", "mypy")
# And what is not installed here. Without a registry the cases that need it are told, and not tried.
FETCHED = (*versions.TWINE.splitlines(), *versions.GRIFFE.splitlines(), versions.DEPTRY, versions.DETECT_SECRETS)
FETCHED += ("setuptools>=77",)
_OF_INSTALLERS = ("/RECORD", "/INSTALLER", "/REQUESTED", "/direct_url.json")
_MARK = "fetched"


def build(folder: Path) -> Path:
    """A folder of wheels, made anew from the installed files. Raises PackageNotFoundError."""
    folder.mkdir(parents=True, exist_ok=True)
    here = {_plain(each.metadata["Name"]): each for each in metadata.distributions()}
    needed, elsewhere = _closed(WANTED, here)
    more = _fetch(folder.parent / "fetched")
    elsewhere |= _closed(tuple(more), more)[1]
    for name in sorted(needed):
        _wheel(here[name], folder)
    for name in sorted(more.keys() - needed):
        _wheel(more[name], folder)
    for name in sorted(elsewhere - needed - more.keys()):
        _empty(name, folder)
    if more:
        (folder / _MARK).touch()
    return folder


def is_fetched(folder: Path) -> bool:
    """Whether the tools that are not installed here are among the wheels."""
    return (folder / _MARK).exists()


def _fetch(target: Path) -> dict[str, metadata.Distribution]:
    """The tools, installed into a folder of their own; nothing if no registry answers."""
    uv = Path(sys.executable).with_name("uv")
    argv = [str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target), *FETCHED]
    if subprocess.run(argv, check=False).returncode != 0:
        return {}
    return {_plain(each.metadata["Name"]): each for each in metadata.distributions(path=[str(target)])}


def _closed(names: tuple[str, ...], there: Mapping[str, metadata.Distribution]) -> tuple[set[str], set[str]]:
    """The names with all that they need here, and what they would need elsewhere: versions are chosen for all
    platforms and Pythons at once.
    """
    from packaging.requirements import Requirement

    found: set[str] = set()
    elsewhere: set[str] = set()
    left = list(names)
    while left:
        name = _plain(left.pop())
        if name in found or name not in there:
            continue
        found.add(name)
        for need in (Requirement(line) for line in there[name].requires or ()):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                left.append(need.name)
            elif "extra" not in str(need.marker):
                elsewhere.add(_plain(need.name))
    return found, elsewhere


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _empty(name: str, folder: Path) -> None:
    """A wheel of nothing, with a version that fits."""
    stem = f"{name.replace('-', '_')}-99"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def _wheel(installed: metadata.Distribution, folder: Path) -> None:
    name = installed.metadata["Name"].replace("-", "_")
    said = installed.read_text("WHEEL") or ""
    tags = [line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("Tag:")]
    tag = next((each for each in tags if not each.startswith("py2-")), tags[0])
    stem = f"{name}-{installed.version}"
    rows: list[str] = []
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        record = ""
        for file in installed.files or ():
            place, inside = Path(str(installed.locate_file(file))).resolve(), str(file)
            own = inside.count("/") == 1  # and not of a package that is carried inside
            if inside.endswith(".pyc") or (own and inside.endswith(_OF_INSTALLERS)):
                record = inside if inside.endswith("/RECORD") else record
                continue
            if inside.startswith(("..", "bin/")):
                if place.read_bytes()[:2] == b"#!":
                    continue  # a script of an entry point: every installer writes its own
                inside = f"{stem}.data/scripts/{place.name}"
            content = place.read_bytes()
            row = zipfile.ZipInfo(inside, (2020, 1, 1, 0, 0, 0))
            row.external_attr = (place.stat().st_mode & 0xFFFF) << 16
            wheel.writestr(row, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{inside},sha256={digest},{len(content)}")
        wheel.writestr(record, "\n".join((*rows, f"{record},,", "")))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
