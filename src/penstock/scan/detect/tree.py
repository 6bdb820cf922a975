"""The project's files as detection reads them: only below the root, bounded, once, and never fatal.

A file that cannot be read or parsed becomes a `Decision` that says so (`Tree.problems`), and reads as empty.
"""

from __future__ import annotations

import configparser
import errno
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from penstock.errors import Place
from penstock.model.snapshot import Decision

LARGEST_BYTES = 8 << 20
"""Files beyond this are not configuration (the largest uv.lock of 106 surveyed projects is 3 MiB)."""

NOT_OURS = re.compile(
    r"(?:^|/)(?:\.[^/]+|__pycache__|node_modules|_vendor|vendor|vendored|site-packages|[^/]+\.egg-info)/"
    r"|^(?:build|dist|venv|env)/"
)
"""Folders whose Python files are neither the project's code nor its tests."""


class Tree:
    """Reads files of one project by their relative paths (POSIX form) and keeps what it has read."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        self.root = root
        self.files = frozenset(files)
        self.problems: list[Decision] = []
        self._folder = str(root)
        self._texts: dict[str, str] = {}
        self._tables: dict[str, dict[str, Any]] = {}
        self._inis: dict[str, dict[str, dict[str, str]]] = {}
        self._lines: dict[str, list[str]] = {}
        self._folders: frozenset[str] | None = None
        self._python: tuple[str, ...] | None = None

    def __contains__(self, path: str) -> bool:
        """Whether the tree has this file."""
        return path in self.files

    @property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file at any depth, without the root."""
        if self._folders is None:
            self._folders = frozenset(_ancestors(self.files))
        return self._folders

    @property
    def python(self) -> tuple[str, ...]:
        """The Python files of the project itself, sorted: none of hidden, vendored or built folders."""
        if self._python is None:
            self._python = tuple(sorted(f for f in self.files if f.endswith(".py") and not NOT_OURS.search(f)))
        return self._python

    @property
    def read(self) -> tuple[str, ...]:
        """The files that were read so far, sorted."""
        return tuple(sorted(self._texts.keys() & self.files))

    def text(self, path: str) -> str:
        """The file's text, "" if there is none. UTF-8; what is not is replaced."""
        if path not in self._texts:
            self._texts[path] = self._read(path) if path in self.files else ""
        return self._texts[path]

    def toml(self, path: str) -> dict[str, Any]:
        """The file's tables, {} if it is absent or broken."""
        if path not in self._tables:
            try:
                self._tables[path] = tomllib.loads(self.text(path))
            except (tomllib.TOMLDecodeError, RecursionError) as error:
                self._tables[path] = {}
                self.broken(path, f"not valid TOML: {error}", _line_in(str(error)))
        return self._tables[path]

    def ini(self, path: str) -> dict[str, dict[str, str]]:
        """The file's sections, {} if it is absent or broken. Keys keep their case, values are not interpolated."""
        if path not in self._inis:
            self._inis[path] = self.sections(self.text(path), path)
        return self._inis[path]

    def sections(self, text: str, path: str) -> dict[str, dict[str, str]]:
        """The sections of INI text that stands in `path`; {} if it is broken."""
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep the case
        try:
            parser.read_string(text)
        except (configparser.Error, AttributeError) as error:
            self.broken(path, *_ini_fault(error))
            return {}
        return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}

    def table(self, path: str, *keys: str) -> dict[str, Any]:
        """A nested TOML table, {} where any step is absent or no table."""
        found: Any = self.toml(path)
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def place(self, path: str, *needles: str) -> Place:
        """The line where `needles` begin lines one after another; the last one found counts."""
        found = None
        if path not in self._lines:
            self._lines[path] = [line.strip() for line in self.text(path).splitlines()]
        lines, start = self._lines[path], 0
        for needle in needles:
            for number in range(start, len(lines)):
                if lines[number].startswith(needle):
                    found, start = number + 1, number
                    break
        return Place(path=path, line=found)

    def broken(self, path: str, why: str, line: int | None = None) -> None:
        """Note that a file could not be used."""
        self.problems.append(
            Decision(subject="files", choice=f"{path} is not used", why=why, place=Place(path=path, line=line))
        )

    def below(self, folder: str) -> Iterator[str]:
        """The Python files under `folder` ("" or "." = all)."""
        prefix = "" if folder in {"", "."} else folder.rstrip("/") + "/"
        return (path for path in self.python if path.startswith(prefix))

    def glob(self, pattern: str) -> list[str]:
        """The files and folders that a shell pattern names, sorted; `*` stays within a folder, `**` does not."""
        regex = (
            re.escape(pattern.strip("/")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        )
        matches = re.compile(regex).fullmatch
        return sorted(path for path in (self.files | self.folders) if matches(path))

    def _read(self, path: str) -> str:
        """Read below the root; links that leave it are refused."""
        full = f"{self._folder}/{path}"  # a thousand Path objects would cost 3 ms
        try:
            with os.fdopen(self._opened(full), "rb", buffering=0) as stream:
                content = stream.read(LARGEST_BYTES + 1)
        except (OSError, ValueError) as error:
            self.broken(path, f"cannot be read: {getattr(error, 'strerror', None) or error}")
            return ""
        if len(content) > LARGEST_BYTES:
            self.broken(path, "it is larger than 8 MiB")
            return ""
        text = content.decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n") if b"\r" in content else text

    def _opened(self, full: str) -> int:
        """A descriptor; a link is followed only to a place below the root."""
        try:
            return os.open(full, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
        target = Path(full).resolve()
        if not target.is_relative_to(self.root.resolve()):
            raise OSError(errno.ELOOP, "it is a link out of the project")
        return os.open(target, os.O_RDONLY)


def _ancestors(files: Iterable[str]) -> set[str]:
    """All folders of `files`, at every depth."""
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _ini_fault(error: Exception) -> tuple[str, int | None]:
    """What is wrong, and the line where it is known.

    A continued key without a value is an AttributeError up to Python 3.12, and told the same way for all.
    """
    if isinstance(error, AttributeError) or type(error).__name__ == "MultilineContinuationError":
        return "not a valid INI file: a value without its key", None
    return f"not a valid INI file: {str(error).splitlines()[0]}", getattr(error, "lineno", None)


def _line_in(message: str) -> int | None:
    """The line that tomllib names in its message."""
    found = re.search(r"line (\d+)", message)
    return int(found[1]) if found else None
