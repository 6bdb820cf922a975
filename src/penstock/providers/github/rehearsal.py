"""A door to GitHub that reads and does not write: what would be sent is noted instead."""

from __future__ import annotations

from penstock.ports import Web
from penstock.util.web import Answer, Request


class Rehearsal:
    """See `ports.Web`. `noted`: what was not sent. Without a `web`, nothing is read either, and nothing is there."""

    def __init__(self, web: Web | None) -> None:
        self.noted: list[Request] = []
        self._web = web

    def ask(self, request: Request, *, timeout_s: float = 30.0) -> Answer:
        """Pass on a question, note a change."""
        asks_whose = request.url.endswith("/graphql")
        if request.method != "GET" and not asks_whose:
            self.noted.append(request)
            return Answer(status=200, body=b"{}")
        if self._web is not None:
            return self._web.ask(request, timeout_s=timeout_s)
        if asks_whose:
            return Answer(status=200, body=b'{"data":{"viewer":{"login":"nobody"}}}')
        is_list = request.url.partition("?")[0].endswith(("/comments", "/issues"))
        return Answer(status=200, body=b"[]" if is_list else b"{}")
