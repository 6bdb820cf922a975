"""What the command line asked for."""

from __future__ import annotations

from penstock.model.pipeline import CHANGE
from penstock.value import Value


class Request(Value, frozen=True, kw_only=True):
    """What of the pipeline is wanted now.

    `select`: names of jobs, stages, legs (`unit@3.12`), globs (`unit@*`); () = everything. `failed`: ids that did not
    pass last time (`--failed`), None = not asked. `available`: only what this machine has the Pythons for. `fresh`:
    cached results are not taken. `pytest_args`: what stood after `--`. `changed`: files changed against the base of
    the event, None = as the snapshot knows. `exit_first`: stop at the first failure; it does not change the plan.
    `shard`: (number from 1, of how many): this shard of every test job, and nothing else; number 0 = all of so many.
    `shard_plan`: the content of a settled split, "" = none. `split_anew`: by the newest durations, whatever the tree's
    first plan has pinned. `event`: what it is for, of `pipeline.OCCASIONS`, "" = a change. `branch`: that jobs with
    `branches` are held against, "" = none. `unfiltered`: whatever the path filters and branches of jobs say, for what
    is written for all runs of an occasion. `alone`: of the whole plan only these, and nothing that they need.
    """

    select: tuple[str, ...] = ()
    failed: tuple[str, ...] | None = None
    available: bool = False
    fresh: bool = False
    pytest_args: tuple[str, ...] = ()
    event: str = ""
    branch: str = ""
    changed: tuple[str, ...] | None = None
    exit_first: bool = False
    shard: tuple[int, int] | None = None
    shard_plan: str = ""
    split_anew: bool = False
    alone: tuple[str, ...] = ()
    unfiltered: bool = False

    @property
    def occasion(self) -> str:
        """What it is for."""
        return self.event or CHANGE
