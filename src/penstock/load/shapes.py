"""Values made of values: lists, argument vectors, tables of names, and the legs of a matrix."""

from __future__ import annotations

from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.types import Percent, Shape, Text, matches, spelled, spoken, wrong_type, wrong_value
from penstock.value import Value

_VERSION = r"(?:3\.(?:0|[1-9][0-9]?)(?:t|\.[0-9]{1,2})?|pypy3\.[1-9][0-9]?)"
_CLAUSE = r"(?:(?:>=|<=|==|!=|~=|<|>) ?3\.(?:0|[1-9][0-9]?))"
PYTHON = Text(
    words='a Python version such as "3.12", "3.13t" or "pypy3.10"',
    pattern=rf"^{_VERSION}$",
    hint='name versions in quotes: "3.12"',
)
PYTHONS = Text(
    words='a Python version such as "3.12", "3.13t" or "pypy3.10", or a range such as ">=3.10"',
    pattern=rf"^(?:{_VERSION}|{_CLAUSE}(?:, ?{_CLAUSE})*)$",
    hint='name versions or ranges in quotes: ["3.11", "3.12"]',
)
NAME = Text(words="a name of letters, digits, `.`, `_` and `-`", pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99})$")
GLOB = Text(
    words="a path or pattern inside the project, with `/` between the parts",
    pattern=r"^(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\x00-\x1f\\]+$",
    hint="patterns are relative to the project's root and do not leave it",
)
# One file or folder: no pattern, and inside of the project.
INSIDE = r"^(?!/)(?!\.\./)(?!.*/\.\./)[A-Za-z0-9_.@+-][A-Za-z0-9_./@+ -]*$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
AXIS = r"^[A-Za-z][A-Za-z0-9_-]{0,49}$"
LEG_VALUE = r"^[^\x00-\x20\x7f,#@=](?:[^\x00-\x1f\x7f,#@=]*[^\x00-\x20\x7f,#@=])?$"


class List(Value, frozen=True, kw_only=True):
    """An array of one shape, without repetition. `single`: one value may stand without its brackets."""

    item: Shape
    words: str
    single: bool = False
    least: int = 0
    unique: bool = True

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[Any, ...] | None:
        """The values in their order."""
        if self.single and not isinstance(raw, list | dict):
            value = self.item.read(raw, path, findings)
            return None if value is None else (value,)
        if not isinstance(raw, list):
            remedy = f'write ["{raw}"]' if isinstance(raw, str) and len(raw) < 40 else None
            wrong_type(self, raw, path, findings, remedy=remedy)
            return None
        if len(raw) < self.least:
            wrong_value(self, raw, path, findings)
            return None
        values = [self.item.read(element, (*path, index), findings) for index, element in enumerate(raw)]
        if None in values or (self.unique and not no_repetition(values, path, findings)):
            return None
        return tuple(values)

    def schema(self) -> dict[str, Any]:
        """An array, or one value."""
        array: dict[str, Any] = {"type": "array", "items": self.item.schema()}
        if self.least:
            array["minItems"] = self.least
        if self.unique:
            array["uniqueItems"] = True
        return {"anyOf": [self.item.schema(), array]} if self.single else array


def no_repetition(values: list[Any], path: KeyPath, findings: Findings) -> bool:
    """Whether no value stands twice; each second one is noted."""
    seen = set()
    before = len(findings)
    for index, value in enumerate(values):
        if value in seen:
            findings.add(
                "C110", f'"{value}" stands twice in {spelled(path)}', (*path, index), remedy="keep one of them"
            )
        seen.add(value)
    return len(findings) == before


class Or(Value, frozen=True, kw_only=True):
    """One special value that stands for `meaning`, or a shape of its own."""

    constant: bool | str
    meaning: object
    constant_words: str
    shape: Shape

    @property
    def words(self) -> str:
        """Both."""
        return f"{self.constant_words} or {self.shape.words}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> Any:
        """`meaning` for the special value."""
        if type(raw) is type(self.constant) and raw == self.constant:
            return self.meaning
        if isinstance(raw, bool | dict):
            wrong_type(self, raw, path, findings)
            return None
        return self.shape.read(raw, path, findings)

    def schema(self) -> dict[str, Any]:
        """The constant, or the shape."""
        return {"anyOf": [{"const": self.constant}, self.shape.schema()]}


