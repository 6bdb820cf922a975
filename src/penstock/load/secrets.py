"""`secrets` and `require`: the variables of the surroundings that a job gets, by name. A value never stands here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import VARIABLE, List
from penstock.load.table import Key, Table
from penstock.load.types import Flag, Text, matches
from penstock.model.pipeline import Secret
from penstock.value import Value

_NAME = Text(
    words='the name of a variable such as "API_KEY"',
    pattern=VARIABLE,
    hint="the value stands nowhere but in the environment, or in a file outside of the repository",
)
_FILE = Text(
    words='a file such as "~/.config/service/token"',
    pattern=r"^(?!~(?!/))(?!(?:.*/)?\.\.(?:/|$))[^\x00-\x1f\\]*[^\x00-\x1f\\/]$",
    hint="name a file relative to the project, below the home (`~/…`) or below /",
)
KEYS = (
    Key(name="name", shape=_NAME, required=True, doc="The variable that the job gets."),
    Key(
        name="required",
        shape=Flag(),
        default="true",
        doc="Without it the job does not run, and is not verified. With `false` it runs without it.",
    ),
    Key(
        name="file",
        shape=_FILE,
        default="none",
        doc="Where the variable is not set outside: the file whose content it gets (relative to the project, from "
        "`~/`, or absolute), without the line breaks at its end.",
    ),
)
_TABLE = Table(keys=KEYS, words='a table such as { name = "CERT", file = "~/.cert.pem" }', where="a secret")
# What every process needs to start at all, and what is penstock's own.
_TAKEN = re.compile(r"PATH|HOME|TMPDIR|LANG|LC_\w+|TZ|PYTHONPATH|VIRTUAL_ENV|PENSTOCK_\w+")


class SecretEntry(Value, frozen=True, kw_only=True):
    """One secret: its name, or a table."""

    words: str = f"{_NAME.words}, or {_TABLE.words}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> Secret | None:
        """The secret. What may be a value itself is not quoted."""
        if (isinstance(raw, str) and not matches(VARIABLE, raw)) or (isinstance(raw, dict) and "value" in raw):
            message = "a secret is declared by the name of its variable: this file is read by everybody"
            remedy = "if this was the value, make a new one; then name the variable that holds it"
            findings.add("C103", message, path, remedy=remedy, quoted=False)
            return None
        if not isinstance(raw, dict):
            name = _NAME.read(raw, path, findings)
            return None if name is None else Secret(name=name)
        values = _TABLE.read(raw, path, findings)
        return None if values is None else Secret(**values)

    def schema(self) -> dict[str, Any]:
        """A string, or an object."""
        return {"anyOf": [_NAME.schema(), _TABLE.schema()]}


SECRETS = List(item=SecretEntry(), words="a list of names, or of tables with `name`, `required` and `file`")
REQUIRE = List(item=_NAME, words="a list of names")


def check(values: Mapping[str, Any], path: KeyPath, findings: Findings) -> None:
    """A variable has one source: two secrets of one name, and one that `environment` sets, contradict each other."""
    declared = {name: "environment" for name, _ in values.get("environment", ())}
    for key, names in (
        ("secrets", [secret.name for secret in values.get("secrets", ())]),
        ("require", list(values.get("require", ()))),
    ):
        for index, name in enumerate(names):
            where = (*path, key, index)
            if _TAKEN.fullmatch(name):
                findings.add("C212", f"`{name}` is set by penstock, so it cannot stand in `{key}`", where, value=False)
            elif name in declared:
                message = f"`{name}` stands in `{declared[name]}`, and here again"
                findings.add("C212", message, where, value=False, remedy="keep one of them")
            declared.setdefault(name, key)
