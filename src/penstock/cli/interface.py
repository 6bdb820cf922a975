"""GitHub's interface, for commands that ask it or tell it something: its address, the repository, the token."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NamedTuple

from penstock.cli import host
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.model.run_context import RunContext

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.ports import Web
    from penstock.providers.github.client import Api
    from penstock.util.web import Request


class Interface(NamedTuple):
    """Where it is, what is known of the run, and what to ask with. `token`: "" where there is none."""

    context: RunContext
    repository: str
    base: str
    token: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """The argument by which commands say which repository is meant."""
    parser.add_argument("--repository", metavar="OWNER/NAME", help="its repository, if not GITHUB_REPOSITORY")


def of(surroundings: Surroundings, options: argparse.Namespace, *, event: Path | None = None) -> Interface:
    """The interface. Raises UsageError for a repository or an address that is none, or is not named."""
    from penstock.providers.github.client import checked, token_of
    from penstock.providers.github.context import API

    context = host.context(surroundings.environ, event)
    repository = options.repository or context.repository or surroundings.environ.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository) or ".." in repository:
        raise UsageError("it is not known which repository to publish to", remedy="--repository OWNER/NAME")
    token = token_of(surroundings.environ)
    base = checked(context.api or surroundings.environ.get("GITHUB_API_URL") or API)
    return Interface(context, repository, base, token)


def need_token(interface: Interface, what: str = "publish with") -> None:
    """Raises UsageError where there is none."""
    if not interface.token:
        raise UsageError(
            f"there is no token to {what}",
            remedy="env: { GITHUB_TOKEN: ${{ github.token }} } on GitHub Actions, GH_TOKEN=$(gh auth token) elsewhere",
        )


def api(surroundings: Surroundings, interface: Interface, web: Web | None = None) -> Api:
    """What asks it. `web`: in place of the network."""
    from penstock.providers.github.client import Api
    from penstock.util.web import SystemWeb

    return Api(web or SystemWeb(), surroundings.clock, base=interface.base, token=interface.token)


def shown(request: Request) -> str:
    """A request that a rehearsal did not send."""
    import json

    from penstock.report import sanitize

    body = json.dumps(json.loads(request.body), indent=2, ensure_ascii=False) if request.body else ""
    return sanitize.text(f"would send  {request.method} {request.url}\n{body}".rstrip())


def project(surroundings: Surroundings) -> str:
    """The project's folder in its repository; "" for the top."""
    from penstock.scan import git

    top = git.top_of(surroundings.root)
    inside = "" if top is None else surroundings.root.relative_to(top).as_posix()
    return "" if inside == "." else inside
