"""One file's test-looking functions and classes, by its syntax tree. Nothing of it is run.

What a reader takes for a test and pytest cannot collect is told with its reason: a later definition has its name, it
stands inside of another function, its class has an `__init__`. Where only a run can tell, it is told as a doubt.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from penstock.model.tested import Lookalike
from penstock.scan.lookalikes.rules import Rules
from penstock.value import Value

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_HELPING = re.compile(r"^_|Mixin|^Base|Base$|^Abstract|ABC$|Helper|Factory|Fixture|Suite$")
_NEVER = "it stands under a condition that is never true"


class _Place(Value, frozen=True, kw_only=True):
    """Where statements stand. `prefix`: "TestA::"; `why`: nothing here is ever collected; `plain`: pytest takes plain
    functions here, and not only methods of unittest's classes.
    """

    prefix: str = ""
    why: str = ""
    doubt: bool = False


def of_text(path: str, text: str, rules: Rules, bases: Collection[str], *, functions: bool) -> Iterator[Lookalike]:
    """What looks like a test. `bases`: names of classes that others of the project's tests derive from; `functions`:
    pytest runs them; unittest knows its own classes only.

    Raises SyntaxError, ValueError or RecursionError for what is no Python.
    """
    body = ast.parse(text).body
    place = _Place(why="the file says `__test__ = False`") if _says_no(body) else _Place()
    yield from _File(path, rules, bases, functions=functions).block(body, place)


def base_names(text: str) -> Iterator[str]:
    """The names of the classes that a file's classes derive from, by the lines alone."""
    for match in re.finditer(r"^[ \t]*class[ \t]+\w+[ \t]*\(([^)]*)\)", text, re.MULTILINE):
        yield from re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*(?:,|$)", match[1])


class _File:
    """The walk through one file."""

    def __init__(self, path: str, rules: Rules, bases: Collection[str], *, functions: bool) -> None:
        self._path = path
        self._rules = rules
        self._bases = bases
        self._functions = functions

    def block(self, body: Sequence[ast.stmt], place: _Place, *, methods: bool = False) -> Iterator[Lookalike]:
        """The statements of a module, a class or a branch of one. `methods`: of a class that is collected."""
        for number, statement in enumerate(body):
            if isinstance(statement, _Function):
                if methods or (self._functions and not place.prefix):
                    yield from self._function(statement, body[number + 1 :], place)
            elif isinstance(statement, ast.ClassDef):
                yield from self._class(statement, body[number + 1 :], place)
            else:
                for inner, where in _branches(statement, place):
                    yield from self.block(inner, where, methods=methods)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, rest: Sequence[ast.stmt], place: _Place
    ) -> Iterator[Lookalike]:
        if _decorated_as(node, "fixture", "property", "overload", "hookimpl"):
            return
        if self._rules.looks(node.name):
            odd = not self._rules.function(node.name)
            doubt = _decorated_as(node, "nottest")
            yield self._told(node, place, why=_taken(node, rest), doubt=doubt, lost=bool(_taken(node, rest)), odd=odd)
        if not place.prefix or self._rules.looks(node.name):
            yield from self._inside(node, place)

    def _inside(self, outer: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Lookalike]:
        """Tests that slipped into a function: nobody there names them, or takes all that there is."""
        inner = [node for node in outer.body if isinstance(node, _Function) and self._rules.looks(node.name)]
        if not inner:
            return
        used = {node.id for node in ast.walk(outer) if isinstance(node, ast.Name)}
        if used & {"locals", "vars", "globals", "exec", "eval"}:
            return
        for node in inner:
            if node.name not in used and not node.decorator_list:
                why = f"it stands inside of {outer.name}, where nothing calls it"
                yield self._told(node, place, why=why, lost=True, within=f"{outer.name}::")

    def _class(self, node: ast.ClassDef, rest: Sequence[ast.stmt], place: _Place) -> Iterator[Lookalike]:
        own = _Place(prefix=f"{place.prefix}{node.name}::", why=place.why, doubt=place.doubt)
        tests = list(self.block(node.body, own, methods=True))
        if not tests:
            return
        unittests = any(_last(base).endswith("TestCase") for base in node.bases)
        reason = self._refused(node, unittests=unittests)
        if reason is None or node.name in self._bases:
            yield from (each for each in tests if each.lost and node.name in self._bases)
            return
        taken = _taken(node, rest)
        why, doubt = taken or reason[0], reason[1]
        if why or doubt:
            yield self._told(node, place, why=why, doubt=doubt, lost=bool(taken))
        else:
            yield from tests

    def _refused(self, node: ast.ClassDef, *, unittests: bool) -> tuple[str, bool] | None:
        """Why a class with tests is not collected ("" if it is), and whether that is a doubt; None: no test class."""
        named = self._rules.class_(node.name)
        if not (unittests or (named and self._functions)):
            helping = _HELPING.search(node.name) or "Test" not in node.name or not self._functions
            if helping:
                return None
            foreign = any(_last(base) != "object" for base in node.bases)
            return ("", True) if foreign else (f"pytest takes classes named {' or '.join(self._rules.classes)}…", False)
        if _says_no(node.body):
            return "it says `__test__ = False`", False
        if not unittests and any(isinstance(each, _Function) and each.name in _MAKERS for each in node.body):
            return "it has an __init__ or __new__ of its own, and pytest collects no such class", False
        return "", False

    def _told(  # what is known of it, each by its name
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
        place: _Place,
        *,
        why: str = "",
        doubt: bool = False,
        lost: bool = False,
        odd: bool = False,
        within: str = "",
    ) -> Lookalike:
        if odd and not why:
            why = f"python_functions takes only {' and '.join(self._rules.functions)}"
        return Lookalike(
            path=self._path,
            line=node.lineno,
            name=f"{place.prefix}{within}{node.name}",
            why=place.why or why,
            doubt=doubt or place.doubt,
            lost=lost,
        )


