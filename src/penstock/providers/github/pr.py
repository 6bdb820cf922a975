"""The workflow `pr`: what a pull request's title, description and size are asked, also when only they are edited.

It runs no code of the project, and is cheap, so that an edited title does not start the whole pipeline again. Its one
job is a required check of its own: in the merge queue it passes, because what is queued was judged before.
"""

from __future__ import annotations

from penstock.model.hosts import GitHub, Permission
from penstock.providers.github import extend, steps
from penstock.providers.github.written import text
from penstock.providers.yaml_text import Above, Flow, Node

PATH = ".github/workflows/pr.yml"
JOB = "pr"
_COMMENT = Permission(job=JOB, permission="pull-requests", access="write", reason="label and comment")
_TYPES = ("opened", "reopened", "synchronize", "edited", "ready_for_review")
_FORKS = "A fork's token cannot write: its pull request is judged all the same, and told in the job's summary."


def files(settings: GitHub) -> dict[str, str]:
    """The workflow, by its path."""
    return {PATH: text(workflow(settings), settings)}


def workflow(settings: GitHub) -> dict[str, Node]:
    """The workflow as a table."""
    return {
        "name": "Pull request",
        "on": {"pull_request": {"types": Flow(_TYPES)}, "merge_group": None},
        "permissions": {},
        "concurrency": {
            "group": "pr-${{ github.event.pull_request.number || github.sha }}",
            "cancel-in-progress": True,
        },
        "defaults": {"run": {"shell": "bash"}},
        "jobs": {
            JOB: {
                "name": JOB,
                "runs-on": extend.runner(JOB, settings),
                "timeout-minutes": 10,
                "permissions": extend.permissions(JOB, settings, [_COMMENT]),
                "steps": [
                    steps.checkout(),
                    steps.setup(),
                    Above(
                        _FORKS,
                        {
                            "name": "Check the pull request",
                            "if": "${{ github.event_name == 'pull_request' }}",
                            "env": {"GH_TOKEN": "${{ github.token }}"},
                            "run": f"{steps.PENSTOCK} pr --publish",
                        },
                    ),
                    {
                        "name": "In the merge queue there is nothing to ask",
                        "if": "${{ github.event_name == 'merge_group' }}",
                        "run": "echo 'the pull request was judged before it came into the queue'",
                    },
                ],
            }
        },
    }
