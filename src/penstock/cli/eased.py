"""What the change asks less for than its base, and where: in the declaration, in the settings of tools, in the source,
in the tests, in what the tools come from. Both sides of all files are asked for once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from penstock.cli.surroundings import Surroundings
from penstock.errors import ConfigurationError
from penstock.load import file as configuration
from penstock.model.change import Change, Sides
from penstock.util import texts

_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+test", re.MULTILINE)
_SOURCES = (configuration.PYPROJECT, configuration.OWN)


class Eased(NamedTuple):
    """`weakened`: in words; `idled`, `deselected`: see `Facts`; `unknown`: why it cannot be told."""

    weakened: tuple[str, ...] = ()
    idled: tuple[tuple[str, str], ...] = ()
    deselected: tuple[str, ...] = ()
    unknown: str = ""


def of(surroundings: Surroundings, change: Change, files: Collection[str]) -> Eased:
    """All of it. `files`: those of the tree, relative to the root."""
    if not change.files:
        return Eased()
    from penstock.judge import settings, settings_files, silenced, supply, weaker_tests
    from penstock.scan import sides

    read = sides.read(surroundings.root, change, processes=surroundings.processes, environ=surroundings.environ)
    if isinstance(read, str):
        return Eased(unknown=read)
    before, now = _settings(surroundings.root, read, settings_files.NAMES, settings_files.holds_settings)
    added = sum(each.added for each in change.files if each.path.endswith((".py", ".pyi")))
    return Eased(
        weakened=(
            *_declaration(surroundings, read),
            *settings.loosened(settings_files.of_files(before), settings_files.of_files(now)),
            *silenced.told(read, added),
            *silenced.stubs(read, files),
            *weaker_tests.told(read, lambda: _number_of_tests(surroundings.root, files)),
            *weaker_tests.hooks(read),
            *supply.told(read),
        ),
        idled=tuple(weaker_tests.idled(read)),
        deselected=tuple(weaker_tests.deselected(read)),
    )


def _settings(
    root: Path, read: Sequence[Sides], names: Iterable[str], holds: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, str]]:
    """The files that tools take settings from, before and now: which of them counts may hang on one that did not
    change. None at all where none changed.
    """
    changed = [each for each in read if holds(each.path) or holds(each.was)]
    if not changed:
        return {}, {}
    touched = {path for each in changed for path in (each.path, each.was)}
    same = {name: text for name in sorted(set(names) - touched) if (text := texts.read(root / name)) is not None}
    before = {each.was: each.before for each in changed if each.before is not None}
    now = {each.path: each.now for each in changed if each.now is not None}
    return {**same, **before}, {**same, **now}


def _declaration(surroundings: Surroundings, read: Sequence[Sides]) -> tuple[str, ...]:
    """What the tree's configuration asks less for than the base's. A base that cannot be read asks for nothing."""
    if not any(each.path in _SOURCES or each.was in _SOURCES for each in read):
        return ()
    from penstock.judge import policy

    before = {each.was: each.before for each in read}
    sources = (before[name] if name in before else texts.read(surroundings.root / name) for name in _SOURCES)
    new = {each.path for each in read if each.before is None}
    try:
        base = configuration.declared(
            *(None if name in new else text for name, text in zip(_SOURCES, sources, strict=True))
        )
    except ConfigurationError:
        return ()
    return policy.weakened(base, configuration.read(surroundings.root))


def _number_of_tests(root: Path, files: Iterable[str]) -> int:
    """How many test functions the tree holds, by the lines alone."""
    from penstock.judge.weaker_tests import is_test_file

    every = (texts.read(root / path) or "" for path in files if is_test_file(path))
    return sum(len(_TEST.findall(text)) for text in every)
