"""How a check of a commit ended, as GitHub tells it: of GitHub Actions alone, since anybody's app may use a name."""

from __future__ import annotations

from penstock.errors import PublishError
from penstock.model.release import HostCheck
from penstock.providers.github.client import Api
from penstock.util import percent
from penstock.value import Value

READ = "checks: read"
_ACTIONS = "github-actions"


class _App(Value, frozen=True):
    slug: str = ""


class _Run(Value, frozen=True):
    id: int
    head_sha: str
    name: str
    status: str
    conclusion: str | None = None
    html_url: str | None = None
    app: _App | None = None


class _Page(Value, frozen=True):
    check_runs: tuple[_Run, ...] = ()


def newest(api: Api, repository: str, commit: str, name: str) -> HostCheck:
    """The newest run of the check; a run that is tried again is a newer one. What GitHub does not tell is unknown."""
    path = f"/repos/{repository}/commits/{commit}/check-runs?check_name={percent.quoted(name)}&filter=latest"
    try:
        every = [run for page in api.pages(path, _Page, need=READ) for run in page.check_runs]
    except PublishError as error:
        return HostCheck(name=name, unknown=error.message, remedy=error.remedy)
    runs = [run for run in every if _is_ours(run, commit, name)]
    if not runs:
        return HostCheck(name=name)
    last = max(runs, key=lambda run: run.id)
    ended = last.conclusion or "nothing" if last.status == "completed" else ""
    return HostCheck(name=name, conclusion=ended, count=len(runs), url=last.html_url or "")


def _is_ours(run: _Run, commit: str, name: str) -> bool:
    return run.name == name and run.head_sha == commit and run.app is not None and run.app.slug == _ACTIONS
