"""`penstock plan --event push …`: which generated jobs an event starts on the host, and the rule that decides."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from penstock.cli import ci_files, occasions
from penstock.cli.ci_jobs import Declared, declared
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, UsageError
from penstock.model.answers import TAG, WorkflowAnswer
from penstock.model.hosts import GitHub
from penstock.model.pipeline import CHANGE, NIGHTLY, Secret
from penstock.plan.request import Request
from penstock.providers import slices
from penstock.providers.github.protection import CHECKS
from penstock.providers.happening import Happening
from penstock.providers.planned import Planned
from penstock.providers.yaml_text import Node
from penstock.providers.yaml_values import plain, table
from penstock.report import answers as report
from penstock.report.screen import Screen
from penstock.util.plural import noun, plural

VERSION = 1  # of the answer's JSON
_PLANNING = re.compile(r"\bci plan(?: --event (?P<occasion>\w+))?")
_TAG = "v1.0.0"  # where none is named
_PROPOSING = ("pull_request", "merge_group")
# What belongs to which events.
_ONLY = {"base": _PROPOSING, "tag": (TAG,), "fork": ("pull_request",)}
_NOT_ASKED = ("select", "failed", "shard", "all_shards", "alone", "available", "fresh", "out")


def tell(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Print the answer. Raises UsageError for options that do not go together, and where the pipeline is not declared
    so far that a host's configuration can be written.
    """
    _check(options)
    found = declared(surroundings)
    what = _happening(found, options)
    changed = tuple(options.changed) if options.changed is not None else _changed(surroundings, found, what)
    told = [each for host in ci_files.hosts(found.pipeline, None) for each in _HOSTS[host](found, what, changed)]
    out = surroundings.out
    if options.json:
        content = {"version": VERSION, "event": what, "changed": changed, "workflows": told}
        out.say(msgspec.json.format(msgspec.json.encode(content), indent=1).decode())
    else:
        screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
        out.say(report.text(_titled(what, changed), told, screen))
    return ExitCode.VERIFIED


def _check(options: argparse.Namespace) -> None:
    for name, events in _ONLY.items():
        if getattr(options, name) and options.event not in events:
            raise UsageError(f"--{name} is about {' and '.join(events)}, not {options.event}", remedy="leave it out")
    if any(getattr(options, name, None) for name in _NOT_ASKED) or options.pytest_args:
        raise UsageError(
            f"--event {options.event} asks for all generated jobs, and for no part of them",
            remedy="only --branch, --base, --tag, --fork, --changed and --json go with it",
        )


def _happening(found: Declared, options: argparse.Namespace) -> Happening:
    settings = found.pipeline.github or GitHub()
    default = next((name for name in settings.branches if "*" not in name), "main")
    here = found.facts.git.branch if options.event in ("push", "pull_request") else None
    return Happening(
        event=options.event,
        branch="" if options.event in (TAG, "merge_group", "schedule") else options.branch or here or default,
        base=options.base or options.branch * (options.event == "merge_group") or default,
        tag=options.tag or (_TAG if options.event == TAG else ""),
        fork=options.fork,
        default=default,
    )


def _changed(surroundings: Surroundings, found: Declared, what: Happening) -> tuple[str, ...] | None:
    """As git tells it of the tree at hand. What is pushed to the base branch is no change to it."""
    proposes = what.event in _PROPOSING or (what.event == "push" and what.branch != what.default)
    return occasions.changed(surroundings, found.facts) if proposes else None


def _on_github(found: Declared, what: Happening, changed: tuple[str, ...] | None) -> Iterator[WorkflowAnswer]:
    from penstock.providers.github.answers import answer

    for path, tree in ci_files.workflows(found).items():
        occasion = _occasion(tree)
        planned = Planned() if occasion is None else _planned(found, occasion, what, changed)
        yield answer(path, tree, what, planned, required=_required(tree), changed=changed)


def _on_circleci(found: Declared, what: Happening, changed: tuple[str, ...] | None) -> Iterator[WorkflowAnswer]:
    from penstock.providers.circleci import config
    from penstock.providers.circleci.answers import answers

    slices_of = {occasion: found.slices(occasion) for occasion in (CHANGE, NIGHTLY)}
    plans = {
        occasion: (_planned(found, occasion, what, changed), config.row(each, found.pipeline))
        for occasion, each in slices_of.items()
    }
    tree = config.config(slices_of[CHANGE], slices_of[NIGHTLY], found.pipeline)
    yield from answers(config.PATH, tree, what, plans)


_HOSTS: Mapping[str, Callable[[Declared, Happening, tuple[str, ...] | None], Iterator[WorkflowAnswer]]] = {
    "github": _on_github,
    "circleci": _on_circleci,
}


def _required(tree: Mapping[str, Node]) -> frozenset[str]:
    """The jobs whose checks a change waits for: a check is called as its job."""
    jobs = table(plain(tree.get("jobs")))
    return frozenset(name for name, job in jobs.items() if table(job).get("name") in CHECKS)


def _occasion(tree: Mapping[str, Node]) -> str | None:
    """What the workflow's own plan is for; None if it plans nothing."""
    match = _PLANNING.search(repr(plain(tree.get("jobs"))))
    return None if match is None else match["occasion"] or CHANGE


def _planned(found: Declared, occasion: str, what: Happening, changed: tuple[str, ...] | None) -> Planned:
    """The plan of this event, as every machine drafts it."""
    from penstock.plan.draft import draft
    from penstock.tools import TOOLS

    request = Request(event=occasion, branch=what.works_on, changed=changed)
    drafted = draft(found.pipeline, found.facts, request, TOOLS)
    without = {job.name: _withheld(job.secrets) for job in drafted.jobs if what.fork}
    outputs, failing = _of_tag(what.tag) if what.event == TAG else ({}, {})
    return Planned(
        every=found.slices(occasion),
        slices=slices.of(drafted.jobs, homes=slices.homes_of(found.jobs(occasion))),
        jobs=drafted.jobs,
        left_out=drafted.left_out,
        without={job: why for job, why in without.items() if why},
        failing=failing,
        outputs=outputs,
    )


def _of_tag(tag: str) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    """What the job says that looks at a tag: its outputs, or why it cannot succeed."""
    from penstock.providers.github.occasion import RELEASE
    from penstock.scan.tags import version_of

    version = version_of(tag)
    (verify,) = RELEASE.needs
    if version is None:
        return {}, {verify: f"{tag} is no version"}
    return {verify: {"prerelease": str(version.is_prerelease).lower()}}, {}


def _withheld(secrets: tuple[Secret, ...]) -> str:
    """Why a job cannot succeed where no secret is given; one that may come from a file may be there."""
    names = [secret.name for secret in secrets if secret.required and not secret.file]
    return f"a fork is not given the {noun(len(names), 'secret')} {', '.join(names)}" if names else ""


def _titled(what: Happening, changed: tuple[str, ...] | None) -> str:
    whose = "of a fork" if what.fork else f"of {what.branch}"
    words = {
        "push": f"a push to {what.branch}",
        "pull_request": f"a pull request {whose} into {what.base}",
        "merge_group": f"the merge queue of {what.base}",
        "schedule": f"the schedule, on {what.default}",
        "workflow_dispatch": f"a run by hand on {what.branch}",
        TAG: f"the tag {what.tag}",
    }
    if what.event not in ("push", *_PROPOSING):
        return words[what.event]
    known = "what changed is not known" if changed is None else plural(len(changed), "changed file")
    return f"{words[what.event]}, {known}"
