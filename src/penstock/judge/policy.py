"""What a change makes easier for itself: gates that ask for less, jobs that are gone, failures that are permitted.

The policy of the base decides what is right; a change that weakens it says why (`Policy: WHY`, in a commit's or the
pull request's description), or is refused (TRUST.md §5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from penstock.judge import policy_of_jobs
from penstock.model.pipeline import SPECIAL, CheckSpec, Ignored, JobKind, JobSpec, Mode, Pipeline
from penstock.model.scales import GRADES, SEVERITIES, VULNERABILITIES

_STRICTNESS = {Mode.ERROR: 2, Mode.RATCHET: 1, Mode.WARN: 0}
_PARTS = {"error": 2, "warn": 1, "off": 0}
# Limits that ask for less where they are higher; of all others, where they are lower.
_FALLING = frozenset({"max_lines", "size_xs", "size_s", "size_m", "size_l"})


def weakened(base: Pipeline, now: Pipeline) -> tuple[str, ...]:
    """In words, each thing that `now` asks less for than `base`; in the order of the base's configuration."""
    return (
        *_gates(base, now),
        *_stages(base, now),
        *_jobs(base, now),
        *policy_of_jobs.environment(dict(base.environment), dict(now.environment)),
        *_pythons(base, now),
        *_quarantine(base, now),
    )


def _gates(base: Pipeline, now: Pipeline) -> Iterator[str]:
    there = {gate.name: gate for gate in now.gates}
    for before in base.gates:
        after = there.get(before.name)
        if after is None:
            yield f"the gate {before.name} is gone"
            continue
        if _STRICTNESS[after.mode] < _STRICTNESS[before.mode]:
            yield f"gates.{before.name}.mode: {before.mode} became {after.mode}"
        yield from _limits(before, after)
        yield from _options(before, after)
        yield from _lists(before, after)
        yield from _permissions(before, after)


def _limits(before: CheckSpec, after: CheckSpec) -> Iterator[str]:
    now = dict(after.limits)
    for name, old in before.limits:
        new = now.get(name)
        if new is None:
            if name not in dict(after.options) and name not in _FALLING:
                yield f"gates.{before.name}.{name}: {old:g} is gone"
        elif (new > old) if name in _FALLING else (new < old):
            yield f"gates.{before.name}.{name}: {old:g} became {new:g}"


def _options(before: CheckSpec, after: CheckSpec) -> Iterator[str]:
    now = dict(after.options)
    for name, old in before.options:
        ranks = _ranks(before.name, name)
        new = now.get(name, "")
        if name == "min" and old and not new and name not in dict(after.limits):
            yield f"gates.{before.name}.{name}: {old} is gone"
        if old in ranks and new in ranks and ranks[new] < ranks[old]:
            yield f"gates.{before.name}.{name}: {old} became {new}"


def _lists(before: CheckSpec, after: CheckSpec) -> Iterator[str]:
    """Lists that a gate goes by: more that is allowed, and less that is denied or critical, asks for less."""
    was, now = dict(before.options), dict(after.options)
    for name, weaker in _WEAKER.get(before.name, {}).items():
        old, new = _words(was.get(name, "")), _words(now.get(name, ""))
        if weaker(old, new):
            yield f"gates.{before.name}.{name}: {_said(old)} became {_said(new)}"


# By gate and option. Without `allow` all is allowed; without `critical` everything is critical.
_WEAKER: Mapping[str, Mapping[str, Callable[[set[str], set[str]], bool]]] = {
    "api": {"critical": lambda old, new: bool(new) and (not old or not old <= new)},
    "licenses": {
        "allow": lambda old, new: bool(old) and (not new or not new <= old),
        "deny": lambda old, new: not old <= new,
    },
}


def _words(text: str) -> set[str]:
    return set(filter(None, text.split(",")))


