"""Ids from a set: their order is another one in each process, unless the hash seed is fixed."""

import pytest


@pytest.mark.parametrize("name", {"weir", "sluice", "gate", "flume", "turbine", "dam", "pond", "race", "leat", "mill"})
def test_each(name):
    assert name != "dam"
