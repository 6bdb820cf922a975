"""Single values: what each must look like, how it is read, and the same as JSON Schema.

A *shape* reads one raw TOML value into what the model holds, or notes problems and returns None.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any, Protocol

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.value import Value

NOT_YET = "leave it out for now"

_UNITS_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = (
    r"^(?=.*[1-9])(?:[0-9]{1,3}d)?(?:[0-9]{1,4}h)?(?:[0-9]{1,5}m)?(?:[0-9]{1,7}(?:\.[0-9]{1,6})?s)?(?:[0-9]{1,6}ms)?$"
)
_PERCENT = r"^(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]{1,6})?)%$"
_SIZE = r"^[1-9][0-9]{0,6}(?:\.[0-9]{1,3})?(?:KiB|MiB|GiB|TiB|KB|MB|GB|TB)$"
UNITS_BYTES = {
    **{f"{letter}iB": 1024 ** (power + 1) for power, letter in enumerate("KMGT")},
    **{f"{letter}B": 1000 ** (power + 1) for power, letter in enumerate("KMGT")},
}
_DAY = r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$"
LONGEST_S = 1e8  # three years: far over any run, far under what the operating system's timers hold


class Shape(Protocol):
    """What one value must look like. `words` completes "it takes …"."""

    @property
    def words(self) -> str:
        """In words, with an example: 'a duration such as "5m"'."""
        ...

    def read(self, raw: object, path: KeyPath, findings: Findings) -> Any:
        """The value for the model, or None with at least one problem noted."""
        ...

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the raw value."""
        ...


def spoken(raw: object) -> str:
    """A raw TOML value in the words of TOML, short enough for a message."""
    if isinstance(raw, str):
        return f'the string "{shortened(raw)}"'
    if isinstance(raw, int) and not isinstance(raw, bool):
        return f"the integer {raw}" if abs(raw) < 10**20 else "a very large integer"
    if isinstance(raw, list | dict):
        return f"{'an empty' if not raw else 'an' if isinstance(raw, list) else 'a'} {_CONTAINERS[type(raw)]}"
    return _SCALARS.get(type(raw), "a date or time").format(str(raw).lower())


_CONTAINERS: dict[type, str] = {list: "array", dict: "table"}
_SCALARS: dict[type, str] = {bool: "the boolean {}", float: "the float {}"}


def shortened(text: str) -> str:
    """A user's own words, short enough for a message."""
    return text if len(text) <= 60 else f"{text[:60]}…"


def spelled(path: KeyPath) -> str:
    """The last key of a path, as it is shown: `needs`, `needs[0]`."""
    names = [index for index, part in enumerate(path) if isinstance(part, str)]
    if not names:
        return "the configuration"
    last = names[-1]
    return f"`{shortened(str(path[last]))}{''.join(f'[{part}]' for part in path[last + 1 :])}`"


def wrong_type(shape: Shape, raw: object, path: KeyPath, findings: Findings, *, remedy: str | None = None) -> None:
    """Note that a value has another type than its key takes."""
    findings.add("C102", f"{spelled(path)} cannot be {spoken(raw)}", path, remedy=_instead(shape, remedy))


def wrong_value(shape: Shape, raw: object, path: KeyPath, findings: Findings, *, remedy: str | None = None) -> None:
    """Note that a value of the right type is none that its key takes."""
    findings.add("C103", f"{spelled(path)} cannot be {spoken(raw)}", path, remedy=_instead(shape, remedy))


def _instead(shape: Shape, remedy: str | None) -> str:
    return f"{remedy}; it takes {shape.words}" if remedy else f"it takes {shape.words}"


