"""What a run is for, on which branch, and what it changes: by the command line, else by the CI host, else by git."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from penstock.cli import host
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.model.pipeline import CHANGE, OCCASIONS, Pipeline
from penstock.model.snapshot import Snapshot
from penstock.plan.request import Request

_WORDS = f"{', '.join(OCCASIONS[:-1])} or {OCCASIONS[-1]}"


def argument(parser: argparse.ArgumentParser, *, otherwise: str = "") -> None:
    """The argument by which a command says what a run is for. `otherwise`: what else it may say, for the help."""
    told = f"what it is for: {_WORDS} (default: {CHANGE})"
    parser.add_argument("--event", default="", metavar="EVENT", help=f"{told}{otherwise and f'; {otherwise}'}")


def of(text: str) -> str:
    """An occasion, or "" where nothing is said. Raises UsageError for another word."""
    if text and text not in OCCASIONS:
        remedy = f"{_WORDS}; what an event of a host starts there: penstock plan --event push"
        raise UsageError(f"a run is not for `{text[:40]}`", remedy=remedy)
    return text


def settled(
    surroundings: Surroundings, pipeline: Pipeline, facts: Snapshot, request: Request
) -> tuple[Snapshot, Request]:
    """The facts with what changed, and the request with its branch, as far as some job asks for them."""
    jobs = pipeline.jobs or ()
    if not request.branch and any(job.branches for job in jobs):
        request = replace(request, branch=_branch(surroundings, facts))
    if request.changed is None and request.occasion == CHANGE and any(job.when for job in jobs):
        facts = replace(facts, changed=changed(surroundings, facts))
    return facts, request


def _branch(surroundings: Surroundings, facts: Snapshot) -> str:
    """That jobs are held against: on a host what it says, and for a fork none; else the one that is checked out."""
    told = host.context(surroundings.environ)
    return told.works_on if told.works_on or told.provider != "local" else facts.git.branch or ""


def changed(surroundings: Surroundings, facts: Snapshot) -> tuple[str, ...] | None:
    """The files that differ from the base, None where that is not known."""
    from penstock.scan import base
    from penstock.scan import changed as differing

    root, processes, environ = surroundings.root, surroundings.processes, surroundings.environ
    known = facts.base or base.of(root, processes=processes, environ=environ)
    return differing.of(root, known, processes=processes, environ=environ)
