"""Whether this machine has what a job asks for: where it has not, the job is not verified before it starts."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.model.plan import Job
from penstock.util.plural import plural
from penstock.util.sizes import spoken
from penstock.value import Value


class Machine(Value, frozen=True, kw_only=True):
    """What there is. `memory_bytes`: 0 where it is not known; `gpus`: None where nobody has looked."""

    cpus: int
    memory_bytes: int = 0
    gpus: tuple[str, ...] | None = None


def fitted(job: Job, machine: Machine) -> Job:
    """The job as it can be started here: fewer processors only make it slower, less of the rest blocks it."""
    cpus = max(machine.cpus, 1)
    if job.cpus > cpus:
        reason = f"asks for {job.cpus} cpus, this machine has {machine.cpus}: it gets all of them"
        job = replace(job, cpus=cpus, reasons=(*job.reasons, reason))
    if job.blocked_by is not None:
        return job
    if machine.memory_bytes and job.memory_bytes > machine.memory_bytes:
        has = spoken(machine.memory_bytes)
        return replace(
            job,
            blocked_by=f"it asks for {spoken(job.memory_bytes)} of memory, and this machine gives {has}",
            remedy="run it on a larger machine, or lower its `memory`",
        )
    found = len(machine.gpus or ())
    if job.gpus > found:
        has = plural(found, "GPU") if found else "none"
        return replace(
            job,
            blocked_by=f"it asks for {plural(job.gpus, 'GPU')}, and this machine has {has}",
            remedy="run it where `nvidia-smi -L` lists them: a runner of its own with a GPU",
        )
    return job
