"""The store on a real PostgreSQL: penstock starts one for the job, and names it in DATABASE_URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from starlette.testclient import TestClient

from shares.api import application
from shares.balance import Expense
from shares.store import Postgres, chosen

EXPENSES = [
    Expense("ann", 1000, ("ann", "bob"), date(2026, 3, 1), (), "dinner"),
    Expense("bob", 99999999999, ("ann", "bob", "cid"), date(2026, 3, 2), (1, 2, 3), "a 'boat'; --"),
]


@pytest.fixture
def kept() -> Iterator[Postgres]:
    found = chosen(os.environ)
    assert isinstance(found, Postgres), "DATABASE_URL names the server"
    yield found
    found.close()


def test_expenses_come_back_as_they_were(kept: Postgres) -> None:
    for expense in EXPENSES:
        kept.add("back", expense)
    assert kept.of("back") == EXPENSES
    assert kept.of("elsewhere") == []


def test_what_is_kept_outlives_the_connection(kept: Postgres) -> None:
    kept.add("lasting", EXPENSES[0])
    again = Postgres(os.environ["DATABASE_URL"])
    assert again.of("lasting") == EXPENSES[:1]
    again.close()


def test_the_table_holds_no_nonsense(kept: Postgres) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        kept.add("nonsense", EXPENSES[0]._replace(amount=0))


def test_the_api_answers_from_it() -> None:
    with TestClient(application()) as client:
        given = {"payer": "ann", "amount": "10.00", "people": ["ann", "bob"], "day": "2026-03-01"}
        assert client.post("/groups/api/expenses", json=given).status_code == 201
        assert client.get("/groups/api/balance").json() == {"ann": "5.00", "bob": "-5.00"}
