"""nox: the sessions of noxfile.py, read by `ast` with a small evaluator of constants. Nothing of it is run.

Of a parametrized session the first value of each parameter counts. Conditions on `session.posargs` are false; other
conditions that cannot be decided contribute both branches. Functions that get the session are followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from penstock.errors import Place
from penstock.scan.detect.constants import UNKNOWN, Known, evaluate
from penstock.scan.detect.declared import Declared, Needs, installed
from penstock.scan.detect.tree import Tree

_INSTALLS = {"install", "install_and_run_script"}
_RUNS = {"run", "run_always", "run_install"}
_DEPTH = 4  # functions called from functions


def read(tree: Tree) -> list[Declared]:
    """Every session, in the file's order; none if the file is absent or does not parse."""
    if "noxfile.py" not in tree:
        return []
    try:
        module = ast.parse(tree.text("noxfile.py"))
    except (SyntaxError, ValueError, RecursionError) as error:
        tree.broken("noxfile.py", f"does not parse: {error}", getattr(error, "lineno", None))
        return []
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    values = _module_values(module)
    listed = _default_sessions(module, values)
    found = []
    for function in functions.values():
        decorator = next((each for each in function.decorator_list if _named(each) == "session"), None)
        if decorator is not None and function.args.args:
            found.append(_session(function, decorator, values, functions, listed))
    return found


def _named(node: ast.expr) -> str:
    """`nox.session(...)`, `@session` and `@nox_session` are all sessions; the last word counts."""
    target = node.func if isinstance(node, ast.Call) else node
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return "session" if name.endswith("session") else name


def _default_sessions(module: ast.Module, values: Mapping[str, Any]) -> list[str] | None:
    """`nox.options.sessions = […]`, None if it is not said."""
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            value = evaluate(node.value, values)
            return [item for item in value if isinstance(item, str)] or None if isinstance(value, list) else None
    return None


def _module_values(module: ast.Module) -> dict[str, Any]:
    values: dict[str, Any] = {"__file__": "./noxfile.py"}
    for node in module.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = evaluate(node.value, values)
    return values


def _session(
    function: ast.FunctionDef,
    decorator: ast.expr,
    values: Mapping[str, Any],
    functions: Mapping[str, ast.FunctionDef],
    listed: list[str] | None,
) -> Declared:
    keywords = {k.arg: k.value for k in decorator.keywords if k.arg} if isinstance(decorator, ast.Call) else {}
    name = evaluate(keywords["name"], values) if "name" in keywords else function.name
    local = {**values, function.args.args[0].arg: _SESSION, **_parameters(function, values)}
    walk = _Walk(functions)
    walk.block(function.body, local, 0)
    said = evaluate(keywords["default"], values) if "default" in keywords else True
    label = name if isinstance(name, str) else function.name
    return Declared(
        source="nox",
        name=label,
        place=Place(path="noxfile.py", line=walk.line or function.lineno),
        needs=walk.needs,
        commands=tuple(walk.commands),
        environment=tuple(walk.environment.items()),
        default=bool(said) and (listed is None or label in listed or function.name in listed),
    )


_SESSION = Known({"posargs": []})


def _parameters(function: ast.FunctionDef, values: Mapping[str, Any]) -> dict[str, Any]:
    """The first value of every `@nox.parametrize("name", values)`."""
    found: dict[str, Any] = {}
    for decorator in function.decorator_list:
        if _named(decorator) == "parametrize" and isinstance(decorator, ast.Call) and len(decorator.args) > 1:
            names, choices = (evaluate(argument, values) for argument in decorator.args[:2])
            first = choices[0] if isinstance(choices, list) and choices else UNKNOWN
            keys = [key.strip() for key in names.split(",")] if isinstance(names, str) else []
            parts = first if len(keys) > 1 and isinstance(first, list) else [first]
            found.update(dict(zip(keys, parts, strict=False)))
    return found


