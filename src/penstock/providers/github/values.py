"""The values of GitHub's expressions: what is true, what equals what, what is a member of what.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


class UnknownExpressionError(Exception):
    """What of an expression is not known here, in words."""


class Outputs(dict[str, str]):
    """The outputs of a job that runs. `later`: names of those that are only known then."""

    later: frozenset[str] = frozenset()


class Each(list[Any]):
    """What `*` gives: a name after it is asked of each element."""


def every(value: Any) -> Each:
    """What `*` gives of a value: all that it holds."""
    if isinstance(value, Each):
        return Each(inner for each in value for inner in every(each))
    return Each(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def member(value: Any, key: Any) -> Any:
    """One member, of a table whatever its case; null where there is none."""
    if isinstance(value, Each):
        return Each(found for each in value if (found := member(each, key)) is not None)
    if isinstance(value, list):
        place = _number(key)
        whole = math.isfinite(place) and 0 <= place < len(value)
        return value[int(place)] if whole else None
    if not isinstance(value, dict) or isinstance(key, dict | list):
        return None
    wanted = _text(key).upper()
    if isinstance(value, Outputs) and any(name.upper() == wanted for name in value.later):
        raise UnknownExpressionError(f"the output `{_text(key)}`, which is known when its job has run")
    return next((each for name, each in value.items() if name.upper() == wanted), None)


def truth(value: Any) -> bool:
    """Whether a condition with this value holds."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return value != 0 and not math.isnan(value)
    return value not in (None, False, "") if not isinstance(value, dict | list) else True


def _number(value: Any) -> float:
    """As GitHub makes a number of it."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str):
        return math.nan
    text = value.strip()
    try:
        return float(int(text, 0)) if text[:2].lower() in ("0x", "0o") else float(text or "0")
    except ValueError:
        return math.nan


def _text(value: Any) -> str:
    """As GitHub makes a text of it."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, float | int):
        return f"{value:.15g}" if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity"
    return value if isinstance(value, str) else "Array" if isinstance(value, list) else "Object"


def compared(sign: str, left: Any, right: Any) -> bool:
    """`==`, `<` and their like: values of two kinds as numbers, texts whatever their case."""
    equal, less = _equal(left, right), _less(left, right)
    answers = {"==": equal, "!=": not equal, "<": less, ">": _less(right, left)}
    return answers[sign] if sign in answers else (less if sign == "<=" else _less(right, left)) or equal


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    return _number(left) == _number(right)


def _less(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() < right.upper()
    return _number(left) < _number(right)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(each, what) for each in where)
    return _plain(where, what) and _text(what).upper() in _text(where).upper()


def _plain(*values: Any) -> bool:
    return not any(isinstance(each, dict | list) for each in values)


def _from_json(text: Any) -> Any:
    try:
        return json.loads(_text(text))
    except (ValueError, RecursionError) as error:
        raise UnknownExpressionError(f"fromJSON of what is no JSON: {_text(text)[:20]}") from error


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": lambda text, start: _plain(text, start) and _text(text).upper().startswith(_text(start).upper()),
    "endswith": lambda text, end: _plain(text, end) and _text(text).upper().endswith(_text(end).upper()),
    "fromjson": _from_json,
    "tojson": lambda value: json.dumps(value, indent=2),
}