class Argv(Value, frozen=True, kw_only=True):
    """A command: a string, split as a shell would, or a list of arguments. Read as given; `load.commands` splits."""

    words: str = 'a command as a string ("mkdocs build --strict") or as a list of arguments'
    least: int = 1

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | tuple[str, ...] | None:
        """The string, or the arguments."""
        if isinstance(raw, str):
            return Text(words=self.words, pattern=r"^(?=[\s\S]*[^ \t\r\n])[^\x00]+$").read(raw, path, findings)
        if not isinstance(raw, list):
            wrong_type(self, raw, path, findings)
            return None
        argument = Text(words="a string", pattern=r"^[^\x00]*$")
        values = List(item=argument, words=self.words, least=self.least, unique=False).read(raw, path, findings)
        if values and not values[0].strip() and self.least:
            wrong_value(NAME, values[0], (*path, 0), findings, remedy="the first argument is the program")
            return None
        return values

    def schema(self) -> dict[str, Any]:
        """A string or an array of strings."""
        string = {"type": "string", "pattern": r"^(?=[\s\S]*[^ \t\r\n])[^\x00]+$"}
        array: dict[str, Any] = {"type": "array", "items": {"type": "string", "pattern": r"^[^\x00]*$"}}
        if self.least:
            array |= {"minItems": self.least, "prefixItems": [{"type": "string", "pattern": string["pattern"]}]}
        return {"anyOf": [string, array]}


class Shares(Value, frozen=True, kw_only=True):
    """A table of names with a percentage each. `keys`: the pattern of the names. Read as sorted pairs."""

    words: str
    keys: str
    key_words: str

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[str, float], ...] | None:
        """Sorted pairs."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        pairs = []
        for name, value in raw.items():
            if not matches(self.keys, name):
                findings.add("C103", f'"{name}" is not {self.key_words}', (*path, name), value=False)
                continue
            number = Percent().read(value, (*path, name), findings)
            if number is not None:
                pairs.append((name, number))
        return tuple(sorted(pairs)) if len(pairs) == len(raw) else None

    def schema(self) -> dict[str, Any]:
        """An object of percentages."""
        return {"type": "object", "patternProperties": {self.keys: Percent().schema()}, "additionalProperties": False}


class Scalars(Value, frozen=True, kw_only=True):
    """A table of names with a string or whole number each. `keys`, `values`: patterns; `reserved`: names with a shape.

    Numbers become their decimal form. Read as sorted pairs, so that the order in the file means nothing.
    """

    words: str
    keys: str
    key_words: str
    values: str = r"^[^\x00]*$"
    least: int = 0
    python: bool = False  # a `python` entry is a version

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[str, str], ...] | None:
        """Sorted pairs."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        if len(raw) < self.least:
            wrong_value(self, raw, path, findings)
            return None
        pairs = [(name, self._value(name, value, (*path, name), findings)) for name, value in raw.items()]
        checked = [(name, value) for name, value in pairs if value is not None]
        return tuple(sorted(checked)) if len(checked) == len(pairs) else None

    def _value(self, name: str, raw: object, path: KeyPath, findings: Findings) -> str | None:
        if self.python and name == "python":
            return PYTHON.read(raw, path, findings)
        if not matches(self.keys, name):
            findings.add("C103", f'"{name}" is not {self.key_words}', path, value=False)
            return None
        return scalar(raw, self.values, path, findings)

    def schema(self) -> dict[str, Any]:
        """An object with string or integer values."""
        schema: dict[str, Any] = {"type": "object", "patternProperties": {self.keys: scalar_schema(self.values)}}
        schema["additionalProperties"] = False
        if self.python:
            rest = self.keys.removeprefix("^")
            schema["properties"] = {"python": PYTHON.schema()}
            schema["patternProperties"] = {f"^(?!python$){rest}": scalar_schema(self.values)}
        if self.least:
            schema["minProperties"] = self.least
        return schema


