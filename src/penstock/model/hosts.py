"""What is declared for the CI hosts: `[tool.penstock.ci]` as values."""

from __future__ import annotations

from penstock.value import Value

HOST_JOBS = "PENSTOCK_HOST_JOBS"  # the variable by which GitHub tells the verdict how its jobs ended: toJSON(needs)
WHOLE_PLAN = "whole-plan.json"  # in the state folder: what the evidence of all runners is held against


class GitHub(Value, frozen=True, kw_only=True):
    """How the workflows of GitHub Actions are written.

    `timeout_s`: of a runner whose jobs have no limit of their own. `penstock`: the file of requirements, with hashes,
    by which runners get penstock; `from_checkout`: only what it depends on, and itself from the tree.
    """

    runner: str = "ubuntu-24.04"
    branches: tuple[str, ...] = ("main",)
    timeout_s: float = 3600.0
    retention_days: int = 14
    penstock: str = ".github/penstock.txt"
    from_checkout: bool = False
    environment: tuple[tuple[str, str], ...] = ()