class _Walk:
    """Follows a session's statements and keeps what it installs and runs."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef]) -> None:
        self._functions = functions
        self.needs = Needs()
        self.commands: list[tuple[str, ...]] = []
        self.environment: dict[str, str] = {}
        self.line = 0

    def block(self, body: list[ast.stmt], values: dict[str, Any], depth: int) -> None:
        """Statements in order; assignments of constants are remembered."""
        for statement in body:
            if isinstance(statement, ast.If):
                for branch in self._branches(statement, values):
                    self.block(branch, values, depth)
            elif isinstance(statement, ast.With | ast.For | ast.Try):
                self.block(statement.body, values, depth)
            elif isinstance(statement, ast.Return) and statement.value is None:
                return
            else:
                self._simple(statement, values, depth)

    def _branches(self, statement: ast.If, values: Mapping[str, Any]) -> list[list[ast.stmt]]:
        decided = evaluate(statement.test, values)
        if decided is UNKNOWN:
            return [statement.body, statement.orelse]
        return [statement.body if decided else statement.orelse]

    def _simple(self, statement: ast.stmt, values: dict[str, Any], depth: int) -> None:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            values[statement.targets[0].id] = evaluate(statement.value, values)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            left, right = values.get(statement.target.id), evaluate(statement.value, values)
            values[statement.target.id] = left + right if isinstance(left, list) and isinstance(right, list) else left
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value, values, depth)

    def _call(self, call: ast.Call, values: dict[str, Any], depth: int) -> None:
        target = call.func
        if isinstance(target, ast.Attribute) and evaluate(target.value, values) is _SESSION:
            self._session_call(target.attr, call, values)
        elif isinstance(target, ast.Attribute) and target.attr in {"extend", "append"}:
            self._grow(target, call, values)
        elif isinstance(target, ast.Name) and target.id in self._functions and depth < _DEPTH:
            function = self._functions[target.id]
            given = [evaluate(argument, values) for argument in call.args]
            if _SESSION in given:
                names = [argument.arg for argument in function.args.args]
                self.block(function.body, {**values, **dict(zip(names, given, strict=False))}, depth + 1)

    def _grow(self, target: ast.Attribute, call: ast.Call, values: dict[str, Any]) -> None:
        held = values.get(target.value.id) if isinstance(target.value, ast.Name) else None
        value = evaluate(call.args[0], values) if call.args else UNKNOWN
        if isinstance(held, list) and value is not UNKNOWN:
            held.extend(value if target.attr == "extend" and isinstance(value, list) else [value])

    def _session_call(self, verb: str, call: ast.Call, values: dict[str, Any]) -> None:
        argv = tuple(_words(call.args, values))
        if verb in _INSTALLS:
            self.needs = self.needs.plus(installed([_local(word) for word in argv]))
        elif verb in _RUNS and argv:
            self._run(argv, call, values)

    def _run(self, argv: tuple[str, ...], call: ast.Call, values: Mapping[str, Any]) -> None:
        if argv[0] == "uv" and "sync" in argv[:3]:
            self.needs = self.needs.plus(installed([_local(w) for w in argv[2:]])).plus(Needs(project=True))
            return
        if "install" in argv[:4] and ("pip" in argv[:4] or argv[0] in {"poetry", "pdm"}):
            self.needs = self.needs.plus(installed([_local(w) for w in argv[argv.index("install") + 1 :]]))
            return
        env = next((evaluate(k.value, values) for k in call.keywords if k.arg == "env"), None)
        if isinstance(env, dict):
            given = {
                str(k): _path(v) for k, v in env.items() if isinstance(v, str) and not str(k).startswith("COVERAGE")
            }
            self.environment.update(given)
        self.line = self.line or call.lineno
        self.commands.append(tuple(_path(word) for word in argv))


def _words(arguments: list[ast.expr], values: Mapping[str, Any]) -> Iterator[str]:
    """The known words of a call; a starred list is spread, an unknown word is left out."""
    for argument in arguments:
        value = evaluate(argument.value if isinstance(argument, ast.Starred) else argument, values)
        yield from (word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str))


def _local(word: str) -> str:
    """`./[format]` as pip reads it: `.[format]`."""
    return "." + word[2:] if word.startswith("./[") else ("." if word == "./" else word)


def _path(word: str) -> str:
    return word.removeprefix("./") or "."
