"""What findings stand at, whatever their lines' numbers are tomorrow: the text of the line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from penstock.model.records import Reading

_LARGEST_BYTES = 4 << 20
_LONGEST = 200  # characters of one line that are kept


def anchored(reading: Reading, directory: Path) -> Reading:
    """The reading, with the text of its line in each finding that has none. `directory`: where the tool ran.

    What cannot be read stays without: it is then known by its message.
    """
    lines: dict[str, Sequence[str]] = {}
    found = []
    for finding in reading.findings:
        if finding.anchor or not finding.path or not finding.line:
            found.append(finding)
            continue
        if finding.path not in lines:
            lines[finding.path] = _lines(directory, finding.path)
        known = lines[finding.path]
        text = known[finding.line - 1] if finding.line <= len(known) else ""
        found.append(replace(finding, anchor=" ".join(text.split())[:_LONGEST]))
    return replace(reading, findings=tuple(found))


def _lines(directory: Path, path: str) -> Sequence[str]:
    place = (directory / path).resolve()
    try:
        if not place.is_relative_to(directory.resolve()) or place.stat().st_size > _LARGEST_BYTES:
            return ()
        return place.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
