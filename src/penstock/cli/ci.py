"""`penstock ci`: a host's configuration, written from the pipeline and held to it; the plan that its runners share."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import NamedTuple

from penstock.cli import ci_files, occasions
from penstock.cli.out import Out
from penstock.cli.surroundings import look


class Verb(NamedTuple):
    """One thing to do. `module` has `main(surroundings, options) -> int`."""

    module: str
    help: str


VERBS = {
    "generate": Verb("penstock.cli.ci_generate", "write the configuration of a host"),
    "check": Verb("penstock.cli.ci_check", "is it as it would be written now?"),
    "protect": Verb("penstock.cli.ci_protect", "the protection of the branches that belongs to it"),
    "plan": Verb("penstock.cli.ci_plan", "on a runner, settle what all runners share"),
    "jobs": Verb("penstock.cli.ci_container", "on a runner of CircleCI, what of the plan it does"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    told = "; ".join(f"{name}: {verb.help}" for name, verb in VERBS.items())
    parser.add_argument("verb", choices=tuple(VERBS), help=told)
    hosts = tuple(ci_files.HOSTS)
    parser.add_argument(
        "host", nargs="?", choices=hosts, help="the host (default: those of [tool.penstock.ci], or github)"
    )
    occasions.argument(parser)
    parser.add_argument("--print", action="store_true", help="of generate: to standard output, and write nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="of check, protect: write what is found as JSON")
    parser.add_argument("--apply", action="store_true", help="of protect: do it, with GH_TOKEN or GITHUB_TOKEN")
    parser.add_argument(
        "--repository", metavar="OWNER/NAME", help="of protect: the repository, if not GITHUB_REPOSITORY"
    )
    parser.add_argument(
        "--owner", metavar="@WHO", default="@OWNER", help="of protect: who has to approve changes of CI, for CODEOWNERS"
    )
    parser.add_argument("--plan", type=Path, metavar="FILE", help="of jobs: the whole plan, as `ci plan` left it")
    parser.add_argument("--of", default="", metavar="JOBS", help="of jobs: what this runner is there for")


def main(options: argparse.Namespace, out: Out) -> int:
    """Do what the verb says. Raises UsageError where the pipeline does not say enough."""
    surroundings = look(out, directory=options.directory)
    return int(importlib.import_module(VERBS[options.verb].module).main(surroundings, options))
