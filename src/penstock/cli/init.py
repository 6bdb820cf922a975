"""`penstock init`: write what was detected as configuration, each job with its reason; a pre-commit hook, on demand.

The one command that writes into the project. It adds, and overwrites nothing: what is there already is said.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from penstock.cli import project
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ConfigurationError, ExitCode, UsageError
from penstock.load import file as configuration
from penstock.load.starter import starter
from penstock.model.pipeline import JobSpec
from penstock.plan.defaults import detected
from penstock.plan.wanted import Wanted, split
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
    parser.add_argument(
        "--pre-commit",
        action="store_true",
        help="only add a hook to .pre-commit-config.yaml that runs `penstock run quality` before each commit",
    )


def main(options: argparse.Namespace, out: Out) -> int:
    """Append `[tool.penstock]` to pyproject.toml, or write penstock.toml where there is none; or what else is asked."""
    surroundings = look(out, directory=options.directory)
    if options.baseline:
        from penstock.cli import baseline

        return baseline.accept(surroundings, out)
    if options.pre_commit:
        from penstock.cli import pre_commit

        return pre_commit.add(surroundings.root, out, show=options.print)
    declared = configuration.read(surroundings.root)
    if declared.source is not None:
        raise UsageError(
            f"{declared.source} has a configuration already",
            remedy="edit it there; `penstock init --print` in a copy without it shows what would be detected",
        )
    target = surroundings.root / configuration.PYPROJECT
    before = target.read_bytes() if target.is_file() else None
    text = _starter(surroundings, pythons=options.pythons, table="" if before is None else "tool.penstock")
    if options.print:
        out.say(text)
        return ExitCode.VERIFIED
    target = target if before is not None else surroundings.root / configuration.OWN
    _write(target, _joined(before, text), before)
    out.say(f"wrote {target.name}: every job that runs without configuration, each with its reason")
    if (surroundings.root / ".git").exists():
        out.progress("  next  penstock init --pre-commit runs lint, types and their like before each commit")
    return ExitCode.VERIFIED


def _joined(before: bytes | None, text: str) -> str:
    """The whole file: what is there stays as it is, and what is added takes its line ends."""
    if before is None:
        return text
    there = before.decode()
    end = "\r\n" if "\r\n" in there else "\n"
    gap = "" if not there else end if there.endswith("\n") else end * 2
    return there + gap + text.replace("\n", end)


def _write(target: Path, text: str, before: bytes | None) -> None:
    """Write it, if it says what it should: it is read again first."""
    own = target.name == configuration.OWN
    try:
        pipeline = configuration.declared(None if own else text, text if own else None)
    except ConfigurationError as error:
        raise UsageError(
            f"[tool.penstock] cannot stand at the end of {target.name}: {error.problems[0].message}",
            remedy="add by hand what `penstock init --print` shows",
        ) from error
    if pipeline.source is None:
        raise UsageError(
            f"{target.name} would declare nothing", remedy="add by hand what `penstock init --print` shows"
        )
    mode = target.stat().st_mode & 0o777 if before is not None else 0o644
    atomic.write(target.resolve(), text.encode(), mode=mode)


def _starter(surroundings: Surroundings, *, pythons: bool, table: str) -> str:
    facts = project.tree(surroundings)
    jobs = [spec_of(wanted) for wanted in detected(facts.project)]
    declared = facts.project.declared_pythons if pythons else ()
    return starter(facts.project, declared, jobs, table=table)


def spec_of(wanted: Wanted) -> JobSpec:
    """The job as it has to be declared to stay the same: which tests its suite picks is said by a declaration alone."""
    suite = wanted.suite
    if suite is None or suite.runner != "pytest" or not suite.paths:
        return wanted.spec
    return replace(wanted.spec, args=split(suite.argv)[1])