_MAKERS = frozenset({"__init__", "__new__"})


def _branches(statement: ast.stmt, place: _Place) -> Iterator[tuple[list[ast.stmt], _Place]]:
    """The blocks of a compound statement. Which of them runs is known for constants alone."""
    maybe = _Place(prefix=place.prefix, why=place.why, doubt=True)
    if isinstance(statement, ast.If | ast.While):
        value = _constant(statement.test)
        never = _Place(prefix=place.prefix, why=_NEVER, doubt=place.doubt)
        yield statement.body, maybe if value is None else place if value else never
        yield statement.orelse, maybe if value is None else never if value else place
        return
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, None) or [], maybe if name != "finalbody" else place
    for each in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield each.body, maybe


def _constant(test: ast.expr) -> bool | None:
    """The truth of a condition that the text alone settles."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _constant(test.operand)
        return None if inner is None else not inner
    if _last(test) == "TYPE_CHECKING":
        return False
    return None


def _taken(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, rest: Sequence[ast.stmt]) -> str:
    """Which later statement of the same block takes the name, so that this one is never seen, in words; else ""."""
    if _decorated_as(node, "overload", "register", "setter", "getter", "deleter"):
        return ""
    for later in rest:
        if _names(later, node.name):  # it is kept under another name, or wrapped
            return ""
        if _binds(later, node.name):
            return f"line {later.lineno} takes its name"
    return ""


def _binds(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, (*_Function, ast.ClassDef)):
        return statement.name == name
    if isinstance(statement, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)
    return isinstance(statement, ast.AnnAssign) and statement.value is not None and _last(statement.target) == name


def _names(statement: ast.stmt, name: str) -> bool:
    """Whether the statement uses what stands under the name."""
    nodes = ast.walk(statement)
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in nodes)


def _decorated_as(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, *words: str) -> bool:
    return any(_last(each.func if isinstance(each, ast.Call) else each) in words for each in node.decorator_list)


def _last(node: ast.expr) -> str:
    """The last name of a dotted one: `TestCase` of `unittest.TestCase`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def _says_no(body: Sequence[ast.stmt]) -> bool:
    """Whether a class or module says `__test__ = False`."""
    return any(
        isinstance(each, ast.Assign)
        and any(_last(target) == "__test__" for target in each.targets)
        and _constant(each.value) is False
        for each in body
    )
