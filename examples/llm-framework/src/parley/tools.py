"""What a model may call: functions by name, and a calculator that runs nothing but arithmetic."""

from __future__ import annotations

import ast
import inspect
import json
import operator
from collections.abc import Callable
from typing import Any

Number = int | float
_LARGEST_POWER = 10_000  # bits of a result that `**` may have
_TWO: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_ONE: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


class Refused(ValueError):
    """What a model asked for cannot be done; the message is for the model."""


def calculate(expression: str) -> Number:
    """The value of an arithmetic expression. Raises Refused."""
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ZeroDivisionError, OverflowError, RecursionError, MemoryError) as error:
        raise Refused(f"{expression!r} has no value: {error}") from error


def _value(node: ast.expr) -> Number:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(node, ast.UnaryOp) and type(node.op) in _ONE:
        return _number(_ONE[type(node.op)](_value(node.operand)))
    if isinstance(node, ast.BinOp) and type(node.op) in _TWO:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            _limit(left, right)
        return _number(_TWO[type(node.op)](left, right))
    raise Refused(f"{type(node).__name__} is no arithmetic")


def _limit(base: Number, exponent: Number) -> None:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > _LARGEST_POWER:
        raise Refused(f"{base}**{exponent} is too large")


def _number(value: object) -> Number:
    if isinstance(value, int | float):
        return value
    raise Refused(f"{value} is no real number")


class Toolbox:
    """Functions that a model calls by a line `CALL name {"argument": value}`."""

    def __init__(self, *functions: Callable[..., object]) -> None:
        self._functions = {function.__name__: function for function in functions}

    def describe(self) -> str:
        """A line a function: its name, its parameters, and the first line of what it says of itself."""
        told = []
        for name, function in sorted(self._functions.items()):
            parameters = ", ".join(inspect.signature(function).parameters)
            summary = (inspect.getdoc(function) or "").partition("\n")[0]
            told.append(f"{name}({parameters}): {summary}".rstrip(": "))
        return "\n".join(told)

    def call(self, line: str) -> object:
        """What the function gives. Raises Refused where the line calls none, or calls it wrongly."""
        verb, _, rest = line.strip().partition(" ")
        name, _, given = rest.partition(" ")
        if verb != "CALL" or name not in self._functions:
            raise Refused(f"no such tool: {name or line.strip()}")
        arguments = _arguments(given)
        function = self._functions[name]
        try:
            inspect.signature(function).bind(**arguments)
        except TypeError as error:
            raise Refused(f"{name}: {error}") from error
        return function(**arguments)


def _arguments(given: str) -> dict[str, Any]:
    try:
        arguments = json.loads(given or "{}")
    except ValueError as error:
        raise Refused(f"arguments are a JSON object, not {given!r}") from error
    if not isinstance(arguments, dict):
        raise Refused(f"arguments are a JSON object, not {given!r}")
    return arguments
