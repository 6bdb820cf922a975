"""Where the parts of a wheel lie in the source tree: whether tests can run on the tree itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePosixPath

from penstock.model.snapshot import Project
from penstock.value import Value

_COMPILED = (".so", ".pyd", ".dylib", ".dll")
# A build writes the version into these; in the tree they may hold another version, or ask git, and both are right.
_VERSION_FILE = re.compile(r"(^|/)_*(version|about)\w*\.py$")


class Layout(Value, frozen=True, kw_only=True):
    """How a wheel corresponds to the tree: see `spec.Wheel`. `native`: it holds compiled code; `compiled_sources`:
    compiled from .py files of the package itself (mypyc, Cython's pure mode), so that they matter for its key.
    """

    mode: str
    roots: tuple[str, ...] = ()
    generated: tuple[tuple[str, str], ...] = ()
    native: bool = False
    compiled_sources: bool = False


def match(
    contents: Mapping[str, str], files: Collection[str], project: Project, same: Callable[[str, str], bool]
) -> Layout:
    """Hold a wheel's contents (path -> sha256, without its metadata folders) against the tree's `files`.

    `same(tree path, sha256)`: whether the file has this content; asked for Python files only.
    """
    native = any(path.endswith(_COMPILED) for path in contents)
    tops = sorted({path.split("/", 1)[0] for path in contents})
    roots = {top: _root_of(top, contents, files, project) for top in tops}
    known = [root for root in roots.values() if root is not None]
    if not known or any(".data" in top for top in tops):
        return Layout(mode="whole", native=native)
    main = max(sorted(set(known)), key=known.count)
    generated: list[tuple[str, str]] = []
    for path, sha in sorted(contents.items()):
        place = _join(roots[path.split("/", 1)[0]] or (main if roots[path.split("/", 1)[0]] is None else ""), path)
        if place not in files:
            generated.append((path, place))
        elif path.endswith(".py") and not same(place, sha):
            if not _VERSION_FILE.search(path):
                return Layout(mode="whole", native=native)
        elif path.endswith(_COMPILED):  # one that lies in the tree is of another build, perhaps of another ABI
            generated.append((path, place))
    return Layout(
        mode="overlay" if generated else "live",
        roots=tuple(dict.fromkeys([main, *sorted(set(known))])),
        generated=tuple(generated),
        native=native,
        compiled_sources=_compiled_sources(contents),
    )


def _root_of(top: str, contents: Mapping[str, str], files: Collection[str], project: Project) -> str | None:
    """The folder of the tree that holds the top-level module or package `top`; None if there is none."""
    declared = [
        str(PurePosixPath(package.path).parent)
        for package in project.packages
        if package.name == top.removesuffix(".py")
    ]
    candidates = dict.fromkeys(["" if root == "." else root for root in [*declared, "", "src", "lib", "python"]])
    sources = [path for path in contents if path.split("/", 1)[0] == top and path.endswith((".py", ".pyi"))]
    counted = {root: sum(_join(root, path) in files for path in sources) for root in candidates}
    best = max(counted, key=lambda root: counted[root], default="")
    return best if counted.get(best) else None


def _join(root: str, path: str) -> str:
    return f"{root}/{path}" if root else path


def _compiled_sources(contents: Mapping[str, str]) -> bool:
    stems = {path.split(".", 1)[0] for path in contents if path.endswith(_COMPILED)}
    return any(path.endswith(".py") and path.removesuffix(".py") in stems for path in contents)
