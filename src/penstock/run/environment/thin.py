"""A thin wheel: the project's metadata, entry points and scripts, and a `.pth` line for where its modules really lie.

The same thing that an editable install makes (PEP 660), but made from the real wheel, so that nothing is written into
the user's tree and no backend has to support it.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first date: equal inputs give equal bytes


def make(wheel: Path, paths: tuple[str, ...], folder: Path) -> Path:
    """Write the thin form of `wheel` into `folder`; `paths` go on sys.path, in order. Raises OSError, BadZipFile."""
    folder.mkdir(parents=True, exist_ok=True)
    name, version, *_ = wheel.name.split("-")
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w") as thin:
        entries = dict(_kept(source))
        entries[f"_penstock_{name}.pth"] = "".join(f"{path}\n" for path in paths).encode()
        record = next(
            entry.removesuffix("/WHEEL") + "/RECORD" for entry in entries if entry.endswith(".dist-info/WHEEL")
        )
        for entry, content in entries.items():
            _add(thin, entry, content)
        _add(thin, record, _record(entries, record))
    return target


def _kept(source: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for entry in source.namelist():
        top, _, rest = entry.partition("/")
        if entry.endswith(("/", "/RECORD", "/RECORD.jws", "/RECORD.p7s")):
            continue
        if top.endswith(".dist-info"):
            content = source.read(entry)
            yield entry, _as_pure(content) if rest == "WHEEL" else content
        elif top.endswith(".data") and not rest.startswith(("purelib/", "platlib/")):
            yield entry, source.read(entry)


def _as_pure(wheel_file: bytes) -> bytes:
    """The WHEEL file with the tag that the thin wheel has."""
    lines = [
        line
        for line in wheel_file.decode().splitlines()
        if line and not line.startswith(("Tag:", "Root-Is-Purelib:", "Build:"))
    ]
    return "\n".join([*lines, "Root-Is-Purelib: true", "Tag: py3-none-any", ""]).encode()


def _record(entries: dict[str, bytes], record: str) -> bytes:
    rows = []
    for entry, content in entries.items():
        sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        quoted = f'"{entry}"' if "," in entry else entry
        rows.append(f"{quoted},sha256={sha},{len(content)}\n")
    return ("".join(rows) + f"{record},,\n").encode()


def _add(thin: zipfile.ZipFile, entry: str, content: bytes) -> None:
    about = zipfile.ZipInfo(entry, _EPOCH)
    about.external_attr = (0o755 if ".data/scripts/" in entry else 0o644) << 16
    thin.writestr(about, content)
