"""Compares the public interface of packages with that of a commit, by griffe (Python >= 3.9, run as a script).

    python penstock_api.py COMMIT WORKSPACE REPORT PACKAGES

PACKAGES: [[name, path], …] as they lie in the workspace. Nothing of them is imported: griffe reads the source. What the
commit holds of them is exported into the process's own temporary folder (`penstock_base`). REPORT gets JSON:
{"griffe", "compared": public names of the commit that were compared, "files": files that both sides were read from,
"expected": those there are, "breaks": [{"kind", "name", "message", "path", "line", "shown": [path, …]}], "unread":
[{"path", "line", "message", "side", "syntax"}], "opaque": [{"name", "message", "path", "line"}], "new": [name, …]}.

`name` is the shortest one by which users have it, `shown` the files that hand it on under such a name.

*Opaque* is a public name of the packages' own whose source nobody can read: it comes from a compiled module without a
stub. griffe passes it over, so it is told here.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.guest.penstock_base import SOURCE, before, export
else:
    from penstock_base import SOURCE, before, export

_SHOWN = 200  # characters of a value


class Tree:
    """One side: the packages' source files below a folder. `packages`: name -> path, relative to it."""

    def __init__(self, side: str, root: str, packages: dict[str, str]) -> None:
        self.side = side
        self.root = os.path.realpath(root)
        self.packages = packages
        self.unread: list[dict[str, Any]] = []
        self.modules: dict[str, Any] = {}
        self.read: set[str] = set()

    def files(self, path: str) -> list[str]:
        """The source files of a package, relative: those that can be imported as a part of it."""
        whole = os.path.join(self.root, path)
        if os.path.isfile(whole):
            stub = os.path.splitext(whole)[0] + ".pyi"
            return [path, *([os.path.splitext(path)[0] + ".pyi"] if stub != whole and os.path.isfile(stub) else [])]
        found = []
        regular = _is_package(whole)
        for folder, below, names in os.walk(whole):
            below[:] = sorted(
                each
                for each in below
                if each != "__pycache__"
                and "." not in each
                and (not regular or _is_package(os.path.join(folder, each)))
            )
            files = (name for name in sorted(names) if name.endswith(SOURCE) and "." not in name.rpartition(".")[0])
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in files]
        return found

    def check(self) -> int:
        """Parse every file as griffe does: it passes over what it cannot read. The number of files there are."""
        number = 0
        for package in self.packages.values():
            for path in self.files(package):
                number += 1
                problem, line = _problem(os.path.join(self.root, path))
                if problem:
                    self._lacks(path, problem, line)
                else:
                    self.read.add(path)
        return number

    def _lacks(self, path: str, problem: str, line: int | None) -> None:
        told = {"path": path, "line": line or 0, "message": problem, "side": self.side, "syntax": line is not None}
        self.unread.append(told)

    def load(self, griffe: Any, folder: str) -> None:
        """Have griffe read the packages. `folder`: a place for links to those that do not lie under their name."""
        for name, path in self.packages.items():
            whole = os.path.join(self.root, path)
            place = os.path.dirname(whole)
            if os.path.splitext(os.path.basename(whole))[0] != name:
                place = os.path.join(folder, f"{self.side}-{name}")
                os.makedirs(place, exist_ok=True)
                os.symlink(
                    whole, os.path.join(place, name + (os.path.splitext(path)[1] if os.path.isfile(whole) else ""))
                )
            loader = griffe.GriffeLoader(search_paths=[place], allow_inspection=False)
            try:
                module = loader.load(name, try_relative_path=False)
                loader.resolve_aliases(implicit=True, external=None)
            except (griffe.GriffeError, ImportError) as error:
                if not any(each["path"].startswith(path) for each in self.unread):
                    self._lacks(path, f"griffe could not load it: {error}"[:_SHOWN], None)
                continue
            for each in _modules(module):
                _publish(each, name)
            self.modules[name] = module

    def relative(self, path: Any) -> str:
        """A file as a path in the workspace; "" where it is none."""
        whole = os.path.realpath(str(path))
        return os.path.relpath(whole, self.root) if whole.startswith(self.root + os.sep) else ""


