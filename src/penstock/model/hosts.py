"""What is declared for the CI hosts: `[tool.penstock.ci]` as values."""

from __future__ import annotations

from penstock.value import Value


class GitHub(Value, frozen=True, kw_only=True):
    """How the workflows of GitHub Actions are written.

    `penstock`: where runners get penstock: a file of requirements with their hashes; "." = from the checkout, with that
    file for what it depends on. `branches`: those that pushes are verified on. `timeout_min`: of a job whose own work
    has no limit. `cores`: the processors of a runner are penstock's to use, so there is nothing to say.
    """

    runner: str = "ubuntu-24.04"
    branches: tuple[str, ...] = ("main",)
    timeout_min: int = 60
    retention_days: int = 14
    penstock: str = ".github/penstock.txt"
    from_checkout: bool = False
    uv: str = "0.13.9"
    permissions: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