class Flag(Value, frozen=True, kw_only=True):
    """true or false."""

    words: str = "true or false"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> bool | None:
        """The boolean."""
        if isinstance(raw, bool):
            return raw
        wrong_type(self, raw, path, findings)
        return None

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class Whole(Value, frozen=True, kw_only=True):
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int

    @property
    def words(self) -> str:
        """With the bounds."""
        return f"a whole number from {self.minimum} to {self.maximum}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> int | None:
        """The number."""
        if isinstance(raw, bool) or not isinstance(raw, int):
            wrong_type(self, raw, path, findings)
        elif not self.minimum <= raw <= self.maximum:
            wrong_value(self, raw, path, findings)
        else:
            return raw
        return None

    def schema(self) -> dict[str, Any]:
        """A bounded integer."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Number(Value, frozen=True, kw_only=True):
    """Any finite number."""

    words: str = "a number such as 0.4 or 40"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> float | None:
        """The number."""
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            wrong_type(self, raw, path, findings)
            return None
        number = _finite(raw)
        if number is None:
            wrong_value(self, raw, path, findings)
        return number

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "number"}


class Text(Value, frozen=True, kw_only=True):
    """A string that a pattern describes (ECMA dialect that Python reads alike)."""

    words: str = "a string that is not empty"
    pattern: str = r"^[^\x00]+$"
    hint: str | None = None

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | None:
        """The string."""
        if not isinstance(raw, str):
            wrong_type(self, raw, path, findings, remedy=self._quoting(raw))
        elif not matches(self.pattern, raw):
            wrong_value(self, raw, path, findings, remedy=self.hint)
        else:
            return raw
        return None

    @staticmethod
    def _quoting(raw: object) -> str | None:
        """3.10 without quotes is the number 3.1: the most frequent slip of all."""
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        return "put it in quotes: a bare 3.10 is the number 3.1" if number else None

    def schema(self) -> dict[str, Any]:
        """A string with a pattern."""
        return {"type": "string", "pattern": self.pattern}


class Choice(Value, frozen=True, kw_only=True):
    """One of a few words. Those in `later` are known, and refused until a version gives them meaning."""

    options: tuple[str, ...]
    later: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The words."""
        return "one of " + ", ".join(f'"{option}"' for option in self.options)

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | None:
        """The word."""
        if not isinstance(raw, str):
            wrong_type(self, raw, path, findings)
        elif raw in self.later:
            findings.add("C104", f'"{raw}" for {spelled(path)} is not supported by this version', path, remedy=NOT_YET)
        elif raw not in self.options:
            remedy = findings.suggestion(raw, self.options)
            wrong_value(self, raw, path, findings, remedy=remedy)
        else:
            return raw
        return None

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.options)}


class Duration(Value, frozen=True, kw_only=True):
    """Seconds as a number, or "1h30m"."""

    words: str = 'a duration such as "5m", "1h30m" or "90s", or a number of seconds, over zero and under three years'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> float | None:
        """Seconds."""
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            wrong_type(self, raw, path, findings)
            return None
        seconds = _seconds(raw) if isinstance(raw, str) else _finite(raw)
        if seconds is None or not 0 < seconds <= LONGEST_S:
            wrong_value(self, raw, path, findings)
            return None
        return seconds

    def schema(self) -> dict[str, Any]:
        """A number, or a string with units."""
        number = {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_S}
        return {"anyOf": [{"type": "string", "pattern": _DURATION}, number]}


class Percent(Value, frozen=True, kw_only=True):
    """80, 80.5 or "80%": 80.0."""

    words: str = 'a percentage from 0 to 100, such as 80 or "80%"'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> float | None:
        """Percent as a number from 0 to 100."""
        if isinstance(raw, str):
            number = float(raw[:-1]) if matches(_PERCENT, raw) else None
        elif isinstance(raw, int | float) and not isinstance(raw, bool):
            number = _finite(raw)
        else:
            wrong_type(self, raw, path, findings)
            return None
        if number is None or not 0 <= number <= 100:
            wrong_value(self, raw, path, findings)
            return None
        return number

    def schema(self) -> dict[str, Any]:
        """A number, or a string that ends in %."""
        return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"type": "string", "pattern": _PERCENT}]}


class Day(Value, frozen=True, kw_only=True):
    """A date: TOML's own (2027-03-01) or the same as a string."""

    words: str = "a date such as 2027-03-01"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | None:
        """ISO date."""
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return raw.isoformat()
        if not isinstance(raw, str):
            wrong_type(self, raw, path, findings, remedy="name the day, without a time")
            return None
        try:
            return dt.date.fromisoformat(raw if matches(_DAY, raw) else "").isoformat()
        except ValueError:
            wrong_value(self, raw, path, findings)
            return None

    def schema(self) -> dict[str, Any]:
        """A string with the form of a date."""
        return {"type": "string", "format": "date", "pattern": _DAY}


class Size(Value, frozen=True, kw_only=True):
    """Memory: "512MiB", "2GiB", "1.5GB"."""

    words: str = 'a size such as "512MiB" or "2GiB"'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> int | None:
        """Bytes."""
        if not isinstance(raw, str):
            wrong_type(self, raw, path, findings, remedy='write the unit: "512MiB"')
            return None
        if not matches(_SIZE, raw):
            wrong_value(self, raw, path, findings)
            return None
        number, unit = re.findall(r"[\d.]+|[A-Za-z]+", raw)
        return int(float(number) * UNITS_BYTES[unit])

    def schema(self) -> dict[str, Any]:
        """A string with a unit."""
        return {"type": "string", "pattern": _SIZE}


def matches(pattern: str, text: str) -> bool:
    """Whether a schema's pattern describes the text: digits are ASCII, and `$` is the very end."""
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text, re.ASCII) is not None


def _seconds(text: str) -> float | None:
    if not matches(_DURATION, text):
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in re.findall(r"([\d.]+)(ms|[dhms])", text))


def _finite(number: float) -> float | None:
    """The number as a float, or None for nan, the infinities and integers that no float holds."""
    try:
        converted = float(number)
    except OverflowError:
        return None
    return converted if math.isfinite(converted) else None
