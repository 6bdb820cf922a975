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
from tests.fakes.openapi import Description

DESCRIPTION = Path(__file__).parents[1] / "golden" / "github" / "api.json"
ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}"
COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
OPERATIONS = (
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}"),
    ("get", f"{ISSUE}/comments"),
    ("post", f"{ISSUE}/comments"),
    ("patch", COMMENT),
    ("delete", COMMENT),
    ("post", f"{ISSUE}/labels"),
    ("delete", f"{ISSUE}/labels/{{name}}"),
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
        self.repository_labels = {f"size/{size}" for size in ("XS", "S", "M", "L", "XL")}
        self.trouble: Callable[[Request], Answer | Exception | None] = lambda _: None
        self.after: Callable[[Request], Answer | Exception | None] = lambda _: None
        self.asked: list[tuple[str, str]] = []
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
            "user": _user(login, type_),
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
            return _said(401, "Bad credentials")
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
        return _json(200, {"data": {"viewer": {"login": self.viewer}}})

    def _answer(self, request: Request, path: str) -> Answer:
        if not path.startswith("/repos/acme/pool/") or "read" not in self.may:
            return _said(404, "Not Found")
        if request.method != "GET" and "write" not in self.may:
            return _said(403, REFUSED)
        rest = path.removeprefix("/repos/acme/pool/")
        body = json.loads(request.body) if request.body else None
        answer = _said(404, "Not Found")
        if rest == "pulls/7":
            answer = self._pull_request()
        elif rest == "issues/7/comments":
            answer = self._page(request) if body is None else self._created(body)
        elif rest.startswith("issues/comments/"):
            answer = self._one(int(rest.rpartition("/")[2]), request.method, body)
        elif rest.startswith("issues/7/labels"):
            answer = self._labels(unquote(rest.removeprefix("issues/7/labels/")), request.method, body)
        return answer

    def _pull_request(self) -> Answer:
        document = json.loads((DESCRIPTION.parent / "pull-request.json").read_bytes())
        document["head"]["sha"] = self.head
        document["labels"] = list(map(_label, self.labels))
        return _json(200, document)

    def _page(self, request: Request) -> Answer:
        asked = parse_qs(urlsplit(request.url).query)
        size, page = min(int(asked.get("per_page", ["30"])[0]), 100), int(asked.get("page", ["1"])[0])
        last = max(1, -(-len(self.comments) // size))
        address = f"{self.base}/repositories/42/issues/7/comments?per_page={size}&page="
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        told = [f'<{address}{number}>; rel="{name}"' for name, number in links.items() if 1 <= number <= last]
        headers = {"link": ", ".join(told)} if last > 1 else {}
        return _json(200, self.comments[(page - 1) * size : page * size], headers)

    def _created(self, body: dict[str, Any]) -> Answer:
        if len(body["body"]) > 65_536:
            return _json(422, {"message": "Validation Failed", "documentation_url": "x", "errors": []})
        type_ = "Bot" if self.viewer.endswith("[bot]") else "User"
        return _json(201, self.comment(body["body"], self.viewer, type_))

    def _one(self, number: int, method: str, body: Any) -> Answer:
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return _said(404, "Not Found")
        if method == "DELETE":
            self.comments.remove(found)
            return Answer(status=204)
        found["body"] = body["body"]
        return _json(200, found)

    def _labels(self, name: str, method: str, body: Any) -> Answer:
        if method == "DELETE":
            found = [each for each in self.labels if each.lower() == name.lower()]
            if not found:
                return _said(404, "Label does not exist")
            self.labels.remove(found[0])
            return _json(200, list(map(_label, self.labels)))
        known = {each.lower(): each for each in self.repository_labels}
        if not {each.lower() for each in body["labels"]} <= known.keys() and "issues" not in self.may:
            return _said(403, REFUSED)
        spelled = [known.get(each.lower(), each) for each in body["labels"]]
        self.labels += [each for each in spelled if each not in self.labels]
        return _json(200, list(map(_label, self.labels)))


@cache
def _described() -> Description:
    return Description(json.loads(DESCRIPTION.read_bytes()))


def _json(status: int, content: object, headers: dict[str, str] | None = None) -> Answer:
    told = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    return Answer(status=status, headers=told, body=json.dumps(content).encode())


def _said(status: int, message: str) -> Answer:
    return _json(
        status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    )


def said(status: int, message: str = "x", **headers: str) -> Answer:
    """An answer with a message; headers with `_` for `-`."""
    answer = _said(status, message)
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers={**answer.headers, **more}, body=answer.body)


def _label(name: str) -> dict[str, Any]:
    return {
        "id": 1,
        "node_id": "LA_1",
        "url": f"https://api.github.com/repos/acme/pool/labels/{name}",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def _user(login: str, type_: str) -> dict[str, Any]:
    names = ["", "html_", "avatar_", "followers_", "following_", "gists_", "starred_", "subscriptions_", "repos_"]
    names += ["organizations_", "events_", "received_events_"]
    addresses = {f"{name}url": "https://github.com/x" for name in names}
    return {
        "login": login,
        "id": 1,
        "node_id": "U_1",
        "gravatar_id": "",
        "type": type_,
        "site_admin": False,
        **addresses,
    }
