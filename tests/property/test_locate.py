"""The locator against tomllib: each key and element is found once, at its own value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given

from penstock.load.locate import KeyPath, Locator, spans
from tests.fakes.toml_text import documents


def walk(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every key and array element below `value`."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key), inner
        yield from walk(inner, (*path, key))


@given(documents())
def test_places_are_those_of_tomllibs_values(document: str) -> None:
    text = document.replace("\r\n", "\n")
    found = spans(text)
    expected = dict(walk(tomllib.loads(document)))
    assert found.keys() == expected.keys()
    for path, span in found.items():
        written = text[span.value : span.end]
        opened = span.value == span.key and isinstance(path[-1], str)  # a table, by a header or a dotted key
        if not opened and not (written.startswith("[[") and isinstance(expected[path], dict)):
            assert tomllib.loads(f"x = {written}")["x"] == expected[path]
        if isinstance(path[-1], str):
            assert _name_at(text, span.key) == path[-1]


def _name_at(text: str, offset: int) -> str:
    """The part of a key that begins at `offset`: the shortest text before a delimiter that tomllib takes for one."""
    for end in range(offset + 1, len(text) + 1):
        if end < len(text) and text[end] not in " \t.=]":
            continue
        try:
            table = tomllib.loads(f"{text[offset:end]} = 1")
        except tomllib.TOMLDecodeError:
            continue
        return str(next(iter(table)))
    raise AssertionError("no key stands here")


@given(documents())
def test_lines_and_columns_lead_to_the_offset(document: str) -> None:
    locator = Locator(document, "pyproject.toml")
    lines = document.replace("\r\n", "\n").split("\n")
    for path, span in spans(locator.text).items():
        place = locator.place(path)
        assert place.line is not None
        assert place.column is not None
        assert lines[place.line - 1][place.column - 1 :][:1] == locator.text[span.key]
        assert locator.excerpt(place) == lines[place.line - 1][:400]
