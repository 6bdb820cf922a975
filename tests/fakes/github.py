"""GitHub, as far as one pull request goes: it keeps state, pages as GitHub does, and knows what a token may.

Every request is held against GitHub's published OpenAPI description, and so is every answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from penstock.util.web import Answer, Request
from tests.fakes import rulesets
from tests.fakes.github_forms import answered, label, refused, user
from tests.fakes.github_tracker import Tracker
from tests.fakes.openapi import Description

DESCRIPTION = Path(__file__).parents[1] / "golden" / "github" / "api.json"
ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}"
ISSUES = "/repos/{owner}/{repo}/issues"
COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
OPERATIONS = (
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}"),
    ("get", f"{ISSUE}/comments"),
    ("post", f"{ISSUE}/comments"),
    ("patch", COMMENT),
    ("delete", COMMENT),
    ("post", f"{ISSUE}/labels"),
    ("delete", f"{ISSUE}/labels/{{name}}"),
    ("get", ISSUES),
    ("post", ISSUES),
    ("patch", ISSUE),
    ("get", "/repos/{owner}/{repo}/commits/{ref}/check-runs"),
    *rulesets.OPERATIONS,
)
TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
BOT = "github-actions[bot]"
REFUSED = "Resource not accessible by integration"
_WHEN = "2026-11-20T10:00:00Z"


class GitHub:
    """`comments`, `labels`: the state of pull request 7 of acme/pool. `may`: what the token is permitted.

    `trouble`: asked before each request; what it gives is the answer. `after`: the same, once the request has had its
    effect. `asked`: method and path of each request.
    """

    def __init__(self, *, head: str, base: str = "https://api.github.com") -> None:
        self.base = base
        self.head = head
        self.viewer = BOT
        self.token = TOKEN
        self.may = {"read", "write"}
        self.comments: list[dict[str, Any]] = []
        self.labels: list[str] = []
        self.rulesets = rulesets.Rulesets()
        self.repository_labels = {f"size/{size}" for size in ("XS", "S", "M", "L", "XL")}
        self.trouble: Callable[[Request], Answer | Exception | None] = lambda _: None
        self.after: Callable[[Request], Answer | Exception | None] = lambda _: None
        self.asked: list[tuple[str, str]] = []
        self.tracker = Tracker(self)
        self._last = 1000
        self._description = _described()

    def comment(self, body: str, login: str = BOT, type_: str = "Bot") -> dict[str, Any]:
        """Somebody comments."""
        self._last += 1
        url = f"https://github.com/acme/pool/pull/7#issuecomment-{self._last}"
        api = f"{self.base}/repos/acme/pool/issues"
        made = {
            "id": self._last,
            "node_id": "IC_1",
            "url": f"{api}/comments/{self._last}",
            "html_url": url,
            "issue_url": f"{api}/7",
            "body": body,
            "user": user(login, type_),
            "author_association": "NONE",
            "created_at": _WHEN,
            "updated_at": _WHEN,
        }
        self.comments.append(made)
        return made

    def serve(self, request: Request) -> Answer | Exception:
        """One request, answered."""
        path = urlsplit(request.url).path.removeprefix(urlsplit(self.base).path)
        self.asked.append((request.method, path))
        if (trouble := self.trouble(request)) is not None:
            return trouble
        headers = {name.lower(): value for name, value in request.headers}
        assert headers["accept"] == "application/vnd.github+json"
        assert headers["user-agent"].startswith("penstock/")
        if headers.get("authorization") != f"Bearer {self.token}":
            return refused(401, "Bad credentials")
        if path.endswith("/graphql"):
            return self._whose(request)
        plain = re.sub(r"^/repositories/42/", "/repos/acme/pool/", path)
        self._description.check(request, plain)
        answer = self._answer(request, plain)
        if answer.status not in (403, 404):  # any operation may be refused; few are described as such
            self._description.check_answer(request, plain, answer)
        return self.after(request) or answer

    def _whose(self, request: Request) -> Answer:
        assert json.loads(request.body) == {"query": "query { viewer { login } }"}
        return answered(200, {"data": {"viewer": {"login": self.viewer}}})

    def _answer(self, request: Request, path: str) -> Answer:
        if not path.startswith("/repos/acme/pool/") or "read" not in self.may:
            return refused(404, "Not Found")
        if request.method != "GET" and "write" not in self.may:
            return refused(403, REFUSED)
        rest = path.removeprefix("/repos/acme/pool/")
        body = json.loads(request.body) if request.body else None
        answer = self.tracker.answer(request, rest, body) or self._rulesets(request, rest, body)
        answer = answer or refused(404, "Not Found")
        if rest == "pulls/7":
            answer = self._pull_request()
        elif rest == "issues/7/comments":
            answer = self._page(request) if body is None else self._created(body)
        elif rest.startswith("issues/comments/"):
            answer = self._one(int(rest.rpartition("/")[2]), request.method, body)
        elif rest.startswith("issues/7/labels"):
            answer = self._labels(unquote(rest.removeprefix("issues/7/labels/")), request.method, body)
        return answer

    def _rulesets(self, request: Request, rest: str, body: Any) -> Answer | None:
        kept = self.rulesets.answer(rest, request.method, body)
        return None if kept is None or kept[0] == 404 else answered(*kept)

    def _pull_request(self) -> Answer:
        document = json.loads((DESCRIPTION.parent / "pull-request.json").read_bytes())
        document["head"]["sha"] = self.head
        document["labels"] = list(map(label, self.labels))
        return answered(200, document)

    def _page(self, request: Request) -> Answer:
        return self.paged(request, self.comments, "issues/7/comments?")

    def paged(self, request: Request, every: list[dict[str, Any]], path: str) -> Answer:
        """The page that is asked for, with the links to the others. `path`: of the list, up to its next parameter."""
        asked = parse_qs(urlsplit(request.url).query)
        size, page = min(int(asked.get("per_page", ["30"])[0]), 100), int(asked.get("page", ["1"])[0])
        last = max(1, -(-len(every) // size))
        address = f"{self.base}/repositories/42/{path}per_page={size}&page="
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        told = [f'<{address}{number}>; rel="{name}"' for name, number in links.items() if 1 <= number <= last]
        headers = {"link": ", ".join(told)} if last > 1 else {}
        return answered(200, every[(page - 1) * size : page * size], headers)

    def _created(self, body: dict[str, Any]) -> Answer:
        if len(body["body"]) > 65_536:
            return answered(422, {"message": "Validation Failed", "documentation_url": "x", "errors": []})
        type_ = "Bot" if self.viewer.endswith("[bot]") else "User"
        return answered(201, self.comment(body["body"], self.viewer, type_))

    def _one(self, number: int, method: str, body: Any) -> Answer:
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return refused(404, "Not Found")
        if method == "DELETE":
            self.comments.remove(found)
            return Answer(status=204)
        found["body"] = body["body"]
        return answered(200, found)

    def _labels(self, name: str, method: str, body: Any) -> Answer:
        if method == "DELETE":
            found = [each for each in self.labels if each.lower() == name.lower()]
            if not found:
                return refused(404, "Label does not exist")
            self.labels.remove(found[0])
            return answered(200, list(map(label, self.labels)))
        known = {each.lower(): each for each in self.repository_labels}
        if not {each.lower() for each in body["labels"]} <= known.keys() and "issues" not in self.may:
            return refused(403, REFUSED)
        spelled = [known.get(each.lower(), each) for each in body["labels"]]
        self.labels += [each for each in spelled if each not in self.labels]
        return answered(200, list(map(label, self.labels)))


@cache
def _described() -> Description:
    return Description(json.loads(DESCRIPTION.read_bytes()))


def said(status: int, message: str = "x", **headers: str) -> Answer:
    """An answer with a message; headers with `_` for `-`."""
    answer = refused(status, message)
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers={**answer.headers, **more}, body=answer.body)
