"""Requirement lines (PEP 508) and requirement files, as far as detection must understand them: no resolution here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?=$|[<>=!~;@(,\s])")
_URL = re.compile(r"^(?:[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*)?(?:(?:git|hg|svn|bzr)\+|https?://|ssh://|git://)")


def canonical(name: str) -> str:
    """PEP 503: `Foo.Bar_baz` is `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(line: str) -> str | None:
    """The canonical distribution name of a requirement line; None if the line is no plain requirement."""
    found = _NAME.match(line)
    if found and "/" not in found[1]:
        return canonical(found[1])
    egg = re.search(r"#egg=([A-Za-z0-9._-]+)", line)
    return canonical(egg[1]) if egg else None


def is_url(line: str) -> bool:
    """A requirement that names a repository or an address instead of a registry's distribution."""
    return bool(_URL.match(line.strip()))


def pin_of(line: str) -> str:
    """The version specifier of a requirement line, without marker: `ruff==0.4.4 ; x` gives `==0.4.4`."""
    said = line.split(";", maxsplit=1)[0].split(" --hash", maxsplit=1)[0].rstrip("\\ ")
    return re.sub(r"\s+", "", re.sub(r"^[^<>=!~;]*", "", said)).strip("()")


def with_marker(line: str, marker: str) -> str:
    """`line` only where `marker` holds, too."""
    if not marker:
        return line
    base, _, own = line.partition(";")
    return f"{base.strip()}; ({own.strip()}) and ({marker})" if own.strip() else f"{base.strip()}; {marker}"


def names(lines: Iterable[str]) -> set[str]:
    """The distributions that `lines` name."""
    return {name for name in map(name_of, lines) if name}


def file_lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, content) of a requirements file: without comments and hashes, continuations joined."""
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(?:^|\s+)#.*$", "", raw)
        start = start if held else number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        content = re.sub(r"\s+--(?:hash|global-option|config-settings?)[= ]\S+", "", held + line).strip()
        held = ""
        if content:
            yield start, content


def strings(value: Any) -> list[str]:
    """The strings of a list, or of one string with a requirement a line; everything else is nothing."""
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [item.strip() for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []
