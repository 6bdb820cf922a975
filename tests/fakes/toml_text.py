"""Random TOML documents as text, in all the ways that the grammar has of saying the same."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

from hypothesis import strategies as st

_BARE = st.text("abcAB01-_", min_size=1, max_size=3)
_WORDS = st.text("aé😀 #=[]{},.'\"\\\t", max_size=6)
_SPACE = st.sampled_from(["", " ", "\t", "  "])
_GAP = st.sampled_from(["", " ", "\n", " # ] } , comment\n", "\n\n\t"])


def _basic(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "") + "'"


def _unicode_escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(letter):08X}" for letter in text) + '"'


_strings = st.one_of(st.builds(_basic, _WORDS), st.builds(_literal, _WORDS), st.builds(_unicode_escaped, _WORDS))
_long_strings = st.sampled_from(
    [
        '"""a"""',
        '""""""',
        '"""\n[table]\nkey = 1\n"""',
        '"""a""b"c"""""',
        '"""a\\\n   b"""',
        '"""\\""""',
        "'''a'''",
        "''''''",
        "'''\n[table]\n'''",
        "'''it's''b'''''",
        "'''\\'''",
    ]
)
_scalars = st.sampled_from(
    [
        "1",
        "-17",
        "1_000",
        "0xff",
        "3.5",
        "1e5",
        "inf",
        "true",
        "false",
        "2027-03-01",
        "2027-03-01T10:00:00Z",
        "2027-03-01 10:00:00",
        "10:00:00",
    ]
)
_keys = st.lists(st.one_of(_BARE, _strings), min_size=1, max_size=3).flatmap(
    lambda parts: st.builds(lambda space: f"{space}.{space}".join(parts), _SPACE)
)


def _array(elements: list[str], gap: str, *, comma: bool) -> str:
    end = f",{gap}" if comma and elements else gap
    return f"[{gap}" + f"{gap},{gap}".join(elements) + end + "]"


def _inline(pairs: list[tuple[str, str]], space: str) -> str:
    return "{" + space + f"{space},{space}".join(f"{key}{space}={space}{value}" for key, value in pairs) + space + "}"


values = st.recursive(
    st.one_of(_scalars, _strings, _long_strings),
    lambda inner: st.one_of(
        st.builds(_array, st.lists(inner, max_size=3), _GAP, comma=st.booleans()),
        st.builds(_inline, st.lists(st.tuples(_keys, inner), max_size=3), _SPACE),
    ),
    max_leaves=6,
)
_pairs = st.builds(lambda key, space, value, end: f"{key}{space}={space}{value}{end}", _keys, _SPACE, values, _SPACE)
_headers = st.one_of(
    st.builds(lambda key, space: f"[{space}{key}{space}]", _keys, _SPACE),
    st.builds(lambda key, space: f"[[{space}{key}{space}]] # comment", _keys, _SPACE),
)
_statements = st.one_of(_pairs, _pairs, _headers, st.sampled_from(["", "# [comment]", "\t"]))


def written(document: dict[str, Any]) -> str:
    """A document as TOML: a line a key, tables inline."""
    return "".join(f"{_basic(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_basic(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _unicode_escaped(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).lower()


def valid(text: str) -> bool:
    """Whether tomllib takes it."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Valid documents: of random statements, those that can follow the ones before."""
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    lines: list[str] = []
    for statement in draw(st.lists(_statements, max_size=8)):
        if valid("\n".join([*lines, statement])):
            lines.append(statement)
    return ending.join(line.replace("\n", ending) for line in lines) + draw(st.sampled_from(["", ending]))
