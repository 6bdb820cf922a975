"""The jobs that a host's configuration is written for: those that every machine plans for an occasion."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from penstock.cli import project
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.model.pipeline import CHANGE, OCCASIONS, Pipeline
from penstock.model.plan import Job
from penstock.plan.request import Request
from penstock.providers.slices import Slice

if TYPE_CHECKING:
    from penstock.model.snapshot import Project, Snapshot


class Declared(NamedTuple):
    """What is declared and what there is: all that a host's files are made of."""

    pipeline: Pipeline
    facts: Snapshot
    drafted: dict[str, tuple[Job, ...]]  # by occasion, as far as they were asked for

    def jobs(self, occasion: str = CHANGE) -> tuple[Job, ...]:
        """As every machine plans them: without versions, and whatever is installed here."""
        if occasion not in self.drafted:
            from penstock.plan.draft import draft
            from penstock.tools import TOOLS

            made = draft(self.pipeline, self.facts, Request(event=occasion, unfiltered=True), TOOLS)
            self.drafted[occasion] = made.jobs
        return self.drafted[occasion]

    def slices(self, occasion: str = CHANGE) -> tuple[Slice, ...]:
        """The runners of an occasion."""
        from penstock.providers import slices

        counted = {job.name for job in self.pipeline.jobs or () if job.shards == 0}
        return slices.of(self.jobs(occasion), counted)

    @property
    def flags(self) -> tuple[str, ...]:
        """By which the coverage is told apart: what the tests measure, and what other jobs' own commands do."""
        jobs = self.pipeline.jobs or ()
        return tuple(dict.fromkeys(("python", *(each.flag for job in jobs for each in job.measured))))

    def every_slice(self) -> tuple[Slice, ...]:
        """The runners of all occasions; one that several have, once each."""
        return tuple(one for occasion in OCCASIONS for one in self.slices(occasion))


def declared(surroundings: Surroundings) -> Declared:
    """What the project declares. Raises UsageError where other machines could plan something else."""
    pipeline = project.pipeline(surroundings)
    tree = project.tree(surroundings, pythons=False)
    if pipeline.python is None or pipeline.jobs is None:
        raise _undeclared(pipeline, tree.project)
    return Declared(pipeline, tree, {})


def _undeclared(pipeline: Pipeline, found: Project) -> UsageError:
    what = "python" if pipeline.python is None else "jobs"
    pythons = ", ".join(f'"{version}"' for version in found.declared_pythons)
    remedy = "penstock init --pythons writes both from what is detected"
    if pipeline.source is not None:
        line = f"python = [{pythons}]" if what == "python" and pythons else f"`{what}`"
        remedy = f"write {line} into {pipeline.source}"
    return UsageError(f"`{what}` is not declared, so other machines could plan something else", remedy=remedy)
