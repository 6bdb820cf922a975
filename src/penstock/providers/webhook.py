"""A message brought to a webhook. Its address is a secret: it stands in no error."""

from __future__ import annotations

import re

from penstock import __version__
from penstock.errors import PublishError
from penstock.ports import Clock, Web
from penstock.util.web import Answer, NoAnswerError, Request

PATIENCE_S = 30.0
_TIMEOUT_S = 10.0
_PAUSE_S = 2.0
_TRIES = 3
_AGAIN = frozenset({429, 500, 502, 503, 504})
_ADDRESS = re.compile(
    r"https://[\w.-]+(:\d+)?/[^\s\x00-\x20\x7f]*|http://(localhost|127\.0\.0\.1)(:\d+)?/[^\s\x00-\x20\x7f]*"
)


def deliver(web: Web, clock: Clock, address: str, message: bytes) -> None:
    """Bring it. Raises PublishError, which quotes nothing of the address."""
    if not address:
        raise PublishError("it is not set", remedy="set it in the CI host's settings, for the job that judges")
    if not _ADDRESS.fullmatch(address) or not address.isascii():
        raise PublishError("what it holds is no address of a webhook", remedy="it begins with https://")
    request = Request(
        method="POST",
        url=address,
        headers=(("Content-Type", "application/json"), ("User-Agent", f"penstock/{__version__}")),
        body=message,
    )
    left_s = PATIENCE_S
    for tries_left in reversed(range(_TRIES)):
        answer, trouble = _asked(web, request)
        if answer is not None and answer.status < 300:
            return
        wait_s = _wait_s(answer)
        if not tries_left or wait_s is None or wait_s > left_s:
            raise PublishError(_told(answer, trouble, address), status=0 if answer is None else answer.status)
        left_s -= wait_s
        clock.sleep(wait_s)


def _asked(web: Web, request: Request) -> tuple[Answer | None, str]:
    try:
        return web.ask(request, timeout_s=_TIMEOUT_S), ""
    except (NoAnswerError, TimeoutError) as error:
        return None, str(error)


def _wait_s(answer: Answer | None) -> float | None:
    """Before the next try; None where that would change nothing. A message that may have arrived is not sent twice."""
    if answer is None or answer.status not in _AGAIN:
        return None
    named = answer.headers.get("retry-after", "")
    return float(named) if named.isdecimal() and len(named) < 9 else _PAUSE_S


def _told(answer: Answer | None, trouble: str, address: str) -> str:
    if answer is None:
        return f"it does not answer: {trouble}"
    said = answer.body[:200].decode("utf-8", "replace").strip()
    secret = address.split("/", 3)[3]
    pieces = sorted({address, secret, *re.split(r"[/?&=]", secret)}, key=len, reverse=True)
    for piece in pieces:
        said = said.replace(piece, "***") if len(piece) > 3 else said
    return f"it answers {answer.status}{f': {said}' if said and said.isprintable() else ''}"
