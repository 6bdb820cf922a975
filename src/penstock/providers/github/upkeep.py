"""What a repository's workflows are asked beside drift: the gate waits for every job, and no tag names an action."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from penstock.providers.github.ci import VERDICT
from penstock.providers.github.written import HEAD
from penstock.providers.remark import Remark
from penstock.providers.yaml_places import Path, paths

_USES = re.compile(r"""^\s*(?:-\s+)?uses\s*:\s*["']?(?P<uses>[^\s"'#]+)""")
_PINNED = re.compile(r"\./.*|\$/.*|[^@]+@[0-9a-f]{40}|docker://[^@]+@sha256:[0-9a-f]{64}")
_FIRST = f"# {HEAD.splitlines()[0]}"


def gate(path: str, text: str, free: Collection[str] = ()) -> Iterator[Remark]:
    """Jobs of a workflow that its verdict does not wait for, and a verdict that may be skipped. `free`: jobs that
    decide nothing, as declared.
    """
    lines = text.splitlines()
    places = paths(lines)
    jobs = {
        place[1]: number for number, place in reversed([*enumerate(places, 1)]) if place[:1] == ("jobs",) and place[1:]
    }
    if VERDICT not in jobs:
        yield Remark(path=path, line=1, words="there is no job `verdict`, so nothing decides")
        return
    condition = " ".join(
        line for line, place in zip(lines, places, strict=True) if place[:3] == ("jobs", VERDICT, "if")
    )
    needs = _needs(lines, places)
    after = _after(needs)
    for name, number in jobs.items():
        if name not in needs.get(VERDICT, ()) and name not in after and name not in free:
            words = f"the verdict does not wait for `{name}`: its failure would go unseen"
            yield Remark(path=path, line=number, words=words)
    if "always()" not in condition:
        words = "the verdict does not run always: a required check that is skipped counts as passed"
        yield Remark(path=path, line=jobs[VERDICT], words=words)


def _needs(lines: Sequence[str], places: Sequence[Path]) -> dict[str, set[str]]:
    """Job -> those that it waits for."""
    found: dict[str, set[str]] = {}
    for line, place in zip(lines, places, strict=True):
        if place[:1] == ("jobs",) and place[2:3] == ("needs",):
            found.setdefault(place[1], set()).update(re.findall(r"[A-Za-z0-9_-]+", line.replace("needs:", " ")))
    return found


def _after(needs: Mapping[str, set[str]]) -> set[str]:
    """The verdict, and what comes after it: it cannot wait for those."""
    found = {VERDICT}
    while more := {job for job, before in needs.items() if before & found} - found:
        found |= more
    return found


def unpinned(files: Mapping[str, str]) -> Iterator[Remark]:
    """Each action and workflow that is named by a tag or a branch. `files`: path -> text."""
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = _USES.match(line)
            if found is not None and not _PINNED.fullmatch(found["uses"]):
                words = f"`{found['uses']}` can be moved to other code: name a commit"
                yield Remark(path=path, line=number, words=words)


def stale(files: Mapping[str, str], wanted: Collection[str]) -> Iterator[Remark]:
    """Generated files that would not be written any more."""
    for path, text in files.items():
        if path not in wanted and text.startswith(_FIRST):
            yield Remark(path=path, line=1, words="would not be written any more: remove it")


def refused(wanted: Mapping[str, str], there: Mapping[str, str], free: Collection[str]) -> Iterator[Remark]:
    """What is wrong whatever it was generated from. `wanted`: as files would be written; `there`: as they are."""
    yield from stale(there, wanted)
    for path, text in there.items():
        if path in wanted and ("jobs", VERDICT) in paths(wanted[path].splitlines()):
            yield from gate(path, text, free)
        if path in wanted:
            yield from unpinned({path: text})
