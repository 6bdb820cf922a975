"""The values of constant expressions, by `ast`: what a person reads off a setup.py or noxfile.py without running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

UNKNOWN = object()
"""The value of an expression that is computed."""


class Known:
    """An object of which only some attributes are known (a nox session: its posargs)."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = attributes


def evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a constant expression over str, list, dict and paths (as strings, `./` = the root); else UNKNOWN."""
    rule = _RULES.get(type(node))
    return rule(node, values) if rule else UNKNOWN


def _sequence(node: Any, values: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    for item in node.elts:
        value = evaluate(item.value if isinstance(item, ast.Starred) else item, values)
        found.extend(value if isinstance(item, ast.Starred) and isinstance(value, list) else [value])
    return found


def _dictionary(node: Any, values: Mapping[str, Any]) -> dict[Any, Any]:
    pairs = zip(node.keys, node.values, strict=True)
    return {evaluate(key, values): evaluate(value, values) for key, value in pairs if isinstance(key, ast.Constant)}


def _joined(node: Any, values: Mapping[str, Any]) -> Any:
    parts = [evaluate(part.value if isinstance(part, ast.FormattedValue) else part, values) for part in node.values]
    return "".join(parts) if all(isinstance(part, str) for part in parts) else UNKNOWN


def _operation(node: Any, values: Mapping[str, Any]) -> Any:
    left, right = evaluate(node.left, values), evaluate(node.right, values)
    if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
        return f"{left.rstrip('/')}/{right}"
    if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, str | list):
        return left + right
    return UNKNOWN


def _attribute(node: Any, values: Mapping[str, Any]) -> Any:
    of = evaluate(node.value, values)
    if isinstance(of, Known):
        return of.attributes.get(node.attr, UNKNOWN)
    if isinstance(of, str) and node.attr == "parent":
        return of.rpartition("/")[0] + "/" if of.count("/") == 1 else of.rpartition("/")[0]
    return of if node.attr == "resolve" else UNKNOWN


def _called(node: Any, values: Mapping[str, Any]) -> Any:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in {"Path", "str", "list", "tuple", "abspath", "fspath", "param", "PurePath"} and node.args:
        return evaluate(node.args[0], values)
    if name in {"absolute", "resolve", "as_posix"} and isinstance(node.func, ast.Attribute):
        return evaluate(node.func.value, values)
    if name == "dirname" and node.args:
        return "./" if str(evaluate(node.args[0], values)).count("/") == 1 else UNKNOWN
    if name == "dict" and not node.args:
        return {keyword.arg: evaluate(keyword.value, values) for keyword in node.keywords if keyword.arg}
    return UNKNOWN


def _comprehended(node: Any, values: Mapping[str, Any]) -> Any:
    """`[f(x) for x, y in LIST]` over a known list of constants."""
    loop = node.generators[0]
    source = evaluate(loop.iter, values)
    if len(node.generators) != 1 or not isinstance(source, list) or loop.ifs:
        return UNKNOWN
    found = []
    for item in source:
        target = loop.target
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        keys = [getattr(each, "id", "") for each in targets]
        parts = item if isinstance(target, ast.Tuple) and isinstance(item, list) else [item]
        found.append(evaluate(node.elt, {**values, **dict(zip(keys, parts, strict=False))}))
    return found


def _boolean(node: Any, values: Mapping[str, Any]) -> Any:
    parts = [evaluate(part, values) for part in node.values]
    decisive = [part for part in parts if part is not UNKNOWN and bool(part) == isinstance(node.op, ast.Or)]
    if decisive:
        return decisive[0]
    return UNKNOWN if UNKNOWN in parts else parts[-1]


def _unary(node: Any, values: Mapping[str, Any]) -> Any:
    value = evaluate(node.operand, values)
    return not value if isinstance(node.op, ast.Not) and value is not UNKNOWN else UNKNOWN


def _conditional(node: Any, values: Mapping[str, Any]) -> Any:
    decided = evaluate(node.test, values)
    return evaluate(node.body if decided is UNKNOWN or decided else node.orelse, values)


def _subscript(node: Any, values: Mapping[str, Any]) -> Any:
    of, key = evaluate(node.value, values), evaluate(node.slice, values)
    try:
        return of[key] if isinstance(of, dict | list) and key is not UNKNOWN else UNKNOWN
    except (KeyError, IndexError, TypeError):
        return UNKNOWN


_RULES: dict[type, Any] = {
    ast.Constant: lambda node, _: node.value,
    ast.Name: lambda node, values: values.get(node.id, UNKNOWN),
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dictionary,
    ast.JoinedStr: _joined,
    ast.BinOp: _operation,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.IfExp: _conditional,
    ast.Attribute: _attribute,
    ast.Call: _called,
    ast.ListComp: _comprehended,
    ast.Subscript: _subscript,
}
