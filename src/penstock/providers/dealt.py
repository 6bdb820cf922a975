"""What of a plan one of several equal containers does, on a host whose containers know only their number.

The configuration says how many there are; the plan says how many shards. Where these differ, a container does several
shards, or none: it is never the configuration's number that decides what is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.model.plan import Job

SHARDS = "#*"  # at the end of what is asked for: all shards of that leg


def dealt(jobs: Sequence[Job], asked: Iterable[str], *, index: int, count: int) -> list[str]:
    """What `penstock run --alone` is to be given, none if the plan leaves all of it out.

    `asked`: names of jobs, legs (`unit@3.12`), and legs with `#*`, whose shards are dealt out over `count` containers;
    `index`: the number of this one, from 0. What has no shards is done by the first.
    """
    found: list[str] = []
    for name in asked:
        leg = name.removesuffix(SHARDS)
        if leg != name and (shards := [job for job in jobs if job.whole == leg and job.shard is not None]):
            found += [job.id for job in shards if job.shard is not None and (job.shard.index - 1) % count == index]
        elif index == 0 and any(leg in (job.name, job.whole, job.id) for job in jobs):
            found.append(leg)
    return found
