"""Where the project's code lies: the layout and its import packages."""

from __future__ import annotations

import re
from typing import Any

from penstock.model.snapshot import Package
from penstock.scan.detect.metadata import Metadata
from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree

_NO_PACKAGE = re.compile(
    r"^(?:tests?|testing|docs?|examples?|samples?|bench\w*|scripts?|tools?|ci|changelog.*|news|requirements|conftest|setup"
    r"|noxfile|tasks|fabfile|conf|assets|images|data|build|dist|integration\w*|typing[-_]\w+|.*[-.].*|test_\w+|\w+_tests?)$"
)


def find(tree: Tree, metadata: Metadata) -> tuple[str, tuple[Package, ...]]:
    """(layout, packages): "src", "lib", "flat", "module" (single files at the root) or "none".

    The package named as the project comes first. A namespace package (no `__init__.py` of its own) is named at its
    top: `zope` for `zope.interface`.
    """
    declared = _declared(tree, metadata)
    if declared:
        return _layout_of(declared), _ordered(declared, metadata)
    rust = tree.table("pyproject.toml", "tool", "maturin").get("python-source", "python")
    mixed = ((f"{rust}/", "src"),) if metadata.backend == "maturin" and rust in tree.folders else ()
    for base, layout in (*mixed, ("src/", "src"), ("lib/", "lib"), ("", "flat")):
        found = _packages(tree, base, metadata) or (_modules(tree, base, metadata) if base else [])
        named = [package for package in found if _same(package.name, metadata.name)]
        if named and not base:
            found = named  # setuptools refuses to guess between several, so the others are not part of the build
        if found:
            return layout, _ordered(found, metadata)
    modules = _modules(tree, "", metadata)
    return ("module", _ordered(modules, metadata)) if modules else ("none", ())


def _same(name: str, project: str) -> bool:
    return canonical(name) == canonical(project)


def _ordered(packages: list[Package], metadata: Metadata) -> tuple[Package, ...]:
    unique = {package.name: package for package in packages}
    return tuple(sorted(unique.values(), key=lambda package: (not _same(package.name, metadata.name), package.name)))


def _layout_of(packages: list[Package]) -> str:
    folder, _, _ = packages[0].path.rpartition("/")
    if packages[0].path.endswith(".py") and not folder:
        return "module"
    return {"": "flat", "src": "src", "lib": "lib"}.get(folder, "flat")


def _declared(tree: Tree, metadata: Metadata) -> list[Package]:
    """What the build's own tables name, where it lies in the tree."""
    tool = tree.table("pyproject.toml", "tool")
    folder = _base(tree, metadata)
    names: list[str] = []
    wheel = tree.table("pyproject.toml", "tool", "hatch", "build", "targets", "wheel")
    paths = [*strings(wheel.get("packages")), *strings(wheel.get("only-include"))]
    flit = tree.table("pyproject.toml", "tool", "flit", "module").get("name")
    names += [flit] if isinstance(flit, str) else []
    setuptools = _table(tool.get("setuptools"))
    sources = [setuptools.get("packages"), metadata.setup.literals.get("packages"), setuptools.get("py-modules")]
    names += [name for source in sources for name in strings(source)]
    names += strings(metadata.setup.literals.get("py_modules"))
    names += strings(tree.ini("setup.cfg").get("options", {}).get("py_modules"))
    for entry in _table(tool.get("poetry")).get("packages") or []:
        include, origin = _table(entry).get("include"), _table(entry).get("from")
        paths += [f"{origin}/{include}" if origin else str(include)] if isinstance(include, str) else []
    if any(path.strip("/") in {"src", "lib"} for path in paths):
        return []  # the layout says the same, package by package
    candidates = [path.strip("/") for path in paths]
    candidates += [f"{base}{name.split('.')[0]}" for name in names for base in (folder, "src/", "")]
    return [package for package in (_package_at(tree, path) for path in candidates) if package]


def _base(tree: Tree, metadata: Metadata) -> str:
    """The root folder of packages that setuptools is told (`package_dir`), with a slash."""
    tool = _table(tree.table("pyproject.toml", "tool", "setuptools").get("package-dir")).get("")
    literal = _table(metadata.setup.literals.get("package_dir")).get("")
    config = tree.ini("setup.cfg").get("options", {}).get("package_dir", "")
    said = (
        tool
        or literal
        or next((line.split("=")[1] for line in config.splitlines() if line.strip().startswith("=")), "")
    )
    return f"{str(said).strip().strip('/')}/" if said and str(said).strip() not in {"", "."} else ""


def _package_at(tree: Tree, path: str) -> Package | None:
    name = path.rpartition("/")[2].removesuffix(".py")
    if f"{path.removesuffix('.py')}.py" in tree and name.isidentifier():
        return Package(name=name, path=f"{path.removesuffix('.py')}.py")
    return Package(name=name, path=path) if path in tree.folders and name.isidentifier() else None


def _packages(tree: Tree, base: str, metadata: Metadata) -> list[Package]:
    """Folders directly under `base` that hold `__init__.py`, or (namespace) a folder below that does."""
    tops = {
        path[len(base) :].split("/")[0] for path in tree.python if path.startswith(base) and "/" in path[len(base) :]
    }
    found = []
    for top in sorted(tops):
        other = not base and (_NO_PACKAGE.match(top) or top in {"src", "lib"}) and not _same(top, metadata.name)
        if not top.isidentifier() or other:
            continue
        inits = [path for path in tree.below(f"{base}{top}") if path.endswith("/__init__.py")]
        if f"{base}{top}/__init__.py" in tree or (inits and (base or _namespace(tree, top, inits))):
            found.append(Package(name=top, path=f"{base}{top}"))
    return found


def _namespace(tree: Tree, top: str, inits: list[str]) -> bool:
    """At the root, a folder without `__init__.py` is a namespace only if nothing lies between it and a package."""
    return any(path.count("/") == 2 for path in inits) and f"{top}/conf.py" not in tree


def _modules(tree: Tree, base: str, metadata: Metadata) -> list[Package]:
    """Single-file modules: at the root only one named as the project, or the only one there."""
    names = [path[len(base) : -3] for path in tree.python if path.startswith(base) and "/" not in path[len(base) :]]
    names = [name for name in names if name.isidentifier() and not _NO_PACKAGE.match(name)]
    named = [name for name in names if _same(name, metadata.name)]
    chosen = named or (names if base or len(names) == 1 else [])
    return [Package(name=name, path=f"{base}{name}.py") for name in chosen]


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
