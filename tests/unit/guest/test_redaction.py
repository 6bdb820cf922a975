"""What is looked for, and that nothing of it is left: a secret in each spelling, whole and in pieces."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import subprocess
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.guest import penstock_events
from penstock.guest.penstock_redaction import Redaction
from penstock.guest.penstock_spellings import LONGEST, spellings, weakness
from tests.conftest import ROOT

PLAIN = "sk-live-9f8e7d6c5b4a3210"
ODD = "p@ss/w'o\"rd&<x>\\+ é%"
PEM = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n".format(
    "\n".join(base64.b64encode(bytes(range(start, start + 48))).decode() for start in range(0, 192, 48))
)
WAYS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": lambda value: json.dumps({"a": value}),
    "json of json": lambda value: json.dumps(json.dumps([value])),
    "repr": lambda value: repr([value]),
    "repr in json": lambda value: json.dumps(repr((value,))),
    "repr of bytes": lambda value: repr(value.encode()),
    "ascii": ascii,
    "url": lambda value: "https://x/?k=" + urllib.parse.quote(value, safe=""),
    "url, lower case": lambda value: re.sub("%..", lambda match: match[0].lower(), urllib.parse.quote(value, safe="")),
    "form": lambda value: urllib.parse.urlencode({"k": value}),
    "html": lambda value: f"<a title={html.escape(value)}>",
    "shell": lambda value: f"curl -H {shlex.quote(value)}",
    "base64": lambda value: base64.b64encode(f"{value}".encode()).decode(),
    "base64, a byte in": lambda value: base64.b64encode(f"u:{value}@".encode()).decode(),
    "base64, two bytes in": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "url-safe base64": lambda value: base64.urlsafe_b64encode(f"{value}.".encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "hex with colons": lambda value: value.encode().hex(":"),
}


def core(value: str, way: str) -> bytes:
    """What of a spelling belongs to the secret alone: nothing of it may be seen."""
    spelled = WAYS[way](value)
    if "base64" in way:
        return spelled[8:-8].encode()
    bare = WAYS[way]("\0").encode()
    marks = {"\\u0000", "\\\\u0000", "%00", "\\x00", "\\\\x00", "00", "AA==", "\0"}
    edges = [mark.encode() for mark in sorted(marks, key=len, reverse=True) if mark.encode() in bare]
    before, _, after = bare.partition(edges[0]) if edges else (b"", b"", b"")
    inner = spelled.encode().removeprefix(before)
    return (inner.removesuffix(after) if after else inner)[2:-2]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", [PLAIN, ODD], ids=["plain", "odd"])
def test_no_spelling_is_left(value: str, way: str) -> None:
    told = f"before {WAYS[way](value)} after\n".encode()
    secret = core(value, way)
    assert secret in told
    shown = Redaction([("KEY", value)]).content(told)
    assert secret not in shown
    assert b"[secret:KEY]" in shown
    assert shown.startswith(b"before ")
    assert shown.endswith(b" after\n")


@pytest.mark.parametrize("step", [1, 2, 7, 8, 15, 64])
@pytest.mark.parametrize("way", ["raw", "json", "base64, a byte in", "hex"])
def test_pieces_are_the_same_as_the_whole(way: str, step: int) -> None:
    redaction = Redaction([("KEY", ODD), ("OTHER", PLAIN)])
    told = f"x{WAYS[way](ODD)}{PLAIN}{PLAIN} and {PLAIN[:-1]} and {WAYS[way](ODD)[:-4]}".encode()
    stream = redaction.stream()
    parts = [stream.feed(told[at : at + step]) for at in range(0, len(told), step)]
    assert b"".join((*parts, stream.finish())) == redaction.content(told)


def test_what_cannot_be_a_secret_is_shown_at_once() -> None:
    stream = Redaction([("KEY", PLAIN)]).stream()
    assert stream.feed(b"Password: ") == b"Password: "
    assert stream.feed(PLAIN[:5].encode()) == b""
    assert stream.feed(b"ing\n") == PLAIN[:5].encode() + b"ing\n"
    assert stream.finish() == b""


def test_of_a_key_file_every_line_is_one_and_its_frame_is_none() -> None:
    redaction = Redaction([("PEM", PEM)])
    lines = PEM.strip().splitlines()
    shown = redaction.content("\n".join(f"E   {line}" for line in lines).encode()).decode().splitlines()
    assert shown == [f"E   {lines[0]}", *["E   [secret:PEM]"] * 4, f"E   {lines[-1]}"]
    whole = redaction.content(b"key: " + json.dumps(PEM).encode())
    assert not any(line.encode() in whole for line in lines[1:-1])
    wrapped = redaction.content(base64.encodebytes(PEM.strip().encode()))
    assert not any(line in wrapped for line in base64.encodebytes(PEM.strip().encode()).split()[:-1])


@pytest.mark.parametrize("size", range(31, 80))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_short_rest_of_a_broken_encoding_is_found_behind_its_row_alone(size: int, end: str) -> None:
    value = "".join(f"{number:x}=" for number in range(100))[:size]
    redaction = Redaction([("KEY", value)])
    for encoded, width in ((value.encode().hex(), 60), (base64.b64encode(value.encode()).decode().rstrip("="), 76)):
        rows = [encoded[at : at + width] for at in range(0, len(encoded), width)]
        shown = redaction.content(end.join(rows).encode()).replace(end.encode(), b"")
        assert len(rows) == 1 or shown.replace(b"[secret:KEY]", b"") == b""
    assert min(map(len, spellings(value))) >= 12  # what is shorter stands in many a digest of ours


def test_what_is_long_is_looked_for_in_pieces_that_cover_it() -> None:
    value = "".join(f"{number:x}" for number in range(3000))
    assert all(4 <= len(each) <= LONGEST for each in spellings(value))
    assert Redaction([("LONG", value)]).content(f"<{value}>".encode()) == b"<[secret:LONG]>"


@pytest.mark.parametrize("value", ["", " abc ", "true", "None", "12345", "abababab", "secret", "KEY_1"])
def test_what_stands_in_too_much_other_text_is_refused(value: str) -> None:
    assert weakness("KEY_1", value)


@pytest.mark.parametrize("value", ["abc1", "123456", PLAIN, ODD])
def test_everything_else_can_be_looked_for(value: str) -> None:
    assert weakness("KEY", value) == ""
    assert Redaction([("KEY", value)]).content(f"a {value.strip()} b".encode()).startswith(b"a [secret:KEY]")


def test_places_are_counted_and_masked_in_their_length() -> None:
    redaction = Redaction([("KEY", PLAIN), ("OTHER", "hunter22")])
    content = b"\0" + PLAIN.encode() + b"\0hunter22"
    assert redaction.masked(content) == b"\0" + b"*" * len(PLAIN) + b"\0" + b"*" * 8
    assert redaction.content(content + content).count(b"[secret:KEY]") == 2
    assert redaction.counts == {"KEY": 3, "OTHER": 3}
    assert redaction.holds(content) == ("KEY", "OTHER")


def test_the_same_object_comes_back_where_there_is_nothing() -> None:
    redaction = Redaction([("KEY", PLAIN)])
    content, text = b"nothing " * 100, "nothing é\udcff" * 10
    assert redaction.content(content) is content
    assert redaction.masked(content) is content
    assert redaction.text(text) is text


def test_a_variable_that_is_not_utf_8_is_found_in_both_forms() -> None:
    value = b"caf\xe9-geheim-42".decode("utf-8", "surrogateescape")
    redaction = Redaction([("KEY", value)])
    assert redaction.content(b"a caf\xe9-geheim-42 b") == b"a [secret:KEY] b"
    assert redaction.text(f"a {value} b") == "a [secret:KEY] b"


GUEST = """
import os, sys
sys.path.insert(0, sys.argv[1])
import penstock_events as events
print(events.clean("test_x[" + os.environ["KEY"] + "]"))
print(events.bounded("x" * 9 + os.environ["KEY"], 10))
writer = events.EventWriter(sys.argv[2])
writer.emit("TestStarted", id="a\\nKE", more=os.environ["KEY"])
"""


def test_a_guest_takes_them_out_before_it_writes(tmp_path: Path) -> None:
    guest = ROOT / "src/penstock/guest"
    done = subprocess.run(
        [sys.executable, "-c", GUEST, str(guest), str(tmp_path / "log")],
        env={"KEY": PLAIN, "PENSTOCK_SECRETS": "KEY,GONE"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["test_x[[secret:KEY]]", "xxxxx", "… 11 characters left out …", ":KEY]"]
    log = (tmp_path / "log").read_bytes()
    assert PLAIN.encode() not in log
    assert b"[secret:KEY]" in log


def test_what_only_looks_like_one_in_an_escape_stays_json() -> None:
    redaction = Redaction([("KEY", "nabc")])
    line = b'{"text":"x\\nabc"}'
    assert penstock_events._without_secrets(line, redaction) == line
