"""What was answered: remembered in Redis for a while, kept in PostgreSQL for good."""

from __future__ import annotations

import json
from collections.abc import Mapping

import psycopg
import redis

REMEMBERED_S = 60
Answer = dict[str, float | str]
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flower jsonb NOT NULL,
    species text NOT NULL,
    sure double precision NOT NULL
)
"""


class Store:
    """Both servers. Thread-safe, as its clients are."""

    def __init__(self, redis_url: str, database_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url)
        self._database = psycopg.connect(database_url, autocommit=True)
        self._database.execute(_TABLE)

    def remembered(self, flower: Mapping[str, float]) -> Answer | None:
        """The answer of the last minute, if there was one."""
        known = self._redis.get(_key(flower))
        if not isinstance(known, bytes):
            return None
        answer: Answer = json.loads(known)
        return answer

    def keep(self, flower: Mapping[str, float], answer: Answer) -> None:
        """Remember an answer, and keep it."""
        self._redis.set(_key(flower), json.dumps(answer), ex=REMEMBERED_S)
        self._database.execute(
            "INSERT INTO answers (flower, species, sure) VALUES (%s, %s, %s)",
            (json.dumps(flower), answer["species"], answer["sure"]),
        )

    def counts(self) -> dict[str, int]:
        """How often each species was the answer."""
        rows = self._database.execute(
            "SELECT species, count(*) FROM answers GROUP BY species ORDER BY species"
        )
        return {str(species): int(number) for species, number in rows}

    def close(self) -> None:
        """Let both servers go."""
        self._redis.close()
        self._database.close()


def of(environ: Mapping[str, str]) -> Store | None:
    """The store that the variables name; None without them: then nothing is remembered."""
    if "REDIS_URL" in environ and "DATABASE_URL" in environ:
        return Store(environ["REDIS_URL"], environ["DATABASE_URL"])
    return None


def _key(flower: Mapping[str, float]) -> str:
    return "answer:" + json.dumps(flower, sort_keys=True)