def scalar(raw: object, pattern: str, path: KeyPath, findings: Findings) -> str | None:
    """A string, or a whole number in its decimal form."""
    shape = Text(words="a string or a whole number", pattern=pattern)
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) < 10**20 else raw
    value = shape.read(raw, path, findings)
    if value is None and isinstance(raw, bool):
        findings.add("C102", f'write "{str(raw).lower()}" or "{int(raw)}": {spoken(raw)} has no one form', path)
    return value


def scalar_schema(pattern: str) -> dict[str, Any]:
    """JSON Schema of `scalar`."""
    bound = 10**20 - 1
    return {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", "minimum": -bound, "maximum": bound}]}


_KEYS_OF_THE_JOB = {"python": 'python = ["3.11", "3.12"]', "system": 'systems = ["linux", "macos"]'}


class Axes(Value, frozen=True, kw_only=True):
    """The matrix: axis name -> values. `python` and `system` have keys of the job, and are none of it."""

    words: str = 'a table of axes, each a list of values: { os = ["a", "b"] }'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
        """Axes in the order of the file."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        if not raw:
            findings.add("C205", "the matrix has no axis", path, remedy="name an axis, or leave `matrix` out")
            return None
        axes = [(name, self._axis(name, values, (*path, name), findings)) for name, values in raw.items()]
        checked = [(name, values) for name, values in axes if values is not None]
        return tuple(checked) if len(checked) == len(axes) else None

    def _axis(self, name: str, raw: object, path: KeyPath, findings: Findings) -> tuple[str, ...] | None:
        if name in _KEYS_OF_THE_JOB:
            remedy = f"write `{_KEYS_OF_THE_JOB[name]}` beside `matrix`"
            message = f"`{name}` is no axis of the matrix: the job has a key for it"
            findings.add("C103", message, path, value=False, remedy=remedy)
            return None
        if not matches(AXIS, name):
            findings.add("C103", f'"{name}" is not the name of an axis: letters, digits, `_`, `-`', path, value=False)
            return None
        if not isinstance(raw, list):
            findings.add("C102", f"the axis `{name}` must be a list of values, not {spoken(raw)}", path)
            return None
        if not raw:
            findings.add("C205", f"the axis `{name}` has no value, so the job has no leg", path)
            return None
        values = [scalar(value, LEG_VALUE, (*path, index), findings) for index, value in enumerate(raw)]
        checked = [value for value in values if value is not None]
        if len(checked) < len(values) or not no_repetition(values, path, findings):
            return None
        return tuple(checked)

    def schema(self) -> dict[str, Any]:
        """An object of arrays."""
        values = {"type": "array", "items": scalar_schema(LEG_VALUE), "minItems": 1, "uniqueItems": True}
        return {
            "type": "object",
            "patternProperties": {f"^(?!(?:python|system)$){AXIS.removeprefix('^')}": values},
            "additionalProperties": False,
            "minProperties": 1,
        }


class LegTables(Value, frozen=True, kw_only=True):
    """`include`, `exclude`: an array of tables, each axis -> value. Which axes exist is checked by `load.legs`."""

    words: str = 'a list of tables, each axis = value: [{ python = "3.12", os = "a" }]'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[tuple[str, str], ...], ...] | None:
        """Sorted pairs, a table each."""
        return List(item=_LEG, words=self.words).read(raw, path, findings)

    def schema(self) -> dict[str, Any]:
        """An array of objects."""
        return List(item=_LEG, words=self.words).schema()


_LEG = Scalars(
    words="a table of axes with one value each",
    keys=AXIS,
    key_words="the name of an axis",
    values=LEG_VALUE,
    least=1,
    python=True,
)
