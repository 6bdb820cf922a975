"""The house's own limits, where no tool knows them."""

from __future__ import annotations

import re

from penstock.util.plural import noun, plural
from tests.conftest import ROOT

MOST_LINES = 400
SOURCE = ROOT / "src" / "penstock"


def test_one_thing_and_many() -> None:
    assert [plural(number, "finding") for number in (0, 1, 2)] == ["0 findings", "1 finding", "2 findings"]
    assert plural(2, "dependency", "dependencies") == "2 dependencies"
    assert (noun(1, "dependency", "dependencies"), noun(3, "file")) == ("dependency", "files")


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert {path: lines for path, lines in sizes.items() if lines > MOST_LINES} == {}


_THINGS = "findings files tests jobs functions dependencies lines shards legs failures runs rows results distributions"
_COUNTED = re.compile(rf"\}} (?:[a-z-]+ )?(?:{'|'.join(_THINGS.split())})\b|'s' \* |else 's'")
_BELOW = {"guest", "model", "errors.py"}  # they stand below the helper
# A number that is more than one wherever the sentence is said; and words that are no plural.
_NEVER_ONE = {
    "cli/interpreter.py: which holds no Python",
    "judge/checks/pull_request.py: are read with care",
    "judge/checks/quarantine.py: STEADY_RUNS",
    "judge/checks/tests.py: the one test was",
    "judge/checks/pull_request.py: {len(found.tests)} of tests",
    "cli/before.py: has no rows of",
    "cli/pre_commit.py: runs penstock already",
    "report/hints.py: its output names",
    "judge/checks/tests_kept.py: like a test and",
    "plan/defaults.py: suite.runner",
    "cli/repro.py: runs whole",
    "run/local.py: runs already",
    "load/jobs.py: belongs to",
}


def test_counted_things_take_their_number_by_the_one_helper() -> None:
    """`1 findings` is what a sentence written for many says of one."""
    found = [
        f"{path.relative_to(SOURCE).as_posix()}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        if _BELOW.isdisjoint(path.relative_to(SOURCE).parts)
        for line in path.read_text().splitlines()
        if 'f"' in line and _COUNTED.search(line)
    ]
    assert [line for line in found if not any(_allows(entry, line) for entry in _NEVER_ONE)] == []


def _allows(entry: str, line: str) -> bool:
    file, _, words = entry.partition(": ")
    return line.startswith(f"{file}: ") and words in line
