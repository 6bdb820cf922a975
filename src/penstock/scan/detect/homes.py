"""Where the tests lie when no file says it: folders that hold test functions, counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from penstock.model.snapshot import Package
from penstock.scan.detect.counting import Counter, matches
from penstock.scan.detect.tree import Tree
from penstock.value import Value

_TEST_FOLDER = re.compile(r"^_?(?:unit_?)?tests?(?:uite)?$|^testing$")
_OTHER = re.compile(
    r"^(?:docs?|examples?|samples?|demos?|bench\w*|perf\w*|tools?|scripts?|ci\w*|contrib|fuzz\w*|downstream|typing\W?\w*|templates?|news|wheels?)$"
)
SHARE = 0.1  # a folder with a tenth of the largest one's tests belongs to the suite


class Home(Value, frozen=True, kw_only=True):
    """A folder or file with tests. `aside`: under documentation, examples, benchmarks and the like."""

    path: str
    tests: int
    files: int
    aside: bool = False


def find(tree: Tree, counter: Counter, packages: Sequence[Package], patterns: tuple[str, ...]) -> list[Home]:
    """All homes with at least one test function, the one with the most first."""
    found: dict[str, list[int]] = {}
    for path in tree.python:
        if matches(path, patterns):
            count = counter.signs(path).count
            if count.total:
                tests, files = found.get(_home(path), [0, 0])
                found[_home(path)] = [tests + count.total, files + 1]
    homes = [
        Home(path=path, tests=tests, files=files, aside=bool(_OTHER.match(path.partition("/")[0])))
        for path, (tests, files) in found.items()
    ]
    return sorted(_merged(homes, packages), key=lambda home: (home.aside, -home.tests, home.path))


def main(homes: Sequence[Home]) -> tuple[list[Home], list[Home]]:
    """(those that make up the suite, the others)."""
    regular = [home for home in homes if not home.aside]
    if not regular:
        return [], list(homes)
    least = max(home.tests for home in regular) * SHARE
    chosen = [home for home in regular if home.tests >= least]
    return chosen, [home for home in homes if home not in chosen]


def _home(path: str) -> str:
    """Up to the first folder named for tests; else the file's top folder (below src/ or lib/); else the file."""
    parts = path.split("/")[:-1]
    for index, part in enumerate(parts):
        if _TEST_FOLDER.match(part):
            return "/".join(parts[: index + 1])
    if not parts:
        return path
    return "/".join(parts[:2]) if parts[0] in {"src", "lib"} else parts[0]


def _merged(homes: list[Home], packages: Sequence[Package]) -> list[Home]:
    """Several test folders inside one package are one home: the package."""
    merged: list[Home] = []
    rest = list(homes)
    for package in packages:
        inside = [home for home in rest if home.path == package.path or home.path.startswith(f"{package.path}/")]
        if len(inside) > 1:
            total, files = sum(home.tests for home in inside), sum(home.files for home in inside)
            merged.append(Home(path=package.path, tests=total, files=files))
            rest = [home for home in rest if home not in inside]
    return [*merged, *rest]
