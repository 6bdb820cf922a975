"""`penstock init`: write what was detected as configuration, each line with its reason. The one command that writes."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.load import file as configuration
from penstock.load import render
from penstock.model.pipeline import JobSpec
from penstock.plan.defaults import detected
from penstock.plan.wanted import Wanted, split
from penstock.scan import snapshot
from penstock.util import atomic


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--print", action="store_true", help="show it, write nothing")
    parser.add_argument(
        "--baseline",
        action="store_true",
        help="run what says `ratchet`, and accept what it finds today as the baseline",
    )
    parser.add_argument("--pythons", action="store_true", help="declare the Pythons: a missing one is then an error")


def main(options: argparse.Namespace, out: Out) -> int:
    """Append `[tool.penstock]` to pyproject.toml, or write penstock.toml where there is none."""
    surroundings = look(out, directory=options.directory)
    if options.baseline:
        from penstock.cli import baseline

        return baseline.accept(surroundings, out)
    declared = configuration.read(surroundings.root)
    if declared.source is not None:
        raise UsageError(
            f"{declared.source} has a configuration already",
            remedy="edit it there; `penstock init --print` in a copy without it shows what would be detected",
        )
    target = surroundings.root / "pyproject.toml"
    text = _starter(surroundings, pythons=options.pythons, table="tool.penstock" if target.is_file() else "")
    if options.print:
        out.say(text)
        return ExitCode.VERIFIED
    before = target.read_bytes().rstrip(b"\n") + b"\n\n" if target.is_file() else b""
    if not target.is_file():
        target = surroundings.root / "penstock.toml"
    mode = target.stat().st_mode & 0o777 if target.is_file() else 0o644
    atomic.write(target, before + text.encode(), mode=mode)
    out.say(f"wrote {target.name}: every job that runs without configuration, each with its reason")
    return ExitCode.VERIFIED


def _starter(surroundings: Surroundings, *, pythons: bool, table: str) -> str:
    facts = snapshot.take(
        surroundings.root,
        state=surroundings.state,
        processes=surroundings.processes,
        environ=surroundings.environ,
    )
    jobs = [_spec(wanted) for wanted in detected(facts.project)]
    declared = facts.project.declared_pythons if pythons else ()
    return render.starter(facts.project, declared, jobs, table=table)


def _spec(wanted: Wanted) -> JobSpec:
    """The job as it has to be declared to stay the same: which tests its suite picks is said by a declaration alone."""
    suite = wanted.suite
    if suite is None or suite.runner != "pytest" or not suite.paths:
        return wanted.spec
    return replace(wanted.spec, args=split(suite.argv)[1])
