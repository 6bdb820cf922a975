"""One request, and whether its answer is what was asked for (stdlib only, Python >= 3.9)."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

_SHOWN = 200  # characters of an answer


def asked(base: str, call: dict[str, Any]) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Method, address, body and headers of a call."""
    headers = dict(call.get("headers", ()))
    body: bytes | None = None
    if "json" in call:
        body = json.dumps(call["json"]).encode()
        headers = {"Content-Type": "application/json", **headers}
    elif "body" in call:
        body = call["body"].encode()
    return call.get("method", "GET"), base.rstrip("/") + call["path"], body, headers


def name(call: dict[str, Any]) -> str:
    """`POST /predict`."""
    return f"{call.get('method', 'GET')} {call['path']}"


def ask(base: str, call: dict[str, Any], timeout_s: float) -> tuple[int, bytes]:
    """Status and body of the answer. Raises OSError and http.client.HTTPException. Redirections are not followed."""
    method, address, body, headers = asked(base, call)
    parts = urllib.parse.urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wrong(call: dict[str, Any], status: int, content: bytes) -> str:
    """Why this is no answer to the call, "" if it is one."""
    expected = call.get("status")
    if expected is None and not 200 <= status < 300:
        return f"it answered {status}"
    if expected is not None and status != expected:
        return f"it answered {status}, not {expected}"
    if call.get("contains", "").encode() not in content:
        return f"its answer has no `{call['contains'][:_SHOWN]}` in it"
    return ""


def fault(base: str, call: dict[str, Any], timeout_s: float) -> str:
    """Make the call. Why it was not answered as it asks, with the answer, "" if it was."""
    try:
        status, content = ask(base, call, timeout_s)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {spoken(error)}"
    why = wrong(call, status, content)
    shown = content[:_SHOWN].decode("utf-8", "replace").strip()
    return f"{why}: {shown}" if why and shown else why


def spoken(error: BaseException) -> str:
    """An error in words."""
    text = getattr(error, "strerror", None) or str(error)
    return text or type(error).__name__
