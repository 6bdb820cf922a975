"""What a pipeline itself keeps out of a run: jobs for other occasions and branches, and what the change does not touch.

What is asked for by name is in, whatever these rules say; and so is what another job needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from penstock.model.pipeline import CHANGE, JobSpec
from penstock.model.plan import LeftOut, Rule
from penstock.plan.expand import Leg
from penstock.plan.request import Request
from penstock.util.branches import any_of
from penstock.util.globs import first_match
from penstock.util.plural import plural
from penstock.value import Value

_UNKNOWN = "what changed is not known, so its path filter is not applied"


class Filtered(Value, frozen=True, kw_only=True):
    """The legs that are wanted for themselves, what is left out by leg id, and the reasons of all."""

    wanted: tuple[Leg, ...]
    left_out: Mapping[str, LeftOut]
    reasons: Mapping[str, tuple[str, ...]]


def for_other_runs(spec: JobSpec, request: Request) -> str:
    """Why the job is for other runs than this one; "" if it is for this one."""
    if request.occasion not in spec.occasions:
        return f"only {' and '.join(spec.occasions)}"
    if spec.branches and not request.unfiltered and not any_of(spec.branches)(request.branch):
        return f"only on {', '.join(spec.branches)}"
    return ""


def in_this_run(specs: Iterable[JobSpec], request: Request) -> tuple[JobSpec, ...]:
    """Those that are not for other runs; all of them where none is left."""
    every = tuple(specs)
    return tuple(spec for spec in every if not for_other_runs(spec, request)) or every


def filtered(
    legs: Iterable[Leg], asked: Mapping[str, str] | None, request: Request, changed: tuple[str, ...] | None
) -> Filtered:
    """Apply `on`, `branches` and `when`. `asked`: leg id -> the word that asks for it."""
    paths = _Paths(request, changed)
    wanted: list[Leg] = []
    left_out: dict[str, LeftOut] = {}
    reasons: dict[str, tuple[str, ...]] = {}
    for leg in legs:
        spec = leg.wanted.spec
        item = asked.get(leg.id) if asked else None
        told: Iterable[str] = ()
        if item is not None:
            told = (f"asked for by `{item}`",)
        elif why := for_other_runs(spec, request):
            left_out[leg.id] = _left_out(leg, why, Rule.RUNS)
        elif why := paths.untouched(spec):
            left_out[leg.id] = _left_out(leg, why, Rule.PATHS)
        else:
            told = paths.told(spec)
        reasons[leg.id] = (*leg.wanted.reasons, *told)
        if leg.id not in left_out:
            wanted.append(leg)
    return Filtered(wanted=tuple(wanted), left_out=left_out, reasons=reasons)


def _left_out(leg: Leg, why: str, rule: Rule) -> LeftOut:
    suite = leg.wanted.suite
    paths = suite.paths if suite is not None else ()
    return LeftOut(id=leg.id, reason=why, declared=True, rule=rule, kind=leg.wanted.spec.kind, paths=paths)


class _Paths:
    """The path filters, held against one change."""

    def __init__(self, request: Request, changed: tuple[str, ...] | None) -> None:
        self._applied = request.occasion == CHANGE and not request.unfiltered
        self._changed = changed
        self._answers: dict[tuple[str, ...], str | None] = {}

    def untouched(self, spec: JobSpec) -> str:
        """Why the change is none of the job's business, "" if it is."""
        if not spec.when or not self._applied or self._changed is None or self._match(spec.when) is not None:
            return ""
        return f"none of {plural(len(self._changed), 'changed file')} matches {', '.join(spec.when)}"

    def told(self, spec: JobSpec) -> Iterator[str]:
        """Why the job is in, where it has a path filter."""
        if not spec.when or not self._applied:
            return
        match = self._match(spec.when)
        yield _UNKNOWN if match is None else f"{match} changed"

    def _match(self, when: tuple[str, ...]) -> str | None:
        if self._changed is None:
            return None
        if when not in self._answers:
            self._answers[when] = first_match(when, self._changed)
        return self._answers[when]
