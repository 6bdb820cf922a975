"""Files that a job left: secrets are taken out of what penstock keeps of them, each in the way that its form bears.

Text gets the label, a JSON document stays one, a line of the tests' log gets its checksum anew, and what is no text
gets asterisks byte for byte, so that what stands behind them stays where it was.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.guest.penstock_redaction import Redaction
from penstock.run.secrets import Secrets, walked
from penstock.util import atomic

_WHOLE_BYTES = 64 << 20  # larger files are gone through in pieces
_CHUNK_BYTES = 1 << 20
_LOOKED_AT = 8192  # bytes in which a NUL makes a file binary, as git has it
_LINES = ".jsonl"


def scrub(folder: Path, redaction: Redaction) -> int:
    """Clean every file below `folder`, names included; gives how many labels stand there then. Raises OSError.

    Links are left alone: what they lead to is not the job's evidence.
    """
    labels = 0
    for place, folders, names in os.walk(folder, topdown=False):
        for path in (Path(place, name) for name in sorted(names)):
            if stat.S_ISREG(path.lstat().st_mode):
                labels += _clean(path, redaction)
        for name in (*names, *folders):
            shown = redaction.text(name).replace("/", "_")
            if shown != name:
                Path(place, name).rename(Path(place, shown))
    return labels


def labels_in(path: Path) -> int:
    """How many labels stand in a file."""
    try:
        with path.open("rb") as stream:
            return sum(chunk.count(b"[secret:") for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""))
    except OSError:
        return 0


def held(path: Path, redaction: Redaction) -> tuple[str, ...]:
    """The names of the secrets that a file holds. Raises OSError."""
    if not path.is_file() or path.is_symlink():
        return ()
    found: set[str] = set()
    overlap = b""
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            found.update(redaction.holds(overlap + chunk))
            overlap = (overlap + chunk)[-1024:]
    return tuple(sorted(found))


def _clean(path: Path, redaction: Redaction) -> int:
    if path.stat().st_size > _WHOLE_BYTES:
        return _clean_large(path, redaction)
    content = path.read_bytes()
    done = _done(path.name, content, redaction)
    if done is not content:
        atomic.write(path, done)
    return done.count(b"[secret:")


def _done(name: str, content: bytes, redaction: Redaction) -> bytes:
    if b"\0" in content[:_LOOKED_AT]:
        return redaction.masked(content)
    done = redaction.content(content)
    if done is content:
        return content
    if name.endswith(_LINES):
        return b"".join(_line(line, redaction) for line in content.splitlines(keepends=True))
    return _still_json(content, done, redaction)


def _line(line: bytes, redaction: Redaction) -> bytes:
    """A line with a checksum before it, or one of plain JSON."""
    mark, space, text = line.rstrip(b"\n").partition(b" ")
    if not space or mark != b"%08x" % zlib.crc32(text):
        return redaction.content(line)
    done = redaction.content(text)
    done = text if done is text else _still_json(text, done, redaction)
    return b"%08x %b\n" % (zlib.crc32(done), done)


def _still_json(content: bytes, done: bytes, redaction: Redaction) -> bytes:
    """`done`, unless it is no JSON any more and `content` was: then each of its texts is cleaned by itself."""
    if content.lstrip()[:1] not in (b"{", b"["):
        return done
    try:
        plain = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return done
    try:
        msgspec.json.decode(done)
    except msgspec.DecodeError:
        return msgspec.json.encode(walked(plain, redaction))
    return done


def _clean_large(path: Path, redaction: Redaction) -> int:
    """In pieces, into a file of its own that takes the place of the first."""
    stream = redaction.stream()
    labels = 0
    beside = path.with_name(f".{path.name[:100]}.scrubbed")
    with path.open("rb") as source, beside.open("wb") as target:
        for chunk in iter(lambda: source.read(_CHUNK_BYTES), b""):
            piece = stream.feed(chunk)
            labels += piece.count(b"[secret:")
            target.write(piece)
        target.write(stream.finish())
    beside.replace(path)
    return labels


def found_in(secrets: Secrets, folder: Path, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of these files of a folder, those that hold secrets, or are called so, with the names. Raises OSError."""
    if secrets.redaction is None:
        return {}
    redaction, found = secrets.redaction, {}
    for name in names:
        names_held = {*redaction.holds(os.fsencode(name)), *held(folder / name, redaction)}
        if names_held:
            found[name] = tuple(sorted(names_held))
    return found
