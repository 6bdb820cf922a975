"""Which Pythons a pipeline is about: declared ones are required, detected ones are taken as far as they are here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from penstock.model.pipeline import Pipeline
from penstock.model.snapshot import Interpreter, Snapshot
from penstock.value import Value

_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|~=|<|>)\s*(\d+)(?:\.(\d+))?(?:\.\S*)?\s*")
_MINOR = re.compile(r"(?P<implementation>[a-z-]*?)-?(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.\d+)?(?P<threads>t?)$")


class Pythons(Value, frozen=True, kw_only=True):
    """The pipeline's Pythons, oldest first. `required`: a missing one leaves the run unverified.

    `newest`: where jobs run that need one Python only. `here`: minors and versions of this machine's interpreters.
    """

    every: tuple[str, ...]
    newest: str | None
    required: bool
    here: frozenset[str]
    looked_in: tuple[str, ...]

    def missing(self, python: str | None) -> str | None:
        """Why a leg on `python` cannot run here; None if it can."""
        if python is not None and python in self.here:
            return None
        which = f"no Python {python}" if python is not None else "no Python"
        return f"{which} on this machine (looked in: {', '.join(self.looked_in) or 'nothing'})"


def pythons_of(pipeline: Pipeline, snapshot: Snapshot) -> Pythons:
    """The declared ones (ranges and "*" over what the project supports), else the supported ones.

    Where nothing says what is supported, the newest Python of this machine is taken alone. `newest` is the newest
    declared one, on every machine; where none is declared, the newest one here.
    """
    supported = snapshot.project.declared_pythons
    minors = tuple(found.minor for found in snapshot.interpreters)
    here = frozenset((*minors, *(found.version for found in snapshot.interpreters)))
    required = pipeline.python is not None
    if pipeline.python is not None:
        every = _choose(pipeline.python, supported)
    else:
        every = _ordered(supported) if supported else _ordered(minors)[-1:]
    candidates = every if required else tuple(python for python in every if python in here) or every
    newest = candidates[-1] if candidates else None
    return Pythons(every=every, newest=newest, required=required, here=here, looked_in=snapshot.looked_in)


def select_pythons(selectors: Iterable[str], pythons: Pythons) -> tuple[str, ...]:
    """The Pythons that a job's `python` names: "*" for all, ranges over all, names as they are. Oldest first."""
    return _choose(selectors, pythons.every)


def find_interpreter(python: str, snapshot: Snapshot) -> Interpreter | None:
    """The first interpreter that answers to `python`: its minor ("3.12", "3.13t") or whole version ("3.12.1")."""
    return next((found for found in snapshot.interpreters if python in (found.minor, found.version)), None)


def missing_remedy(python: str, *, required: bool) -> str:
    """What to do about it."""
    instead = "; or `--available` for what this machine can do" if required else ""
    return f"uv python install {python}{instead}"


def order_of(python: str) -> tuple[bool, int, int, bool, str]:
    """Sorts from oldest to newest, with plain CPython after the others, so that the last one is the usual choice."""
    found = _MINOR.match(python)
    if found is None:
        return (False, 0, 0, False, python)
    plain = found["implementation"] in ("", "cpython") and not found["threads"]
    return (plain, int(found["major"]), int(found["minor"] or 0), not found["threads"], python)


def is_range(selector: str) -> bool:
    """Whether `selector` is a version range (">=3.11,<3.14") and not a name."""
    return all(_CLAUSE.fullmatch(clause) for clause in selector.split(","))


def _choose(selectors: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    chosen: list[str] = []
    for selector in selectors:
        if selector == "*":
            chosen += known
        elif is_range(selector):
            chosen += (python for python in known if _in_range(python, selector))
        else:
            chosen.append(selector)
    return _ordered(chosen)


def _ordered(pythons: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(pythons), key=order_of))


def _in_range(python: str, selector: str) -> bool:
    """Compares minors: of a range's version, what stands after the minor is not looked at."""
    found = _MINOR.match(python)
    if found is None:
        return False
    version = (int(found["major"]), int(found["minor"] or 0))
    return all(_fits(version, clause) for clause in selector.split(","))


def _fits(version: tuple[int, int], clause: str) -> bool:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return False
    limit = (int(found[2]), int(found[3] or 0))
    return {
        ">=": version >= limit,
        "<=": version <= limit,
        ">": version > limit,
        "<": version < limit,
        "==": version == limit,
        "!=": version != limit,
        "~=": version >= limit and version[0] == limit[0],
    }[found[1]]
