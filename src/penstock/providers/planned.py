"""What the plan of an event says of a host's runners, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.plan import Job, LeftOut
from penstock.providers.slices import Slice
from penstock.value import Value


class Planned(Value, frozen=True, kw_only=True):
    """`every`: the slices that the configuration was written for; `slices`: those that are wanted now, with `jobs` and
    what is `left_out`; `without`: job name -> why it cannot succeed in this event. Of the host's jobs that do none of
    this: `failing`, name -> why it cannot succeed, and `outputs`, name -> those that are known beforehand.
    """

    every: tuple[Slice, ...] = ()
    slices: tuple[Slice, ...] = ()
    jobs: tuple[Job, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    without: Mapping[str, str] = {}
    failing: Mapping[str, str] = {}
    outputs: Mapping[str, Mapping[str, str]] = {}

    def hindrances(self, one: Slice) -> list[str]:
        """Why a wanted slice cannot succeed."""
        return [self.without[job] for job in one.jobs if job in self.without]

    def why(self, one: Slice, written: Slice) -> str:
        """Why the jobs of a slice are planned, the same reason once; and why others of it are not."""
        by_reason: dict[tuple[str, ...], dict[str, None]] = {}
        for job in self.jobs:
            if job.name in one.jobs:
                by_reason.setdefault(_rules(job.reasons), {})[job.name] = None
        several = len(one.jobs) > 1
        told = [f"{f'{listed(jobs)}: ' * several}{'; '.join(why)}" for why, jobs in by_reason.items()]
        away = [name for name in written.jobs if name not in one.jobs]
        return "; ".join([*told, *([self.why_not(away)] if away else [])])

    def why_not(self, names: Iterable[str]) -> str:
        """Why jobs are not planned."""
        wanted = set(names)
        by_reason: dict[str, dict[str, None]] = {}
        for left in self.left_out:
            name = left.id.partition("@")[0]
            if name in wanted:
                by_reason.setdefault(left.reason, {})[name] = None
        told = "; ".join(f"without {listed(jobs)}: {why}" for why, jobs in by_reason.items())
        return told or "the plan does not want it"


def listed(names: Iterable[str]) -> str:
    """`a, b`."""
    return ", ".join(names)


def blocked(names: Iterable[str]) -> str:
    """Why a job that waits for these does not succeed."""
    return f"it waits for {listed(names)}"


def _rules(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """What decides, without where the job is declared, unless nothing else does."""
    return tuple(each for each in reasons if not each.startswith("declared")) or reasons[:1]
