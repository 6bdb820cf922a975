"""Expenses come in, and are refused."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

DINNER = {"payer": "ann", "amount": "30.01", "people": ["ann", "bob", "cid"], "day": "2026-03-01", "what": "dinner"}


def test_an_expense_is_kept_and_divided(client: TestClient) -> None:
    answer = client.post("/groups/trip/expenses", json=DINNER)
    assert answer.status_code == 201
    assert answer.json() == {"owed": {"ann": "10.01", "bob": "10.00", "cid": "10.00"}}
    assert client.get("/groups/trip/balance").json() == {"ann": "20.00", "bob": "-10.00", "cid": "-10.00"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": "-1"}, "no amount"),
        ({"amount": "0"}, "more than nothing"),
        ({"amount": None}, "no amount"),
        ({"people": []}, "names are wanted"),
        ({"people": ["ann", "ann"]}, "twice"),
        ({"people": "ann"}, "names are wanted"),
        ({"payer": 3}, "names are wanted"),
        ({"day": "2026-02-30"}, "no day"),
        ({"day": None}, "no day"),
        ({"weights": [1, 2]}, "each of the people"),
        ({"weights": [0, 0, 0]}, "more than 0"),
        ({"weights": [True, 1, 1]}, "whole numbers"),
    ],
)
def test_what_is_no_expense_is_refused_with_the_reason(client: TestClient, change: dict[str, Any], reason: str) -> None:
    answer = client.post("/groups/trip/expenses", json=DINNER | change)
    assert answer.status_code == 422
    assert reason in answer.text
    assert client.get("/groups/trip/balance").status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"3"])
def test_what_is_no_object_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/groups/trip/expenses", content=body).status_code == 422
