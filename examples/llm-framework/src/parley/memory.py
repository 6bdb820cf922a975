"""What was said before: a conversation kept in Redis."""

from __future__ import annotations

import json
from typing import NamedTuple, cast

import redis


class Turn(NamedTuple):
    """Who said what."""

    role: str
    text: str


class Conversation:
    """The last `keep` turns, forgotten `expires_s` seconds after the last one."""

    def __init__(self, client: redis.Redis, name: str, *, keep: int = 20, expires_s: int = 3600) -> None:
        self._client, self._key = client, f"parley:conversation:{name}"
        self._keep, self._expires_s = keep, expires_s

    def say(self, role: str, text: str) -> None:
        """Add a turn; all three commands or none."""
        with self._client.pipeline(transaction=True) as commands:
            commands.rpush(self._key, json.dumps([role, text]))
            commands.ltrim(self._key, -self._keep, -1)
            commands.expire(self._key, self._expires_s)
            commands.execute()

    def turns(self) -> list[Turn]:
        """From the first that is kept to the last."""
        kept = cast("list[bytes]", self._client.lrange(self._key, 0, -1))
        return [Turn(*json.loads(each)) for each in kept]

    def forget(self) -> None:
        """At once."""
        self._client.delete(self._key)
