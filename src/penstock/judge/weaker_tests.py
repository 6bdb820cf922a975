"""Tests that a change leaves in name only: emptied, renamed so that nobody collects them, deleted; and what it marks as
skipped or expected to fail. Read from the text of both sides; nothing of it is run.

A test is emptied if the base's could fail and this one cannot: no assertion is left that the text alone does not
settle, and nothing is called that was not called before (an assertion may have moved into a function of its own). Of
tests that are gone, those count that call nothing which the change takes out of the project's code as well.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from penstock.judge import written_tests
from penstock.judge.written_tests import Function, Reasons
from penstock.model.change import Sides
from penstock.util.plural import plural

SHARE = 5  # percent of the test functions that may go with a change, as `tests.min = "auto"` lets go
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_tests?|tests?)\.py$")
_SHOWN = 3


def is_test_file(path: str) -> bool:
    """Whether pytest or unittest would look for tests in it, by its name."""
    return _TEST_FILE.search(path) is not None


def told(sides: Sequence[Sides], total: Callable[[], int]) -> Iterator[str]:
    """In words. `total`: how many test functions the tree holds; asked only where some are gone."""
    files = [each for each in sides if is_test_file(each.was) or is_test_file(each.path)]
    before = {each: _tests(each.was, each.before) for each in files}
    now = {each: _tests(each.path, each.now) for each in files}
    there = {leaf(name): (each.path, name, test) for each, tests in now.items() for name, test in tests.items()}
    hidden: set[str] = set()
    for each in files:
        for name, was in before[each].items():
            found = (each.path, name, now[each][name]) if name in now[each] else there.get(leaf(name))
            yield from () if found is None else _weaker(was, *found)
        if moved := _uncollected(each, before[each], there.keys()):
            hidden |= moved.keys()
            yield from (f"{each.was}::{old} is {new} now, which nobody collects" for old, new in moved.items())
    yield from _gone(sides, before, now, hidden, total)


def leaf(name: str) -> str:
    """The function's own name."""
    return name.rpartition("::")[2]


def _tests(path: str, text: str | None) -> dict[str, Function]:
    return written_tests.tests(text) if text and is_test_file(path) else {}


def _weaker(was: Function, path: str, name: str, now: Function) -> Iterator[str]:
    """What is wrong with the test that stands where the base's did."""
    if now.maybe and not was.maybe:
        yield f"{path}::{name} stands under a condition now"
    if now.calls - was.calls:
        return
    if was.checks and not now.checks:
        yield f"{path}::{name} asserts nothing any more"
    elif was.calls and not was.checks and not now.calls:
        yield f"{path}::{name} does nothing any more"


def _uncollected(each: Sides, before: dict[str, Function], there: Collection[str]) -> dict[str, str]:
    """Tests of the base whose very body stands under a name that is no test's, and that nothing calls: old -> new."""
    lost = {name: function for name, function in before.items() if leaf(name) not in there}
    if not lost or not each.now:
        return {}
    if not is_test_file(each.path):
        known = written_tests.tests(each.now)
        return {name: each.path for name in lost if name in known}
    others, called = written_tests.others(each.now)
    bodies = {body: name for name, body in others.items() if leaf(name) not in called}
    return {name: bodies[function.body] for name, function in lost.items() if function.body in bodies}


def _gone(
    sides: Sequence[Sides],
    before: dict[Sides, dict[str, Function]],
    now: dict[Sides, dict[str, Function]],
    hidden: set[str],
    total: Callable[[], int],
) -> Iterator[str]:
    old = Counter(leaf(name) for tests in before.values() for name in tests)
    new = Counter(leaf(name) for tests in now.values() for name in tests)
    gone = old - new
    if not gone:
        return
    removed = _removed(sides)
    lost = [
        f"{each.was}::{name}"
        for each, tests in before.items()
        for name, function in tests.items()
        if gone[leaf(name)] and name not in hidden and not function.calls & removed
    ]
    came = sum(function.cases for tests in now.values() for name, function in tests.items() if (new - old)[leaf(name)])
    came += sum(_more_cases(before[each], now[each]) for each in before)
    number = min(len(lost), gone.total()) - came
    if number > 0 and 100 * number > SHARE * (total() + number):
        shown = f"{', '.join(lost[:_SHOWN])}{' and others' if len(lost) > _SHOWN else ''}"
        yield f"{plural(number, 'test')} went, and what {'it calls' if number == 1 else 'they call'} did not: {shown}"


