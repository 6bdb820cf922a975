r"""What foreign text may do to a terminal: colour itself, nothing else (TRUST.md §6).

Only SGR sequences (`ESC [ … m`) pass; every other control, C1 code, bidi control, invisible tag and lone surrogate is
shown as an escape (`\x1b`, `\u202e`), so that a reader sees that it was there and it has no effect.
"""

from __future__ import annotations

import re

RESET = "\x1b[0m"
TAB = "    "

# `ESC [ digits m`, with a bound on the digits: longer ones are no colour that anybody writes.
_SGR = r"\x1b\[[0-9;:]{0,64}m"

# C0 without tab and newline, DEL, C1; soft hyphen and Arabic letter mark; zero-width space, bidi marks, embeddings,
# overrides and isolates; line and paragraph separator; the byte order mark; interlinear and tag characters; surrogates.
# The zero-width joiners stay: names in several scripts are spelled with them.
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


_ADDRESS = r"\b0x[0-9a-fA-F]{6,}\b"


def text(foreign: str, *, color: bool = False) -> str:
    """Foreign text of any number of lines, safe to send to a terminal and to encode.

    With `color`, its own SGR sequences stay, ended on each line; without, they are taken out.
    """
    lines = foreign.replace("\r\n", "\n").split("\n")
    return "\n".join(_line(line, color=color) for line in lines)


def line(foreign: str) -> str:
    """Foreign text on one line, without colours: a name, a message. Newlines are shown as escapes."""
    return _line(foreign.rstrip("\n").replace("\n", "\\n"), color=False)


def without_addresses(foreign: str) -> str:
    """The same with each address of an object (`0x7fb59f667ce0`) as `0x…`: two failures differ by more than that."""
    return re.sub(_ADDRESS, "0x…", foreign)


def _line(foreign: str, *, color: bool) -> str:
    plain = foreign.expandtabs(len(TAB))
    if plain.isprintable():  # most are, and the patterns are compiled for the first that is not
        return plain
    pieces: list[str] = []
    end = 0
    for match in re.finditer(_SGR, plain):
        pieces += [_shown(plain[end : match.start()]), match[0] if color else ""]
        end = match.end()
    pieces.append(_shown(plain[end:]))
    colored = color and end > 0
    return "".join(pieces) + (RESET if colored else "")


def _shown(piece: str) -> str:
    return re.sub(_UNSAFE, lambda match: _escape(ord(match[0])), piece)


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python's surrogateescape carries it
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
