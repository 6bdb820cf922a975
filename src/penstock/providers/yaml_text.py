"""YAML as people write it by hand: what is generated is read, reviewed and compared, so its form is ours to the letter.

A document is made of mappings, sequences and scalars; `Noted`, `Above`, `Script` and `Flow` say how a part is written.
Strings that YAML 1.1 or 1.2 would read as something else are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

Scalar = str | int | float | bool


class Noted(NamedTuple):
    """A scalar with a comment behind it."""

    value: Scalar
    note: str


class Above(NamedTuple):
    """A part with a comment above it. `words`: one line or several."""

    words: str
    part: Node


class Script(NamedTuple):
    """Text of several lines, as a literal block."""

    text: str


class Flow(NamedTuple):
    """Scalars in one line: `[a, b]` or `{ a: b }`."""

    part: Sequence[Scalar] | Mapping[str, Scalar]


Node: TypeAlias = "Scalar | Noted | Above | Script | Flow | Mapping[str, Node] | Sequence[Node] | None"

# A plain scalar: nothing in it means anything to YAML. `: ` and ` #` are looked for apart.
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PLAIN = re.compile(r"(?:(?![\"'`\\])[ -~])+")
_BEGINS = re.compile(r"[A-Za-z_./$<(~]")
_OTHERWISE = re.compile(
    r"(?i:true|false|null|yes|no|on|off|y|n|~|\.inf|\.nan)|<<|[-+.0-9_]*|[-+]?0[xob][0-9a-f_]+|[-+.0-9_]+e[-+0-9]+"
    r"|[0-9:]+(?:\.[0-9]*)?|[0-9]{4}-[0-9-]+(?:[Tt ].*)?"
)
_IN_FLOW = re.compile(r"[,\[\]{}]")


def document(part: Mapping[str, Node], head: str = "") -> str:
    """The whole text. `head`: comment lines at its beginning."""
    lines = [_comment(line) for line in head.splitlines()]
    return "\n".join([*lines, *_mapping(part)]) + "\n"


def _comment(line: str) -> str:
    return f"# {line}".rstrip()


def _mapping(part: Mapping[str, Node], depth: int = 0) -> Iterator[str]:
    for number, (key, value) in enumerate(part.items()):
        if depth <= _AIRY and number and isinstance(value, Mapping | Above) and not isinstance(value, str):
            yield ""
        yield from _entry(f"{'  ' * depth}{_key(key)}:", value, depth)


_AIRY = 1  # down to this depth, a table has an empty line above it


def _entry(lead: str, value: Node, depth: int) -> Iterator[str]:
    """One `key: value`, or one `- value`. `lead`: what stands before the value."""
    if isinstance(value, Above):
        yield from (f"{'  ' * depth}{_comment(line)}" for line in value.words.splitlines())
        yield from _entry(lead, value.part, depth)
    elif isinstance(value, Script):
        yield f"{lead} |"
        yield from (f"{'  ' * (depth + 1)}{line}".rstrip() for line in value.text.strip("\n").splitlines())
    elif isinstance(value, Noted):
        yield f"{lead} {_scalar(value.value)} # {value.note}"
    elif isinstance(value, Flow):
        yield f"{lead} {_flow(value.part)}"
    elif isinstance(value, Mapping):
        yield from (lead, *_mapping(value, depth + 1)) if value else (f"{lead} {{}}",)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (lead, *_items(value, depth + 1)) if value else (f"{lead} []",)
    else:
        yield lead if value is None else f"{lead} {_scalar(value)}"


def _items(part: Sequence[Node], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for item in part:
        plain = item.part if isinstance(item, Above) else item
        if isinstance(item, Above):
            yield from (f"{indent}{_comment(line)}" for line in item.words.splitlines())
        if isinstance(plain, Mapping) and plain:
            first, *rest = _mapping(plain, depth + 1)
            yield f"{indent}- {first.strip()}"
            yield from rest
        else:
            yield from _entry(f"{indent}-", plain, depth)


def _flow(part: Sequence[Scalar] | Mapping[str, Scalar]) -> str:
    if isinstance(part, Mapping):
        inner = ", ".join(f"{_key(key)}: {_scalar(value, in_flow=True)}" for key, value in part.items())
        return f"{{{inner}}}"
    return f"[{', '.join(_scalar(value, in_flow=True) for value in part)}]"


def _key(text: str) -> str:
    """As YAML 1.2 reads it: there `on` is a word like any other."""
    return text if _KEY.fullmatch(text) else _quoted(text)


def _scalar(value: Scalar, *, in_flow: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    plain = (
        _PLAIN.fullmatch(value) is not None
        and _BEGINS.match(value) is not None
        and _OTHERWISE.fullmatch(value) is None
        and ": " not in value
        and " #" not in value
        and not value.endswith((":", " "))
        and not (in_flow and _IN_FLOW.search(value))
    )
    return value if plain else _quoted(value)


def _quoted(text: str) -> str:
    """In double quotes, all but printable ASCII as its number (JSON's surrogate pairs are none to YAML); in single ones
    where a double one would have to be escaped.
    """
    if ('"' in text or "\\" in text) and "'" not in text and all(" " <= letter <= "~" for letter in text):
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
