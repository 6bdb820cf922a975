"""What a file of tests holds, by its syntax tree: its tests, what in them can fail, and where they are left out."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from penstock.value import Value

_Functions = (ast.FunctionDef, ast.AsyncFunctionDef)
_CHECKING = re.compile(
    r"^_?(?:assert|check|verify|expect|ensure|should|must|validate|compare|raises|warns|fail)", re.IGNORECASE
)
_SWALLOWED = frozenset({"AssertionError", "Exception", "BaseException"})
_IDLING = frozenset(
    {
        *("skip", "skipif", "skipIf", "skipUnless", "xfail", "importorskip", "skipTest", "SkipTest"),
        "expectedFailure",
    }
)
_PLAIN = frozenset({"parametrize", "usefixtures", "filterwarnings"})  # marks of pytest's own that take nothing out
_BUILT_IN = frozenset(dir(builtins))  # calling them is no test of anything
_MANY = 1000  # parameters that the text alone does not tell


class Function(Value, frozen=True, kw_only=True):
    """One test function. `checks`: what in it can fail it; `calls`: names that it calls; `cases`: its parameters;
    `body`: its text, so that two can be compared; `maybe`: it stands under a condition.
    """

    checks: int
    calls: frozenset[str]
    cases: int
    body: str
    maybe: bool = False


def parsed(text: str | None) -> ast.Module:
    """The tree; an empty one of what is no Python."""
    try:
        return ast.parse(text or "")
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def tests(text: str | None) -> dict[str, Function]:
    """`TestA::test_b` -> the test, by the names that pytest and unittest go by."""
    return {each.name: _function(each) for each in _named(parsed(text).body, _Place()) if _is_test(each)}


def others(text: str | None) -> tuple[dict[str, str], set[str]]:
    """Functions that are no tests -> their bodies; and all names that the file uses."""
    tree = parsed(text)
    found = {each.name: _body(each.node) for each in _named(tree.body, _Place()) if not _is_test(each)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return found, used | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def defined(text: str | None) -> set[str]:
    """Names of functions and classes."""
    tree = ast.walk(parsed(text))
    return {node.name for node in tree if isinstance(node, (*_Functions, ast.ClassDef))}


class _Place(NamedTuple):
    """Where statements stand: the classes around them, whether these are collected, and whether all that is sure."""

    prefix: str = ""
    collected: bool = True
    maybe: bool = False


class _Named(NamedTuple):
    """A function with its name and place."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    place: _Place


def _named(body: Sequence[ast.stmt], place: _Place) -> Iterator[_Named]:
    for node in body:
        if isinstance(node, _Functions):
            yield _Named(f"{place.prefix}{node.name}", node, place)
        elif isinstance(node, ast.ClassDef):
            collected = node.name.startswith("Test") or any("TestCase" in last(base) for base in node.bases)
            inner = _Place(f"{place.prefix}{node.name}::", place.collected and collected, place.maybe)
            yield from _named(node.body, inner)
        else:
            maybe = isinstance(node, ast.If) and _settled(node.test) is not True
            for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
                yield from _named(block if isinstance(block, list) else [], place._replace(maybe=place.maybe or maybe))


def _is_test(each: _Named) -> bool:
    decorators = {last(one) for one in each.node.decorator_list}
    return each.node.name.startswith("test") and each.place.collected and "fixture" not in decorators


def _function(each: _Named) -> Function:
    node = each.node
    used = {
        part.id for call in ast.walk(node) if isinstance(call, ast.Call) for part in ast.walk(call) if _is_name(part)
    }
    reached = [each for each in _live(node.body) if not isinstance(each, _Functions) or each.name in used]
    inner = {each.name for each in node.body if isinstance(each, _Functions)}  # a function itself is always true
    live = [part for statement in reached for part in ast.walk(statement) if not _asserts_one_of(part, inner)]
    names = (last(part.func) for part in live if isinstance(part, ast.Call))
    return Function(
        checks=sum(map(_can_fail, live)),
        calls=frozenset(filter(None, names)) - _BUILT_IN,
        cases=_cases(node),
        body=_body(node),
        maybe=each.place.maybe,
    )


def _asserts_one_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Assert) and isinstance(node.test, ast.Name) and node.test.id in names


