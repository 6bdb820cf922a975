"""The project's own test command: the one declared environment whose commands penstock follows (rules R2, I5).

tox before nox before hatch and so on down to what the README says; within tox, one entry of the list: the newest
Python's with the most factors, without those that mean an unusual variation (oldest versions, development branches).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from penstock.errors import Place
from penstock.model.snapshot import Package
from penstock.scan.detect import runners
from penstock.scan.detect.declared import Declared, Needs, script_lines
from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.tree import Tree
from penstock.value import Value

SOURCES = ("tox", "nox", "hatch", "pixi", "task", "make", "script", "ci", "cibuildwheel", "text")
NEWEST = 14  # the newest 3.x minor that is not a preview (see `pythons.MINORS`)

_OTHER_WORK = re.compile(
    r"^(?:mypy|pyright|pyre\w*|ty|typ(?:e|es|ing|eguard|echeck\w*)|lint\w*|flake8|black|isort|ruff|style|fmt|format\w*|docs?|doctests?"
    r"|docset|linkcheck|sphinx|spell\w*|pre[-_]?commit|bench\w*|codspeed|perf\w*|stress|fuzz\w*|packag\w*|release\w*|build\w*|publish"
    r"|dist|changelog|news|coverage|cov|report|combine|downstream|integration\w*|notebooks?|examples?|valgrind|memleaks?|sanit\w+|asan|tsan"
    r"|security|bandit|safety|audit|manifest|check[-_]?manifest|readme|clean\w*|dev|develop|mutation|mutmut|profile|parallel|random\w*"
    r"|print\w*|alpine|e2e|bump|gen\w*|update\w*|upgrade|last[-_]failed|failed|sudo|scripts?|quick|watch|slow)$"
)
_VARIATION = re.compile(
    r"^(?:min\w*|old\w*|oldest|lowest\w*|legacy|dev|devel|main|master|nightly|pre|upstream|tip|edge|cov|coverage|nocov|noextras?"
    r"|no\w+|pure\w*|without\w*|disable\w*|xdist|\w*main|\w*master|\w*dev|\w*tip|only\w*|debug|trace|randomly|win\w*|mac\w*|linux|ci|freethreading)$"
)
_GIANTS = re.compile(r"^(?:tensorflow|torch|jax|jaxlib|keras|pyspark|mxnet|paddlepaddle|cupy)\b")


class Documented(Value, frozen=True, kw_only=True):
    """The chosen environment, what it runs, and the next in line."""

    declared: Declared
    invocations: tuple[Invocation, ...]
    runner_up: Declared | None = None


def choose(declared: Iterable[Declared], tree: Tree, packages: Sequence[Package]) -> Documented | None:
    """The environment to take, None if nothing that is declared runs tests."""
    found = []
    for position, each in enumerate(declared):
        invocations = _of(each, tree, packages)
        if invocations:
            found.append((_rank(each, invocations, position), each, invocations))
    if not found:
        return None
    found.sort(key=lambda item: item[0], reverse=True)
    _, best, invocations = found[0]
    others = [
        each
        for _, each, their in found[1:]
        if _essence(their) != _essence(invocations) and each.source != "text" and not _oddity(each.name)
    ]
    return Documented(declared=best, invocations=tuple(invocations), runner_up=others[0] if others else None)


def _of(declared: Declared, tree: Tree, packages: Sequence[Package]) -> list[Invocation]:
    """Its test commands; of what is no environment of its own the first alone, for the others are other questions."""
    found = runners.invocations(declared, tree, packages)
    found = [each for each in found if not _aside(each)]
    return found if declared.isolated else found[:1]


def _aside(invocation: Invocation) -> bool:
    """A run of benchmarks, of a notebook, or with `--codspeed`: not the suite."""
    if any(
        option.startswith(("--codspeed", "--benchmark-only", "--nbval", "--collect-only", "--memray"))
        for option in invocation.argv
    ):
        return True
    return bool(invocation.paths) and all(re.match(r"bench|.*\.ipynb$", path) for path in invocation.paths)


def _essence(invocations: Iterable[Invocation]) -> list[tuple[object, ...]]:
    return [(each.runner, each.argv, each.paths) for each in invocations]


def _rank(declared: Declared, invocations: Sequence[Invocation], position: int) -> tuple[int, ...]:
    """Comparable; the greatest is the best."""
    factors = [factor for factor in re.split(r"[-_.:() ]+", declared.name.lower()) if factor and not factor.isdigit()]
    plain = [factor for factor in factors if not _is_python(factor)]
    return (
        -any(_OTHER_WORK.match(factor) for factor in [*plain, declared.name.lower()])
        if not _is_test(declared.name)
        else 0,
        declared.default,
        -SOURCES.index(declared.source),
        -_oddity(declared.name),
        -any(map(_GIANTS.match, declared.needs.requirements)),
        -sum(bool(_VARIATION.match(factor)) for factor in plain) - ("python" in factors[1:]),
        -all(each.measured for each in invocations),
        _is_test(declared.name) if not declared.isolated or declared.source in {"nox", "hatch"} else 0,
        _minor(declared.name),
        _size(declared.needs) if declared.source == "hatch" else 0,
        len(plain),
        -position if declared.source != "tox" else position,
    )


def _size(needs: Needs) -> int:
    """How much goes into an environment: of hatch's, which share nothing, the fullest runs the most tests."""
    return len(needs.requirements) + len(needs.extras) + len(needs.groups)


