"""The workflow `nightly`: all that is wanted at night, and one issue that stands open until it is green.

It runs on the default branch, whatever changed. The issue is told by a job of its own, which alone may write, and which
also tells of a verdict that could not be made.
"""

from __future__ import annotations

from collections.abc import Sequence

from penstock.model.hosts import HOST_JOBS, GitHub
from penstock.providers.github import ci, steps
from penstock.providers.github.ci import Whose
from penstock.providers.github.occasion import NIGHTLY
from penstock.providers.github.written import text
from penstock.providers.slices import Slice
from penstock.providers.yaml_text import Above, Flow, Node, Noted

PATH = ".github/workflows/nightly.yml"
_HOUR = "02:00"  # UTC, where the configuration names none
_ON_DEFAULT = "github.event_name == 'schedule' || github.ref_name == github.event.repository.default_branch"
_CONCURRENCY = "One at a time: two would tell of one issue."
_ISSUE = "Opened when the run is not green, brought up to date while it stays so, closed when it is green again."


def files(slices: Sequence[Slice], settings: GitHub) -> dict[str, str]:
    """The workflow, by its path."""
    return {PATH: text(workflow(slices, settings), settings)}


def workflow(slices: Sequence[Slice], settings: GitHub) -> dict[str, Node]:
    """The workflow as a table."""
    jobs = ci.jobs(slices, settings, NIGHTLY)
    jobs["issue"] = Above(_ISSUE, _issue(list(jobs), settings))
    hour, minute = map(int, (settings.nightly or _HOUR).split(":"))
    on: dict[str, Node] = {"schedule": [{"cron": Noted(f"{minute} {hour} * * *", "UTC")}], "workflow_dispatch": None}
    concurrency = Above(_CONCURRENCY, {"group": "nightly-${{ github.ref }}", "cancel-in-progress": False})
    return ci.frame("Nightly", on, concurrency, jobs, settings)


def _issue(needs: Sequence[str], settings: GitHub) -> Node:
    permissions: dict[str, Node] = {**steps.READS, "issues": Noted("write", "the one issue")}
    condition = f"${{{{ !cancelled() && ({NIGHTLY.guard}) && ({_ON_DEFAULT}) }}}}"
    return {
        **ci.job("issue", settings, 15, Whose(rights=permissions), needs=Flow(needs), **{"if": condition}),
        "steps": [
            steps.checkout(),
            steps.setup(),
            *steps.evidence(),
            {
                "name": "Open, update or close the issue",
                "if": "${{ !cancelled() }}",
                "env": {"GH_TOKEN": "${{ github.token }}", HOST_JOBS: "${{ toJSON(needs) }}"},
                "run": f"{steps.PENSTOCK} report --issue {steps.GIVEN}",
            },
        ],
    }