def _is_name(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return "\n".join(map(ast.dump, node.body))


def _live(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Statements that are reached, and whose failure is heard: not behind a return, under a condition that never holds,
    or inside of what swallows every error.
    """
    for node in body:
        if isinstance(node, ast.If):
            yield node.test
            value = _settled(node.test)
            yield from _live(node.body) if value is not False else ()
            yield from _live(node.orelse) if value is not True else ()
        elif isinstance(node, ast.While | ast.For) and _never(node):
            yield from _live(node.orelse)
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from _live(node.body) if not any(map(_swallows, node.handlers)) else _quiet(node.body)
            yield from (part for handler in node.handlers for part in _live(handler.body))
            yield from _live([*node.orelse, *node.finalbody])
        elif isinstance(node, ast.With) and any(_suppresses(item.context_expr) for item in node.items):
            yield from _quiet(node.body)
        else:
            yield node
        if isinstance(node, ast.Return | ast.Raise):
            return


def _never(loop: ast.While | ast.For) -> bool:
    """Whether a loop has no turn."""
    if isinstance(loop, ast.While):
        return _settled(loop.test) is False
    return isinstance(loop.iter, ast.List | ast.Tuple) and not loop.iter.elts


def _quiet(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """What is called where no failure is heard."""
    return (part for node in body for part in ast.walk(node) if isinstance(part, ast.Call) and not _can_fail(part))


def _swallows(handler: ast.ExceptHandler) -> bool:
    kinds = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    every = any(kind is None or last(kind) in _SWALLOWED for kind in kinds)
    inside = [part for node in handler.body for part in ast.walk(node)]
    return every and not any(isinstance(part, ast.Raise) or _can_fail(part) for part in inside)


def _suppresses(node: ast.expr) -> bool:
    """Whether a block under it cannot fail; `raises(BaseException)` takes a failed assertion for what it waits for."""
    if isinstance(node, ast.Call) and last(node.func) == "raises":
        return any(last(kind) == "BaseException" for kind in node.args[:1])
    return (
        isinstance(node, ast.Call) and last(node.func) == "suppress" and any(last(a) in _SWALLOWED for a in node.args)
    )


def _can_fail(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return _settled(node.test) is not True
    if isinstance(node, ast.Call):
        name = last(node.func)
        if name == "assertTrue" and node.args:
            return _settled(node.args[0]) is not True
        return _CHECKING.match(name) is not None
    return isinstance(node, ast.Raise)


def _settled(test: ast.expr) -> bool | None:
    """The truth of a condition that the text alone settles; None if it does not."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple | ast.List | ast.Set):
        return bool(test.elts)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _settled(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [_settled(part) for part in test.values]
        is_or = isinstance(test.op, ast.Or)
        return is_or if is_or in parts else (not is_or if all(part is (not is_or) for part in parts) else None)
    same = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is)
    if same and isinstance(test, ast.Compare):
        one, other = test.left, test.comparators[0]
        plain = isinstance(one, ast.Name | ast.Constant | ast.Attribute)
        return True if plain and ast.dump(one) == ast.dump(other) else None
    return None


def _cases(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many tests it makes: each `parametrize` with a plain list multiplies; of others that is not known."""
    number = 1
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and last(each.func) == "parametrize":
            values = each.args[1] if len(each.args) > 1 else None
            number *= len(values.elts) if isinstance(values, ast.List | ast.Tuple) else _MANY
    return number


def last(node: ast.expr) -> str:
    """The last name of a dotted one: `skip` of `pytest.mark.skip`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return last(node.func)
    return node.id if isinstance(node, ast.Name) else ""


# --- what is left out ------------------------------------------------------------------------------------------------

Reasons = Counter[tuple[str, str]]  # (what it says, under which condition)


def idle(text: str | None) -> dict[str, Reasons]:
    """Test, class, or "" for the file -> all skips and expected failures in it; "" for an unknown reason."""
    if not text or not any(word in text for word in ("skip", "xfail", "Skip", "expectedFailure", "parametrize")):
        return {}
    found: dict[str, Reasons] = {}
    for place, node in _places(parsed(text).body, ""):
        found.setdefault(place, Counter()).update(_reasons(node))
    return {place: reasons for place, reasons in found.items() if reasons}


def markers(text: str | None) -> dict[str, set[str]]:
    """Test, class, or "" for the file -> the names of markers of its own, by which tests can be taken out."""
    if not text or "mark." not in text:
        return {}
    found: dict[str, set[str]] = {}
    for place, node in _places(parsed(text).body, ""):
        marks = (part for part in ast.walk(node) if isinstance(part, ast.Attribute) and last(part.value) == "mark")
        found.setdefault(place, set()).update({part.attr for part in marks} - _IDLING - _PLAIN)
    return found


def _places(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Each statement's nodes with the function or class that they belong to."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            place = f"{prefix}{node.name}"
            yield from ((place, each) for each in node.decorator_list)
            yield from _places(node.body, f"{place}::")
        elif isinstance(node, _Functions) and node.name.startswith("test"):
            yield f"{prefix}{node.name}", node
        else:
            yield prefix.removesuffix("::"), node


def _reasons(node: ast.AST) -> Iterator[tuple[str, str]]:
    called: set[int] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and (last(part.func) in _IDLING or _without_cases(part)):
            called.add(id(part.func))
            yield _reason(part), _condition(part)
        elif id(part) not in called and isinstance(part, ast.Attribute | ast.Name):
            mark = isinstance(part, ast.Attribute) and part.attr in _IDLING and last(part.value) in ("mark", "unittest")
            if mark or last(part) in ("expectedFailure", "SkipTest"):
                yield "", last(part)


def _without_cases(call: ast.Call) -> bool:
    """Whether it is `parametrize` with an empty list: pytest skips such a test."""
    values = call.args[1] if len(call.args) > 1 else None
    return last(call.func) == "parametrize" and isinstance(values, ast.List | ast.Tuple) and not values.elts


def _reason(call: ast.Call) -> str:
    """The text that stands in the call; of `importorskip` nobody knows it before."""
    named = [word.value for word in call.keywords if word.arg in ("reason", "msg")]
    for value in (*named, *call.args[::-1]):
        plain = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if plain and last(call.func) not in ("importorskip", "parametrize") and isinstance(value, ast.Constant):
            return str(value.value)
    return ""


def _condition(call: ast.Call) -> str:
    """All of the call but its words: another condition is another skip."""
    words = [word for word in call.keywords if word.arg not in ("reason", "msg")]
    plain = last(call.func) in ("skip", "skipTest", "SkipTest")
    return " ".join([last(call.func), *map(ast.dump, words), *(() if plain else map(ast.dump, call.args))])