def _is_test(name: str) -> bool:
    return name.lower() in {
        "test",
        "tests",
        "unit",
        "unittest",
        "unittests",
        "unit_tests",
        "pytest",
        "hatch-test",
        "unit-tests",
    }


def _is_python(factor: str) -> bool:
    return bool(re.match(r"^(?:py|python|pypy|cpython|graalpy)?\d*t?$", factor))


def _oddity(name: str) -> int:
    """An interpreter that is not plain CPython of a released minor."""
    odd = bool(re.search(r"pypy|graal|jython|ironpython|(?:^|-)(?:py)?3\.?\d+t(?:-|$)", name))
    return 2 * odd + (_raw_minor(name) > NEWEST)


def _minor(name: str) -> int:
    return min(_raw_minor(name), NEWEST)


def _raw_minor(name: str) -> int:
    found = re.search(r"(?:^|[^\d.])(?:py|python)?-?3\.?(\d{1,2})(?!\d)", name)
    return int(found[1]) if found else -1


def in_text(tree: Tree, packages: Sequence[Package]) -> list[Declared]:
    """Test commands that prose gives: `python -m pkg.test` or `python -c "import pkg; pkg.test()"` in README & co., and
    setup.py's own `bitarray.test()`.
    """
    found = []
    names = "|".join(re.escape(package.name) for package in packages)
    if not names:
        return []
    pattern = re.compile(
        rf"^[\s$>`.]*((?:python3?)\s+(?:-m\s+(?:(?:{names})\.(?:\w+\.)*_?tests?\w*|unittest\b|pytest\b)[^`\n]*"
        rf"|-c\s*(['\"])\s*import\s+({names})\s*;\s*\3\.test\([^)]*\)\s*\2))",
        re.MULTILINE,
    )
    for path in sorted(
        p
        for p in tree.files
        if re.match(r"(?:README|CONTRIBUTING|INSTALL|HACKING|TESTING|DEVELOP)[^/]*$", p, re.IGNORECASE)
    ):
        text = tree.text(path)
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            commands = tuple(script_lines(match[1]))
            found.append(
                Declared(source="text", name=path, place=Place(path=path, line=line), commands=commands, isolated=False)
            )
    return [*found, *_in_setup(tree, packages), *_script_files(tree)]


_RUNNER_FILES = (
    "runtests.py",
    "run_tests.py",
    "tests/runtests.py",
    "tests/run_tests.py",
    "test/alltests.py",
    "tests/alltests.py",
)


def _script_files(tree: Tree) -> list[Declared]:
    """A runner file that no command calls; one that only starts pytest says nothing new."""
    return [
        Declared(source="text", name=path, place=Place(path=path), commands=(("python", path),), isolated=False)
        for path in _RUNNER_FILES
        if path in tree and "pytest" not in tree.text(path)
    ]


def _in_setup(tree: Tree, packages: Sequence[Package]) -> list[Declared]:
    text = tree.text("setup.py")
    for package in packages:
        at = re.search(rf"\b{re.escape(package.name)}\.test\(", text)
        if at:
            line = text.count("\n", 0, at.start()) + 1
            command = ("python", "-c", f"import {package.name}; {package.name}.test()")
            return [
                Declared(
                    source="text",
                    name="setup.py",
                    place=Place(path="setup.py", line=line),
                    commands=(command,),
                    isolated=False,
                )
            ]
    return []
