"""What has to hold before anything is deployed, and what the commands are given."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from penstock.cli import given as lookup
from penstock.cli import host
from penstock.cli.given import Given
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, NotVerifiedError, UsageError
from penstock.model.deployment import Deployed, State
from penstock.model.pipeline import Deployment
from penstock.model.plan import Scope
from penstock.run import variables
from penstock.run.deploying import World
from penstock.scan import git
from penstock.util.branches import any_of
from penstock.util.web import SystemWeb
from penstock.value import Value

_T = TypeVar("_T")
_REMEDY = "penstock gate --json FILE (or penstock run --json FILE) on this commit, green, and the whole pipeline"


class Ground(NamedTuple):
    """What is deployed, and the run whose verdict says that it may be."""

    commit: str
    run: str


class _Told(Value, frozen=True):
    """What of a verdict's file counts here: see `report.document`."""

    exit_code: int
    scope: str
    command: str
    commit: str | None
    run: str


def kept(state: Path, name: str) -> Path:
    """Where it is kept what became of a deployment."""
    return state / "deployments" / f"{name}.json"


def settled(surroundings: Surroundings, one: Deployment, verdict: Path) -> Ground:
    """What may be deployed. Raises UsageError for a branch that is not deployed from, NotVerifiedError where the
    evidence is missing, or is of something else.
    """
    here = git.read(surroundings.root, surroundings.processes, surroundings.environ)
    if here.commit is None:
        raise NotVerifiedError("there is no commit here to deploy", remedy="check one out")
    _check_branch(surroundings, one, here.branch or "")
    told = _read(verdict, _Told, _REMEDY)
    why = _unlike(told, here.commit, dirty=here.dirty)
    if why:
        raise NotVerifiedError(f"{one.name} is not deployed: {why}", remedy=_REMEDY)
    for name in one.after:
        _check_before(surroundings, one, name, here.commit)
    return Ground(here.commit, told.run)


def _check_branch(surroundings: Surroundings, one: Deployment, checked_out: str) -> None:
    """On a host, what the host says counts: a checkout of one commit is on no branch."""
    context = host.context(surroundings.environ)
    branch = checked_out if context.provider == "local" else context.branch
    if not any_of(one.branches)(branch):
        where = f"the branch {branch}" if branch else "a pull request, a tag, or no branch"
        named = ", ".join(one.branches)
        raise UsageError(f"{one.name} is not deployed from {where}", remedy=f"it is deployed from {named}")


def _unlike(told: _Told, commit: str, *, dirty: bool) -> str:
    """Why the verdict is none for what lies here, "" if it is."""
    if told.exit_code != ExitCode.VERIFIED:
        return f"the verdict is not green (exit code {told.exit_code})"
    if told.scope != Scope.FULL or told.command != "run":
        return "the verdict is of a part of the pipeline"
    if told.commit != commit:
        return f"the verdict is of {(told.commit or 'no commit')[:12]}, and this is {commit[:12]}"
    return "files of the checkout are changed, which no verdict knows" if dirty else ""


def _check_before(surroundings: Surroundings, one: Deployment, name: str, commit: str) -> None:
    remedy = f"penstock deploy {name}, of the same commit"
    done = _read(kept(surroundings.state, name), Deployed, remedy)
    if done.state is not State.DEPLOYED or done.commit != commit:
        what = f"{name} is {done.state.value.replace('_', ' ')}, of {done.commit[:12]}"
        raise NotVerifiedError(f"{one.name} comes after {name}: {what}", remedy=remedy)


def _read(path: Path, type_: type[_T], remedy: str) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or error
        raise NotVerifiedError(f"{path} cannot be read: {told}", remedy=remedy) from error


def given(surroundings: Surroundings, one: Deployment) -> Given:
    """Its secrets and variables. Raises NotVerifiedError where one is missing."""
    found = lookup.of(surroundings, (one,))
    for lack in found.lacking.values():
        raise NotVerifiedError(lack.why, remedy=lack.remedy)
    return found


def world(surroundings: Surroundings, one: Deployment, commit: str, found: Given) -> World:
    """The doors, and the variables of the commands: the short list, what is declared, and which deployment it is."""
    environ = surroundings.environ
    required = {name: environ[name] for name in one.require}
    own = {"PENSTOCK_DEPLOYMENT": one.name, "PENSTOCK_COMMIT": commit}
    return World(
        processes=surroundings.processes,
        web=SystemWeb(),
        clock=surroundings.clock,
        directory=str(surroundings.root),
        environment={
            **variables.passed(environ),
            **dict(one.environment),
            **required,
            **found.secrets.of_job(one),
            **own,
        },
        told=lambda name, output: _tell(surroundings, name, output),
    )


def _tell(surroundings: Surroundings, name: str, output: bytes) -> None:
    """What a command put out, without secrets and escapes, and marked with whose it is."""
    from penstock.report import sanitize

    text = surroundings.out.secrets.text(output.decode("utf-8", "backslashreplace"))
    for line in text.splitlines():
        surroundings.out.progress(f"  {name}  {sanitize.line(line)}")
