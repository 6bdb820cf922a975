"""Generated YAML: what it says to a reader of YAML, and how it looks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from penstock.providers.yaml_text import Above, Flow, Noted, Script, document

SCALARS = st.one_of(st.booleans(), st.integers(), st.text(st.characters(codec="utf-8", exclude_characters="\x85")))
KEYS = st.text("abcxyz-_019: #", min_size=1, max_size=6)
PARTS = st.recursive(
    SCALARS,
    lambda parts: st.one_of(st.lists(parts, max_size=3), st.dictionaries(KEYS, parts, max_size=3)),
    max_leaves=8,
)


def read(text: str, version: tuple[int, int] = (1, 2)) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.version = version
    return reader.load(text)


@settings(max_examples=50)
@given(st.dictionaries(KEYS, PARTS, min_size=1, max_size=4))
def test_a_reader_of_yaml_gets_what_was_written(part: dict[str, Any]) -> None:
    assert read(document(part)) == part


@settings(max_examples=50)
@given(st.lists(SCALARS, max_size=4), st.dictionaries(KEYS, SCALARS, max_size=3))
def test_so_it_does_from_one_line(items: list[Any], table: dict[str, Any]) -> None:
    assert read(document({"a": Flow(items), "b": Flow(table)})) == {"a": items, "b": table}


@pytest.mark.parametrize(
    "text",
    ["on", "NO", "3.10", "1e3", "0x1F", "1_000", "12:30", "2026-11-22", "null", "~", "a: b", "a #b", "- a", "", " a"],
)
def test_a_string_stays_a_string_in_both_versions_of_yaml(text: str) -> None:
    for version in ((1, 1), (1, 2)):
        told = read(document({"a": text, "b": [text], "c": Flow([text])}), version)
        assert told == {"a": text, "b": [text], "c": [text]}


def test_it_looks_as_if_a_person_had_written_it() -> None:
    told = document(
        {
            "name": "CI",
            "on": {"push": {"branches": Flow(["main"])}, "merge_group": None},
            "jobs": {
                "lint": {
                    "permissions": {"contents": Noted("read", "checkout")},
                    "steps": [
                        {"uses": Noted("a/b@abc", "v1"), "with": {"depth": 0, "python": "3.10"}},
                        Above("Why it is there,\nin two lines.", {"run": Script("one\n  two\n\nthree\n")}),
                    ],
                }
            },
        },
        "Made by penstock.",
    )
    assert told == (
        "# Made by penstock.\n"
        "name: CI\n"
        "\n"
        "on:\n"
        "  push:\n"
        "    branches: [main]\n"
        "  merge_group:\n"
        "\n"
        "jobs:\n"
        "  lint:\n"
        "    permissions:\n"
        "      contents: read # checkout\n"
        "    steps:\n"
        "      - uses: a/b@abc # v1\n"
        "        with:\n"
        "          depth: 0\n"
        '          python: "3.10"\n'
        "      # Why it is there,\n"
        "      # in two lines.\n"
        "      - run: |\n"
        "          one\n"
        "            two\n"
        "\n"
        "          three\n"
    )
