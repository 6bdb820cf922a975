"""Where expenses are kept: in memory, or in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

import psycopg

from shares.balance import Expense

_TABLE = """
CREATE TABLE IF NOT EXISTS expenses (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    crowd text NOT NULL,
    payer text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    people text[] NOT NULL CHECK (cardinality(people) > 0),
    weights bigint[] NOT NULL,
    day date NOT NULL,
    what text NOT NULL
)
"""


class Store(Protocol):
    """Expenses of groups, by the group's name."""

    def add(self, group: str, expense: Expense) -> None:
        """Keep it."""
        ...

    def of(self, group: str) -> list[Expense]:
        """In the order in which they came."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


class Memory:
    """For tests, and for trying it out."""

    def __init__(self) -> None:
        self._kept: defaultdict[str, list[Expense]] = defaultdict(list)

    def add(self, group: str, expense: Expense) -> None:
        """Keep it."""
        self._kept[group].append(expense)

    def of(self, group: str) -> list[Expense]:
        """In the order in which they came."""
        return list(self._kept.get(group, ()))

    def close(self) -> None:
        """Nothing is held."""


class Postgres:
    """In a table of its own, which it makes."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(_TABLE)

    def add(self, group: str, expense: Expense) -> None:
        """Keep it."""
        self._connection.execute(
            "INSERT INTO expenses (crowd, payer, amount, people, weights, day, what)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                group,
                expense.payer,
                expense.amount,
                list(expense.people),
                list(expense.weights),
                expense.day,
                expense.what,
            ),
        )

    def of(self, group: str) -> list[Expense]:
        """In the order in which they came."""
        rows = self._connection.execute(
            "SELECT payer, amount, people, day, weights, what FROM expenses WHERE crowd = %s ORDER BY number", (group,)
        )
        return [
            Expense(payer, amount, tuple(people), day, tuple(weights), what)
            for payer, amount, people, day, weights, what in rows
        ]

    def close(self) -> None:
        """Let the server go."""
        self._connection.close()


def chosen(environ: Mapping[str, str]) -> Store:
    """PostgreSQL where `DATABASE_URL` names one; else the memory."""
    url = environ.get("DATABASE_URL", "")
    return Postgres(url) if url else Memory()
