"""A made-up secret, sent through the run's own redaction in every spelling before anything is started.

What would come through of it would come through of a real one: then nothing is run. Its spellings are made here by
other means than those that look for them.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import shlex
import urllib.parse
from collections.abc import Callable, Iterator

from penstock.run.secrets import Secrets
from penstock.util.clock import random_hex

NAME = "PENSTOCK_CANARY"
_EDGE = 4  # characters at either end of an encoding that its neighbours have a part in
_STEP = 7  # bytes of one write


class LeakError(Exception):
    """The redaction lets something through: a bug of penstock."""


def make() -> tuple[str, str]:
    """Its name and its value, another one each time: of two lines, with what has to be escaped."""
    return NAME, f"{random_hex(12)}/+'\"<&>\\ %{random_hex(12)}\n{random_hex(12)}={random_hex(12)}"


def prove(secrets: Secrets) -> None:
    """Raise LeakError if any spelling of the run's canary passes, whole or in pieces. Say nothing otherwise."""
    value = dict(secrets.more).get(NAME, "")
    if not value:
        raise LeakError("a run with secrets has no canary")
    for kind, sent, spelled in spelled_out(value):
        told, fragment = f"before {sent} after".encode(), spelled.encode()
        for passed, way in (("whole", _whole), ("in pieces", _pieces)):
            if fragment in way(secrets, told):
                raise LeakError(f"the redaction of secrets let a canary through: {kind}, {passed}")


def spelled_out(value: str) -> Iterator[tuple[str, str, str]]:
    """Each spelling: its name, what is sent, and what of that must not arrive."""
    content = value.encode()
    for name, made in _WAYS:
        yield name, made(value), made(value)
    for number, line in enumerate(value.splitlines(), start=1):
        yield f"line {number}", line, line
    for offset in range(3):
        around = b"x" * offset + content + b"yz"
        standard, safe = binascii.b2a_base64(around, newline=False), base64.urlsafe_b64encode(around)
        yield f"base64 at {offset}", standard.decode(), standard[_EDGE:-_EDGE].decode()
        yield f"URL-safe base64 at {offset}", safe.decode(), safe[_EDGE:-_EDGE].decode()


_WAYS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("raw", str),
    ("JSON", lambda value: json.dumps(value).strip('"')),
    ("JSON in JSON", lambda value: json.dumps(json.dumps(value)).strip('"').strip('\\"')),
    ("repr", lambda value: repr(value).strip("'")),
    ("repr of bytes", lambda value: repr(value.encode())[2:-1]),
    ("URL", lambda value: urllib.parse.quote(value, safe="")),
    ("form", urllib.parse.quote_plus),
    ("HTML", html.escape),
    ("shell", lambda value: shlex.quote(value).strip("'")),
    ("hexadecimal", lambda value: binascii.hexlify(value.encode()).decode()),
    ("hexadecimal, upper case", lambda value: base64.b16encode(value.encode()).decode()),
)


def _whole(secrets: Secrets, told: bytes) -> bytes:
    return b"" if secrets.redaction is None else secrets.redaction.content(told)


def _pieces(secrets: Secrets, told: bytes) -> bytes:
    stream = secrets.stream()
    if stream is None:
        return told
    parts = [stream.feed(told[at : at + _STEP]) for at in range(0, len(told), _STEP)]
    return b"".join((*parts, stream.finish()))
