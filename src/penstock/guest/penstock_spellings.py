"""In which ways a secret may be spelled in an output: as it is, escaped once or twice, in base64, in hexadecimal.

PYTEST_DONT_REWRITE

Shared by penstock and the guests, which write logs of their own. Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAST = 4  # characters: what is shorter stands in too much other text
LONGEST = 128  # bytes: what is longer is looked for in pieces
_PIECE = 64
_LINE = 8  # characters of a line that is looked for by itself
_DIGITS = 6  # that a number has to have
_COMMON = frozenset(["true", "false", "none", "null", "yes", "no", "on", "off", "test", "secret", "password"])
_WRAPS = (64, 76)  # columns at which base64 is broken into lines: PEM (RFC 7468) and MIME (RFC 2045), as base64(1)
_HEX_WRAP = 60  # xxd -p
_ROW = 12  # characters of a broken encoding's last row that is looked for by itself
_SPACED_BYTES = 512  # values up to this are looked for with separators between their hexadecimal digits, too


def weakness(name: str, value: str) -> str:
    """Why a value cannot be kept out of what is shown without destroying it, in words; "" if it can be."""
    bare = value.strip()
    if len(bare) < LEAST:
        return f"its value has {len(bare)} character{'s' * (len(bare) != 1)}"
    if bare.lower() in _COMMON or (bare.isdigit() and len(bare) < _DIGITS) or len(set(bare)) < 3:
        return "its value is a common word, a short number, or two characters over and over"
    return "its value stands in its own name" if bare in label(name) else ""


def label(name: str) -> str:
    """What is shown in a secret's place."""
    return f"[secret:{name}]"


def spellings(value: str) -> set[bytes]:
    """Everything to look for, each of `LEAST` to `LONGEST` bytes: together they cover each spelling as a whole."""
    bare = value.strip()
    found: set[bytes] = set()
    for text in {bare, bare.replace("\r\n", "\n").replace("\n", "\r\n"), *_lines(bare)}:
        for spelled in _escaped(text):
            found.update(_bytes(spelled))
    for content in _bytes(bare):
        for spelled in _encoded(content):
            found.update(_bytes(spelled))
    return {piece for each in found for piece in _pieces(each)}


def _lines(text: str) -> Iterator[str]:
    """The lines that tell something: of a PEM file not its frame, and no brackets, rules and blanks."""
    lines = text.splitlines()
    for line in lines if len(lines) > 1 else ():
        bare = line.strip()
        if len(bare) >= _LINE and len(set(bare)) >= LEAST and not bare.startswith("-----"):
            yield bare


def _pieces(content: bytes) -> Iterator[bytes]:
    """The whole, or where that is long, pieces without a gap; what tells nothing (a PEM frame) is left out."""
    if len(content) <= LONGEST:
        if len(content) >= LEAST:
            yield content
        return
    starts = [*range(0, len(content) - _PIECE, _PIECE), len(content) - _PIECE]
    for start in starts:
        piece = content[start : start + _PIECE]
        if not piece.startswith((b"-----BEGIN", b"-----END")) and len(set(piece)) >= LEAST:
            yield piece


def _bytes(text: str) -> set[bytes]:
    """As it stands in a file; a variable that is not UTF-8 in each form that Python gives it."""
    if text.isascii():
        return {text.encode("ascii")}
    found = set()
    for errors in ("surrogateescape", "surrogatepass", "backslashreplace"):
        try:
            found.add(text.encode("utf-8", errors))
        except UnicodeEncodeError:  # a surrogate that stands for no byte
            continue
    return found


# --- escaped --------------------------------------------------------------------------------------------------------


def _escaped(text: str) -> set[str]:
    """Itself, each way of escaping it, and what happens when that is escaped once more (a repr in JSON, say)."""
    once = {text, *_ways(text, _EVERY)}
    return once | {again for each in once for again in _again(each)}


def _ways(text: str, functions: tuple[Callable[[str], Iterator[str]], ...]) -> set[str]:
    return {made for function in functions for made in function(text)}


def _json(text: str) -> Iterator[str]:
    for ascii_only in (True, False):
        made = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield made
        yield made.replace("/", "\\/")
        safe = made
        for character in "<>&'":  # as templates have it that write JSON into HTML
            safe = safe.replace(character, f"\\u{ord(character):04x}")
        yield safe
        yield re.sub(r"\\u[0-9a-f]{4}", lambda match: f"\\u{match[0][2:].upper()}", made)


