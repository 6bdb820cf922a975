"""`penstock deploy`: what a green verdict was said of, put where it is used; and taken back where that fails."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from penstock.cli import deploy_grounds, project
from penstock.cli.given import Given
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.model.deployment import Deployed, State
from penstock.model.pipeline import Deployment, Pipeline
from penstock.run import deploying
from penstock.run.deploying import Stands
from penstock.util import atomic

_VERSION = 1  # of the file; new fields may come
_CODES = {State.DEPLOYED: ExitCode.VERIFIED, State.UNCHANGED: ExitCode.NOT_VERIFIED}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("name", metavar="NAME", help="the deployment, as [tool.penstock.deploy] calls it")
    parser.add_argument(
        "--verdict",
        type=Path,
        required=True,
        metavar="FILE",
        help="the green verdict of this commit, as `penstock run --json` or `penstock gate --json` wrote it",
    )
    parser.add_argument("--dry-run", action="store_true", help="look at all that has to hold, and run nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what stands there now as JSON")


def main(options: argparse.Namespace, out: Out) -> int:
    """Look, deploy, and say what stands there now. Raises PenstockError where it may not begin."""
    surroundings = look(out, directory=options.directory)
    pipeline = project.pipeline(surroundings)
    one = _named(pipeline, options.name)
    given = deploy_grounds.given(surroundings, one)
    told = deploy_grounds.settled(surroundings, one, options.verdict)
    if options.dry_run:
        out.say(_plan(one, told.commit))
        return ExitCode.VERIFIED
    return _deploy(surroundings, one, told, given, options.json)


def _named(pipeline: Pipeline, name: str) -> Deployment:
    found = next((one for one in pipeline.deployments if one.name == name), None)
    if found is not None:
        return found
    from penstock.util.suggest import did_you_mean

    known = [one.name for one in pipeline.deployments]
    remedy = did_you_mean(name, known) or (f"there are: {', '.join(known)}" if known else "[tool.penstock.deploy.NAME]")
    raise UsageError(f"there is no deployment {name!r}", remedy=remedy)


def _deploy(
    surroundings: Surroundings,
    one: Deployment,
    told: deploy_grounds.Ground,
    given: Given,
    json: Path | None,
) -> int:
    out, clock = surroundings.out, surroundings.clock
    begun_s, wall_s = clock.monotonic_s(), clock.wall_s()

    def made(stands: Stands) -> Deployed:
        return Deployed(
            name=one.name,
            commit=told.commit,
            run=told.run,
            state=stands.state,
            why=out.secrets.text(stands.why),
            health=out.secrets.text(stands.health),
            asked=stands.asked,
            wall_s=wall_s,
            duration_s=clock.monotonic_s() - begun_s,
        )

    out.progress(f"  deploying {told.commit[:12]} to {one.name}")
    # Until it is over, nobody knows: that is what stays where penstock itself is killed.
    _keep(surroundings, made(Stands(State.UNKNOWN, "it was interrupted")), json)
    stands = deploying.deploy(one, deploy_grounds.world(surroundings, one, told.commit, given))
    done = made(stands)
    _keep(surroundings, done, json)
    _say(out, done)
    return _CODES.get(done.state, ExitCode.GATE_FAILED)


def _say(out: Out, done: Deployed) -> None:
    from penstock.report import deployment
    from penstock.report.screen import Screen

    out.say(deployment.text(done, Screen(width=out.width, color=out.color, unicode=out.unicode)))


def _keep(surroundings: Surroundings, done: Deployed, json: Path | None) -> None:
    """In the state folder, for what comes after it, and where it is asked for. That it cannot be kept is told."""
    told = {"version": _VERSION, **msgspec.to_builtins(done)}
    content = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    for path in (deploy_grounds.kept(surroundings.state, done.name), *([json] if json is not None else [])):
        try:
            atomic.write(path, content)
        except OSError as error:
            surroundings.out.complain(f"penstock: {path} could not be written: {error.strerror}")


def _plan(one: Deployment, commit: str) -> str:
    import shlex

    kind, *words = one.health
    asks = shlex.join(words) if kind == "command" else f"GET {words[0]}"
    back = shlex.join(one.rollback) if one.rollback else "none: what fails has to be mended by hand"
    lines = [
        f"{one.name} would be deployed: {commit[:12]} has a green verdict",
        f"  run       {shlex.join(one.run)}",
        f"  health    {asks}, for {one.health_timeout_s:g} s",
        f"  rollback  {back}",
    ]
    return "\n".join(lines)
