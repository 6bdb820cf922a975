"""The key of [tool.penstock] that would express an edit of a generated file; or why there is none.

One line a place: the first that fits is taken. `*` stands for one part of a path, `**` at the end for any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from penstock.model.hosts import GitHub
from penstock.providers.drift import Difference
from penstock.providers.github import ci, nightly, release
from penstock.providers.github.extend import name_of
from penstock.providers.yaml_places import COMMENT, Path
from penstock.value import Value

_CHECKOUT = "a checkout that keeps its credentials, or has no history, would fail or leak in every step"
_RIGHTS = "no job has a right that it does not name"
_GATE = "the one required check runs always, and needs every job of the plan: what is skipped counts as passed"
_EVENTS = "pull requests, the merge queue and runs by hand are always verified"
_GROUP = "the newest push of a pull request wins, and no commit of a branch goes without a verdict"
_ALL_LEGS = "every leg is told of, also when another has failed"
_WANTED = "what runs is planned, and what a failed job leaves waiting is not run"


class Rule(NamedTuple):
    """A place and its key: `{job}` is the plan's job (or several), `{id}` the host's, `{last}` the path's last part.
    Without a key, `why` says what it is kept for.
    """

    place: str
    key: str = ""
    why: str = ""


_OWN_JOB = (
    Rule("jobs/*/steps/**", "ci.github.jobs.{id}.steps"),
    Rule("jobs/*/timeout-minutes", "ci.github.jobs.{id}.timeout"),
    Rule("jobs/*/runs-on", "ci.github.jobs.{id}.runner"),
    Rule("jobs/*/env/**", "ci.github.jobs.{id}.environment"),
    Rule("jobs/*/*/**", "ci.github.jobs.{id}.{second}"),
    Rule("jobs/*", "ci.github.jobs.{id}"),
)
_OWN_STEP = (Rule("jobs/*/steps/**", "ci.github.before, ci.github.after"),)
_NEW = (  # a part that is not generated
    Rule("jobs/*", "ci.github.jobs.{id}"),
    Rule("jobs/*/steps/*", "ci.github.before or ci.github.after, with jobs = [{names}]"),
    Rule("runs/steps/*", "ci.github.before or ci.github.after"),
    Rule("on/schedule/**", "ci.github.triggers.schedule"),
    Rule("on/*", "ci.github.triggers.{last}"),
)
_OURS = (  # a job that every pipeline has
    Rule("jobs/*/runs-on", "ci.github.runners.{id}, or ci.github.runner for all"),
    Rule("jobs/*/permissions/**", 'ci.github.permissions, with job = "{id}" and a reason'),
    Rule("jobs/*/steps/*/with/retention-days", "ci.github.retention"),
    Rule("jobs/*/steps/*/uses", "ci.github.pins"),
    Rule("jobs/*/steps/Check out/**", "", _CHECKOUT),
    Rule("jobs/verdict/**", "", _GATE),
    Rule("jobs/**"),
)
_PLACES = (
    Rule("on/push/**", "ci.github.branches"),
    Rule("on/pull_request/**", "", _EVENTS),
    Rule("on/merge_group/**", "", _EVENTS),
    Rule("on/workflow_dispatch/**", "", _EVENTS),
    Rule("on/*/**", "ci.github.triggers"),
    Rule("permissions/**", "ci.github.permissions, by job and with a reason", _RIGHTS),
    Rule("concurrency/**", "", _GROUP),
    Rule("env/**", "ci.github.environment"),
    Rule("defaults/**", "", "every script is run by bash, and ends with its first failure"),
    Rule("jobs/*/timeout-minutes", "jobs.{job}.timeout, or ci.github.timeout for all that have none"),
    Rule("jobs/*/runs-on", "ci.github.runners.{id}, or ci.github.runner for all"),
    Rule("jobs/*/permissions/**", 'ci.github.permissions, with job = "{id}" and a reason'),
    Rule("jobs/*/needs", "jobs.{job}.needs"),
    Rule("jobs/*/if", "jobs.{job}.when, .on, .branches", _WANTED),
    Rule("jobs/*/strategy/matrix/python/**", "jobs.{job}.python"),
    Rule("jobs/*/strategy/matrix/shard/**", "jobs.{job}.shards"),
    Rule("jobs/*/strategy/matrix/system/**", "jobs.{job}.systems"),
    Rule("jobs/*/strategy/matrix/include/**", "jobs.{job}.include"),
    Rule("jobs/*/strategy/matrix/exclude/**", "jobs.{job}.exclude"),
    Rule("jobs/*/strategy/matrix/**", "jobs.{job}.matrix"),
    Rule("jobs/*/strategy/fail-fast", "", _ALL_LEGS),
    Rule("jobs/*/strategy/**", "jobs.{job}.matrix"),
    Rule("jobs/*/continue-on-error", "jobs.{job}.allow_failure, with a reason and a last day"),
    Rule("jobs/*/services/**", "jobs.{job}.services"),
    Rule("jobs/*/env/**", "jobs.{job}.environment"),
    Rule("jobs/*/steps/Check out/uses", "ci.github.pins"),
    Rule("jobs/*/steps/Check out/**", "", _CHECKOUT),
    Rule("jobs/*/steps/Run/env/**", "jobs.{job}.secrets, jobs.{job}.require"),
    Rule("jobs/*/steps/Run/with/pythons", "jobs.{job}.python"),
    Rule("jobs/*/steps/*/uses", "ci.github.pins"),
    Rule("jobs/*/steps/**"),
    Rule("jobs/*", "jobs.{job}"),
    Rule("runs/steps/Install penstock/env/REQUIREMENTS", "ci.github.penstock"),
    Rule("runs/steps/Install penstock/run", "ci.github.from_checkout"),
    Rule("runs/steps/*/with/retention-days", "ci.github.retention"),
    Rule("runs/steps/*/uses", "ci.github.pins"),
)
_OF_FILES = {  # of single workflows, before all others
    nightly.PATH: (
        Rule("on/schedule/**", "ci.github.nightly"),
        Rule("on/workflow_dispatch/**", "", "a night's run can be asked for by hand"),
    ),
    release.PATH: (
        Rule("on/push/**", "", "a release is made of a tag `v…`, and of nothing else"),
        Rule("jobs/pypi", "ci.github.release.pypi"),
        Rule("jobs/pypi/environment/**", "ci.github.release.environment"),
        Rule("jobs/pypi/steps/**", "", "what is uploaded was checked and attested, and no password can be lost"),
    ),
    ci.PATH: (Rule("jobs/codecov/**", "ci.github.codecov"),),
}
_KEPT = "none: penstock keeps this"


class Known(Value, frozen=True, kw_only=True):
    """What is generated. `jobs`: host's job -> the plan's jobs that it runs; `own`, `steps`: those of one's own, by
    name.
    """

    jobs: Mapping[str, tuple[str, ...]]
    own: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()


def known(settings: GitHub, jobs: Mapping[str, tuple[str, ...]]) -> Known:
    """`jobs`: host's job -> the plan's jobs."""
    steps = {name_of(step) for step in (*settings.before, *settings.after)}
    return Known(jobs=jobs, own=frozenset(job.name for job in settings.jobs), steps=frozenset(steps))


def key_of(file: str, one: Difference, known: Known) -> str:
    """The key, or that there is none, with what it is kept for. `file`: that the difference is in."""
    path = tuple(part for part in one.path if part != COMMENT)
    rule = next((each for each in _rules(file, one, path, known) if _fits(each.place.split("/"), path)), Rule("**"))
    if one.path[-1:] == (COMMENT,):
        return f"{_KEPT} (a comment says why)" if not rule.key.startswith("ci.github.before") else rule.key
    kept = f"{_KEPT} ({rule.why})" if rule.why else _KEPT
    if not rule.key:
        return kept
    host = path[1] if len(path) > 1 else ""
    names = known.jobs.get(host, ())
    told = rule.key.format(
        id=host,
        job=names[0] if len(names) == 1 else f"{{{','.join(names)}}}",
        names=f'"{host}"',
        second=path[2] if len(path) > 2 else "",
        last=path[-1],
    )
    return f"{told} ({rule.why})" if rule.why else told


def _rules(file: str, one: Difference, path: Path, known: Known) -> tuple[Rule, ...]:
    """The rules for a place, by whose it is."""
    new = _OF_FILES.get(file, ()) + (_NEW if not one.wanted and len(one.path) == len(path) else ())
    if path[:1] != ("jobs",) or len(path) < 2:
        return (*new, *_PLACES)
    if path[1] in known.own:
        return _OWN_JOB
    if len(path) > 3 and path[2] == "steps" and path[3] in known.steps:
        return _OWN_STEP
    return (*new, *(_PLACES if path[1] in known.jobs else _OURS))


def _fits(place: list[str], path: Path) -> bool:
    if place[-1] == "**":
        return len(path) >= len(place) - 1 and _fits(place[:-1], path[: len(place) - 1]) if place[:-1] else True
    return len(place) == len(path) and all(each in ("*", part) for each, part in zip(place, path, strict=True))
