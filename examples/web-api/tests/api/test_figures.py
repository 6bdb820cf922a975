"""What is asked of a group."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


def spend(client: TestClient, payer: str, amount: str, day: str = "2026-03-01", **others: object) -> None:
    given = {"payer": payer, "amount": amount, "people": ["ann", "bob", "cid"], "day": day, **others}
    assert client.post("/groups/trip/expenses", json=given).status_code == 201


def test_payments_settle_the_group(client: TestClient) -> None:
    spend(client, "ann", "90.00")
    spend(client, "bob", "30.00")
    assert client.get("/groups/trip/settle").json() == [
        {"sender": "cid", "receiver": "ann", "amount": "40.00"},
        {"sender": "bob", "receiver": "ann", "amount": "10.00"},
    ]


def test_months_trend_and_what_is_unusual(client: TestClient) -> None:
    for month in range(1, 7):
        spend(client, "ann", f"{10 + month}.00", f"2026-{month:02d}-15", what=f"month {month}")
    spend(client, "bob", "900.00", "2026-06-20", what="a boat")
    told = client.get("/groups/trip/figures").json()
    assert told["months"]["2026-01"] == "11.00"
    assert told["months"]["2026-06"] == "916.00"
    assert told["unusual"] == ["a boat"]
    assert float(told["trend"]) > 0


@pytest.mark.parametrize("question", ["balance", "settle", "figures"])
def test_a_group_without_expenses_is_not_there(client: TestClient, question: str) -> None:
    assert client.get(f"/groups/nobody/{question}").status_code == 404


def test_groups_do_not_mix(client: TestClient) -> None:
    spend(client, "ann", "90.00")
    given = {"payer": "dan", "amount": "1", "people": ["dan", "eve"], "day": "2026-03-01"}
    client.post("/groups/other/expenses", json=given)
    assert set(client.get("/groups/other/balance").json()) == {"dan", "eve"}


@pytest.mark.parametrize("number", [10, 100, 300])
def test_many_expenses_are_settled_to_the_cent(client: TestClient, number: int) -> None:
    for each in range(number):
        spend(client, ("ann", "bob", "cid")[each % 3], f"{each % 50 + 1}.{each % 100:02d}")
    owed = [float(amount) for amount in client.get("/groups/trip/balance").json().values()]
    assert sum(owed) == pytest.approx(0, abs=1e-6)
    assert len(client.get("/groups/trip/settle").json()) <= 2
