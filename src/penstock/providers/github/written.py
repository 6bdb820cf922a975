"""The text of a generated file: its head, and the actions at the commits that the configuration raises them to."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.hosts import GitHub, Raised
from penstock.providers.yaml_text import Above, Node, Noted, document

HEAD = """\
Written by `penstock ci generate github` from [tool.penstock]. Change that, and generate again:
`penstock ci check` refuses what was changed here.
"""


def text(tree: Mapping[str, Node], settings: GitHub) -> str:
    """One file."""
    pins = {each.action: each for each in settings.pins}
    raised = {key: _raised(each, pins) for key, each in tree.items()} if pins else tree
    return document(raised, HEAD)


def _raised(part: Node, pins: Mapping[str, Raised]) -> Node:
    if isinstance(part, Noted):
        action, _, commit = str(part.value).partition("@")
        pin = pins.get(action) if commit else None
        return Noted(f"{action}@{pin.commit}", pin.version) if pin is not None else part
    if isinstance(part, Above):
        return Above(part.words, _raised(part.part, pins))
    if isinstance(part, Mapping):
        return {key: _raised(each, pins) for key, each in part.items()}
    return [_raised(each, pins) for each in part] if isinstance(part, list) else part
