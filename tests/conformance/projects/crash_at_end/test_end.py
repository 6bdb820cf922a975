"""A session fixture whose teardown ends the process: after every test has ended."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def dies_at_the_end():
    yield
    os._exit(0)


@pytest.mark.parametrize("i", range(6))
def test_good(i):
    pass
