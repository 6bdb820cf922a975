"""The merged coverage, uploaded to Codecov by a job of its own: what becomes of it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.model.hosts import Codecov
from penstock.providers import pins
from penstock.providers.github import steps
from penstock.providers.github.steps import Step
from penstock.providers.yaml_text import Node

_FOLDER = "coverage-of-all"
# A fork's run has no identity to show; Codecov takes what comes from one without.
_OIDC = "${{ !github.event.pull_request.head.repo.fork }}"


def steps_of(settings: Codecov, flags: Sequence[str]) -> Iterator[Step]:
    """Write it, and upload it. `flags`: of all that is measured."""
    for flag in flags if settings.flags else ("",):
        file = f"{_FOLDER}/{flag or 'all'}.xml"
        alone = f" --flag {flag}" if flag else ""
        yield {
            "name": f"Write the coverage{f' of {flag}' if flag else ''}",
            "run": f"{steps.PENSTOCK} report --cobertura {file}{alone} {steps.GIVEN}",
        }
        yield {
            "name": f"Upload the coverage{f' of {flag}' if flag else ''}",
            "uses": pins.CODECOV.uses,
            "with": _with(settings, file, flag),
        }


def _with(settings: Codecov, file: str, flag: str) -> dict[str, Node]:
    whose: Node = f"${{{{ secrets.{settings.token} }}}}" if settings.token else _OIDC
    return {
        "files": file,
        **({"flags": flag} if flag else {}),
        "disable_search": True,
        "fail_ci_if_error": False,
        "token" if settings.token else "use_oidc": whose,
    }
