"""`penstock ci protect`: the protection of the branches that the generated workflows verify, shown or applied."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from penstock.cli import ci_files, project
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, UsageError
from penstock.model.hosts import GitHub

_SAYS = """\
ruleset `{name}` for {branches}. What is merged has
  {checks} green, as GitHub Actions itself reports them, on a branch that is up to date
  the approval of a code owner who did not push last; a push takes it back
  every conversation resolved, and a linear history
Nobody passes it by, administrators neither; the branches are not rewritten, and not deleted.
"""
_HOW = """\
Apply it:
  penstock ci protect --apply --repository {repository}
or by hand:
  gh api --method POST repos/{repository}/rulesets --input - <<'JSON'
{body}
JSON
"""


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Show it, or apply it. Raises UsageError, and PublishError where GitHub does not take it."""
    from penstock.providers.github import protection

    if options.host not in (None, "github"):
        raise UsageError(f"a branch is protected on GitHub, not on {options.host}", remedy="penstock ci protect github")
    pipeline = project.pipeline(surroundings)
    settings = pipeline.github or GitHub()
    wanted = protection.ruleset(settings.branches)
    lines = protection.owners(pipeline.source or "pyproject.toml", options.owner)
    told = {"version": 1, "ruleset": wanted, "codeowners": lines}
    if options.json is not None:
        ci_files.write_json(options.json, told, surroundings.out)
    if options.apply:
        _apply(surroundings, options, wanted)
    else:
        _show(surroundings, options, wanted, settings)
    for line in _owners(surroundings.root, lines):
        surroundings.out.say(line)
    return ExitCode.VERIFIED


def _show(surroundings: Surroundings, options: argparse.Namespace, wanted: dict[str, Any], settings: GitHub) -> None:
    from penstock.providers.github import protection

    checks = " and ".join(f"`{name}`" for name in protection.CHECKS)
    branches = ", ".join(dict.fromkeys(("the default branch", *settings.branches)))
    surroundings.out.say(_SAYS.format(name=wanted["name"], branches=branches, checks=checks))
    repository = options.repository or "OWNER/NAME"
    surroundings.out.say(_HOW.format(repository=repository, body=json.dumps(wanted, indent=2)))


def _apply(surroundings: Surroundings, options: argparse.Namespace, wanted: dict[str, Any]) -> None:
    from penstock.cli import interface
    from penstock.providers.github import protection

    reached = interface.of(surroundings, options)
    interface.need_token(reached, "protect the branches with")
    done = protection.apply(interface.api(surroundings, reached), reached.repository, wanted)
    surroundings.out.say(f"ruleset `{wanted['name']}` of {reached.repository}: {done}")


def _owners(root: Path, lines: tuple[str, ...]) -> Iterator[str]:
    """Whether CODEOWNERS names somebody for what the checks are made of; the lines that it lacks."""
    from penstock.providers.github.protection import OWNERS, PLACES, owned

    found = next(((place, text) for place in PLACES if (text := ci_files.read(root / place)) is not None), None)
    place, text = found or (OWNERS, "")
    lacking = [line for line in lines if not owned(text, line.split()[0])]
    if not lacking:
        yield f"{place} names owners for {' and '.join(line.split()[0] for line in lines)}"
        return
    yield f"A pull request can edit what judges it: put into {place}, and name who has to approve that:"
    yield from (f"  {line}" for line in lacking)
