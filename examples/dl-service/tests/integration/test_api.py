"""The API, through its own test client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from moods.api import MOST_ENTRIES, app

HAPPY = "Today I am so happy and I told nobody."


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as found:
        yield found


def test_it_is_ready_and_says_what_it_knows(client: TestClient) -> None:
    assert client.get("/health").json() == {"ready": True, "moods": ["anger", "calm", "fear", "joy", "sadness"]}


def test_each_entry_has_an_answer(client: TestClient) -> None:
    answer = client.post("/analyse", json={"entries": [HAPPY, "I feel lonely because of the letter."]})
    assert [each["mood"] for each in answer.json()] == ["joy", "sadness"]


@pytest.mark.parametrize(
    "wrong",
    [{}, [], {"entries": []}, {"entries": "one"}, {"entries": [1]}, {"entries": ["x"] * (MOST_ENTRIES + 1)}],
)
def test_what_is_no_list_of_entries_is_refused(client: TestClient, wrong: object) -> None:
    answer = client.post("/analyse", json=wrong)
    assert answer.status_code == 422
    assert "entries" in answer.text


def test_a_key_is_asked_for_where_one_is_set(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMO_API_KEY", "made-up")
    asked = {"entries": [HAPPY]}
    assert client.post("/analyse", json=asked).status_code == 401
    assert client.post("/analyse", json=asked, headers={"Authorization": "Bearer another"}).status_code == 401
    assert client.post("/analyse", json=asked, headers={"Authorization": "Bearer made-up"}).status_code == 200