def _repr(text: str) -> Iterator[str]:
    """Python's own, of text and of bytes, with either quote around it."""
    for plain in (repr(text + '"')[1:-2], ascii(text + '"')[1:-2]):  # a double quote within: single ones around
        bare = plain.replace("\\'", "'")
        yield plain
        yield bare
        yield bare.replace('"', '\\"')
    for content in _bytes(text):
        made = repr(content + b'"')[2:-2]
        yield made
        yield made.replace("\\'", "'")


def _url(text: str) -> Iterator[str]:
    content = next(iter(sorted(_bytes(text))))
    for made in (
        quote(content, safe=""),
        quote(content, safe="/"),
        quote_plus(content),
        quote(content, safe="!~*'()"),  # encodeURIComponent
        quote(content, safe="!~*'();/?:@&=+$,#"),  # encodeURI
    ):
        yield from _either_case(made)


def _either_case(quoted: str) -> tuple[str, str]:
    return quoted, re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)


def _xml(text: str) -> Iterator[str]:
    bare = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quotes: dict[str, str]
    for quotes in (
        {},
        {'"': "&quot;"},
        {'"': "&quot;", "'": "&#x27;"},  # html.escape
        {'"': "&#34;", "'": "&#39;"},  # markupsafe
        {'"': "&quot;", "'": "&#39;"},
        {'"': "&quot;", "'": "&apos;"},
        {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;", '"': "&quot;"},  # in an attribute
    ):
        made = bare
        for character, entity in quotes.items():
            made = made.replace(character, entity)
        yield made


def _shell(text: str) -> Iterator[str]:
    yield text.replace("'", "'\"'\"'")  # shlex.quote
    yield text.replace("'", "'\\''")
    yield re.sub(r"([^A-Za-z0-9_@%+=:,./\-\n])", r"\\\1", text)  # printf %q
    yield re.sub(r'([\\"$`])', r"\\\1", text)  # within double quotes


def _again(text: str) -> Iterator[str]:
    """What becomes of something escaped when it is quoted in JSON, by `repr`, or on a page."""
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    shown = repr(text + '"')[1:-2]
    yield shown
    yield shown.replace("\\'", "'")
    page = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield page
    yield page.replace('"', "&quot;").replace("'", "&#x27;")
    yield page.replace('"', "&#34;").replace("'", "&#39;")


_EVERY = (_json, _repr, _url, _xml, _shell)


# --- encoded --------------------------------------------------------------------------------------------------------


def _encoded(content: bytes) -> set[str]:
    found: set[str] = set()
    for offset in range(3):
        for text in _base64(content, offset):
            found |= {text, text.replace("/", "\\/"), *_either_case(quote(text, safe=""))}
    for width in _WRAPS:
        whole = base64.b64encode(content).decode()
        found |= _rows(whole.rstrip("="), width)
    for digits in (content.hex(), content.hex().upper()):
        found.add(digits)
        if len(content) <= _SPACED_BYTES:
            pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
            found |= {":".join(pairs), " ".join(pairs), "-".join(pairs), "".join(f"\\x{pair}" for pair in pairs)}
        found |= _rows(digits, _HEX_WRAP)
    return found


def _rows(text: str, width: int) -> set[str]:
    """Its rows where it is broken into several. A short rest stands in any digest: it is one only behind its row."""
    rows = [text[at : at + width] for at in range(0, len(text), width)]
    if len(rows) < 2:
        return set()
    if len(rows[-1]) >= _ROW:
        return set(rows)
    return {*rows[:-1], *(f"{rows[-2]}{end}{rows[-1]}" for end in ("\n", "\r\n"))}


def _base64(content: bytes, offset: int) -> Iterator[str]:
    """Standard and URL-safe, without what the bytes before and after it have a part in.

    A byte before shifts it by 8 of 6 bits: of the first characters 2 (one byte before) or 3 (two) are left away.
    """
    bits = 8 * (offset + len(content))
    first, last = (0, 2, 3)[offset], bits // 6
    padded = bytes(offset) + content
    for made in (base64.b64encode(padded), base64.urlsafe_b64encode(padded)):
        yield made[first:last].decode()
