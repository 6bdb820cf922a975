"""What a reader of generated YAML gets: the same tables without how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from penstock.providers.yaml_text import Above, Flow, Node, Noted, Script

Plain: TypeAlias = "str | int | float | bool | dict[str, Plain] | list[Plain] | None"


def plain(node: Node) -> Plain:
    """The value. Comments go."""
    if isinstance(node, Above | Flow):
        return plain(node.part)
    if isinstance(node, Noted):
        return node.value
    if isinstance(node, Script):
        return node.text.strip("\n") + "\n"
    if isinstance(node, Mapping):
        return {key: plain(each) for key, each in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [plain(each) for each in node]
    return node


def table(node: Plain) -> dict[str, Plain]:
    """The table that it is; an empty one where it is none."""
    return node if isinstance(node, dict) else {}


def words(node: Plain) -> tuple[str, ...]:
    """The texts of a list, or the one text."""
    if isinstance(node, list):
        return tuple(str(each) for each in node if isinstance(each, str | int))
    return (node,) if isinstance(node, str) and node else ()
