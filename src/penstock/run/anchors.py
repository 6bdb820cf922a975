"""What findings stand at, whatever their lines' numbers are tomorrow: the text of the line; and the line itself, where
a tool names a file and what it means in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from penstock.model.records import Reading

_NAMES = re.compile(r"""(?:^|["'])\s*([A-Za-z0-9][\w.-]*)""")
_LARGEST_BYTES = 4 << 20
_LONGEST = 200  # characters of one line that are kept


def anchored(reading: Reading, directory: Path) -> Reading:
    """The reading, with the text of its line in each finding that has none. `directory`: where the tool ran.

    What cannot be read stays without: it is then known by its message.
    """
    lines: dict[str, Sequence[str]] = {}
    found = []
    for finding in reading.findings:
        if not finding.path or bool(finding.anchor) == bool(finding.line):
            found.append(finding)
            continue
        if finding.path not in lines:
            lines[finding.path] = _lines(directory, finding.path)
        known = lines[finding.path]
        if finding.anchor:
            found.append(replace(finding, line=_naming(known, finding.anchor)))
            continue
        text = known[finding.line - 1] if finding.line <= len(known) else ""
        found.append(replace(finding, anchor=" ".join(text.split())[:_LONGEST]))
    return replace(reading, findings=tuple(found))


def _naming(lines: Sequence[str], name: str) -> int:
    """The first line that begins with a distribution's name, or has it at the start of a string; 0 if none does."""
    for number, line in enumerate(lines, start=1):
        if any(_normal(word) == _normal(name) for word in _NAMES.findall(line)):
            return number
    return 0


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(directory: Path, path: str) -> Sequence[str]:
    place = (directory / path).resolve()
    try:
        if not place.is_relative_to(directory.resolve()) or place.stat().st_size > _LARGEST_BYTES:
            return ()
        return place.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