def _is_package(folder: str) -> bool:
    return any(os.path.isfile(os.path.join(folder, "__init__" + end)) for end in SOURCE)


def _problem(path: str) -> tuple[str, int | None]:
    """Why a file cannot be read, "" if it can; with a line if it is no Python."""
    try:
        with open(path, "rb") as stream:
            ast.parse(stream.read().decode("utf-8-sig"), filename=path)
    except SyntaxError as error:
        return error.msg, error.lineno or 0
    except (ValueError, OSError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"[:_SHOWN], None
    return "", None


def _modules(module: Any) -> Iterator[Any]:
    """A module and those below it."""
    yield module
    for member in tuple(module.members.values()):
        if not member.is_alias and member.is_module:
            yield from _modules(member)


def _publish(module: Any, package: str) -> None:
    """What an `__init__` without `__all__` takes from its own package is what users import: griffe calls it private."""
    if not getattr(module, "is_init_module", False) or module.exports is not None:
        return
    for member in module.members.values():
        if member.is_alias and not member.name.startswith("_") and _is_own(member.target_path, package):
            member.public = True


def _is_own(target: str, package: str) -> bool:
    return target.split(".", 1)[0] in {package, f"_{package}"}


def compare(griffe: Any, old: Tree, new: Tree) -> tuple[list[dict[str, Any]], int]:
    """The breaks, and how many public names of the base were looked at."""
    breaks = []
    number = 0
    for name, module in old.modules.items():
        if name not in new.modules:
            continue
        public = list(_public(module))
        number += len(public)
        names = _Names(old, public)
        breaks += [_told(found, names, new) for found in griffe.find_breaking_changes(module, new.modules[name])]
    return breaks, number


def _public(scope: Any) -> Iterator[tuple[Any, Any]]:
    """(member, what it is in) of all that is public, without following aliases."""
    for member in tuple(scope.members.values()):
        if member.is_alias and member.wildcard:
            continue
        if member.is_public:
            yield member, scope
        if not member.is_alias and (member.is_module or (member.is_class and member.is_public)):
            yield from _public(member)


class _Names:
    """By which names users have what stands in private modules, and the files that hand it on."""

    def __init__(self, tree: Tree, public: list[tuple[Any, Any]]) -> None:
        self.tree = tree
        self._found: dict[str, list[tuple[str, str]]] = {}
        for member, scope in public:
            if member.is_alias:
                target = str(member.target_path)
                self._found.setdefault(target, []).append((member.path, tree.relative(scope.filepath)))

    def of(self, path: str) -> tuple[str, list[str]]:
        """The name to tell, and the files."""
        owner, rest = path, ""
        names = [(path, "")]
        while owner:
            names += [(name + rest, file) for name, file in self._found.get(owner, ())]
            owner, _, last = owner.rpartition(".")
            rest = f".{last}{rest}"
        told = min(names, key=lambda each: ("._" in each[0], each[0].count("."), each[0]))
        return told[0], sorted({file for _, file in names if file})


def _told(found: Any, names: _Names, new: Tree) -> dict[str, Any]:
    kind = str(found.kind.name).lower().replace("_", "-")
    name, shown = names.of(found.obj.path)
    parameter = next((each for each in (found.old_value, found.new_value) if hasattr(each, "annotation")), None)
    if parameter is not None and kind.startswith("parameter"):
        name = f"{name}({parameter.name})"
    was, now = _value(found.old_value, kind), _value(found.new_value, kind)
    if kind == "object-removed":
        was, now = _value(getattr(found.obj, "kind", ""), kind), "gone"
    elif kind == "parameter-moved":
        was, now = _positions(found.details)
    path, line = _place(found.obj, kind, names.tree, new)
    return _broken(
        kind, name, f"{str(found.kind.value).lower()}: {was or 'none'} -> {now or 'none'}", (path, line), shown
    )


def _broken(kind: str, name: str, words: str, place: tuple[str, int], shown: list[str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "message": f"{name}: {words}",
        "path": place[0],
        "line": place[1],
        "shown": shown,
    }


def _value(value: Any, kind: str) -> str:
    """A value as it stands in the source, or the name of a kind."""
    if value is None:
        return ""
    if kind == "class-removed-base":
        return "(" + ", ".join(str(each) for each in value) + ")"
    if kind == "parameter-changed-kind":
        return str(value.kind.value)
    if kind == "parameter-changed-default":
        return str(value.default)
    if kind.startswith("parameter"):
        return "required" if value.required else f"optional, {value.default} by default"
    return str(getattr(value, "value", value))[:_SHOWN]


def _positions(details: str) -> tuple[str, str]:
    words = details.split()
    numbers = [word for word in words if word.isdigit()]
    return (f"position {numbers[0]}", f"position {numbers[1]}") if len(numbers) > 1 else ("", details)


def _place(thing: Any, kind: str, old: Tree, new: Tree) -> tuple[str, int]:
    """Where it stands now; of what is gone, where that stood in which it was."""
    if kind != "object-removed":
        return new.relative(thing.filepath), _line(thing)
    path = old.relative(_origin(thing))
    scope = getattr(thing, "parent", None)
    if scope is not None:
        known = new.modules.get(scope.path.split(".", 1)[0])
        names = scope.path.split(".")[1:]
        try:
            here = known[names] if known is not None and names else known
            if here is not None:
                return new.relative(here.filepath) or path, _line(here)
        except (KeyError, AttributeError):
            pass
    return path, 0


def _origin(thing: Any) -> Any:
    return thing.parent.filepath if thing.is_alias and thing.parent is not None else thing.filepath


def _line(thing: Any) -> int:
    if thing.is_module:
        return 1
    return int((thing.alias_lineno if thing.is_alias else thing.lineno) or 0)


def opaque(griffe: Any, tree: Tree) -> list[dict[str, Any]]:
    """Public names of the packages' own whose source cannot be read, and modules that hand on all of such a one."""
    found = []
    for package, module in tree.modules.items():
        for scope in _modules(module):
            for member in tuple(scope.members.values()):
                if not member.is_alias or not (member.wildcard or member.is_public):
                    continue
                target = member.target_path
                if _is_own(target, package) and _is_unknown(griffe, member):
                    name = f"{scope.path}.*" if member.wildcard else f"{scope.path}.{member.name}"
                    place = tree.relative(scope.filepath)
                    said = f"{name}: comes from {target}, which has neither source nor stub"
                    line = member.alias_lineno or 0
                    found.append({"name": name, "message": said, "path": place, "line": line})
    return found


def _is_unknown(griffe: Any, alias: Any) -> bool:
    if alias.wildcard:
        return True  # what can be read was taken apart when it was loaded
    try:
        _ = alias.final_target.path
    except griffe.AliasResolutionError as error:
        # It may come from elsewhere by way of a module of our own: then it is another project's.
        return _is_own(error.alias.target_path, alias.path.split(".", 1)[0])
    except griffe.CyclicAliasError:
        return False
    return False


def removed(gone: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Packages that are gone as a whole."""
    words = "public object was removed: package -> gone"
    return [_broken("object-removed", name, words, (place, 0), []) for name, place in gone]


def main(arguments: list[str]) -> int:
    """See the module's docstring."""
    commit, workspace, report, told = arguments
    griffe = importlib.import_module("griffe")
    packages: dict[str, str] = dict(json.loads(told))
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, "base")
        os.makedirs(base)
        paths = export(commit, workspace, base)
        places, gone = before(packages, paths, workspace)
        old, new = Tree("base", base, places), Tree("head", workspace, packages)
        expected = old.check() + new.check()
        old.load(griffe, folder)
        new.load(griffe, folder)
        breaks, compared = compare(griffe, old, new)
        found = {
            "griffe": _version(),
            "compared": compared,
            "files": len(old.read) + len(new.read),
            "expected": expected,
            "breaks": [*removed(gone), *breaks],
            "unread": [*old.unread, *new.unread],
            "opaque": _once([*opaque(griffe, old), *opaque(griffe, new)]),
            "new": sorted(packages.keys() - places.keys()),
        }
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    return 0


def _version() -> str:
    from importlib import metadata

    for name in ("griffelib", "griffe"):  # its library has a name of its own since 2.0
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


def _once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["name"]: each for each in found}.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
