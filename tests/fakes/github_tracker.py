"""GitHub's issues and the checks of its commits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from penstock.util.web import Answer, Request
from tests.fakes.github_forms import answered, label, refused, user

if TYPE_CHECKING:
    from tests.fakes.github import GitHub

_WHEN = "2026-11-20T10:00:00Z"
_API = "https://api.github.com/repos/acme/pool"


class Tracker:
    """`issues`: all of them, the oldest first; `said`: number of an issue -> its comments; `checks`: runs of checks."""

    def __init__(self, github: GitHub) -> None:
        self.issues: list[dict[str, Any]] = []
        self.said: dict[int, list[str]] = {}
        self.checks: list[dict[str, Any]] = []
        self.switched_off = False
        self._github = github

    def issue(self, title: str, body: str, labels: list[str], login: str, type_: str = "Bot") -> dict[str, Any]:
        """Somebody opens one."""
        number = 20 + len(self.issues)
        made = {
            "id": 5000 + number,
            "node_id": "I_1",
            "number": number,
            "title": title,
            "body": body,
            "labels": [label(name) for name in labels],
            "user": user(login, type_),
            "state": "open",
            "state_reason": None,
            "locked": False,
            "assignee": None,
            "milestone": None,
            "comments": 0,
            "url": f"{_API}/issues/{number}",
            "repository_url": _API,
            "labels_url": f"{_API}/issues/{number}/labels{{/name}}",
            "comments_url": f"{_API}/issues/{number}/comments",
            "events_url": f"{_API}/issues/{number}/events",
            "html_url": f"https://github.com/acme/pool/issues/{number}",
            "created_at": _WHEN,
            "updated_at": _WHEN,
            "closed_at": None,
            "author_association": "NONE",
        }
        self.issues.append(made)
        return made

    def check(
        self, name: str, conclusion: str | None, *, commit: str, app: str = "github-actions", status: str = "completed"
    ) -> None:
        """A run of a check on a commit."""
        number = 9000 + len(self.checks)
        self.checks.append(
            {
                "id": number,
                "node_id": "CR_1",
                "head_sha": commit,
                "external_id": "x",
                "url": f"{_API}/check-runs/{number}",
                "html_url": f"https://github.com/acme/pool/runs/{number}",
                "details_url": None,
                "status": status,
                "conclusion": conclusion,
                "started_at": _WHEN,
                "completed_at": _WHEN if status == "completed" else None,
                "output": {
                    "title": None,
                    "summary": None,
                    "text": None,
                    "annotations_count": 0,
                    "annotations_url": f"{_API}/check-runs/{number}/annotations",
                },
                "name": name,
                "check_suite": {"id": 1},
                "app": _app(app),
                "pull_requests": [],
            }
        )

    def open(self) -> list[dict[str, Any]]:
        """Those that are."""
        return [each for each in self.issues if each["state"] == "open"]

    def answer(self, request: Request, rest: str, body: Any) -> Answer | None:
        """What is asked of issues and checks; None for anything else."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        if rest == "issues" and body is None:
            return self._listed(request, asked)
        if rest == "issues":
            return self._opened(body)
        if found := re.fullmatch(r"commits/(\w+)/check-runs", rest):
            return self._checks(found[1], asked)
        found = re.fullmatch(r"issues/(\d+)(/comments)?", rest)
        issue = next((each for each in self.issues if found and each["number"] == int(found[1])), None)
        if found is None or issue is None:
            return None
        if found[2]:
            self.said.setdefault(issue["number"], []).append(body["body"])
            return answered(201, self._comment(issue, body["body"]))
        issue.update(body)
        return answered(200, issue)

    def _listed(self, request: Request, asked: dict[str, str]) -> Answer:
        wanted = set(asked.get("labels", "").split(",")) - {""}
        fit = [
            each
            for each in reversed(self.issues)
            if asked.get("state", "open") in (each["state"], "all")
            and wanted <= {one["name"] for one in each["labels"]}
        ]
        kept = {name: value for name, value in asked.items() if name not in ("page", "per_page")}
        return self._github.paged(request, fit, f"issues?{urlencode(kept)}&")

    def _opened(self, body: dict[str, Any]) -> Answer:
        if self.switched_off:
            return refused(410, "Issues are disabled for this repo")
        if len(body["body"]) > 65_536:
            return answered(422, {"message": "Validation Failed", "documentation_url": "x", "errors": []})
        viewer = self._github.viewer
        type_ = "Bot" if viewer.endswith("[bot]") else "User"
        return answered(201, self.issue(body["title"], body["body"], body.get("labels", []), viewer, type_))

    def _comment(self, issue: dict[str, Any], body: str) -> dict[str, Any]:
        number = 7000 + sum(map(len, self.said.values()))
        return {
            "id": number,
            "node_id": "IC_1",
            "url": f"{_API}/issues/comments/{number}",
            "html_url": f"{issue['html_url']}#issuecomment-{number}",
            "issue_url": issue["url"],
            "body": body,
            "user": issue["user"],
            "author_association": "NONE",
            "created_at": _WHEN,
            "updated_at": _WHEN,
        }

    def _checks(self, commit: str, asked: dict[str, str]) -> Answer:
        fit = [
            each
            for each in self.checks
            if each["head_sha"] == commit and each["name"] == asked.get("check_name", each["name"])
        ]
        return answered(200, {"total_count": len(fit), "check_runs": fit})


def _app(slug: str) -> dict[str, Any]:
    return {
        "id": 15368,
        "slug": slug,
        "node_id": "A_1",
        "owner": user("github", "Organization"),
        "name": "GitHub Actions",
        "description": None,
        "external_url": "https://help.github.com",
        "html_url": "https://github.com/apps/github-actions",
        "created_at": _WHEN,
        "updated_at": _WHEN,
        "permissions": {},
        "events": [],
    }
