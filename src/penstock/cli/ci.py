"""`penstock ci`: a host's configuration, written from the pipeline and held to it; the plan that its runners share."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping
from pathlib import Path

from penstock.cli import occasions, planning
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, StateError, UsageError
from penstock.load import file as configuration
from penstock.model.hosts import WHOLE_PLAN, GitHub
from penstock.model.pipeline import Pipeline
from penstock.model.plan import Job
from penstock.plan.request import Request
from penstock.providers import slices
from penstock.providers.github import ci as github
from penstock.providers.github import pr, steps
from penstock.util import atomic
from penstock.util.plural import plural

_DIFFERENCE = 20  # lines of a file that differs


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "verb",
        choices=("generate", "check", "plan"),
        help="generate: write the configuration of a host; check: is it as it would be written now? plan: on a runner, "
        "settle what all runners share",
    )
    parser.add_argument("host", nargs="?", choices=("github",), default="github", help="the host (default: github)")
    occasions.argument(parser)
    parser.add_argument("--print", action="store_true", help="of generate: to standard output, and write nothing")


def main(options: argparse.Namespace, out: Out) -> int:
    """Write, check or plan. Raises UsageError where the pipeline does not say enough."""
    surroundings = look(out, directory=options.directory)
    if options.verb == "plan":
        return _plan(surroundings, Request(event=occasions.of(options.event)))
    files = generated(surroundings)
    if options.verb == "check":
        return _check(surroundings.root, files, out)
    if options.print:
        for path, text in files.items():
            out.say(f"# --- {path}\n{text}")
        return ExitCode.VERIFIED
    changed = [path for path, text in files.items() if _read(surroundings.root / path) != text]
    for path in changed:
        _write(surroundings.root / path, files[path])
    out.say(f"wrote {', '.join(changed)}" if changed else "nothing to do: all files are as they would be written")
    return ExitCode.VERIFIED


def generated(surroundings: Surroundings) -> dict[str, str]:
    """The files of GitHub's configuration, by path. The same wherever they are made. Raises UsageError."""
    pipeline = configuration.read(surroundings.root, state=surroundings.state)
    settings = pipeline.github or GitHub()
    counted = {job.name for job in pipeline.jobs or () if job.shards == 0}
    workflow = github.files(slices.of(_jobs(surroundings, pipeline), counted), settings)
    return {**workflow, **pr.files(settings), **steps.files(settings)}


def _jobs(surroundings: Surroundings, pipeline: Pipeline) -> tuple[Job, ...]:
    """The pipeline's jobs, as every machine plans them: without versions, and whatever is installed here."""
    from penstock.plan.draft import draft
    from penstock.scan import snapshot
    from penstock.tools import TOOLS

    if pipeline.python is None or pipeline.jobs is None:
        what = "python" if pipeline.python is None else "jobs"
        remedy = "penstock init writes both from what is detected"
        raise UsageError(f"`{what}` is not declared, so other machines could plan something else", remedy=remedy)
    facts = snapshot.take(
        surroundings.root, state=surroundings.state, processes=surroundings.processes, environ=surroundings.environ
    )
    return draft(pipeline, facts, Request(unfiltered=True), TOOLS).jobs


def _plan(surroundings: Surroundings, request: Request) -> int:
    """Settle versions and splits, keep the whole plan, and say which slices run."""
    import msgspec

    planned = planning.plan(surroundings, request)
    # What this runner lacks (a Python, a secret, a GPU) says nothing of those that do the work: they say it themselves.
    jobs = tuple(msgspec.structs.replace(job, blocked_by=None, remedy=None) for job in planned.plan.jobs)
    homes = _homes(planned, request)
    whole = msgspec.structs.replace(planned.plan, jobs=jobs, homes=homes)
    _write(surroundings.state / WHOLE_PLAN, msgspec.json.encode(whole).decode())
    found = {github.job_id(one.name): one for one in slices.of(planned.plan.jobs, homes=homes)}
    matrices = {name: {"include": one.points} for name, one in found.items() if one.points}
    lines = f"slices={json.dumps(list(found))}\nmatrices={json.dumps(matrices)}\n"
    surroundings.out.say(lines.rstrip())
    if output := surroundings.environ.get("GITHUB_OUTPUT", ""):
        try:
            with Path(output).open("a", encoding="utf-8") as stream:
                stream.write(lines)
        except OSError as error:
            raise StateError(f"{output} cannot be written: {error.strerror}") from error
    return ExitCode.VERIFIED


def _homes(planned: planning.Planned, request: Request) -> dict[str, str]:
    """Of which runners the jobs are: by all jobs that the configuration is written for, whatever this change leaves
    out.
    """
    from penstock.plan.draft import draft
    from penstock.tools import TOOLS

    every = Request(event=request.event, unfiltered=True)
    return slices.homes_of(draft(planned.pipeline, planned.snapshot, every, TOOLS).jobs)


def _check(root: Path, files: Mapping[str, str], out: Out) -> int:
    """Whether the files are as they would be written; what differs, line by line."""
    differing = [path for path, text in files.items() if _read(root / path) != text]
    for path in differing:
        there = _read(root / path)
        if there is None:
            out.say(f"{path} is not there")
            continue
        told = difflib.unified_diff(there.splitlines(), files[path].splitlines(), path, "as generated", "", "", 0, "")
        lines = list(told)
        out.say("\n".join(lines[:_DIFFERENCE]))
        if len(lines) > _DIFFERENCE:
            out.say(f"… {plural(len(lines) - _DIFFERENCE, 'more line')}")
    if differing:
        out.say(f"drift in {', '.join(differing)}: change [tool.penstock], then `penstock ci generate github`")
        return ExitCode.DRIFT
    out.say(f"{plural(len(files), 'file')} as they would be written")
    return ExitCode.VERIFIED


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str) -> None:
    try:
        atomic.write(path, text.encode())
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}") from error