def _said(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "nothing named"


def _ranks(gate: str, option: str) -> Mapping[str, int]:
    """The values of an option by how much they ask for; none where they are no question of more or less."""
    if gate == "complexity" and option == "max":
        return {grade.lower(): -place for place, grade in enumerate(GRADES)}
    if gate == "security" and option == "severity":
        return {severity: -place for place, severity in enumerate(SEVERITIES)}
    if gate == "audit" and option == "severity":
        return {severity: -place for place, severity in enumerate(VULNERABILITIES)}
    if gate == "coverage" and option == "branch":
        return {"true": 1, "false": 0}
    parts = gate in {"pull_request", "package"} or (gate == "tests" and option == "uncollected")
    return _PARTS if parts else {}


def _permissions(before: CheckSpec, after: CheckSpec) -> Iterator[str]:
    known = {_permission(entry) for entry in before.ignored}
    for entry in after.ignored:
        if _permission(entry) not in known:
            yield f"gates.{after.name}.ignore: {entry.id} is permitted until {entry.until}"


def _permission(entry: Ignored) -> tuple[str, str, tuple[str, ...]]:
    return entry.id, entry.until, entry.paths


def _jobs(base: Pipeline, now: Pipeline) -> Iterator[str]:
    if base.jobs is None:  # what was detected before is no promise
        return
    there = {job.name: job for job in now.jobs or ()}
    names = {job.name for job in base.jobs}
    renamed = [_unnamed(job) for job in now.jobs or () if job.name not in names]
    for before in base.jobs:
        after = there.get(before.name)
        if after is not None:
            yield from _job(before, after)
            yield from policy_of_jobs.narrowed(before, after)
            yield from _measured(before, after)
            yield from _looser(before, after) if before.kind in SPECIAL else ()
        elif _unnamed(before) not in renamed:
            yield f"the job {before.name} is gone"


def _unnamed(job: JobSpec) -> JobSpec:
    """All that it asks, under whatever name."""
    return replace(job, name="", place=None, stage=None)


def _measured(before: JobSpec, after: JobSpec) -> Iterator[str]:
    """Limits of the job's own measures that are gone, or further away."""
    now = {limit.key: limit for limit in after.limits}
    for old in before.limits:
        new = now.get(old.key)
        if new is None:
            yield f"jobs.{before.name}.{old.key}: the limit is gone"
            continue
        if new.advises and not old.advises:
            yield f"jobs.{before.name}.{old.key}: it only advises"
        for was, to, further in ((old.most, new.most, 1), (old.least, new.least, -1)):
            if was is not None and to is not None and further * (to - was) > 0:
                yield f"jobs.{before.name}.{old.key}: {was:g} became {to:g}"


# Options of special kinds: of what stands in these lists less is asked, of what stands in those more; and what may be
# switched off, with what it is where nothing is said.
_LESS = ("exclude", "plain", "not_run", "needs")
_MORE = ("paths", "arguments")
_SWITCHES: Mapping[str, object] = {"help": "--help", "unknown": True, "health": ""}


def _looser(before: JobSpec, after: JobSpec) -> Iterator[str]:
    """What the table of a special kind asks less for."""
    name = f"jobs.{before.name}.{before.kind.value}"
    for key in _LESS:
        for entry in sorted(_entries(after, key) - _entries(before, key)):
            yield f"{name}.{key}: also {entry}"
    for key in _MORE if before.kind is not JobKind.IMAGE else ():
        for entry in sorted(_entries(before, key) - _entries(after, key)):
            yield f"{name}.{key}: without {entry}"
    was, now = dict(before.options), dict(after.options)
    for key, usual in _SWITCHES.items():
        if was.get(key, usual) and not now.get(key, usual):
            yield f"{name}.{key}: it is no longer asked"


def _entries(spec: JobSpec, key: str) -> set[str]:
    return {*spec.option_words(key), *(pattern for pattern, _ in spec.option_pairs(key))}


def _job(before: JobSpec, after: JobSpec) -> Iterator[str]:
    name = f"jobs.{before.name}"
    if _STRICTNESS[after.mode] < _STRICTNESS[before.mode]:
        yield f"{name}.mode: {before.mode} became {after.mode}"
    if after.tolerance is not None and after.tolerance != before.tolerance:
        yield f"{name}.allow_failure: it may fail until {after.tolerance.until}"
    for key, old, new in (("marker", before.marker, after.marker), ("keyword", before.keyword, after.keyword)):
        if new is not None and new != old:
            yield f"{name}.{key}: only tests that fit `{new}` run"
    if after.database != before.database:
        yield f"{name}.database: {before.database or 'the default'} became {after.database or 'the default'}"


def _stages(base: Pipeline, now: Pipeline) -> Iterator[str]:
    there = {stage.name: stage.budget_s for stage in now.stages}
    for stage in base.stages:
        new = there.get(stage.name)
        if stage.budget_s is not None and (new is None or new > stage.budget_s):
            yield f"stages.{stage.name}: {stage.budget_s:g} s became {'no limit' if new is None else f'{new:g} s'}"


def _pythons(base: Pipeline, now: Pipeline) -> Iterator[str]:
    if base.python is None or "*" in (now.python or ()):
        return
    gone = [python for python in base.python if python not in (now.python or ())]
    if gone:
        yield f"python: without {', '.join(gone)}"


def _quarantine(base: Pipeline, now: Pipeline) -> Iterator[str]:
    known = {(entry.test, entry.until) for entry in base.quarantine}
    for entry in now.quarantine:
        if (entry.test, entry.until) not in known:
            yield f"quarantine: {entry.test} may fail until {entry.until}"
