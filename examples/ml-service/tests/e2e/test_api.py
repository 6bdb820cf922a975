"""The API, through its own test client; with both servers where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from blooms.api import app

SETOSA = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as found:
        yield found


def test_a_flower_is_named_twice_the_same(client: TestClient) -> None:
    answers = [client.post("/predict", json=SETOSA) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["species"] == "setosa"
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "wrong", [{}, {**SETOSA, "petal_width": -1}, {**SETOSA, "petal_width": "x"}]
)
def test_what_is_no_flower_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    assert client.post("/predict", json=wrong).status_code == 422


def test_what_it_knows_is_listed(client: TestClient) -> None:
    assert client.get("/species").json() == ["setosa", "versicolor", "virginica"]
    assert client.get("/health").json() == {"ready": True}


def test_answers_are_counted_where_they_are_kept(client: TestClient) -> None:
    client.post("/predict", json=SETOSA)
    answer = client.get("/counts")
    if "DATABASE_URL" in os.environ:
        assert answer.json()["setosa"] >= 1
    else:
        assert answer.status_code == 503
