"""Every requirement that the project declares anywhere, with its place: the import closure (rule I8) draws from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.errors import Place
from penstock.scan.detect.dependencies import files
from penstock.scan.detect.dependencies.choice import Sources, extra_place
from penstock.scan.detect.requirement import is_url
from penstock.scan.detect.tree import Tree

_LATE = re.compile(
    r"doc|sphinx|lint|style|typ|mypy|pre-commit|release|build|benchmark|changelog|format|publish", re.IGNORECASE
)


def collect(tree: Tree, sources: Sources) -> tuple[tuple[str, str], ...]:
    """(requirement line, where it is declared), the likeliest first: runtime extras, groups, environments, files, CI.

    What is for documentation or linting comes last. Each line once, with its best place.
    """
    found: dict[str, str] = {}
    late: dict[str, str] = {}
    for line, name, place in _all(tree, sources):
        if not is_url(line):
            target = late if _LATE.search(name) else found
            target.setdefault(line, f"{name} ({place})")
    return (*found.items(), *((line, where) for line, where in late.items() if line not in found))


def _all(tree: Tree, sources: Sources) -> Iterator[tuple[str, str, Place]]:
    for extra, lines in sources.metadata.extras.items():
        yield from ((line, f"extra {extra}", extra_place(sources, extra)) for line in lines)
    for group in sources.groups.values():
        yield from ((line, f"group {group.name}", group.place) for line in group.lines)
    for each in sources.declared:
        if each.source != "ci":
            yield from ((line, each.title, each.place) for line in each.needs.requirements)
    for path in _requirement_files(tree):
        yield from ((line, path, Place(path=path)) for line in files.content(tree, path).requirements)
    for each in sources.declared:
        if each.source == "ci":
            yield from ((line, each.title, each.place) for line in each.needs.requirements)


def _requirement_files(tree: Tree) -> list[str]:
    pattern = re.compile(
        r"(?:^|/)(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in|pip)|(?:requirements?|reqs)/[\w.-]+\.(?:txt|in|pip))$"
    )
    return sorted(
        (path for path in tree.files if pattern.search(path) and path.count("/") <= 2), key=lambda p: (p.count("/"), p)
    )
