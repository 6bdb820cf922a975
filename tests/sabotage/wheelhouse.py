"""Wheels of what is installed beside these tests: the projects get their tools from them, and from no registry."""

from __future__ import annotations

import base64
import hashlib
import sys
import zipfile
from importlib import metadata
from pathlib import Path

# What the projects' jobs need: pytest for their tests, and the tools in the very versions that penstock brings.
WANTED = ("pytest", "coverage", "ruff", "mypy")


def build(folder: Path) -> Path:
    """A folder of wheels, made anew from the installed files. Raises PackageNotFoundError."""
    folder.mkdir(parents=True, exist_ok=True)
    needed, elsewhere = _closed(WANTED)
    for name in sorted(needed):
        _wheel(metadata.distribution(name), folder)
    for name in sorted(elsewhere - needed):
        _empty(name, folder)
    return folder


def _closed(names: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The names with all that they need here, and what they would need elsewhere: versions are chosen for all
    platforms and Pythons at once.
    """
    from packaging.requirements import Requirement

    found: set[str] = set()
    elsewhere: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        for need in (Requirement(line) for line in metadata.distribution(name).requires or ()):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                left.append(need.name.lower())
            elif "extra" not in str(need.marker):
                elsewhere.add(need.name.lower())
    return found, elsewhere


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
    stem = f"{name}-{installed.version}"
    rows: list[str] = []
    with zipfile.ZipFile(folder / f"{stem}-{tags[0]}.whl", "w") as wheel:
        record = ""
        for file in installed.files or ():
            place, inside = Path(str(installed.locate_file(file))).resolve(), str(file)
            if inside.endswith(("/RECORD", ".pyc", "/INSTALLER", "/REQUESTED", "/direct_url.json")):
                record = inside if inside.endswith("/RECORD") else record
                continue
            if inside.startswith(".."):
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
