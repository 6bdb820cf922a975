"""GitHub's REST interface, as far as publishing needs it: retries within a patience, pages, errors with a remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from penstock import __version__
from penstock.errors import PublishError, UsageError
from penstock.ports import Clock, Web
from penstock.providers.github import limits
from penstock.util.web import Answer, NoAnswerError, Request
from penstock.value import Value

PATIENCE_S = 120.0  # waited in all, beyond which the pipeline is worth more than its comment
_FIRST_PAUSE_S = 1.0
_TIMEOUT_S = 30.0
_MOST_PAGES = 100
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_ELSEWHERE = frozenset({301, 302, 307, 308})
_T = TypeVar("_T")


def token_of(environ: Mapping[str, str]) -> str:
    """The token of the environment, "" if there is none. Raises UsageError, which does not quote it, for no token."""
    token = next((environ[name].strip() for name in _TOKENS if environ.get(name, "").strip()), "")
    if token and not re.fullmatch(r"[\x21-\x7e]+", token):
        raise UsageError("the token in GH_TOKEN or GITHUB_TOKEN has characters that no token has")
    return token


def checked(address: str) -> str:
    """The address of an interface. Raises UsageError for one to which a token must not go."""
    found = re.fullmatch(r"(https?)://(\[[0-9a-f:]+\]|[\w.-]+)(?::\d+)?(/[\w./-]*)?", address)
    if found is None or (found[1] == "http" and found[2] not in _LOCAL):
        raise UsageError(
            f"{address} is no address for a token to go to",
            remedy="GITHUB_API_URL is https://HOST or https://HOST/api/v3",
        )
    return address.rstrip("/")


class _Said(Value, frozen=True):
    message: str = ""


class _Viewer(Value, frozen=True):
    login: str


class _Viewed(Value, frozen=True):
    viewer: _Viewer


class _Viewing(Value, frozen=True):
    data: _Viewed


class Api:
    """One interface and one token. `base`: as GITHUB_API_URL has it."""

    def __init__(self, web: Web, clock: Clock, *, base: str, token: str, patience_s: float = PATIENCE_S) -> None:
        self._web = web
        self._clock = clock
        self._base = base
        self._token = token
        self._left_s = patience_s
        self._pause_s = _FIRST_PAUSE_S

    def get(self, path: str, type_: type[_T], *, need: str) -> _T:
        """The answer as a value. Raises PublishError. `need`: the permission, as a workflow names it."""
        return _decoded(self._call("GET", self._base + path, None, need), type_)

    def pages(self, path: str, type_: type[_T], *, need: str) -> Iterator[_T]:
        """The answers of all pages, as their links lead from one to the next. Raises PublishError."""
        url = f"{self._base}{path}{'&' if '?' in path else '?'}per_page=100"
        for _ in range(_MOST_PAGES):
            answer = self._call("GET", url, None, need)
            yield _decoded(answer, type_)
            found = re.search(r'<([^<>]+)>\s*;[^,]*\brel="next"', answer.headers.get("link", ""))
            if found is None:
                return
            url = self._ours(found[1])
        raise PublishError(f"{path} has more than {_MOST_PAGES} pages")

    def send(self, method: str, path: str, body: object, *, need: str, repeatable: bool = True) -> bytes:
        """The body of the answer. Raises PublishError; where it is not `repeatable` it may have been taken all the
        same, if that is `uncertain`.
        """
        return self._call(method, self._base + path, body, need, repeatable=repeatable).body

    def viewer(self) -> str:
        """Whose token it is: the login that its comments have. Raises PublishError.

        A workflow's own token may not ask REST for it (`GET /user`).
        """
        base = self._base.removesuffix("/v3") if self._base.endswith("/api/v3") else self._base
        try:
            answer = self._call("POST", f"{base}/graphql", {"query": "query { viewer { login } }"}, "metadata: read")
            return _decoded(answer, _Viewing).data.viewer.login
        except PublishError as error:
            if self._token.startswith("ghs_") and error.status not in (0, 401):
                return "github-actions[bot]"
            raise

    def rest(self) -> None:
        """Wait before trying again, each time longer. Raises PublishError past the patience."""
        self._wait(self._pause_s)
        self._pause_s *= 2

    def _call(self, method: str, url: str, body: object, need: str, *, repeatable: bool = True) -> Answer:
        request = self._request(method, url, body)
        while True:
            answer, trouble = self._asked(request)
            if answer is not None and answer.status in _ELSEWHERE and "location" in answer.headers:
                request = self._request(method, self._ours(answer.headers["location"]), body)
                self._wait(0.1)  # a circle ends with the patience
            elif answer is not None and answer.status < 300:
                return answer
            else:
                self._try_again(answer, trouble, need, repeatable=repeatable)

    def _asked(self, request: Request) -> tuple[Answer | None, str]:
        try:
            return self._web.ask(request, timeout_s=_TIMEOUT_S), ""
        except (NoAnswerError, TimeoutError) as error:
            return None, str(error)

    def _try_again(self, answer: Answer | None, trouble: str, need: str, *, repeatable: bool) -> None:
        """Wait, if it is worth a try. Raises PublishError otherwise."""
        unknown = answer is None or limits.is_broken(answer)
        asked_s = None if answer is None else limits.wait_s(answer, self._clock.wall_s())
        if not unknown and asked_s is None and answer is not None:
            raise self._refusal(answer, need)
        if unknown and (not repeatable or self._left_s < self._pause_s):
            what = f"GitHub does not answer: {trouble}" if answer is None else f"GitHub answers {answer.status}"
            raise PublishError(what, status=0 if answer is None else answer.status, uncertain=True)
        if asked_s is None:
            self.rest()
        else:
            self._wait(asked_s)

    def _wait(self, seconds: float) -> None:
        if seconds > self._left_s:
            until = datetime.fromtimestamp(self._clock.wall_s() + seconds, UTC).strftime("%H:%M:%S")
            raise PublishError(f"GitHub wants to be left alone until {until} UTC", remedy="run the job again then")
        self._left_s -= seconds
        self._clock.sleep(seconds)

    def _request(self, method: str, url: str, body: object) -> Request:
        headers = [
            ("Accept", "application/vnd.github+json"),
            ("User-Agent", f"penstock/{__version__}"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ]
        if self._token:
            headers.append(("Authorization", f"Bearer {self._token}"))
        if body is None:
            return Request(method=method, url=url, headers=tuple(headers))
        headers.append(("Content-Type", "application/json"))
        return Request(method=method, url=url, headers=tuple(headers), body=msgspec.json.encode(body))

    def _ours(self, url: str) -> str:
        """An address that GitHub itself names. Raises PublishError where the token would go to another server."""
        if url.startswith("/"):
            return _origin(self._base) + url
        if _origin(url) != _origin(self._base):
            raise PublishError("GitHub's answer leads to another server")
        return url

    def _refusal(self, answer: Answer, need: str) -> PublishError:
        said = self._said(answer)
        if answer.status == 401:
            return PublishError(
                f"GitHub does not know the token{said}", remedy="it is not valid, or no more", status=401
            )
        if answer.status in (403, 404):
            remedy = f"give the job the permission: `permissions: {{ {need} }}`"
            word = "refuses it" if answer.status == 403 else "finds nothing there, or the token may not see it"
            return PublishError(f"GitHub {word}{said}", remedy=remedy, status=answer.status)
        return PublishError(f"GitHub answers {answer.status}{said}", status=answer.status)

    def _said(self, answer: Answer) -> str:
        """What GitHub itself says of it, without the token."""
        try:
            told = msgspec.json.decode(answer.body, type=_Said).message
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return ""
        plain = told.replace(self._token, "***") if self._token else told
        return f": {plain[:200]}" if plain else ""


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()


def _decoded(answer: Answer, type_: type[_T]) -> _T:
    try:
        return msgspec.json.decode(answer.body, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        remedy = "is GITHUB_API_URL the address of GitHub's interface?"
        raise PublishError("the answer is not what GitHub's interface answers", remedy=remedy) from error
