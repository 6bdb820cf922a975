"""The configuration's file: found, read within limits, parsed. Each way of failing has one clear answer."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NoReturn

from penstock.errors import ConfigurationError, Place, Problem
from penstock.model.pipeline import Pipeline
from penstock.util.memory import Memory

PYPROJECT = "pyproject.toml"
OWN = "penstock.toml"
MOST_BYTES = 1 << 20

# tomllib takes time that grows with the square of a dotted key's parts; nobody writes a thousand.
_LONG_KEY = r"""(?m)(?:^|[\[{,])[ \t]*+(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){1000}"""
_PLACE = r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$"
_LONG_NUMBER = r"(?<![0-9_])[0-9_]{4301}"


def read(root: Path, *, state: Path | None = None) -> Pipeline:
    """What the project in `root` declares: `[tool.penstock]` in pyproject.toml, or penstock.toml; else nothing.

    Raises ConfigurationError with all problems. `state`: where the answer is remembered, so that the same two texts
    are not parsed again.
    """
    project = _text(root, PYPROJECT)
    own = _text(root, OWN)
    if state is None:
        return declared(project, own)
    memory = Memory(state / "pipeline.json", (str(project is None), project or "", own or ""), by=("load", "services"))
    pipeline = memory.recall(Pipeline)
    if pipeline is None:
        pipeline = declared(project, own)
        memory.keep(pipeline)
    return pipeline


def declared(project: str | None, own: str | None) -> Pipeline:
    """What the texts of the two files declare; None for one that is not there. Raises ConfigurationError."""
    in_project = None if project is None else _declaration(project)
    if own is not None and in_project is not None:
        _refuse("C008", OWN, f"both {OWN} and [tool.penstock] in {PYPROJECT} are there", "keep one of them")
    if own is not None:
        return _parsed(own, OWN, _table(own, OWN), prefix=())
    if project is None or in_project is None:
        return Pipeline()
    return _parsed(project, PYPROJECT, in_project, prefix=("tool", "penstock"))


def _parsed(text: str, path: str, table: object, prefix: tuple[str, ...]) -> Pipeline:
    from penstock.load.locate import Locator
    from penstock.load.parse import parse

    locator = Locator(text, path, prefix)
    if not isinstance(table, dict):
        place = locator.place((), value=True)
        problem = Problem(
            code="C102", message=f"`{'.'.join(prefix)}` must be a table", place=place, excerpt=locator.excerpt(place)
        )
        raise ConfigurationError((problem,))
    try:
        return parse(table, locator)
    except RecursionError:
        _too_deep(path)


def _declaration(text: str) -> object | None:
    """What stands at [tool.penstock] of a pyproject.toml, None if nothing does."""
    tool = _table(text, PYPROJECT).get("tool")
    return tool.get("penstock") if isinstance(tool, dict) else None


def _table(text: str, path: str) -> dict[str, object]:
    """The TOML document."""
    import tomllib

    if re.search(_LONG_KEY, text):
        _too_deep(path)
    try:
        return tomllib.loads(text)
    except RecursionError:
        _too_deep(path)
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits is another
        _malformed(text, path, str(error))


def _malformed(text: str, path: str, said: str) -> NoReturn:
    from penstock.load.locate import Locator

    locator = Locator(text, path)
    match = re.search(_PLACE, said)
    number = re.search(_LONG_NUMBER, text)
    if match and match[1]:
        place = Place(path=path, line=int(match[1]), column=int(match[2]))
    elif match is None and number:
        place = locator.at(number.start())
    else:
        place = locator.at(len(locator.text))
    message = "this is not TOML: " + re.sub(_PLACE, "", said)[:200]
    remedy = "mend this place; what follows it was not read"
    problem = Problem(code="C006", message=message, place=place, excerpt=locator.excerpt(place), remedy=remedy)
    raise ConfigurationError((problem,))


def _text(root: Path, name: str) -> str | None:
    """The file's text, None if there is no file."""
    content = _content(root, name)
    if content is None:
        return None
    if b"\0" in content:
        _refuse(
            "C005", _at(content, name, content.index(0)), "there is a NUL byte", "restore the file; it may be damaged"
        )
    if content.startswith(b"\xef\xbb\xbf"):
        remedy = "save the file as UTF-8 without a byte order mark"
        _refuse("C004", Place(path=name, line=1, column=1), "the file begins with a byte order mark", remedy)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        message = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        _refuse("C004", _at(content, name, error.start), message, "save the file as UTF-8")


def _content(root: Path, name: str) -> bytes | None:
    """The file's bytes within the limit. Opened without blocking, so that a pipe in its place cannot hold us."""
    try:
        descriptor = os.open(root / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        if (root / name).is_symlink():
            _refuse("C002", name, "the link leads nowhere", "mend the link or remove it")
        return None
    except OSError as error:
        _refuse("C001", name, f"the file cannot be read: {error.strerror}", "look at its permissions")
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            what = "a folder" if stat.S_ISDIR(state.st_mode) else "not a file"
            _refuse("C002", name, f"this is {what}", "move it away, or put the file there")
        content = _first_bytes(descriptor)
    except OSError as error:
        _refuse("C001", name, f"the file cannot be read: {error.strerror}", "look at its disk")
    finally:
        os.close(descriptor)
    if len(content) > MOST_BYTES:
        message = f"the file has {state.st_size / MOST_BYTES:.1f} MiB; 1 MiB is the most"
        _refuse("C003", name, message, "look at what wrote it; patterns replace lists of files")
    return content


def _first_bytes(descriptor: int) -> bytes:
    """The content, or of a larger file one byte more than is allowed."""
    parts = []
    left = MOST_BYTES + 1
    while left and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _at(content: bytes, name: str, offset: int) -> Place:
    """The place of a byte; the column counts characters as far as there are some."""
    line_start = content.rfind(b"\n", 0, offset) + 1
    column = len(content[line_start:offset].decode(errors="replace")) + 1
    return Place(path=name, line=content.count(b"\n", 0, offset) + 1, column=column)


def _too_deep(path: str) -> NoReturn:
    _refuse("C007", path, "the file is nested too deeply to be a configuration", "write it flatter")


def _refuse(code: str, place: Place | str, message: str, remedy: str) -> NoReturn:
    where = Place(path=place) if isinstance(place, str) else place
    raise ConfigurationError((Problem(code=code, message=message, place=where, remedy=remedy),))
