"""Keeps a pytest session to one shard of its tests, and tells what proves it.

PYTEST_DONT_REWRITE

The split is computed from the whole collection in the order in which it was collected, whatever order a plugin gives
it later; the proof tells the whole collection, so that all shards together can be held against it.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest.penstock_events import clean, digest
    from penstock.guest.penstock_only import Numbering
    from penstock.guest.penstock_settings import Settings
    from penstock.guest.penstock_shards import digest as shard_digest
    from penstock.guest.penstock_shards import extended, plan_of, split, table_of
else:
    from penstock_events import clean, digest
    from penstock_only import Numbering
    from penstock_shards import digest as shard_digest
    from penstock_shards import extended, plan_of, split, table_of

_DEEPEST = 4  # of nested parameters that are told apart
_MOST_TOLD = 1000  # ids of new and of vanished tests


class Sharding:
    """The hook of one shard. `names`: id(item) -> the id that it has in the log."""

    def __init__(self, settings: Settings, names: dict[int, str]) -> None:
        self.index, self.count = settings.shard
        self._settled = bool(settings.shard_plan)
        self._pinned = _content(settings.shard_plan or settings.timings)
        self._names = names
        self._all: list[str] = []
        self._own = 0
        self.proof: dict[str, Any] | None = None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> Generator[None, None, None]:
        """Keep the shard's part, after every other plugin has chosen and sorted."""
        before = {id(item): place for place, item in enumerate(items)}
        yield
        numbering = Numbering()
        ordered = sorted(items, key=lambda item: (before.get(id(item), len(before)), item.nodeid))
        named = [(numbering.name(clean(item.nodeid)), item) for item in ordered]
        self._names.update((id(item), name) for name, item in named)
        mine = self._mine(named)
        items[:] = [item for item in items if self._names[id(item)] in mine]
        self._own = len(items)

    def pytest_report_collectionfinish(self) -> str:
        """Say it in pytest's own words."""
        return f"penstock: shard {self.index}/{self.count} has {self._own} of {len(self._all)} tests"

    def _mine(self, named: list[tuple[str, Any]]) -> set[str]:
        ids = [name for name, _ in named]
        groups = {name: group for name, item in named if (group := _group(item))}
        table = table_of(self._pinned)
        new: list[str] = []
        gone: list[str] = []
        if self._settled:
            settled = self._read_plan()
            if len(settled) != self.count:
                raise pytest.UsageError(f"the shard plan is for {len(settled)} shards, not for {self.count}")
            known = {name for part in settled for name in part}
            new = [name for name in ids if name not in known]
            gone = sorted(known.difference(ids))
            parts = extended(ids, table, settled, groups).parts
        else:
            parts = split(ids, table, self.count, groups).parts
        params = _params(named)
        pin = hashlib.sha256(self._pinned).hexdigest() if self._pinned else ""
        decisive = [f"{name}\t{groups.get(name, '')}" for name in ids] + ["\t".join(pair) for pair in params]
        self._all = ids
        self.proof = {
            "index": self.index,
            "count": self.count,
            "digest": shard_digest(decisive, pin, self.count),
            "pin": pin,
            "collected": len(ids),
            "collection": digest(ids),
            "whole": packed(ids),
            "params": params,
            "new": new[:_MOST_TOLD],
            "gone": [clean(name) for name in gone[:_MOST_TOLD]],
        }
        return {ids[position] for position in parts[self.index - 1]}

    def _read_plan(self) -> list[list[str]]:
        try:
            return plan_of(self._pinned)
        except ValueError as error:
            raise pytest.UsageError(f"the shard plan cannot be read: {error}") from error


def packed(ids: list[str]) -> str:
    """The ids as base64 of zlib of a JSON list: they are alike, and so a twentieth of their length."""
    return base64.b64encode(zlib.compress(json.dumps(ids).encode("utf-8"), 6)).decode("ascii")


def _content(path: str) -> bytes:
    """The file's bytes; none if it is not there: then the proof tells another pin than the plan does."""
    if not path:
        return b""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def _group(item: Any) -> str:
    """The name of the item's xdist_group, as xdist reads it; "" without one."""
    mark = item.get_closest_marker("xdist_group")
    if mark is None:
        return ""
    return str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))


def _params(named: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """A checksum of each function's parameters, in order: ids may be equal where values are not (`x0`, of a set)."""
    sums: dict[str, int] = {}
    for name, item in named:
        spec = getattr(item, "callspec", None)
        if spec is not None:
            function = name.partition("[")[0]
            text = _stable(dict(spec.params), _DEEPEST)
            sums[function] = zlib.crc32(text.encode("utf-8", "backslashreplace"), sums.get(function, 0))
    return [(function, f"{number:08x}") for function, number in sums.items()]


def _stable(value: Any, depth: int) -> str:
    """What a value is, in words that are the same in every process: no address, no order of a set."""
    if value is None or isinstance(value, (bool, int, float, complex, bytes, str)):
        text = repr(value)
        return text if len(text) < 200 else f"{text[:100]}…{len(text)}…{text[-100:]}"
    if depth == 0:
        return type(value).__qualname__
    if isinstance(value, (list, tuple)):
        inside = [_stable(each, depth - 1) for each in value[:100]]
    elif isinstance(value, (set, frozenset)):
        inside = sorted(_stable(each, depth - 1) for each in value)
    elif isinstance(value, dict):
        inside = sorted(f"{_stable(key, depth - 1)}:{_stable(each, depth - 1)}" for key, each in value.items())
    else:
        inside = [_name(value)]
    return f"{type(value).__qualname__}({','.join(inside)})"


def _name(value: Any) -> str:
    """What a function, a class or a member of an enumeration is called; "" for anything else."""
    try:
        name = getattr(value, "__qualname__", None) or getattr(value, "name", None)
    except Exception:  # noqa: BLE001 - a project's own attribute may raise anything
        return ""
    return name if isinstance(name, str) else ""
