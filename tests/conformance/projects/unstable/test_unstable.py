"""Ids by chance: no two collections are equal."""

import uuid

import pytest


@pytest.mark.parametrize("name", [uuid.uuid4().hex for _ in range(8)])
def test_each(name):
    pass
