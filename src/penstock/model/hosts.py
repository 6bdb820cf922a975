"""What is declared for the CI hosts: `[tool.penstock.ci]` as values."""

from __future__ import annotations

from penstock.value import Value

HOST_JOBS = "PENSTOCK_HOST_JOBS"  # the variable by which GitHub tells the verdict how its jobs ended: toJSON(needs)
HOST_REQUIRED = "PENSTOCK_HOST_REQUIRED"  # and by which it tells which of them no plan knows and have to succeed
WHOLE_PLAN = "whole-plan.json"  # in the state folder: what the evidence of all runners is held against
SYSTEM = "system"  # the axis of a job's matrix that names the operating system of the machine
Labels = tuple[str, ...]  # of one runner: it has them all


class Permission(Value, frozen=True, kw_only=True):
    """A right of the token in one generated job, beside that to read the code. `access`: "read" or "write"."""

    job: str
    permission: str
    access: str
    reason: str


class Step(Value, frozen=True, kw_only=True):
    """A step of one's own: a script, or an action at one commit. `given`: the action's inputs; `jobs`: the generated
    jobs that have it, () = all that do work; `on`: the occasions on which they do, () = all; `version`: what people
    call the commit.
    """

    run: str = ""
    uses: str = ""
    version: str = ""
    name: str = ""
    given: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    condition: str = ""
    jobs: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


class ExtraJob(Value, frozen=True, kw_only=True):
    """A job that no plan knows. `required`: the verdict waits for it, and only its success will do."""

    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    runner: Labels = ()
    timeout_s: float | None = None
    required: bool = True
    condition: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    permissions: tuple[Permission, ...] = ()  # their `job` is this one


class Raised(Value, frozen=True, kw_only=True):
    """An action at another commit than the table has."""

    action: str
    version: str
    commit: str


class Release(Value, frozen=True, kw_only=True):
    """How a release is made. `pypi`: whether it is uploaded there; `environment`: the host's one that guards that."""

    pypi: bool = True
    environment: str = "pypi"


class Codecov(Value, frozen=True, kw_only=True):
    """How coverage is uploaded. `flags`: each flag apart. `token`: the secret that holds a token, "" = by identity."""

    flags: bool = False
    token: str = ""


class GitHub(Value, frozen=True, kw_only=True):
    """How the workflows of GitHub Actions are written.

    `timeout_s`: of a runner whose jobs have no limit of their own. `penstock`: the file of requirements, with hashes,
    by which runners get penstock; `from_checkout`: only what it depends on, and itself from the tree. `runners`,
    `systems`: generated job, operating system -> labels. `triggers`: further event -> its crons, types or patterns.
    `nightly`: when the nightly workflow starts ("02:00", UTC), "" = nobody said. `release`, `codecov`: None = no such.
    """

    runner: str = "ubuntu-24.04"
    branches: tuple[str, ...] = ("main",)
    timeout_s: float = 3600.0
    retention_days: int = 14
    penstock: str = ".github/penstock.txt"
    from_checkout: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    runners: tuple[tuple[str, Labels], ...] = ()
    systems: tuple[tuple[str, Labels], ...] = ()
    permissions: tuple[Permission, ...] = ()
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    jobs: tuple[ExtraJob, ...] = ()
    triggers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pins: tuple[Raised, ...] = ()
    nightly: str = ""
    release: Release | None = None
    codecov: Codecov | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """The jobs that no plan knows and whose success the verdict asks for."""
        return tuple(job.name for job in self.jobs if job.required)
