"""What setup.py says in literals. It is read, never run: a value that is computed counts as unknown."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from penstock.scan.detect.constants import UNKNOWN, Known, evaluate
from penstock.scan.detect.tree import Tree
from penstock.value import Value


class Setup(Value, frozen=True, kw_only=True):
    """The keyword arguments of `setup(...)`: the literal ones with their values, all by name."""

    literals: Mapping[str, Any] = {}
    named: tuple[str, ...] = ()
    line: int = 0
    computed: bool = False  # `setup(**something)`: more may be said than can be read
    compiles: bool = False  # names Extension, cythonize, cffi_modules, rust_extensions …


_COMPILERS = {"Extension", "cythonize", "RustExtension", "CMakeExtension", "Pybind11Extension"}
_NATIVE_KEYS = {"ext_modules", "cffi_modules", "rust_extensions", "cmake_source_dir", "libraries"}


def read(tree: Tree) -> Setup:
    """Read setup.py; the empty `Setup` if there is none or it does not parse."""
    text = tree.text("setup.py")
    if not text.strip():
        return Setup()
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        tree.broken("setup.py", f"does not parse: {error}", getattr(error, "lineno", None))
        return Setup()
    constants = _constants(module)
    call = next((node for node in ast.walk(module) if _is_setup(node)), None)
    if not isinstance(call, ast.Call):
        return Setup()
    literals: dict[str, Any] = {}
    keywords = [keyword for keyword in call.keywords if keyword.arg]
    for unpacked in (keyword.value for keyword in call.keywords if not keyword.arg):
        value = literal(unpacked, constants)
        literals.update({str(key): item for key, item in value.items()} if isinstance(value, dict) else {})
    for keyword in keywords:
        value = literal(keyword.value, constants)
        if value is not None and keyword.arg:
            literals[keyword.arg] = value
    named = tuple(keyword.arg for keyword in keywords if keyword.arg)
    return Setup(
        literals=literals,
        named=named,
        line=call.lineno,
        computed=any(keyword.arg is None for keyword in call.keywords),
        compiles=_compiles(module, set(named)),
    )


def _is_setup(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name == "setup"


def _compiles(module: ast.Module, named: set[str]) -> bool:
    """A call of an extension class together with an argument that could take it, or an own key of a compiler."""
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
    }
    return bool(named & (_NATIVE_KEYS - {"ext_modules"}) or calls & _COMPILERS or "mypycify" in calls)


def _constants(module: ast.Module) -> dict[str, Any]:
    """Module-level names with literal values, `NAME["key"] = literal` included."""
    found: dict[str, Any] = {}
    for node in module.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], literal(node.value, found)
        if isinstance(target, ast.Name) and value is not None:
            found[target.id] = value
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            table, key = found.get(target.value.id), literal(target.slice, found)
            if isinstance(table, dict) and isinstance(key, str) and value is not None:
                table[key] = value
    return found


def literal(node: ast.expr, names: dict[str, Any]) -> Any:
    """The value of a constant expression, None if it is computed; what is computed in a list is left out."""
    return _plain(evaluate(node, names))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value if item is not UNKNOWN]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if isinstance(key, str) and item is not UNKNOWN}
    return None if value is UNKNOWN or isinstance(value, Known) else value
