"""Answers of GitHub's interface, and what stands in them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from penstock.util.web import Answer


def answered(status: int, content: object, headers: dict[str, str] | None = None) -> Answer:
    """JSON."""
    told = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    return Answer(status=status, headers=told, body=json.dumps(content).encode())


def refused(status: int, message: str) -> Answer:
    """What GitHub says to what it does not do."""
    return answered(
        status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    )


def label(name: str) -> dict[str, Any]:
    """A label."""
    return {
        "id": 1,
        "node_id": "LA_1",
        "url": f"https://api.github.com/repos/acme/pool/labels/{quote(name)}",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def user(login: str, type_: str) -> dict[str, Any]:
    """An account."""
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
