"""Jobs that need a container engine: what becomes of them where none answers."""

from __future__ import annotations

from penstock.model.pipeline import JobKind, JobSpec, Pipeline
from penstock.model.snapshot import Engine

_KINDS = frozenset({JobKind.IMAGE})
_REMEDY = "install Docker or Podman and start it: `docker info` or `podman info` has to end with 0 within 5 s"


def wants_engine(pipeline: Pipeline) -> bool:
    """Whether anything of the pipeline needs a container engine, so that one has to be looked for."""
    return any(job.kind in _KINDS for job in pipeline.jobs or ())


def lacking(spec: JobSpec, engine: Engine | None) -> tuple[str | None, str | None]:
    """Why the job cannot run for want of an engine, with the remedy; (None, None) if it can."""
    if spec.kind not in _KINDS or (engine is not None and engine.program):
        return None, None
    deaf = f" ({engine.deaf})" if engine is not None and engine.deaf else ""
    return f"no container engine answers here{deaf}", _REMEDY
