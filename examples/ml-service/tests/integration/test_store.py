"""The store on real servers: penstock starts them for the job, and names them in the usual variables."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from blooms import store

FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


@pytest.fixture
def kept() -> Iterator[store.Store]:
    found = store.of(os.environ)
    assert found is not None, "REDIS_URL and DATABASE_URL name the servers"
    yield found
    found.close()


def test_an_answer_is_remembered_and_kept(kept: store.Store) -> None:
    before = kept.counts().get("setosa", 0)
    kept.keep(FLOWER, {"species": "setosa", "sure": 0.99})
    assert kept.remembered(FLOWER) == {"species": "setosa", "sure": 0.99}
    assert kept.counts()["setosa"] == before + 1


def test_what_was_never_asked_is_not_remembered(kept: store.Store) -> None:
    assert kept.remembered({**FLOWER, "petal_width": 9.0}) is None


def test_without_the_variables_there_is_no_store() -> None:
    assert store.of({"REDIS_URL": "redis://x"}) is None
