"""The project's own `pytest_configure` chooses by the worker's name, as xdist's documentation shows."""

import sys

import pytest

sys.path.insert(0, __file__.rpartition("/")[0])


def pytest_configure(config):
    config.store_name = "store-" + getattr(config, "workerinput", {"workerid": "master"})["workerid"]


@pytest.fixture(scope="session")
def store(request):
    from claims import claim

    return claim(request.config.store_name)
