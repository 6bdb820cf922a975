"""unittest suites: discovery's start folder, top-level folder and pattern."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.errors import Place
from penstock.model.snapshot import Suite
from penstock.scan.detect import homes as places
from penstock.scan.detect.counting import Counter, matches
from penstock.scan.detect.homes import Home
from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.tree import Tree

DEFAULT_PATTERN = "test*.py"


def documented(tree: Tree, counter: Counter, call: Invocation) -> Suite:
    """As the own command says: names as they stand, else discovery with its options."""
    if call.paths:
        files = [path for name in call.paths for path in _named(tree, name)]
        return Suite(
            runner="unittest",
            argv=(*call.argv, *call.paths),
            environment=call.environment,
            interpreter=call.interpreter,
            directory=call.directory,
            counted=counter.total(files).methods,
            place=call.place,
        )
    options = dict(zip(call.argv[::2], call.argv[1::2], strict=False))
    start = _plain(options.get("-s", call.directory or "."))
    folder = _folder(tree, start)
    files = found(tree, folder, options.get("-p", DEFAULT_PATTERN))
    return Suite(
        runner="unittest",
        argv=("discover", *call.argv),
        paths=(folder,) if folder in call.argv else (),
        environment=call.environment,
        interpreter=call.interpreter,
        directory=call.directory,
        counted=counter.total(files).methods,
        place=call.place,
    )


def discovered(tree: Tree, counter: Counter, layout: str, homes: Sequence[Home], place: Place | None) -> list[Suite]:
    """One suite a home. A file at the root is run by its name; a folder from its import root."""
    return [_of_home(tree, counter, layout, home, place) for home in places.main(homes)[0]]


def _of_home(tree: Tree, counter: Counter, layout: str, home: Home, place: Place | None) -> Suite:
    if home.path.endswith(".py"):
        argv: tuple[str, ...] = (home.path.removesuffix(".py").replace("/", "."),)
        files = [home.path]
    else:
        pattern = _pattern(tree, counter, home.path)
        argv = ("discover", "-s", home.path, "-t", top(tree, layout, home.path))
        argv += ("-p", pattern) if pattern != DEFAULT_PATTERN else ()
        files = found(tree, home.path, pattern)
    return Suite(
        runner="unittest",
        argv=argv,
        paths=() if home.path.endswith(".py") else (home.path,),
        counted=counter.total(files).methods,
        place=place or Place(path=home.path),
    )


def top(tree: Tree, layout: str, folder: str) -> str:
    """The import root of a folder: src/ (or lib/) in such a layout, else the first ancestor without `__init__.py`."""
    base = folder.partition("/")[0]
    if layout in {"src", "lib"} and base == layout:
        return base
    current = folder
    while current and f"{current}/__init__.py" in tree:
        current = current.rpartition("/")[0]
    return current or "."


def found(tree: Tree, start: str, pattern: str) -> list[str]:
    """The files that discovery reaches: below packages only."""
    prefix = "" if start == "." else start.rstrip("/") + "/"
    return [path for path in tree.below(start) if matches(path, (pattern,)) and _reached(tree, path, prefix)]


def _reached(tree: Tree, path: str, prefix: str) -> bool:
    """Every folder between the start and the file is a package."""
    folder = path.rpartition("/")[0]
    while len(folder) + 1 > len(prefix) and folder:
        if f"{folder}/__init__.py" not in tree:
            return False
        folder = folder.rpartition("/")[0]
    return True


def _pattern(tree: Tree, counter: Counter, folder: str) -> str:
    """`*_test.py` where the files are named so, else unittest's own."""
    counts = {
        pattern: counter.total(found(tree, folder, pattern)).methods
        for pattern in (DEFAULT_PATTERN, "*_test.py", "*_tests.py")
    }
    best = max(counts, key=lambda pattern: counts[pattern])
    return best if counts[best] > counts[DEFAULT_PATTERN] else DEFAULT_PATTERN


def _folder(tree: Tree, start: str) -> str:
    """The folder that a start is: a path, or the dotted name of a package (`-s pkg.tests`)."""
    dotted = start.replace(".", "/") if start != "." else start
    candidates = (start, *(f"{base}{dotted}" for base in ("src/", "lib/", "")))
    return next((path for path in candidates if path in tree.folders), start)


def _named(tree: Tree, name: str) -> list[str]:
    """The test files of a dotted name or path."""
    path = name.removesuffix(".py").replace(".", "/") if "/" not in name else name.removesuffix(".py")
    for base in ("", "src/", "lib/"):
        if f"{base}{path}.py" in tree:
            return [f"{base}{path}.py"]
        if f"{base}{path}" in tree.folders:
            return [file for file in tree.below(f"{base}{path}") if matches(file, ("*test*.py",))]
    return _named(tree, name.rpartition(".")[0]) if "." in name else []


def _plain(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or "."
