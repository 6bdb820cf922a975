"""Which tests have an end, by the file and the name that they have in it: what lookalikes are held against."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from penstock.model.pipeline import JobKind
from penstock.model.plan import Plan
from penstock.model.records import JobRecord, TestRecord
from penstock.value import Value

_AGAIN = re.compile(r" #\d+$")  # the second test of one id


class Collected(Value, frozen=True, kw_only=True):
    """`names`: file, as the runner names it -> its functions and methods without parameters, `TestA::test_b`;
    `files`: those that skipped themselves whole. `functions`: pytest ran some of them.
    """

    names: Mapping[str, frozenset[str]]
    files: frozenset[str] = frozenset()
    functions: bool = True

    def of(self, path: str, others: Collection[str] = ()) -> frozenset[str]:
        """The names in a file. A runner that was started below the root names less of the path; `others`: files that
        are meant by their own names.
        """
        found = self.names.get(path, frozenset())
        for key in _tails(path):
            if key not in others:
                found |= self.names.get(key, frozenset())
        return found

    def skips(self, path: str) -> bool:
        """Whether the file skipped itself whole."""
        return path in self.files or any(key in self.files for key in _tails(path))


def collected(plan: Plan, records: Iterable[JobRecord], tests: Iterable[TestRecord]) -> Collected:
    """What the test jobs of a plan have collected, and what they were told to leave out by name."""
    jobs = {job.id for job in plan.jobs if job.kind is JobKind.TEST}
    names: dict[str, set[str]] = {}
    files: set[str] = set()
    functions = False
    left = []
    for record in records:
        if record.job in jobs:
            left += (record.note("deselected") or "").splitlines()
            files.update((record.note("skipped_files") or "").splitlines())
            functions = functions or (record.note("runner") or "").startswith("pytest")
    for name in (*(test.id for test in tests if test.job in jobs), *left):
        path, inner = place(name)
        names.setdefault(path, set()).add(inner)
    frozen = {path: frozenset(inner) for path, inner in names.items()}
    return Collected(names=frozen, files=frozenset(files), functions=functions)


def place(test: str) -> tuple[str, str]:
    """The file of a test's id, and its name there: of pytest's ids and of unittest's."""
    plain = _AGAIN.sub("", test).partition("[")[0]
    path, separator, name = plain.partition("::")
    if separator:
        return path, name
    *module, holder, method = plain.partition(" ")[0].split(".") if plain.count(".") > 1 else ("", "", plain)
    return "/".join(module) + ".py", f"{holder}::{method}"


def has_end(name: str, ends: Collection[str]) -> bool:
    """Whether a function, or anything of a class, is among the names of what has an end."""
    return name in ends or any(end.startswith(f"{name}::") for end in ends)


def _tails(path: str) -> Iterator[str]:
    """`b/c.py` and `c.py` of `a/b/c.py`."""
    while "/" in path:
        path = path.partition("/")[2]
        yield path
