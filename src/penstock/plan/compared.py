"""Jobs that compare the tree with its base: what becomes of them where there is none."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.model.pipeline import JobKind, Mode, Pipeline
from penstock.model.snapshot import Base
from penstock.plan.wanted import Wanted

_KINDS = frozenset({JobKind.API})


def wants_base(pipeline: Pipeline) -> bool:
    """Whether anything of the pipeline compares with a base, so that git has to be asked for it."""
    return any(gate.name == "api" for gate in pipeline.gates) or any(job.kind in _KINDS for job in pipeline.jobs or ())


def wants_held(pipeline: Pipeline) -> bool:
    """Whether anything of the pipeline is held against a baseline."""
    return Mode.RATCHET in {*(gate.mode for gate in pipeline.gates), *(job.mode for job in pipeline.jobs or ())}


def settled(job: Wanted, base: Base | None) -> Wanted:
    """The job as it can be run: left out where there is nothing to compare with (no repository), blocked where there is
    a base that is not here.
    """
    if job.spec.kind not in _KINDS or (base is not None and base.commit):
        return job
    if base is not None and base.absent:
        return replace(job, absent=f"nothing to compare with: {base.absent}")
    why = base.unknown if base is not None and base.unknown else "nobody asked git for the base"
    return replace(job, blocked_by=f"nothing to compare with: {why}", remedy=base.remedy if base is not None else None)
