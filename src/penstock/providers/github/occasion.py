"""What tells the workflows that run jobs from one another."""

from __future__ import annotations

from penstock.value import Value

_NOT_IN_FORKS = "github.event_name == 'workflow_dispatch' || !github.event.repository.fork"


class Occasion(Value, frozen=True, kw_only=True):
    """`name`: what its jobs are wanted for, as `--event` takes it. `verdict`: the name of its verdict's check: branch
    protection and releases ask for one by name, so each has its own. `guard`: a condition of all of it, "" for none.
    `needs`: jobs that come before the plan. `cached`: its runners keep from run to run what speeds them up.
    """

    name: str
    verdict: str
    guard: str = ""
    needs: tuple[str, ...] = ()
    cached: bool = True


CHANGE = Occasion(name="change", verdict="verdict")
# A schedule also starts in forks that have switched workflows on.
NIGHTLY = Occasion(name="nightly", verdict="nightly verdict", guard=_NOT_IN_FORKS)
# What is published depends on nothing that another run has left.
RELEASE = Occasion(name="release", verdict="release verdict", needs=("verify",), cached=False)