def _more_cases(before: dict[str, Function], now: dict[str, Function]) -> int:
    """Parameters that came to tests which were there."""
    return sum(max(now[name].cases - before[name].cases, 0) for name in before.keys() & now.keys())


def _removed(sides: Iterable[Sides]) -> set[str]:
    """Names that the change takes out of what is no test."""
    code = [each for each in sides if not is_test_file(each.path) and each.path.endswith(".py")]
    before = {name for each in code for name in written_tests.defined(each.before)}
    return before - {name for each in code for name in written_tests.defined(each.now)}


def idled(sides: Iterable[Sides]) -> Iterator[tuple[str, str]]:
    """Where the change itself skips, or expects a failure: a test, a class or a file as pytest names them, or a folder
    with "/" for a conftest file or what is no test; and the reason that it gives, "" where that is not in the text.
    """
    for each in sides:
        if not each.path.endswith(".py") or not each.now:
            continue
        before, now = written_tests.idle(each.before), written_tests.idle(each.now)
        for place, reasons in now.items():
            new = _conditions(reasons) - _conditions(before.get(place, Counter()))
            where = f"{each.path}::{place}" if place else each.path
            if not is_test_file(each.path):
                folder = each.path.rpartition("/")[0]
                where = f"{folder}/" if folder else ""
            yield from (
                (where, reason) for reason in dict.fromkeys(why for why, condition in reasons if new[condition])
            )


def _conditions(reasons: Reasons) -> Counter[str]:
    """How often each condition stands there, whatever it says: other words are no other skip."""
    return Counter(condition for _, condition in reasons.elements())


def deselected(sides: Iterable[Sides]) -> Iterator[str]:
    """Where the change gives a mark to tests that were there, so that a job's `-m` may take them out, or has a hook
    that does: a test, a class or a file as pytest names them, or a folder with "/".
    """
    for each in sides:
        if not each.path.endswith(".py") or not each.now:
            continue
        if "pytest_deselected" in each.now and "pytest_deselected" not in (each.before or ""):
            folder = each.path.rpartition("/")[0]
            yield f"{folder}/" if folder else ""
        if not is_test_file(each.path) or each.before is None:
            continue
        before, known = written_tests.markers(each.before), written_tests.tests(each.before)
        for place, names in written_tests.markers(each.now).items():
            if names - before.get(place, set()) and (place in known or not place or "test" not in leaf(place)):
                yield f"{each.path}::{place}" if place else each.path


# What a hook of pytest can write into a report, so that a failure is none.
_AT_START = frozenset({"sitecustomize.py", "usercustomize.py"})
_WRITTEN = frozenset({"outcome", "wasxfail", "longrepr", "excinfo", "runtest", "obj", "_obj"})
_CHOOSING = frozenset({"keyword", "markexpr", "deselect", "ignore", "ignore_glob", "collectonly", "file_or_dir"})


def hooks(sides: Iterable[Sides]) -> Iterator[str]:
    """Hooks of pytest that came in, and write what a test has said or stand in for it."""
    for each in sides:
        if each.before is None and each.path.rpartition("/")[2] in _AT_START:
            yield f"{each.path} came in, and runs before every program that finds it"
        if each.path.endswith(".py") and each.now and "def pytest_" in each.now:
            before = set(_writing(each.before))
            yield from (f"{each.path}: {hook}" for hook in _writing(each.now) if hook not in before)


def _writing(text: str | None) -> Iterator[str]:
    for node in ast.walk(written_tests.parsed(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_"):
            written = sorted({part for inner in ast.walk(node) for part in _targets(inner)})
            yield from (f"{node.name} writes `{part}`" for part in written)
            if node.name == "pytest_pyfunc_call" and not any(isinstance(each, ast.Yield) for each in ast.walk(node)):
                yield f"{node.name} stands in for pytest's own call"


def _targets(node: ast.AST) -> Iterator[str]:
    """Attributes that are assigned, and `force_result`, which puts another result in place."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            stored = (part for part in ast.walk(target) if isinstance(part, ast.Attribute))
            for part in stored:
                of_options = written_tests.last(part.value) == "option" and part.attr in _CHOOSING
                if isinstance(part.ctx, ast.Store) and (part.attr in _WRITTEN or of_options):
                    yield f"option.{part.attr}" if of_options else part.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name in {"force_result", "force_exception"}:
            yield name
        elif name == "setattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            yield from ({str(node.args[1].value)} & (_WRITTEN | _CHOOSING))
