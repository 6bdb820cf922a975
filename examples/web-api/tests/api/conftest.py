"""A client of the API, which keeps its expenses in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from shares.api import application
from shares.store import Memory


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(application(Memory())) as found:
        yield found
