"""The folders of `caches`: a path, or a table with how much and how long."""

from __future__ import annotations

from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.table import Key, Table
from penstock.load.types import Duration, Size, Text
from penstock.model.pipeline import CacheFolder
from penstock.value import Value

# Neither the root of the file system, nor the home, nor the project: a folder in one of them, and never a way out.
PATH = Text(
    words='a folder such as "~/.cache/huggingface" or "downloads"',
    pattern=r"^(?:~?/)?(?![~/])(?!(?:.*/)?\.{1,2}(?:/|$))[^\x00-\x1f\\]+$",
    hint="name a folder in the project, in the home (`~/…`) or below /, not one of these themselves, and no pattern",
)
KEYS = (
    Key(name="path", shape=PATH, required=True, doc="The folder: relative to the project, from `~/`, or absolute."),
    Key(
        name="max",
        shape=Size(),
        field="max_bytes",
        default="no limit",
        doc="`penstock clean` removes the files that were not used for longest until the rest is no more than this.",
    ),
    Key(
        name="age",
        shape=Duration(),
        field="max_age_s",
        default="no limit",
        doc="`penstock clean` removes files that were neither read nor written for so long.",
    ),
)
_TABLE = Table(keys=KEYS, words='a table such as { path = "downloads", max = "5GiB", age = "30d" }', where="a cache")


class Folder(Value, frozen=True, kw_only=True):
    """One folder of `caches`."""

    words: str = f"{PATH.words}, or {_TABLE.words}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> CacheFolder | None:
        """The folder, with its limits."""
        if not isinstance(raw, dict):
            text = PATH.read(raw, path, findings)
            return None if text is None else CacheFolder(path=text)
        values = _TABLE.read(raw, path, findings)
        return None if values is None else CacheFolder(**values)

    def schema(self) -> dict[str, Any]:
        """A string, or an object."""
        return {"anyOf": [PATH.schema(), _TABLE.schema()]}
