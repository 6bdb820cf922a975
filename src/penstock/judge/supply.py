"""Where tools and dependencies come from: plugins that check and went with a change, and sources in a lock file that
nothing declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from penstock.model.change import Sides

# Requirements of these names add checks to a tool that goes on without them.
_CHECKING = re.compile(
    r"(?<![\w.-])((?:flake8-[\w-]+|pep8-naming|pylint-[\w-]+|dlint|darglint|pydoclint|ruff|mypy|pyright|bandit|deptry|"
    r"pytest-(?:randomly|random-order|socket|timeout|strict|ruff|mypy|flake8|black|isort|error-for-skips|deadfixtures|"
    r"leaks?|memray|unused-fixtures|warnings|doctestplus|regressions|pylint|import-check|xfail-strict))(?![\w-]))",
    re.IGNORECASE,
)
_DECLARING = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|[\w.-]*requirements[\w.-]*|requirements/.*|constraints.*)$"
)
_SETTINGS = re.compile(r"^\s*\[.*$|^\s*[\w-]+\s*=\s*(?:true|false|\d).*$|#.*$", re.MULTILINE)
_SOURCE = re.compile(r'source = \{ (registry|git|url) = "([^"]+)"')
_DEFAULT = "https://pypi.org/simple"


def told(sides: Iterable[Sides]) -> Iterator[str]:
    """In words."""
    declaring = [each for each in sides if _DECLARING.search(each.path) or _DECLARING.search(each.was)]
    before, now = (_named(each.before for each in declaring), _named(each.now for each in declaring))
    yield from (f"{name}, which checks, is required no more" for name in sorted(before - now))
    for each in sides:
        if each.path.rpartition("/")[2] == "uv.lock" and each.now:
            folder = each.path.rpartition("/")[0]
            declared = [one.now or "" for one in sides if one.path in _beside(folder)]
            yield from _undeclared(each, declared)


def _named(texts: Iterable[str | None]) -> set[str]:
    return {name.lower() for text in texts for name in _CHECKING.findall(_SETTINGS.sub("", text or ""))}


def _beside(folder: str) -> set[str]:
    return {f"{folder}/{name}" if folder else name for name in ("pyproject.toml", "uv.toml")}


def _undeclared(lock: Sides, declared: list[str]) -> Iterator[str]:
    """Sources that came into the lock while no declaration that changed with it names them."""
    known = {_place(url) for _, url in _SOURCE.findall(lock.before or "")} | {_DEFAULT}
    for kind, url in dict.fromkeys(_SOURCE.findall(lock.now or "")):
        place = _place(url)
        if place not in known and not any(place in text for text in declared):
            known.add(place)
            yield f"{lock.path}: packages come from the {kind} {place}, which nothing declares"


def _place(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/")
