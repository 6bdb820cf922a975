"""Which legs are in this plan: what was asked for with all that it needs, less what this machine and declared rules
leave out. Every leg that is not in has a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from penstock.errors import UsageError
from penstock.model.hosts import SYSTEM
from penstock.model.pipeline import Stage
from penstock.model.plan import LeftOut, Scope
from penstock.model.snapshot import Decision
from penstock.plan import groups
from penstock.plan.expand import Leg, Needs
from penstock.plan.filters import filtered
from penstock.plan.request import Request
from penstock.value import Value


class Chosen(Value, frozen=True, kw_only=True):
    """The legs of the plan with the legs they need, why each is in, and what is left out.

    `told`: what the request's words were taken for, where that is not plain.
    """

    legs: tuple[Leg, ...]
    needs: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]
    scope: Scope
    told: tuple[Decision, ...] = ()


def choose(
    legs: tuple[Leg, ...], request: Request, changed: tuple[str, ...] | None, stages: tuple[Stage, ...]
) -> Chosen:
    """Decide for every leg. Raises UsageError if the request names what is not there, or nothing failed last time."""
    told = _told(legs, request, stages)
    asked = _asked(legs, request, stages)
    present, left_out, narrowed = _present(legs, request, named=_named(legs, request))
    needs = Needs(present)
    needs_of = {leg.id: needs.of(leg) for leg in present}
    sifted = filtered(present, asked, request, changed)
    reasons = dict(sifted.reasons)
    roots = [leg.id for leg in sifted.wanted if asked is None or leg.id in asked]
    kept = _closure(roots, needs_of, reasons)
    for leg in present:
        if leg.id in kept:
            continue
        if asked is None:
            left_out.append(sifted.left_out[leg.id])
        else:
            left_out.append(_left_out(leg, "not asked for"))
            narrowed = True
    return Chosen(
        legs=tuple(leg for leg in present if leg.id in kept),
        needs=needs_of,
        reasons=reasons,
        left_out=tuple(left_out),
        scope=Scope.PARTIAL if narrowed or request.pytest_args or _shards_named(request) else Scope.FULL,
        told=told,
    )


def stage_of(leg: Leg, stages: tuple[Stage, ...]) -> str:
    """The declared stage, else the first one, else none."""
    return leg.wanted.spec.stage or (stages[0].name if stages else "")


def _left_out(leg: Leg, reason: str) -> LeftOut:
    return LeftOut(id=leg.id, reason=reason, kind=leg.wanted.spec.kind)


def _asked(legs: tuple[Leg, ...], request: Request, stages: tuple[Stage, ...]) -> dict[str, str] | None:
    """Leg id -> what asked for it; None if everything is asked for."""
    asked: dict[str, str] | None = None
    if request.select:
        asked = {}
        for item in request.select:
            found = _found(item, legs, stages)
            if not found:
                raise _unknown(item, legs, stages)
            asked |= dict.fromkeys(found, item)
    if request.failed is not None:
        known = {leg.id for leg in legs}
        failed = dict.fromkeys(name.partition("#")[0] for name in request.failed)
        again = [name for name in failed if name in known and (asked is None or name in asked)]
        if not again:
            raise UsageError("nothing to repeat: no job of this plan failed in the last run", remedy="penstock run")
        asked = dict.fromkeys(again, "--failed")
    return asked


def _found(item: str, legs: tuple[Leg, ...], stages: tuple[Stage, ...]) -> list[str]:
    """The ids of the legs that a word asks for: by their names, else as a group."""
    found = [leg.id for leg in legs if _matches(item, leg, stage_of(leg, stages))]
    kinds = groups.GROUPS.get(item, ()) if not found else ()
    return found or [leg.id for leg in legs if leg.wanted.spec.kind in kinds]


def _told(legs: tuple[Leg, ...], request: Request, stages: tuple[Stage, ...]) -> tuple[Decision, ...]:
    """What each word that is the name of a group was taken for. Raises UsageError for a group without a job."""
    return tuple(_taken_for(item, legs, stages) for item in dict.fromkeys(request.select) if item in groups.GROUPS)


def _taken_for(item: str, legs: tuple[Leg, ...], stages: tuple[Stage, ...]) -> Decision:
    if any(item == leg.name for leg in legs):
        return groups.overruled(item, "job")
    if any(item == stage_of(leg, stages) for leg in legs):
        return groups.overruled(item, "stage")
    return groups.meant(item, ((leg.name, leg.wanted.spec.kind) for leg in legs))


def _shards_named(request: Request) -> bool:
    """Whether it names single shards (`unit@3.12#2/4`): which of them there are is settled later."""
    return any("#" in name for name in (*request.select, *(request.failed or ())))


def _matches(item: str, leg: Leg, stage: str) -> bool:
    item = item.partition("#")[0]
    if item in (leg.id, leg.name, stage) or fnmatchcase(leg.id, item) or fnmatchcase(leg.name, item):
        return True
    name, at, point = item.partition("@")
    if not at or name not in ("", leg.name):
        return False
    parts = set(leg.id.partition("@")[2].split(",")) | {leg.python or "", leg.point.get(SYSTEM, "")}
    return set(point.split(",")) <= parts


def _unknown(item: str, legs: Iterable[Leg], stages: Iterable[Stage]) -> UsageError:
    from difflib import get_close_matches

    names = dict.fromkeys((*(leg.name for leg in legs), *(stage.name for stage in stages)))
    known = dict.fromkeys((*names, *groups.GROUPS, *(leg.id for leg in legs)))
    near = get_close_matches(item, known, n=1, cutoff=0.6)
    remedy = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names) or 'none'}"
    return UsageError(f"`{item}` is no job, stage, group or leg of this pipeline", remedy=remedy)


def _named(legs: Iterable[Leg], request: Request) -> frozenset[str]:
    """Legs that the request names one by one (`unit@3.9`), so that they are wanted even if they cannot run here."""
    exact = [item for item in request.select if "@" in item and "*" not in item]
    again = frozenset(name.partition("#")[0] for name in request.failed or ())
    return again | {leg.id for leg in legs if any(_matches(item, leg, "") for item in exact)}


def _present(
    legs: tuple[Leg, ...], request: Request, named: frozenset[str]
) -> tuple[tuple[Leg, ...], list[LeftOut], bool]:
    """The legs that this machine has to answer for; with what is left out, and whether that narrows the plan."""
    left_out: list[LeftOut] = []
    gone: set[str] = set()
    narrowed = False
    for leg in legs:
        if leg.missing is None or (leg.id in named and not request.available):
            continue
        if leg.optional or request.available:
            left_out.append(_left_out(leg, leg.missing))
            gone.add(leg.id)
            narrowed = narrowed or not leg.optional
    for leg, need in _unanswered(legs, gone) if gone else ():
        left_out.append(_left_out(leg, f"needs {need}, which cannot run here"))
        gone.add(leg.id)
        narrowed = True
    return tuple(leg for leg in legs if leg.id not in gone), left_out, narrowed


def _unanswered(legs: tuple[Leg, ...], gone: set[str]) -> list[tuple[Leg, str]]:
    """Legs that need a job of which no leg is left, and then those that need them."""
    found: list[tuple[Leg, str]] = []
    lost = {leg.name for leg in legs} - {leg.name for leg in legs if leg.id not in gone}
    fresh = set(lost)
    while fresh:
        newly = [
            (leg, need)
            for leg in legs
            if leg.id not in gone and leg.name not in lost
            for need in leg.wanted.spec.needs
            if need in fresh
        ]
        found += {leg.id: (leg, need) for leg, need in newly}.values()
        fresh = {leg.name for leg, _ in newly}
        lost |= fresh
    return found


def _closure(
    roots: Iterable[str], needs_of: Mapping[str, tuple[str, ...]], reasons: dict[str, tuple[str, ...]]
) -> set[str]:
    """`roots` and all they need; the reasons of what is only needed say by whom."""
    kept = dict.fromkeys(roots)
    pending = list(kept)
    while pending:
        name = pending.pop()
        for need in needs_of[name]:
            if need not in kept:
                kept[need] = None
                reasons[need] += (f"needed by {name}",)
                pending.append(need)
    return set(kept)
